"""Exact sums over many rows."""

from __future__ import annotations

import random

import pytest

from attest.ordered import pack_rows
from attest.sums import ColumnSums, sum_scalars, text_sizes
from verifier.group import scalar_to_bytes
from verifier.hashing import N, u16
from verifier.sealed import plain_text, record_size

BITS = (8, 16, 128, 64)


def random_rows(seed: int, count: int) -> list[list[tuple[int, int]]]:
    rng = random.Random(seed)
    return [
        [(c, rng.randrange(1, 1 << bits)) for c, bits in enumerate(BITS) if rng.random() < 0.6] for _ in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_bit_counts_and_totals(count: int) -> None:
    rows = random_rows(count, count)
    sums = ColumnSums.zero(BITS)
    for start in range(0, count, 7):
        sums.add(pack_rows(rows[start : start + 7]))
    cells = [[dict(row).get(c, 0) for row in rows] for c in range(4)]
    assert sums.totals() == [sum(column) for column in cells]
    expected = [
        sum(value >> b & 1 for value in column) for column, bits in zip(cells, BITS, strict=True) for b in range(bits)
    ]
    assert sums.bit_counts() == expected


def test_the_largest_cells() -> None:
    sums = ColumnSums.zero([128])
    for _ in range(3):
        sums.add(pack_rows([[(0, 2**128 - 1)]] * 100))
    assert sums.totals() == [300 * (2**128 - 1)]
    assert sums.bit_counts() == [300] * 128


def test_sum_scalars() -> None:
    values = [N - 1, N - 2, 0, 1, 2**255, 2**32 - 1]
    assert sum_scalars(b"".join(map(scalar_to_bytes, values))) == sum(values) % N
    assert sum_scalars(scalar_to_bytes(N - 1) * 1000) == 1000 * (N - 1) % N
    assert sum_scalars(b"") == 0


def test_text_sizes_are_those_of_the_records() -> None:
    rows = [*random_rows(3, 40), [], [(0, 1)], [(2, 255), (3, 256)], [(c, 2**120) for c in range(60)]]
    sizes = text_sizes(pack_rows(rows)).tolist()
    for row, size in zip(rows, sizes, strict=True):
        written = 32 + len(u16(0)) + sum(3 + (value.bit_length() + 7) // 8 for _, value in row)
        assert size == written
        assert record_size(size) == len(plain_text(bytes(32), row)) + 16
    assert text_sizes(pack_rows([])).tolist() == []
    assert text_sizes(pack_rows([[], []])).tolist() == [34, 34]
