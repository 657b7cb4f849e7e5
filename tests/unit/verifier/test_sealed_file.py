"""sealed.bin: offsets that start after the table, rise by record sizes and end the file."""

from __future__ import annotations

import pytest

from tests.support.refusals import refused
from verifier import sealed_file
from verifier.errors import Rejected
from verifier.sealed_file import read_record, require_layout
from verifier.sources import BytesSource


def file_of(*sizes: int, offsets: list[int] | None = None) -> BytesSource:
    table = [8 * (len(sizes) + 1)]
    for size in sizes:
        table.append(table[-1] + size)
    records = b"".join(bytes([i + 1]) * size for i, size in enumerate(sizes))
    return BytesSource("sealed.bin", b"".join(o.to_bytes(8, "big") for o in offsets or table) + records)


@pytest.mark.parametrize("sizes", [(256,), (1024,), (256, 1024, 256), (4096, 256), (256,) * 20])
def test_good_layouts(sizes: tuple[int, ...]) -> None:
    source = file_of(*sizes)
    require_layout(source, len(sizes))
    for i, size in enumerate(sizes):
        assert read_record(source, i) == bytes([i + 1]) * size


def test_layout_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_file, "_BLOCK", 3)
    for count in range(1, 11):
        require_layout(file_of(*[256] * count), count)
        offsets = [8 * (count + 1) + 256 * i for i in range(count + 1)]
        for i in range(count + 1):
            moved = [o + 256 * (k == i) for k, o in enumerate(offsets)]
            with refused(Rejected, "E_SEALED", step="8"):
                require_layout(file_of(*[256] * count, offsets=moved), count)


TABLE = [24, 280, 536]
BROKEN = {
    "empty": BytesSource("sealed.bin", b""),
    "ends within the table": BytesSource("sealed.bin", bytes(23)),
    "begins later": file_of(256, 256, offsets=[32, 288, 544]),
    "begins within the table": file_of(256, 256, offsets=[16, 280, 536]),
    "falling": file_of(256, 256, offsets=[24, 536, 280]),
    "standing still": file_of(256, 256, offsets=[24, 24, 536]),
    "a record of 512": file_of(512, 256),
    "a record of 255": file_of(255, 257),
    "huge": file_of(256, 256, offsets=[24, 280, 2**64 - 1]),
    "a byte missing": BytesSource("sealed.bin", file_of(256, 256).data[:-1]),
    "a byte left over": BytesSource("sealed.bin", file_of(256, 256).data + b"\0"),
    "a row fewer": file_of(256),
    "a row more": file_of(256, 256, 256),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_layouts(name: str) -> None:
    with refused(Rejected, "E_SEALED", step="8", where="sealed.bin"):
        require_layout(BROKEN[name], 2)
