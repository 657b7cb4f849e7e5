"""Ed25519 keys that own accounts (RFC 8032), without those that nobody needs to know a secret for."""

from __future__ import annotations

from typing import Final

from verifier.dsse import verify_signature

FIELD: Final = 2**255 - 19
D: Final = -121665 * pow(121666, -1, FIELD) % FIELD


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (64 bytes) is the key's (32 bytes) on ``message``.

    A key of small order is refused: anybody can sign for it. Solana's system program, 32 zero bytes, is such a key.
    """
    if len(public_key) != 32 or len(signature) != 64 or has_small_order(public_key):
        return False
    return verify_signature(public_key, message, signature)


def has_small_order(public_key: bytes) -> bool:
    """Whether eight times this point is the identity, or the encoding is not the canonical one.

    Only y is needed: with x^2 = (y^2 - 1) / (d y^2 + 1), doubling gives y' = (y^2 + x^2) / (1 - d x^2 y^2).
    """
    y = int.from_bytes(public_key, "little") & (1 << 255) - 1
    if y >= FIELD:
        return True
    for _ in range(3):
        y_square = y * y % FIELD
        x_square = (y_square - 1) * pow(D * y_square + 1, -1, FIELD) % FIELD
        y = (y_square + x_square) * pow(1 - D * x_square * y_square, -1, FIELD) % FIELD
    return y == 1
