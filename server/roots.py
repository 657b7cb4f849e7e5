"""Root documents: which keys act for the exchange, in versions, each at ``keys/<version>.json`` and never replaced.

An epoch brings its root document among its files; ``solvent publish`` puts it where verifiers look for the versions
between the one they pinned and the newest. Customers and auditors check the chain themselves; the publisher only
refuses what they would refuse, so that nobody puts up a chain that leads nowhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from server.database import tables
from server.database.connecting import reading
from server.documents import Documents
from server.library import Library
from server.problems import Problem
from server.site import MAKING, Site, sync
from verifier.dsse import Envelope
from verifier.errors import Rejected, SolventError
from verifier.trust import names
from verifier.trust.root import PAYLOAD_TYPE, Root
from verifier.trust.succession import self_signed_root, verify_successor

NAME: Final = "root.json"


@dataclass(frozen=True, slots=True)
class RootDocument:
    """A published version: ``data`` is its file, ``first_epoch`` and ``last_epoch`` are those that carry this file."""

    root: Root
    data: bytes
    first_epoch: int
    last_epoch: int


def require_fit(documents: Documents, site: Site, signer: bytes) -> None:
    """Compare an epoch's root document with the epoch and with the versions that stand already.

    Raises Rejected: E_REPLACE (another document has this version), E_SIG_THRESHOLD, E_BINDING (it does not follow),
    E_TRUST_ROLE (the key that signed the epoch is not the exchange's there); Malformed.
    """
    if documents.root is None:
        return
    root = self_signed_root(documents.root, NAME)
    if root.exchange != documents.attestation.identity.exchange:
        hint = "attest again with the root document of this exchange ([documents] root)"
        raise Rejected("it is the root document of another exchange", where=NAME, code="E_BINDING", hint=hint)
    _require_role(root, signer)
    standing = {version: _envelope(site, version) for version in (root.version - 1, root.version, root.version + 1)}
    before, same, after = standing.values()
    if same is not None and same.payload != documents.root.payload:
        raise Rejected(
            f"another root document of version {root.version} is published, and it is never replaced",
            where=NAME,
            code="E_REPLACE",
            hint="a change of keys is a new version, signed by the root keys of the old one: solvent root new-version",
        )
    if before is not None:
        verify_successor(Root.from_envelope(before), documents.root, NAME)
    if after is not None:
        verify_successor(root, after, f"keys/{root.version + 1}.json")


def put(number: int, site: Site) -> None:
    """Put the root document of a published epoch at its place, whole or not at all, unless it stands there."""
    source = site.epoch(number) / NAME
    if not source.exists():
        return
    data = source.read_bytes()
    version = Root.from_envelope(Envelope.from_bytes(data, PAYLOAD_TYPE, NAME)).version
    place = site.root_document(version)
    if place.exists():
        return
    site.keys.mkdir(mode=0o755, exist_ok=True)
    making = site.keys / f"{MAKING}{version}"
    making.write_bytes(data)
    making.chmod(0o644)
    sync(making)
    making.replace(place)
    sync(site.keys)


def listed(library: Library) -> tuple[RootDocument, ...]:
    """Every published version, the newest first. Raises Problem (damaged), Unavailable (E_DATABASE)."""
    site = library.settings.site
    versions = sorted((int(path.stem) for path in site.keys.glob("[1-9]*.json") if path.stem.isdigit()), reverse=True)
    return tuple(found for version in versions if (found := find(library, version)) is not None)


def find(library: Library, version: int) -> RootDocument | None:
    """One version; None where it is not published. Raises Problem (damaged), Unavailable (E_DATABASE)."""
    try:
        data = library.settings.site.root_document(version).read_bytes()
    except OSError:
        return None
    first, last = _carriers(library, data)
    try:
        root = Root.from_envelope(Envelope.from_bytes(data, PAYLOAD_TYPE, NAME))
    except SolventError:
        root = None
    if root is None or first is None or root.version != version:
        raise Problem("damaged", "A root document is not as it was published. The operator has to restore it.")
    return RootDocument(root, data, first, last or first)


def _carriers(library: Library, data: bytes) -> tuple[int | None, int | None]:
    """The first and the last epoch that carry this file."""
    query = select(func.min(tables.File.epoch), func.max(tables.File.epoch)).where(
        tables.File.name == NAME, tables.File.sha256 == hashlib.sha256(data).hexdigest()
    )
    with reading(library.database) as session:
        first, last = session.execute(query).one()
    return first, last


def _require_role(root: Root, signer: bytes) -> None:
    role = root.roles.get(names.EXCHANGE)
    if role is None or signer not in role.keys:
        raise Rejected(
            "its role exchange does not name the key that signed the epoch",
            where=NAME,
            code="E_TRUST_ROLE",
            hint="sign with a key of that role, or make a new version of the root document that names this one",
        )


def _envelope(site: Site, version: int) -> Envelope | None:
    place: Path = site.root_document(version)
    return Envelope.from_bytes(place.read_bytes(), PAYLOAD_TYPE, f"keys/{place.name}") if place.exists() else None
