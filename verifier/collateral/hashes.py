"""The hashes of other chains; nothing of solvent's own is hashed here."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from Crypto.Hash import RIPEMD160, keccak


def keccak256(data: bytes) -> bytes:
    """Keccak-256 with the original padding (Ethereum, TRON), which is not SHA3-256."""
    return keccak.new(digest_bits=256, data=data).digest()


def sha256(data: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(data).digest()


def sha256d(data: bytes) -> bytes:
    """SHA-256 twice (Bitcoin)."""
    return sha256(sha256(data))


def hash160(data: bytes) -> bytes:
    """RIPEMD-160 of SHA-256 (Bitcoin), 20 bytes."""
    return RIPEMD160.new(data=sha256(data)).digest()


@lru_cache(maxsize=16)
def _tag_prefix(tag: str) -> bytes:
    return sha256(tag.encode()) * 2


def bip340_tagged(tag: str, message: bytes) -> bytes:
    """``SHA256(SHA256(tag) || SHA256(tag) || message)`` with Bitcoin's own tags (BIP-340)."""
    return sha256(_tag_prefix(tag) + message)
