"""Sealed records: a row that only its customer's account_key opens (docs/protocol.md, section 8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from verifier.errors import Rejected
from verifier.hashing import N, u16, u64

RECORD: Final = 256
TAG: Final = 16
KEY_INFO: Final = b"solvent/1/sealed"
"""HKDF's info, before the point."""
_NONCE: Final = bytes(12)


@dataclass(frozen=True, slots=True)
class OpenedRow:
    """What a record says: the blinding r_j and the non-zero cells as (column index, value), columns rising."""

    blinding: int = field(repr=False)
    cells: tuple[tuple[int, int], ...] = field(repr=False)


def record_sizes() -> Iterator[int]:
    """The sizes a record can have: 256, 1024, 4096, ... bytes."""
    size = RECORD
    while True:
        yield size
        size *= 4


def record_size(text_bytes: int) -> int:
    """The size of the record that holds ``text_bytes`` bytes of text."""
    return next(size for size in record_sizes() if text_bytes + TAG <= size)


def is_record_size(size: int) -> bool:
    """Whether a record can be this long."""
    return size >= RECORD and next(s for s in record_sizes() if s >= size) == size


def plain_text(blinding: bytes, cells: list[tuple[int, int]]) -> bytes:
    """r_j || u16 count || (u16 column, u8 length, value)..., padded with zeros to the record's size less the tag."""
    text = bytearray(blinding + u16(len(cells)))
    for column, value in cells:
        length = (value.bit_length() + 7) // 8
        text += u16(column) + bytes([length]) + value.to_bytes(length, "big")
    return bytes(text).ljust(record_size(len(text)) - TAG, b"\0")


def seal(
    account_key: bytes, ctx: bytes, index: int, point: bytes, blinding: bytes, cells: list[tuple[int, int]]
) -> bytes:
    """The sealed record of row ``index`` with commitment ``point`` (33 bytes)."""
    cipher = ChaCha20Poly1305(_record_key(account_key, ctx, point))
    return cipher.encrypt(_NONCE, plain_text(blinding, cells), u64(index) + point)


def open_record(account_key: bytes, ctx: bytes, index: int, point: bytes, record: bytes) -> OpenedRow:
    """Open a record and read it strictly. Raises Rejected (E_SEALED): an honest exchange's record always opens."""
    try:
        text = ChaCha20Poly1305(_record_key(account_key, ctx, point)).decrypt(_NONCE, record, u64(index) + point)
    except InvalidTag:
        raise Rejected(
            "this account_key does not open the row's sealed record",
            where=f"row {index}",
            code="E_SEALED",
            step="8",
            hint="check that the account_key is the current one; if it is, the exchange sealed something else: "
            "keep the files",
        ) from None
    return read_text(text, where=f"row {index}")


def read_text(text: bytes, where: str) -> OpenedRow:
    """Parse the text of a record; whatever would not be written back byte for byte is refused."""
    opened = _parse(text)
    if opened is None or plain_text(text[:32], list(opened.cells)) != text:
        raise Rejected("the sealed record is not in its one valid form", where=where, code="E_SEALED", step="8")
    return opened


def _parse(text: bytes) -> OpenedRow | None:
    """The record's parts, or None where it ends early, holds no scalar, or its cells are out of order or size."""
    blinding = int.from_bytes(text[:32], "big")
    position, previous = 34, -1
    cells = []
    for _ in range(int.from_bytes(text[32:34], "big")):
        header = text[position : position + 3]
        column, length = int.from_bytes(header[:2], "big"), header[2] if len(header) == 3 else 0
        if column <= previous or not 1 <= length <= 16:
            return None
        cells.append((column, int.from_bytes(text[position + 3 : position + 3 + length], "big")))
        position, previous = position + 3 + length, column
    return OpenedRow(blinding, tuple(cells)) if blinding < N else None


def _record_key(account_key: bytes, ctx: bytes, point: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=ctx, info=KEY_INFO + point).derive(account_key)
