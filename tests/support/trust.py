"""Keys, root documents and reader's files of tests, and every way to break a document's form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier import canonical
from verifier.dsse import Envelope, key_id, pre_authentication_encoding
from verifier.trust.root import PAYLOAD_TYPE

EXCHANGE = "ex.example"
EXPIRES_AT = 1_800_000_000


@cache
def private(i: int) -> Ed25519PrivateKey:
    """Key number ``i``, 0..255."""
    return Ed25519PrivateKey.from_private_bytes(bytes([i]) * 32)


@cache
def key(i: int) -> bytes:
    """Its raw public key."""
    return private(i).public_key().public_bytes_raw()


def keyid(i: int) -> str:
    return key_id(key(i))


def keys(*numbers: int) -> list[str]:
    """Public keys as documents write them."""
    return [key(i).hex() for i in numbers]


def signed(payload: bytes, by: Iterable[int], payload_type: str = PAYLOAD_TYPE) -> Envelope:
    """``payload`` under the signatures of these keys."""
    message = pre_authentication_encoding(payload_type, payload)
    return Envelope(payload_type, payload, tuple(sorted((keyid(i), private(i).sign(message)) for i in set(by))))


def with_wrong_signature(envelope: Envelope, i: int) -> Envelope:
    """The envelope with a signature of key ``i`` that is wrong."""
    by_id = {**dict(envelope.signatures), keyid(i): bytes(64)}
    return Envelope(envelope.payload_type, envelope.payload, tuple(sorted(by_id.items())))


def roles(**changes: Any) -> dict[str, Any]:
    """Every kind of role: root 2 of 3 (keys 1, 2, 3), exchange 1 of 2 (10, 11), and others."""
    return {
        "root": {"keys": keys(1, 2, 3), "threshold": 2},
        "exchange": {"keys": keys(10, 11), "threshold": 1},
        "log": {"keys": keys(20), "threshold": 1},
        "statement": {"keys": keys(30), "threshold": 1},
        "risk": {"keys": keys(40, 41), "threshold": 2},
        "price/feed-a": {"keys": keys(50), "threshold": 1},
        "custodian/vault": {"keys": keys(60, 61), "threshold": 2},
        "bank/1": {"keys": keys(70), "threshold": 1},
        "issuer/bonds": {"keys": keys(80), "threshold": 1},
        "backstop/fund": {"keys": keys(90), "threshold": 1},
        "observer": {"keys": keys(100), "threshold": 1},
        "auditor": {"keys": keys(110), "threshold": 1},
        **changes,
    }


def revocation(i: int, **changes: Any) -> dict[str, Any]:
    """Key ``i`` lost: no entry counts from log index 7 on, no statement after second 1,750,000,000."""
    return {"key": key(i).hex(), "from_seq": 7, "time": 1_750_000_000, "reason": "stolen", **changes}


def root_document(**changes: Any) -> dict[str, Any]:
    return {
        "type": "solvent:root/v1",
        "exchange": EXCHANGE,
        "version": 1,
        "expires_at": EXPIRES_AT,
        "roles": roles(),
        "cadence": {"book_s": 86_400, "pulse_s": 0, "grace_s": 3_600, "ttl_s": 604_800},
        "revoked": [revocation(12)],
        **changes,
    }


def root_envelope(by: Iterable[int] = (1, 2), **changes: Any) -> Envelope:
    return signed(canonical.encode(root_document(**changes)), by)


def reader_document(**changes: Any) -> dict[str, Any]:
    return {
        "type": "solvent:reader/v1",
        "exchange": EXCHANGE,
        "root": root_envelope().digest,
        "require": [
            {"kind": "coverage", "asset": "", "min_k": 10_000},
            {"kind": "in-kind", "asset": "*", "min_k": 9_500},
            {"kind": "in-kind", "asset": "BTC", "min_k": 10_000},
        ],
        "cosign": {"policy": {"keys": keys(200, 201), "threshold": 2}},
        "pins": {"custodian/vault": [keyid(60), keyid(61)], "observer": [keyid(100)]},
        "log": "quorum none\n",
        **changes,
    }


def broken_forms(document: Any, open_maps: frozenset[str], optional: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """(what was done, document) for every place of ``document``: another type, an unknown or a missing member.

    ``open_maps`` are the paths of objects whose member names are data, ``optional`` the paths of members that may be
    missing; a path is written ``roles.root.keys[0]``.
    """
    for path, steps in _places(document, "", ()):
        for wrong in (None, True, {"?": 1}):
            yield (
                f"{path or 'document'} is {wrong}",
                _with(document, steps, lambda parent, at, w=wrong: _put(parent, at, w)),
            )
        node = _at(document, steps)
        if isinstance(node, dict):
            yield (
                f"{path or 'document'} has one more",
                _with(document, (*steps, "?"), lambda parent, at: _put(parent, at, 1)),
            )
        parent_path = path.rpartition(".")[0]
        if steps and isinstance(steps[-1], str) and parent_path not in open_maps and path not in optional:
            yield f"{path} is missing", _with(document, steps, lambda parent, at: parent.pop(at))


def _places(node: Any, path: str, steps: tuple[str | int, ...]) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    yield path, steps
    if isinstance(node, dict):
        for name, inner in node.items():
            yield from _places(inner, f"{path}.{name}" if path else name, (*steps, name))
    if isinstance(node, list):
        for i, inner in enumerate(node):
            yield from _places(inner, f"{path}[{i}]", (*steps, i))


def _at(document: Any, steps: Iterable[str | int]) -> Any:
    for step in steps:
        document = document[step]
    return document


def _put(parent: Any, at: str | int, value: Any) -> None:
    parent[at] = value


def _with(document: Any, steps: tuple[str | int, ...], change: Any) -> Any:
    whole = {"": deepcopy(document)}
    path: tuple[str | int, ...] = ("", *steps)
    change(_at(whole, path[:-1]), path[-1])
    return whole[""]
