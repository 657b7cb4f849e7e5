"""The bodies of answers, from rows of the database and the published documents."""

from __future__ import annotations

import json
from typing import Any, Final

from server.catalogue import Catalogue
from server.database import tables
from server.library import Opened, PublishedFile
from server.settings import Settings

NOTE: Final = "Compare these keys with a place that this service does not control."


def encode(body: Any) -> bytes:
    """JSON, the same bytes for the same body."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def brief(epoch: tables.Epoch) -> dict[str, Any]:
    """An epoch in a list."""
    names = ("digest", "exchange", "taken_at", "issued_at", "expires_at", "published_at", "accounts", "previous")
    return {"epoch": epoch.number, **{name: getattr(epoch, name) for name in names}}


def attestation(opened: Opened, catalogue: Catalogue) -> dict[str, Any]:
    """What was signed about an epoch."""
    documents, number = opened.documents, opened.number
    a = documents.attestation
    return {
        **brief(opened.record),
        "root": {"commitment": a.root_commitment.to_bytes().hex(), "hash": a.root_hash.hex()},
        "chunk_bits": a.chunk_bits,
        "digests": dict(a.digests),
        "signed_by": list(documents.signed_by),
        "columns": documents.schema.to_json()["columns"],
        "figures": [_plain(figure, _FIGURE) for figure in catalogue.figures(number)],
        "claims": [_plain(claim, _CLAIM) for claim in catalogue.claims(number)],
        "files": files(opened),
    }


def files(opened: Opened) -> list[dict[str, Any]]:
    """The files of an epoch; also those that were removed since: what was signed does not change."""
    return [
        {
            "name": file.name,
            "bytes": file.bytes,
            "sha256": file.sha256,
            "media_type": media_type(file),
            "url": f"/v1/attestations/{opened.number}/files/{file.name}",
        }
        for file in opened.files.values()
    ]


def keys(catalogue: Catalogue, settings: Settings) -> dict[str, Any]:
    """The exchange's keys."""
    newest = catalogue.newest(1)
    return {
        "exchange": newest[0].exchange if newest else "",
        "keys": [_plain(key, _KEY) for key in catalogue.signers()],
        "compare_at": list(settings.compare_at),
        "note": NOTE,
    }


def media_type(file: PublishedFile) -> str:
    """What a file is."""
    return "application/json" if file.name.endswith(".json") else "application/octet-stream"


_FIGURE: Final = ("id", "value", "unit", "status", "pointer")
_CLAIM: Final = ("name", "kind", "sentence", "status")
_KEY: Final = ("keyid", "public_key", "role", "first_epoch", "last_epoch")


def _plain(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
