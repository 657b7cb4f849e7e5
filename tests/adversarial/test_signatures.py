"""Envelopes that are not signed by whom, as often, or as what they say: each fools a lax check (verifier/dsse.py)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attest.signing import LocalSigner
from tests.support.books import PUBLIC_KEY, SIGNER, Epoch, make_epoch, new_store, plan, secrets
from tests.support.refusals import refused
from tests.support.weak import mutated
from verifier import audit, canonical, dsse, fields
from verifier.attestation import PAYLOAD_TYPE
from verifier.dsse import Envelope, decode_base64, key_id, pre_authentication_encoding
from verifier.epoch import open_book
from verifier.errors import Malformed, Rejected
from verifier.statement import standing

PAYLOAD = b'{"owed":30}'
SIGNERS = [LocalSigner(Ed25519PrivateKey.from_private_bytes(bytes([i]) * 32)) for i in range(5, 9)]
KEYS = [signer.public_key for signer in SIGNERS]


def signed(*signers: LocalSigner, payload: bytes = PAYLOAD, kind: str = PAYLOAD_TYPE) -> Envelope:
    message = dsse.pre_authentication_encoding(kind, payload)
    signatures = [(key_id(signer.public_key), signer.sign(message)) for signer in signers]
    return Envelope(PAYLOAD_TYPE, payload, tuple(sorted(signatures)))


def require(envelope: Envelope, keys: Sequence[bytes], threshold: int) -> None:
    envelope.require_signatures(keys, threshold, "file")


def test_honest_signatures_are_accepted() -> None:
    require(signed(*SIGNERS[:2]), KEYS[:3], 2)
    require(signed(*SIGNERS), KEYS[:2], 2)


def test_the_same_signature_twice() -> None:
    """One of two guardians signs, and the envelope lists the signature two times."""
    honest = signed(SIGNERS[0])
    twice = replace(honest, signatures=honest.signatures * 2)
    count_all = "[keyid for keyid, _ in self.signatures if keyid in known]"
    with mutated(Envelope.require_signatures, "[keyid for keyid in known if keyid in by_id]", count_all):
        require(twice, KEYS[:2], 2)
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1", where="file"):
        require(twice, KEYS[:2], 2)
    with refused(Malformed, "E_FIELD", where="file"):
        Envelope.from_bytes(twice.to_bytes(), PAYLOAD_TYPE, "file")


def test_the_same_key_twice_among_the_trusted() -> None:
    count_all = "[key_id(key) for key in public_keys if key_id(key) in by_id]"
    with mutated(Envelope.require_signatures, "[keyid for keyid in known if keyid in by_id]", count_all):
        require(signed(SIGNERS[0]), [KEYS[0], KEYS[0]], 2)
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1", where="file"):
        require(signed(SIGNERS[0]), [KEYS[0], KEYS[0]], 2)


def test_one_signature_under_two_names() -> None:
    """The first guardian's signature, filed under the second one's keyid as well."""
    honest = signed(SIGNERS[0])
    both = replace(honest, signatures=tuple(sorted((key_id(key), honest.signatures[0][1]) for key in KEYS[:2])))
    by_any = "any(verify_signature(key, message, by_id[keyid]) for key in known.values())"
    with mutated(Envelope.require_signatures, "verify_signature(known[keyid], message, by_id[keyid])", by_any):
        require(both, KEYS[:2], 2)
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1", where="file"):
        require(both, KEYS[:2], 2)


def test_signatures_of_unknown_keys() -> None:
    forged = signed(*SIGNERS[2:])
    with mutated(Envelope.require_signatures, "len(signed) < threshold", "len(by_id) < threshold"):
        require(forged, KEYS[:2], 2)
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1", where="file"):
        require(forged, KEYS[:2], 2)


@pytest.mark.parametrize("signature", [bytes(64), b"\xff" * 64])
def test_a_wrong_signature_is_not_passed_over(signature: bytes) -> None:
    forged = Envelope(PAYLOAD_TYPE, PAYLOAD, ((key_id(KEYS[0]), signature),))
    with patch.object(dsse, "verify_signature", lambda *parts: True):
        require(forged, KEYS[:1], 1)
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1", where="file"):
        require(forged, KEYS[:1], 1)


def test_a_key_that_comes_with_the_files(tmp_path: Path) -> None:
    """Anybody can make and sign a book; a key beside it proves only that they did."""
    signer = SIGNERS[0]
    epoch = make_epoch(new_store(tmp_path), plan(), keys=secrets(signer=signer))
    (epoch.directory / "exchange.key").write_bytes(signer.public_key)
    with patch.object(standing, "read_exchange_key", lambda key: (epoch.directory / "exchange.key").read_bytes()):
        audit(epoch.directory, PUBLIC_KEY)
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1", where="attestation.json"):
        audit(epoch.directory, PUBLIC_KEY)


@pytest.mark.parametrize("kind", ["application/vnd.other+json", "", PAYLOAD_TYPE.upper(), PAYLOAD_TYPE + " 11"])
def test_a_signature_under_another_payload_type(kind: str) -> None:
    """What the key once signed as something else is presented as an attestation."""
    with patch.object(dsse, "pre_authentication_encoding", lambda kind, payload: payload):
        require(signed(SIGNERS[0], kind=kind), KEYS[:1], 1)
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1", where="file"):
        require(signed(SIGNERS[0], kind=kind), KEYS[:1], 1)


def test_an_envelope_of_another_type() -> None:
    honest = signed(SIGNERS[0]).to_bytes()
    with mutated(fields.constant, "value != expected", "False"):
        Envelope.from_bytes(honest, "application/vnd.other+json", "file")
    with refused(Malformed, "E_TYPE", where="file: payloadType"):
        Envelope.from_bytes(honest, "application/vnd.other+json", "file")


def test_lengths_keep_type_and_payload_apart() -> None:
    """Without lengths, the end of the type could be the beginning of the payload."""
    glue = ("len(kind), kind, len(payload), payload", "0, kind, 0, payload")
    with mutated(pre_authentication_encoding, *glue):
        assert pre_authentication_encoding("a 0 b", b"c") == pre_authentication_encoding("a", b"b 0 c")
    assert pre_authentication_encoding("a 0 b", b"c") != pre_authentication_encoding("a", b"b 0 c")


def test_a_payload_encoded_in_another_way(sample: Epoch) -> None:
    """The signed bytes are what counts, never a document that means the same."""
    honest = sample.envelope()
    spaced = replace(honest, payload=json.dumps(json.loads(honest.payload), indent=1).encode())
    again = "canonical.encode(__import__('json').loads(self.payload))"
    with mutated(Envelope.require_signatures, "self.payload_type, self.payload", f"self.payload_type, {again}"):
        require(spaced, [PUBLIC_KEY], 1)
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1", where="file"):
        require(spaced, [PUBLIC_KEY], 1)


def test_a_payload_signed_in_another_encoding(sample: Epoch) -> None:
    """Signed by the exchange itself: one statement with two digests would be two attestations that agree."""
    honest = sample.envelope()
    spaced = signed(SIGNER, payload=json.dumps(json.loads(honest.payload)).encode())
    schema = (sample.directory / "schema.json").read_bytes()
    with mutated(canonical.decode, "_encoded(document, where, _HINT) != data", "False"):
        assert open_book(spaced, schema, PUBLIC_KEY).attestation == open_book(honest, schema, PUBLIC_KEY).attestation
        assert open_book(spaced, schema, PUBLIC_KEY).payload != honest.digest
    with refused(Malformed, "E_JSON", where="attestation"):
        open_book(spaced, schema, PUBLIC_KEY)


def test_base64_that_decodes_alike() -> None:
    with mutated(decode_base64, " or encode_base64(data) != value", ""):
        assert decode_base64("YR==", "file") == decode_base64("YQ==", "file")
    with refused(Malformed, "E_TYPE", where="file"):
        decode_base64("YR==", "file")
