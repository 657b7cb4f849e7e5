"""Books with drawn amounts, held in memory as the prover reads them, and the same as a Parquet ledger.

python -m bench.books ROWS COLUMNS CELLS ledger.parquet
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from attest.ordered import Block
from verifier.engine import Packed, SparseRows

_DRAWN_ROWS = 8192
_ID_BYTES = 8


@dataclass(frozen=True)
class DrawnBook:
    """An ``OrderedRows``. Cell k of row i stands at ``ends[i-1] <= k < ends[i]``; amounts are below 2^64."""

    ends: npt.NDArray[np.uint64] = field(repr=False)
    columns: npt.NDArray[np.uint16] = field(repr=False)
    amounts: npt.NDArray[np.uint64] = field(repr=False)

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.ends)

    def blocks(self, rows_per_block: int) -> Iterator[Block]:
        """See ``OrderedRows.blocks``."""
        for start in range(0, self.rows, rows_per_block):
            end = min(start + rows_per_block, self.rows)
            yield Block(start, accounts(start, end), self._slice(start, end))

    def _slice(self, start: int, end: int) -> SparseRows:
        first = int(self.ends[start - 1]) if start else 0
        last = int(self.ends[end - 1])
        values = np.zeros((last - first, 16), np.uint8)
        values[:, 8:] = self.amounts[first:last].astype(">u8").view(np.uint8).reshape(-1, 8)
        return SparseRows(self.ends[start:end] - np.uint64(first), self.columns[first:last], values.tobytes())  # type: ignore[arg-type]


def accounts(start: int, end: int) -> Packed:
    """Account ids of eight bytes."""
    ids = np.arange(start, end, dtype=">u8").tobytes()
    ends = np.arange(1, end - start + 1, dtype=np.uint64) * np.uint64(_ID_BYTES)
    return Packed(ids, ends)  # type: ignore[arg-type]


def draw(rows: int, columns: int, cells: int, seed: int = 1) -> DrawnBook:
    """A book that is the same every time.

    One column: every account holds a full-width amount (all 64 bits drawn). More columns: column k is held with a
    probability that falls like 1/k, ``cells`` per row on average, and amounts have 8 to 51 bits.
    """
    drawn = np.random.default_rng(seed)
    if columns == 1:
        amounts = drawn.integers(1, 1 << 64, rows, dtype=np.uint64, endpoint=False)
        return DrawnBook(np.arange(1, rows + 1, dtype=np.uint64), np.zeros(rows, np.uint16), amounts)
    wanted = popularity(columns, cells)
    parts = [_holdings(drawn, min(_DRAWN_ROWS, rows - start), wanted) for start in range(0, rows, _DRAWN_ROWS)]
    held = np.concatenate([columns_ for _, columns_ in parts])
    ends = np.cumsum(np.concatenate([counts for counts, _ in parts]), dtype=np.uint64)
    wide = drawn.integers(1 << 50, 1 << 51, len(held), dtype=np.uint64)
    return DrawnBook(ends, held, wide >> drawn.integers(0, 43, len(held), dtype=np.uint64))


def popularity(columns: int, cells: int) -> npt.NDArray[np.float64]:
    """Probability of each column to be held: Zipf's law, at most 0.98, ``cells`` in sum."""
    shares = 1 / np.arange(1, columns + 1)
    found = np.minimum(0.98, shares * cells / shares.sum())
    for _ in range(20):
        found = np.minimum(0.98, found * cells / found.sum())
    return found


def _holdings(
    drawn: np.random.Generator, rows: int, wanted: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint16]]:
    held = drawn.random((rows, len(wanted)), dtype=np.float32) < wanted
    return held.sum(axis=1), np.nonzero(held)[1].astype(np.uint16)


def column_names(columns: int) -> list[str]:
    """The names of the drawn columns."""
    return [f"A{i}" for i in range(columns)]


def write_parquet(book: DrawnBook, columns: int, path: Path) -> None:
    """A wide ledger: account, then one column of whole numbers per asset (zero where nothing is held)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = np.repeat(np.arange(book.rows), np.diff(book.ends, prepend=np.uint64(0)).astype(np.int64))
    arrays = {"account": pa.array([f"customer-{i}@example.com" for i in range(book.rows)])}
    for i, name in enumerate(column_names(columns)):
        amounts = np.zeros(book.rows, np.uint64)
        here = book.columns == i
        amounts[rows[here]] = book.amounts[here]
        arrays[name] = pa.array(amounts)
    pq.write_table(pa.table(arrays), path)


def main() -> None:
    """Write a ledger."""
    parser = argparse.ArgumentParser(description="Write a drawn book as a Parquet ledger.")
    for size in ("rows", "columns", "cells"):
        parser.add_argument(size, type=int)
    parser.add_argument("path", type=Path)
    typed = parser.parse_args()
    write_parquet(draw(typed.rows, typed.columns, typed.cells), typed.columns, typed.path)


if __name__ == "__main__":
    main()
