"""Sealed records: one valid text per row, one key per row, sizes in classes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.refusals import refused
from verifier.errors import Rejected
from verifier.group import G, scalar_to_bytes
from verifier.hashing import N, u16
from verifier.sealed import OpenedRow, is_record_size, open_record, plain_text, read_text, record_size, seal

KEY, CTX, POINT = b"\x01" * 32, b"\x02" * 32, G.to_bytes()
BLINDING = scalar_to_bytes(7)
CELLS = [(0, 5), (3, 256), (65535, 2**128 - 1)]


def text_of(*cells: bytes, count: int | None = None, blinding: bytes = BLINDING, size: int = 240) -> bytes:
    return (blinding + u16(len(cells) if count is None else count) + b"".join(cells)).ljust(size, b"\0")


def cell(column: int, value: bytes, length: int | None = None) -> bytes:
    return u16(column) + bytes([len(value) if length is None else length]) + value


@pytest.mark.parametrize(
    ("text", "record"), [(0, 256), (240, 256), (241, 1024), (1008, 1024), (1009, 4096), (4080, 4096), (4081, 16384)]
)
def test_record_sizes(text: int, record: int) -> None:
    assert record_size(text) == record
    assert is_record_size(record)


@pytest.mark.parametrize("size", [-256, -1, 0, 1, 16, 255, 257, 512, 1023, 2048, 4095, 2**64 - 256, 2**64])
def test_no_record_sizes(size: int) -> None:
    assert is_record_size(size) == (size == 2**64)


def test_plain_text_is_its_definition() -> None:
    expected = text_of(cell(0, b"\x05"), cell(3, b"\x01\x00"), cell(65535, b"\xff" * 16))
    assert plain_text(BLINDING, CELLS) == expected
    assert read_text(expected, "row 0") == OpenedRow(7, tuple(CELLS))


def test_text_grows_with_the_row() -> None:
    """A cell of 16 bytes takes 19: ten fit the first class, fifty-one the second."""
    sizes = [len(plain_text(BLINDING, [(c, 2**127) for c in range(n)])) for n in (0, 10, 11, 51, 52)]
    assert sizes == [240, 240, 1008, 1008, 4080]


def test_seal_and_open() -> None:
    record = seal(KEY, CTX, 9, POINT, BLINDING, CELLS)
    assert len(record) == 256
    assert open_record(KEY, CTX, 9, POINT, record) == OpenedRow(7, tuple(CELLS))


@pytest.mark.parametrize("change", ["key", "context", "position", "commitment", "bit", "short", "long", "empty"])
def test_only_its_own_row_opens_a_record(change: str) -> None:
    record = seal(KEY, CTX, 9, POINT, BLINDING, CELLS)
    parts: dict[str, Any] = {"key": KEY, "context": CTX, "position": 9, "commitment": POINT, "record": record}
    changes: dict[str, dict[str, Any]]
    changes = {
        "key": {"key": b"\x00" * 32},
        "context": {"context": b"\x00" * 32},
        "position": {"position": 8},
        "commitment": {"commitment": (-G).to_bytes()},
        "bit": {"record": bytes([record[0] ^ 1]) + record[1:]},
        "short": {"record": record[:15]},
        "long": {"record": record + b"\0"},
        "empty": {"record": b""},
    }
    parts |= changes[change]
    with refused(Rejected, "E_SEALED", step="8"):
        open_record(*parts.values())


NOT_THE_ONE_FORM = {
    "empty": b"",
    "a blinding of n": text_of(blinding=N.to_bytes(32, "big")),
    "short of the class": text_of(size=239),
    "longer than the class": text_of(size=241),
    "the next class": text_of(cell(0, b"\x05"), size=1008),
    "padding not zero": text_of(cell(0, b"\x05"))[:-1] + b"\x01",
    "a count too small": text_of(cell(0, b"\x05"), cell(1, b"\x05"), count=1),
    "a count too large": text_of(cell(0, b"\x05"), count=2),
    "a count of 65535": text_of(count=65535),
    "columns falling": text_of(cell(1, b"\x05"), cell(0, b"\x05")),
    "a column twice": text_of(cell(1, b"\x05"), cell(1, b"\x05")),
    "a value of zero": text_of(cell(0, b"\x00")),
    "a leading zero": text_of(cell(0, b"\x00\x05")),
    "a length of 0": text_of(cell(0, b"", length=0)),
    "a length of 17": text_of(cell(0, b"\x05" * 17)),
    "a length of 255": text_of(cell(0, b"\x05", length=255)),
    "a cell cut off": text_of(*[cell(c, b"\xff" * 16) for c in range(11)], size=0)[:240],
    "a header cut off": text_of(count=1, size=0) + b"\0\0",
    "no count": BLINDING,
    "half a blinding": BLINDING[:16],
}


@pytest.mark.parametrize("name", NOT_THE_ONE_FORM)
def test_another_text_is_refused(name: str) -> None:
    assert read_text(text_of(cell(0, b"\x05")), "row 4").cells == ((0, 5),)
    with refused(Rejected, "E_SEALED", step="8", where="row 4"):
        read_text(NOT_THE_ONE_FORM[name], "row 4")


def test_what_was_opened_is_not_shown() -> None:
    assert "65535" not in repr(read_text(plain_text(BLINDING, CELLS), ""))
