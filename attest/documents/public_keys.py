"""A public key as people give it: its 64 hex digits, a file of them, a PEM file, or the private key itself."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from attest.documents.files import read_bytes
from attest.key_reference import TokenKey, key_reference
from attest.key_ring import KeyRing
from verifier.errors import Malformed
from verifier.trust import names

_PUBLIC: Final = b"-----BEGIN PUBLIC KEY-----"
_HEX_LENGTH: Final = 64


def public_key_of(text: str, ring: KeyRing) -> bytes:
    """The raw 32-byte key that ``text`` names. Raises Malformed or Unavailable."""
    if len(text) == _HEX_LENGTH and not Path(text).exists():
        return names.public_key(text, text)
    reference = key_reference(text)
    if isinstance(reference, TokenKey):
        return ring.signer(reference).public_key
    data = read_bytes(reference, "the key", "give 64 hex digits, a file with them, or a key file")
    if data.lstrip().startswith(_PUBLIC):
        return names.public_key(_from_pem(data, text).hex(), text)
    bare = data.strip()
    if len(bare) == _HEX_LENGTH and not bare.startswith(b"-"):
        return names.public_key(bare.decode("ascii", "replace"), text)
    return ring.signer(reference).public_key


def _from_pem(data: bytes, where: str) -> bytes:
    try:
        key = load_pem_public_key(data)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise Malformed("is not an Ed25519 public key", where=where, code="E_KEY", hint="give an Ed25519 key")
    return key.public_bytes_raw()
