"""Base58 and base58check: one text per value, nothing trimmed (docs/adr/0011)."""

from __future__ import annotations

from typing import Final

from verifier.collateral.hashes import sha256d
from verifier.errors import Malformed

ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MAX_CHARS: Final = 128
"""Decoding is quadratic; the longest value read here is an Ed25519 signature, 88 characters."""

_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}


def encode(data: bytes) -> str:
    """``data`` in base58; each leading zero byte becomes a ``1``."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = ALPHABET[digit] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def decode(text: str, where: str = "address", code: str = "E_LINE_ACCOUNT") -> bytes:
    """The bytes of ``text``. Raises Malformed."""
    if not 0 < len(text) <= MAX_CHARS:
        raise Malformed(f"should be 1 to {MAX_CHARS} characters of base58", where=where, code=code)
    number = 0
    for character in text:
        value = _VALUES.get(character)
        if value is None:
            raise Malformed("has a character that base58 does not have", where=where, code=code)
        number = number * 58 + value
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def check_encode(payload: bytes) -> str:
    """``payload`` (version and data) with its checksum, in base58."""
    return encode(payload + sha256d(payload)[:4])


def check_decode(text: str, where: str = "address") -> bytes:
    """The payload of a base58check text. Raises Malformed (E_LINE_ACCOUNT), also for a wrong checksum."""
    data = decode(text, where)
    if len(data) < 5 or sha256d(data[:-4])[:4] != data[-4:]:
        raise Malformed("the checksum of this address is wrong", where=where, code="E_LINE_ACCOUNT")
    return data[:-4]
