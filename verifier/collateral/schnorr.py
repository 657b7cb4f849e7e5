"""Schnorr signatures on secp256k1 (BIP-340), verification only."""

from __future__ import annotations

from verifier.collateral.ecmult import sums_with_generator
from verifier.collateral.hashes import bip340_tagged
from verifier.group import P, Point, even_root
from verifier.hashing import N


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (64 bytes) is the x-only key's (32 bytes) on ``message``; names follow BIP-340."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key_x, r, s = (int.from_bytes(part, "big") for part in (public_key, signature[:32], signature[32:]))
    key_y = even_root(key_x)
    if key_y is None or r >= P or s >= N:
        return False
    e = int.from_bytes(bip340_tagged("BIP0340/challenge", signature[:32] + public_key + message), "big") % N
    key = Point(key_x, key_y)
    nonce = Point.from_sum(sums_with_generator(key.to_xy(), s.to_bytes(32, "big"), (-e % N).to_bytes(32, "big")))
    return not nonce.is_identity and nonce.y % 2 == 0 and nonce.x == r
