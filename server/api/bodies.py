"""The bodies of answers, from rows of the database and the published documents."""

from __future__ import annotations

import json
from collections.abc import Sequence, Set
from operator import itemgetter
from typing import Any, Final

from server import roots
from server.catalogue import Catalogue
from server.database import tables
from server.library import Library, Opened, PublishedFile
from server.roots import RootDocument
from verifier.dsse import key_id

NOTE: Final = "Compare these keys with a place that this service does not control."


def encode(body: Any) -> bytes:
    """JSON, the same bytes for the same body."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def brief(epoch: tables.Epoch) -> dict[str, Any]:
    """An epoch in a list."""
    names = ("digest", "exchange", "taken_at", "issued_at", "expires_at", "published_at", "accounts", "previous")
    told = {name: getattr(epoch, name) for name in names}
    return {"epoch": epoch.number, **told, "due_at": epoch.due_at or epoch.expires_at}


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


def keys(catalogue: Catalogue, library: Library) -> dict[str, Any]:
    """Every key of every role: the exchange's first, then those that root documents name."""
    newest = catalogue.newest(1)
    listed = roots.listed(library)
    signers = [_plain(key, _KEY) for key in catalogue.signers()]
    return {
        "exchange": newest[0].exchange if newest else "",
        "keys": [*signers, *_named(listed, {key["keyid"] for key in signers})],
        "roots": [_root(document) for document in listed],
        "compare_at": list(library.settings.compare_at),
        "note": NOTE,
    }


def _named(listed: Sequence[RootDocument], known: Set[str]) -> list[dict[str, Any]]:
    """The keys of all roles but those in ``known``, over all versions, by role."""
    found: dict[str, dict[str, Any]] = {}
    for document in listed:
        for role, keys in document.root.roles.items():
            for key in keys.keys:
                own = found.setdefault(
                    key_id(key),
                    {"keyid": key_id(key), "public_key": key.hex(), "role": role, "first_epoch": document.first_epoch,
                     "last_epoch": document.last_epoch},
                )  # fmt: skip
                own["first_epoch"] = min(own["first_epoch"], document.first_epoch)
    return sorted((key for key in found.values() if key["keyid"] not in known), key=itemgetter("role", "keyid"))


def _root(document: RootDocument) -> dict[str, Any]:
    root = document.root
    return {
        "version": root.version,
        "digest": root.digest,
        "url": f"/keys/{root.version}.json",
        "expires_at": root.expires_at,
        "first_epoch": document.first_epoch,
        "last_epoch": document.last_epoch,
        "roles": [
            {"role": name, "threshold": role.threshold, "keys": [key_id(key) for key in role.keys]}
            for name, role in sorted(root.roles.items())
        ],
        "revoked": [
            {"public_key": one.key.hex(), "from_seq": one.from_seq, "time": one.time, "reason": one.reason}
            for one in root.revoked
        ],
    }


def media_type(file: PublishedFile) -> str:
    """What a file is."""
    return "application/json" if file.name.endswith(".json") else "application/octet-stream"


_FIGURE: Final = ("id", "value", "unit", "status", "pointer")
_CLAIM: Final = ("name", "kind", "sentence", "status")
_KEY: Final = ("keyid", "public_key", "role", "first_epoch", "last_epoch")


def _plain(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
