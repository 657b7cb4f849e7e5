"""The documents of an epoch directory: read once, each of them the one that was signed for (docs/statement.md, 1)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from verifier.attestation import Attestation
from verifier.collateral.snapshot import MAX_ENVELOPE
from verifier.dsse import Envelope
from verifier.epoch import MAX_DOCUMENT, read_document
from verifier.errors import Rejected
from verifier.predicate import FILE_OF, ROOT_FILE
from verifier.sources import FileSource, require_digest, sha256
from verifier.trust import names

PRICES: Final = "prices"
"""The one document that is published bare: nobody signs it, it is recomputed."""
LIMITS: Final = {FILE_OF["collateral"]: MAX_ENVELOPE}
"""Bytes of the documents that may be larger than others."""
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

    Which files there are was settled when the attestation was read (verifier.predicate). Raises Rejected (E_BINDING),
    Malformed, or Unavailable (E_FILE).
    """
    for name in sorted(set(attestation.files) - _READ_ELSEWHERE - _small(attestation)):
        require_digest(name, sha256(FileSource(directory / name)), attestation.files[name])
    data = {name: _read(directory, attestation, name) for name in sorted(_small(attestation))}
    signed = {tag: name for tag, name in FILE_OF.items() if name in data and tag != PRICES}
    envelopes = {tag: _envelope(tag, name, data[name], attestation) for tag, name in signed.items()}
    prices = data.get(FILE_OF[PRICES])
    if prices is not None:
        _require_named(FILE_OF[PRICES], hashlib.sha256(prices).hexdigest(), attestation.digests[PRICES])
    root = data.get(ROOT_FILE)
    return Documents(envelopes, prices, None if root is None else read_root(root))


def read_root(data: bytes, where: str = ROOT_FILE) -> Envelope:
    """The envelope of a root document. Raises Malformed."""
    return Envelope.from_bytes(data, names.payload_type("root"), where)


def _small(attestation: Attestation) -> frozenset[str]:
    """The files that are documents: read whole."""
    return frozenset(name for name in (*FILE_OF.values(), ROOT_FILE) if name in attestation.files)


def _read(directory: Path, attestation: Attestation, name: str) -> bytes:
    data = read_document(directory / name, LIMITS.get(name, MAX_DOCUMENT))
    require_digest(name, hashlib.sha256(data).hexdigest(), attestation.files[name])
    return data


def _envelope(tag: str, name: str, data: bytes, attestation: Attestation) -> Envelope:
    envelope = Envelope.from_bytes(data, names.payload_type(tag), name, LIMITS.get(name))
    _require_named(name, envelope.digest, attestation.digests[tag])
    return envelope


def _require_named(where: str, found: str, named: str) -> None:
    if found != named:
        raise Rejected("this is not the document that the attestation names", where=where, code="E_BINDING")
