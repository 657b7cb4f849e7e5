"""Sums over many rows at once, exact: set bits per column, blindings, sizes of sealed texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from verifier.engine import SparseRows
from verifier.hashing import N

_HEADER = 34
"""Bytes of a sealed text before its cells: the blinding and the number of cells."""


@dataclass(frozen=True, slots=True)
class ColumnSums:
    """How many rows have each bit set. Counts are u64 and exact: a book has at most 2^40 rows."""

    column_bits: tuple[int, ...]
    counts: npt.NDArray[np.uint64] = field(repr=False)

    @classmethod
    def zero(cls, column_bits: Sequence[int]) -> ColumnSums:
        """Nothing summed yet."""
        return cls(tuple(column_bits), np.zeros((len(column_bits), 128), dtype=np.uint64))

    def add(self, rows: SparseRows) -> None:
        """Add the set bits of some rows."""
        columns = np.asarray(rows.columns, dtype=np.int64)
        order = np.argsort(columns, kind="stable")
        values = _values(rows)[order]
        present, starts = np.unique(columns[order], return_index=True)
        for column, cells in zip(present.tolist(), np.split(values, starts[1:]), strict=False):
            width = self.column_bits[column] // 8
            bits = np.unpackbits(cells[:, 16 - width :], axis=1)
            self.counts[column, 128 - 8 * width :] += bits.sum(axis=0, dtype=np.uint32)

    def bit_counts(self) -> list[int]:
        """s_k for every bit k of a row, least significant bit of the first column first."""
        return [
            int(count)
            for column, bits in zip(self.counts, self.column_bits, strict=True)
            for count in column[::-1][:bits].tolist()
        ]

    def totals(self) -> list[int]:
        """The sum of each column, as exact integers."""
        return [sum(int(count) << (127 - i) for i, count in enumerate(column.tolist())) for column in self.counts]


def sum_scalars(scalars: bytes) -> int:
    """The sum mod n of 32-byte big-endian scalars."""
    words = np.frombuffer(scalars, dtype=">u4").reshape(-1, 8).astype(np.uint64).sum(axis=0, dtype=np.uint64)
    return sum(int(word) << (32 * (7 - i)) for i, word in enumerate(words.tolist())) % N


def text_sizes(rows: SparseRows) -> npt.NDArray[np.int64]:
    """Bytes of each row's sealed text before padding: header, then three bytes and the value for each cell."""
    cells = 3 + 16 - np.argmax(_values(rows) != 0, axis=1) if len(rows.values) else np.zeros(0, dtype=np.int64)
    running = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(cells, dtype=np.int64)])
    ends = np.asarray(rows.ends, dtype=np.int64)
    starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1]])
    sizes: npt.NDArray[np.int64] = _HEADER + running[ends] - running[starts]
    return sizes


def _values(rows: SparseRows) -> npt.NDArray[Any]:
    return np.frombuffer(rows.values, dtype=np.uint8).reshape(-1, 16)
