"""Segwit addresses: bech32 for version 0 (BIP-173), bech32m for version 1 (BIP-350); docs/adr/0011."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import xor
from typing import Final

from verifier.errors import Malformed, Unavailable

ALPHABET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
HRP: Final = "bc"
CHECKSUM_CONSTANTS: Final = {0: 1, 1: 0x2BC830A3}
PROGRAM_LENGTHS: Final = {0: (20, 32), 1: (32,)}

_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_POLYNOMIAL: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_REDUCED: Final = [reduce(xor, (term for i, term in enumerate(_POLYNOMIAL) if top >> i & 1), 0) for top in range(32)]
"""What the five bits that fall off the top of a remainder add to it."""
_HRP_VALUES: Final = [*(ord(c) >> 5 for c in HRP), 0, *(ord(c) & 31 for c in HRP)]


def encode(version: int, program: bytes) -> str:
    """The address of witness program ``program``, version 0 or 1."""
    values = [version, *_regroup(program, 8, 5)]
    remainder = _polymod([*_HRP_VALUES, *values, 0, 0, 0, 0, 0, 0]) ^ CHECKSUM_CONSTANTS[version]
    checksum = [remainder >> shift & 31 for shift in range(25, -1, -5)]
    return f"{HRP}1" + "".join(ALPHABET[value] for value in [*values, *checksum])


def decode(text: str, where: str = "address") -> tuple[int, bytes]:
    """(version, program) of a segwit address.

    Raises Malformed (E_LINE_ACCOUNT) for what is no address, Unavailable (E_LINE_UNSUPPORTED) for witness versions and
    lengths to which Bitcoin gives no meaning yet, or one that needs no signature.
    """
    values = _values(text, where)
    version, remainder = values[0], _polymod([*_HRP_VALUES, *values])
    if remainder != CHECKSUM_CONSTANTS[min(version, 1)]:
        raise Malformed("the checksum of this address is wrong", where=where, code="E_LINE_ACCOUNT")
    program = _bytes(values[1:-6], where)
    if version not in CHECKSUM_CONSTANTS or (version == 1 and len(program) not in PROGRAM_LENGTHS[1]):
        raise Unavailable("this kind of witness address cannot be checked", where=where, code="E_LINE_UNSUPPORTED")
    if len(program) not in PROGRAM_LENGTHS[version]:
        raise Malformed("a witness program of this length does not exist", where=where, code="E_LINE_ACCOUNT")
    return version, program


def _values(text: str, where: str) -> list[int]:
    """The five-bit values behind the prefix: version, program, six of checksum."""
    prefix = f"{HRP}1"
    if not text.startswith(prefix) or not len(prefix) + 7 <= len(text) <= 90:
        raise Malformed(f"not a segwit address ({prefix}...)", where=where, code="E_LINE_ACCOUNT")
    values = [_VALUES.get(character, -1) for character in text[len(prefix) :]]
    if -1 in values:
        raise Malformed("has a character that a lower-case address cannot have", where=where, code="E_LINE_ACCOUNT")
    return values


def _bytes(values: Sequence[int], where: str) -> bytes:
    """Groups of five bits as bytes; what is left over must be fewer than five bits, all zero."""
    spare = len(values) * 5 % 8
    if spare >= 5 or (values and values[-1] & ((1 << spare) - 1)):
        raise Malformed("the padding of this address is wrong", where=where, code="E_LINE_ACCOUNT")
    number = 0
    for value in values:
        number = number << 5 | value
    return (number >> spare).to_bytes(len(values) * 5 // 8, "big")


def _regroup(data: bytes, size: int, into: int) -> list[int]:
    bits = len(data) * size
    padded = -(-bits // into) * into
    number = int.from_bytes(data, "big") << (padded - bits)
    return [number >> shift & ((1 << into) - 1) for shift in range(padded - into, -1, -into)]


def _polymod(values: Iterable[int]) -> int:
    """The remainder modulo the code's generator, 30 bits."""
    remainder = 1
    for value in values:
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value ^ _REDUCED[remainder >> 25]
    return remainder
