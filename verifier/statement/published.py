"""The documents of an epoch directory: read once, each of them the one that was signed for (docs/statement.md, 1)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from verifier.attestation import Attestation
from verifier.dsse import Envelope
from verifier.epoch import read_document
from verifier.errors import Rejected, Unavailable
from verifier.sources import FileSource, require_digest, sha256
from verifier.trust import names

SIGNED: Final = ("policy", "scenarios", "collateral")
"""Published as envelopes; the digest in the attestation is of their payload."""
RECOMPUTED: Final = ("prices",)
"""Published bare; nobody signs them."""
ROOT_FILE: Final = "root.json"
CLAIMS_FILE: Final = "claims.proof"
_READ_ELSEWHERE: Final = frozenset({"leaves.bin"})
"""Hashed while it is read, row by row."""


@dataclass(frozen=True)
class Documents:
    """The documents by tag; a tag is missing where the attestation names no such document."""

    envelopes: Mapping[str, Envelope] = field(repr=False)
    prices: bytes | None = field(repr=False, default=None)
    root: Envelope | None = field(repr=False, default=None)


def read_documents(directory: Path, attestation: Attestation) -> Documents:
    """Every file is the one that was signed, and every document the one that the predicate names.

    Raises Rejected (E_BINDING), Malformed, or Unavailable (E_FILE, or E_UNSUPPORTED for events).
    """
    _require_files_fit(attestation)
    for name in sorted(set(attestation.files) - _READ_ELSEWHERE - _small(attestation)):
        require_digest(name, sha256(FileSource(directory / name)), attestation.files[name])
    data = {name: _read(directory, attestation, name) for name in sorted(_small(attestation))}
    envelopes = {tag: _envelope(tag, data[f"{tag}.json"], attestation) for tag in SIGNED if f"{tag}.json" in data}
    prices = data.get("prices.json")
    if prices is not None:
        _require_named("prices.json", hashlib.sha256(prices).hexdigest(), attestation.digests["prices"])
    root = data.get(ROOT_FILE)
    return Documents(envelopes, prices, None if root is None else read_root(root))


def read_root(data: bytes, where: str = ROOT_FILE) -> Envelope:
    """The envelope of a root document. Raises Malformed."""
    return Envelope.from_bytes(data, names.payload_type("root"), where)


def _small(attestation: Attestation) -> frozenset[str]:
    """The files that are documents: read whole."""
    known = (*(f"{tag}.json" for tag in (*SIGNED, *RECOMPUTED)), ROOT_FILE)
    return frozenset(name for name in known if name in attestation.files)


def _read(directory: Path, attestation: Attestation, name: str) -> bytes:
    data = read_document(directory / name)
    require_digest(name, hashlib.sha256(data).hexdigest(), attestation.files[name])
    return data


def _envelope(tag: str, data: bytes, attestation: Attestation) -> Envelope:
    envelope = Envelope.from_bytes(data, names.payload_type(tag), f"{tag}.json")
    _require_named(f"{tag}.json", envelope.digest, attestation.digests[tag])
    return envelope


def _require_named(where: str, found: str, named: str) -> None:
    if found != named:
        raise Rejected("this is not the document that the attestation names", where=where, code="E_BINDING")


def _require_files_fit(attestation: Attestation) -> None:
    """Documents and files go together, and nothing rests on a policy that is not there."""
    if attestation.digests["events"]:
        raise Unavailable(
            "this attestation has a part that this version cannot check: events",
            where="attestation: predicate: digests.events",
            code="E_UNSUPPORTED",
            hint="install a newer solvent-verifier",
        )
    for tag in (*SIGNED, *RECOMPUTED):
        named, there = bool(attestation.digests[tag]), f"{tag}.json" in attestation.files
        if named != there:
            what = "is named and not among the files" if named else "is among the files and not named"
            raise Rejected(f"{tag}.json {what}", where=f"attestation: digests.{tag}", code="E_BINDING")
        if named and not attestation.digests["policy"]:
            raise Rejected(f"{tag}.json without a policy", where=f"attestation: digests.{tag}", code="E_BINDING")
    if attestation.digests["policy"] and ROOT_FILE not in attestation.files:
        raise Rejected("a policy without a root document", where="attestation: subject", code="E_BINDING")
