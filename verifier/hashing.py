"""Tagged hashes and byte layouts (docs/protocol.md, section 1)."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final

N: Final = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
"""Order of secp256k1."""

PROTOCOL: Final = "solvent/1"


def u16(value: int) -> bytes:
    """Two bytes, big-endian."""
    return value.to_bytes(2, "big")


def u32(value: int) -> bytes:
    """Four bytes, big-endian."""
    return value.to_bytes(4, "big")


def u64(value: int) -> bytes:
    """Eight bytes, big-endian."""
    return value.to_bytes(8, "big")


def lp(data: bytes) -> bytes:
    """``data`` behind its length (u32)."""
    return u32(len(data)) + data


@lru_cache(maxsize=64)
def tag_prefix(tag: str) -> bytes:
    """The 64 bytes that open ``tagged(tag, ...)``: SHA-256 of the tag, twice (the BIP-340 construction)."""
    return hashlib.sha256(f"{PROTOCOL}/{tag}".encode()).digest() * 2


def tagged(tag: str, message: bytes) -> bytes:
    """``SHA256(SHA256(T) || SHA256(T) || message)``, T = "solvent/1/" + tag."""
    return hashlib.sha256(tag_prefix(tag) + message).digest()


def wide(tag: str, message: bytes) -> int:
    """A scalar: 512 hashed bits reduced mod n, so its bias is negligible."""
    return int.from_bytes(tagged(tag, message + b"\0") + tagged(tag, message + b"\1"), "big") % N
