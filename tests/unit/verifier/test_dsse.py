"""Signed envelopes: the signed bytes, strict base64, and who signed."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.refusals import refused
from verifier import canonical
from verifier.dsse import (
    Envelope,
    decode_base64,
    encode_base64,
    key_id,
    pre_authentication_encoding,
    verify_signature,
)
from verifier.errors import Malformed, Rejected

TYPE = "application/vnd.in-toto+json"
PAYLOAD = b'{"a":1}'
KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([i]) * 32) for i in range(1, 4)]
PUBLIC = [key.public_key().public_bytes_raw() for key in KEYS]


def sign(*keys: int, payload: bytes = PAYLOAD, type_: str = TYPE) -> Envelope:
    message = pre_authentication_encoding(type_, payload)
    return Envelope(TYPE, payload, tuple(sorted((key_id(PUBLIC[i]), KEYS[i].sign(message)) for i in keys)))


def document(**changes: Any) -> dict[str, Any]:
    return {**sign(0).to_json(), **changes}


def one(**changes: Any) -> dict[str, Any]:
    return document(signatures=[{**sign(0).to_json()["signatures"][0], **changes}])


def test_the_signed_bytes() -> None:
    assert pre_authentication_encoding("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pre_authentication_encoding("", b"") == b"DSSEv1 0  0 "


def test_round_trip() -> None:
    envelope = sign(0, 1)
    assert Envelope.from_bytes(envelope.to_bytes(), TYPE, "file") == envelope
    assert canonical.encode(envelope.to_json()) == envelope.to_bytes()


MALFORMED: dict[str, tuple[Any, str]] = {
    "no object": ([], "E_TYPE"),
    "null": (None, "E_TYPE"),
    "unknown member": (document(extra=1), "E_FIELD"),
    "payload missing": ({"payloadType": TYPE, "signatures": []}, "E_FIELD"),
    "another payload type": (document(payloadType="text/plain"), "E_TYPE"),
    "payload no text": (document(payload=1), "E_TYPE"),
    "payload without padding": (document(payload="YQ"), "E_TYPE"),
    "payload in URL base64": (document(payload="-_-_"), "E_TYPE"),
    "payload with a line break": (document(payload="YWFh\nYWFh"), "E_TYPE"),
    "payload with stray bits": (document(payload="YR=="), "E_TYPE"),
    "payload not ASCII": (document(payload="é"), "E_TYPE"),
    "signatures no list": (document(signatures={}), "E_TYPE"),
    "65 signatures": (document(signatures=[{}] * 65), "E_LIMIT"),
    "signature no object": (document(signatures=[1]), "E_TYPE"),
    "signature of 63 bytes": (one(sig=encode_base64(bytes(63))), "E_TYPE"),
    "signature of 65 bytes": (one(sig=encode_base64(bytes(65))), "E_TYPE"),
    "keyid no digest": (one(keyid="00"), "E_TYPE"),
    "one keyid twice": (document(signatures=sign(0).to_json()["signatures"] * 2), "E_FIELD"),
    "unsorted": (document(signatures=sign(0, 1).to_json()["signatures"][::-1]), "E_FIELD"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(name: str) -> None:
    parts, code = MALFORMED[name]
    with refused(Malformed, code):
        Envelope.from_json(parts, TYPE, "file")


def test_from_bytes_wants_canonical_bytes() -> None:
    with refused(Malformed, "E_JSON", where="file"):
        Envelope.from_bytes(sign(0).to_bytes() + b" ", TYPE, "file")


def test_a_threshold_of_distinct_known_keys() -> None:
    sign(0).require_signatures(PUBLIC[:1], 1, "file")
    sign(0, 1).require_signatures(PUBLIC, 2, "file")
    sign(0, 2).require_signatures(PUBLIC[:1], 1, "file")
    for envelope, keys, threshold in [
        (sign(), PUBLIC, 1),
        (sign(1), PUBLIC[:1], 1),
        (sign(0), PUBLIC, 2),
        (sign(0), [PUBLIC[0], PUBLIC[0]], 2),
        (sign(0), [], 1),
    ]:
        with refused(Rejected, "E_SIG_THRESHOLD", step="5.1", where="file"):
            envelope.require_signatures(keys, threshold, "file")


@pytest.mark.parametrize("change", ["payload", "type", "signature", "another key's signature"])
def test_a_wrong_signature_under_a_known_key(change: str) -> None:
    good = sign(0, 1)
    by_id = dict(good.signatures)
    bad = {
        "payload": Envelope(TYPE, PAYLOAD + b" ", good.signatures),
        "type": sign(0, 1, type_="text/plain"),
        "signature": Envelope(TYPE, PAYLOAD, tuple((keyid, bytes(64)) for keyid in by_id)),
        "another key's signature": Envelope(TYPE, PAYLOAD, ((key_id(PUBLIC[0]), by_id[key_id(PUBLIC[1])]),)),
    }
    good.require_signatures(PUBLIC[:1], 1, "file")
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1"):
        bad[change].require_signatures(PUBLIC[:1], 1, "file")


def test_one_bad_signature_refuses_the_whole_envelope() -> None:
    by_id = dict(sign(0, 1).signatures)
    by_id[key_id(PUBLIC[1])] = bytes(64)
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1"):
        Envelope(TYPE, PAYLOAD, tuple(sorted(by_id.items()))).require_signatures(PUBLIC[:2], 1, "file")


def test_verify_signature_of_what_is_no_key() -> None:
    signature = KEYS[0].sign(b"m")
    assert verify_signature(PUBLIC[0], b"m", signature)
    for key, message, sig in [
        (b"", b"m", signature),
        (PUBLIC[0][:31], b"m", signature),
        (b"\xff" * 32, b"m", signature),
        (PUBLIC[1], b"m", signature),
        (PUBLIC[0], b"n", signature),
        (PUBLIC[0], b"m", b""),
    ]:
        assert not verify_signature(key, message, sig)


def test_base64_round_trip() -> None:
    for size in range(6):
        data = bytes(range(250, 250 + size))
        assert decode_base64(encode_base64(data), "x") == data
