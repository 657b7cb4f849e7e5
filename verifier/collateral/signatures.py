"""Signatures and keys as text: base64, hex and base58, each in its one spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from verifier.collateral import base58
from verifier.collateral.ecdsa import RecoverableSignature
from verifier.dsse import decode_base64
from verifier.errors import Malformed

BITCOIN_HEADERS: Final = range(27, 43)
EVM_HEADERS: Final = (27, 28)

_HEX: Final = re.compile(r"(?:[0-9a-f]{2})+", re.ASCII)
_Decoded = TypeVar("_Decoded")


def readable(signatures: Iterable[str], decode: Callable[[str], _Decoded]) -> list[_Decoded]:
    """Those of ``signatures`` that ``decode`` can read.

    What cannot be read is a surplus signature like any other: it does not count and does no harm.
    """
    decoded = []
    for signature in signatures:
        try:
            decoded.append(decode(signature))
        except Malformed:
            continue
    return decoded


def hex_bytes(text: str, where: str, code: str) -> bytes:
    """Lower-case hex without 0x. Raises Malformed."""
    if not _HEX.fullmatch(text):
        raise Malformed("should be lower-case hex", where=where, code=code)
    return bytes.fromhex(text)


def bitcoin_signature(text: str) -> tuple[int, RecoverableSignature]:
    """(header, signature) of base64 of 65 bytes. Raises Malformed."""
    data = decode_base64(text, "signatures")
    if len(data) != 65 or data[0] not in BITCOIN_HEADERS:
        raise _not_a_signature("65 bytes whose first is 27..42")
    return data[0], RecoverableSignature.from_bytes(data[1:], data[0] - BITCOIN_HEADERS.start & 3)


def evm_signature(text: str) -> RecoverableSignature:
    """``0x`` and r, s, v in hex; v is 27 or 28. Raises Malformed."""
    data = prefixed_hex(text)
    if len(data) != 65 or data[64] not in EVM_HEADERS:
        raise _not_a_signature("65 bytes whose last is 27 or 28")
    return RecoverableSignature.from_bytes(data[:64], data[64] - EVM_HEADERS[0])


def prefixed_hex(text: str) -> bytes:
    """``0x`` and lower-case hex. Raises Malformed."""
    if not text.startswith("0x"):
        raise _not_a_signature("0x and hex")
    return hex_bytes(text[2:], "signatures", "E_LINE_SIGNATURE")


def base58_signature(text: str) -> bytes:
    """Base58. Raises Malformed."""
    return base58.decode(text, "signatures", "E_LINE_SIGNATURE")


def _not_a_signature(form: str) -> Malformed:
    return Malformed(f"a signature should be {form}", where="signatures", code="E_LINE_SIGNATURE")
