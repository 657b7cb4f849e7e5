"""Signing: checked before it is used."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from attest.signing import LocalSigner, sign_payload
from tests.support.books import PUBLIC_KEY, SIGNER, SIGNING_KEY
from tests.support.refusals import refused
from verifier.dsse import key_id, pre_authentication_encoding
from verifier.errors import Unavailable


def test_a_signed_envelope() -> None:
    envelope = sign_payload(b"payload", SIGNER, "text/plain")
    assert (envelope.payload_type, envelope.payload) == ("text/plain", b"payload")
    [(keyid, signature)] = envelope.signatures
    assert keyid == key_id(PUBLIC_KEY)
    assert signature == SIGNING_KEY.sign(pre_authentication_encoding("text/plain", b"payload"))
    envelope.require_signatures([PUBLIC_KEY], 1, "")


def test_the_type_is_signed() -> None:
    assert sign_payload(b"p", SIGNER).signatures != sign_payload(b"p", SIGNER, "text/plain").signatures


@dataclass
class Faulty:
    """A signer that answers what it likes."""

    public_key: bytes
    signature: bytes

    def sign(self, message: bytes) -> bytes:
        return self.signature


@pytest.mark.parametrize(
    "signer",
    [
        Faulty(PUBLIC_KEY, bytes(64)),
        Faulty(PUBLIC_KEY, b""),
        Faulty(bytes(32), SIGNING_KEY.sign(b"x")),
        Faulty(b"", bytes(64)),
        Faulty(PUBLIC_KEY, SIGNING_KEY.sign(b"payload")),
    ],
    ids=["zeros", "empty", "another key", "no key", "signed without the encoding"],
)
def test_a_signature_that_does_not_verify_is_not_used(signer: Faulty) -> None:
    with refused(Unavailable, "E_SIGNER"):
        sign_payload(b"payload", signer)


def test_the_private_key_is_not_shown() -> None:
    assert (b"\x01" * 32).hex() not in repr(LocalSigner(SIGNING_KEY)) + repr(vars(SIGNER))
