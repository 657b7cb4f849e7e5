"""Reader files made by an exchange for those who trust it with that: a suggestion, which every reader may tighten."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path

from attest.documents import files
from verifier.dsse import key_id
from verifier.errors import Malformed, SolventError
from verifier.trust.reader import Reader
from verifier.trust.requirement import WHOLE, Requirement
from verifier.trust.root import Root
from verifier.trust.threshold import Threshold

COVERAGE = Requirement("coverage", "", WHOLE)
"""All that is owed, after discounts."""


def default_reader(root: Root) -> Reader:
    """A reader who pins ``root`` and asks for coverage of 100 %."""
    return make_reader(root)


def make_reader(
    root: Root,
    require: Iterable[Requirement] = (COVERAGE,),
    pins: Iterable[str] = (),
    cosign: Mapping[str, Threshold] | None = None,
    log: str | None = None,
) -> Reader:
    """A reader file that pins ``root`` and the keys that it lists for the roles ``pins``.

    Raises Malformed or Rejected for what no reader file may say.
    """
    pinned = {role: _keyids(root, role) for role in pins}
    reader = Reader(root.exchange, root.digest, tuple(require), cosign or {}, pinned, log)
    return Reader.from_bytes(reader.to_bytes())


def pin_anew(path: Path, old: Root, new: Root) -> bool:
    """Let the reader file at ``path`` pin ``new`` where it pins ``old``; whether it did. Nothing else in it changes.

    A file that is missing, or is no reader file, stays as it is.
    """
    try:
        reader = Reader.from_bytes(path.read_bytes(), path.name)
    except (OSError, SolventError):
        return False
    if reader.root != old.digest:
        return False
    files.replace(path, dataclasses.replace(reader, root=new.digest).to_bytes())
    return True


def _keyids(root: Root, role: str) -> tuple[str, ...]:
    if role not in root.roles:
        hint = f"the roles are {', '.join(sorted(root.roles))}"
        raise Malformed(f"the root document has no role {role}", where="root.json", code="E_FIELD", hint=hint)
    return tuple(key_id(key) for key in root.roles[role].keys)
