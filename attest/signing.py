"""Signing keys: a small hook, and the file-backed key of a first installation (Ed25519)."""

from __future__ import annotations

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier.attestation import PAYLOAD_TYPE
from verifier.dsse import Envelope, key_id, pre_authentication_encoding, verify_signature
from verifier.errors import Unavailable


class Signer(Protocol):
    """Something that signs with Ed25519 (pure, never a prehash): a file, an HSM, a cloud key."""

    @property
    def public_key(self) -> bytes:
        """The raw 32-byte public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of ``message``."""
        ...


class LocalSigner:
    """A private key in this process's memory."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key

    @property
    def public_key(self) -> bytes:
        """See ``Signer.public_key``."""
        return self._private_key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """See ``Signer.sign``."""
        return self._private_key.sign(message)


def sign_payload(payload: bytes, signer: Signer, payload_type: str = PAYLOAD_TYPE) -> Envelope:
    """The signed envelope; the signature is verified before it is used. Raises Unavailable (E_SIGNER)."""
    message = pre_authentication_encoding(payload_type, payload)
    signature = signer.sign(message)
    if not verify_signature(signer.public_key, message, signature):
        raise Unavailable(
            "the signing key gave a signature that does not verify", code="E_SIGNER", hint="check the key or the HSM"
        )
    return Envelope(payload_type, payload, ((key_id(signer.public_key), signature),))


def countersign(envelope: Envelope, signer: Signer) -> Envelope:
    """``envelope`` with one more signature; the key's own earlier one is replaced. Raises Unavailable (E_SIGNER)."""
    fresh = sign_payload(envelope.payload, signer, envelope.payload_type)
    signatures = {**dict(envelope.signatures), **dict(fresh.signatures)}
    return Envelope(envelope.payload_type, envelope.payload, tuple(sorted(signatures.items())))
