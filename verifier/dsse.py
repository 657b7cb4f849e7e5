"""Signed envelopes: DSSE with Ed25519, in canonical form (docs/protocol.md, statements)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from verifier import canonical, fields
from verifier.errors import Malformed, Rejected

MAX_SIGNATURES = 64


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload and its signatures, (keyid, signature) sorted by keyid; nothing is verified yet."""

    payload_type: str
    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]

    @classmethod
    def from_bytes(cls, data: bytes, payload_type: str, where: str, limit: int | None = None) -> Envelope:
        """Parse canonical bytes, at most ``limit`` of them (``canonical.decode``). Raises Malformed."""
        return cls.from_json(canonical.decode(data, where=where, limit=limit), payload_type, where)

    @classmethod
    def from_json(cls, document: Any, payload_type: str, where: str) -> Envelope:
        """Parse a decoded envelope that must be of ``payload_type``."""
        parts = fields.members(document, where, ("payload", "payloadType", "signatures"))
        fields.constant(parts["payloadType"], f"{where}: payloadType", payload_type)
        listed = fields.items(parts["signatures"], f"{where}: signatures", MAX_SIGNATURES)
        signatures = tuple(_signature(item, f"{where}: signatures[{i}]") for i, item in enumerate(listed))
        keyids = [keyid for keyid, _ in signatures]
        if keyids != sorted(set(keyids)):
            raise Malformed("signatures are not sorted by keyid, or one stands twice", where=where, code="E_FIELD")
        return cls(payload_type, decode_base64(parts["payload"], f"{where}: payload"), signatures)

    def to_json(self) -> dict[str, Any]:
        """The envelope as a document."""
        signatures = [{"keyid": keyid, "sig": encode_base64(signature)} for keyid, signature in self.signatures]
        return {"payload": encode_base64(self.payload), "payloadType": self.payload_type, "signatures": signatures}

    def to_bytes(self) -> bytes:
        """The canonical bytes of the envelope."""
        return canonical.encode(self.to_json())

    @property
    def digest(self) -> str:
        """SHA-256 of the payload, hex."""
        return hashlib.sha256(self.payload).hexdigest()

    def require_signatures(self, public_keys: Iterable[bytes], threshold: int, where: str) -> None:
        """Raises Rejected (E_SIG_THRESHOLD) unless ``threshold`` distinct keys of ``public_keys`` signed.

        Unknown keys never count; a bad signature under a known key refuses the whole envelope.
        """
        by_id = dict(self.signatures)
        message = pre_authentication_encoding(self.payload_type, self.payload)
        known = {key_id(key): key for key in public_keys}
        signed = [keyid for keyid in known if keyid in by_id]
        for keyid in signed:
            if not verify_signature(known[keyid], message, by_id[keyid]):
                raise Rejected("a signature is wrong", where=where, code="E_SIG_THRESHOLD", step="5.1")
        if len(signed) < threshold:
            raise Rejected(
                "it is not signed by the key you trust",
                where=where,
                code="E_SIG_THRESHOLD",
                step="5.1",
                hint="compare the key with the exchange's own page; if the key is right, do not trust this file",
            )


def key_id(public_key: bytes) -> str:
    """SHA-256 of the raw 32-byte public key, hex; only a hint where to look."""
    return hashlib.sha256(public_key).hexdigest()


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed (DSSE version 1)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def verify_signature(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Ed25519 (RFC 8032)."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(value: Any, where: str) -> bytes:
    """Canonical standard base64: decoded, encoded again, compared."""
    try:
        data = base64.b64decode(value.encode("ascii"), validate=True)
    except (AttributeError, UnicodeError, binascii.Error, ValueError):
        data = None
    if data is None or encode_base64(data) != value:
        raise Malformed("should be standard base64 with padding", where=where, code="E_TYPE")
    return data


def _signature(item: Any, where: str) -> tuple[str, bytes]:
    parts = fields.members(item, where, ("keyid", "sig"))
    signature = decode_base64(parts["sig"], f"{where}.sig")
    if len(signature) != 64:
        raise Malformed(f"a signature has 64 bytes, not {len(signature)}", where=f"{where}.sig", code="E_TYPE")
    return fields.digest(parts["keyid"], f"{where}.keyid"), signature
