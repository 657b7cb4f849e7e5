"""The floor: the point additions that the method needs, times the measured cost of one.

Counted for tables that are already there, without hashing, sorting, reading or the sumcheck (which adds no points). The
windows are those that core/src/table.rs and core/src/multiply_sum.rs choose for the size.
"""

from __future__ import annotations

import numpy as np

from bench.books import DrawnBook
from verifier.leaves import BATCH_ROWS

_SCALAR_BITS = 256


def tree_additions(book: DrawnBook, row_bits: int) -> int:
    """Commitments and the tree over them: a term per blinding digit and non-zero window, one addition fewer a row."""
    bit_window, blind_window = windows(book.rows, row_bits)
    terms = sum(
        int(np.count_nonzero(book.amounts >> np.uint64(shift) & np.uint64((1 << bit_window) - 1)))
        for shift in range(0, 64, bit_window)
    )
    return book.rows * (-(-_SCALAR_BITS // blind_window) - 1) + terms + book.rows - 1


def windows(rows: int, row_bits: int) -> tuple[int, int]:
    """Window widths (bits of a cell, bits of a blinding) once ``rows`` rows are known of."""
    wanted, blind = next(found for limit, *found in _WIDTHS if rows < limit)
    return next(width for width in (16, 8, 4, 1) if width <= wanted and (row_bits << width) // width <= 1 << 20), blind


_WIDTHS = ((64, 1, 5), (2048, 4, 8), (131_072, 8, 13), (1 << 63, 16, 16))


def audit_additions(rows: int) -> int:
    """Products of a million rows at a time and the tree: an addition per point and window, two per bucket."""
    additions = rows - 1
    for start in range(0, rows, BATCH_ROWS):
        count = min(BATCH_ROWS, rows - start)
        window = next(bits for limit, bits in _BUCKETS if count < limit)
        additions += -(-_SCALAR_BITS // window) * (count + 2 * (1 << (window - 1)))
    return additions


_BUCKETS = ((1 << 7, 5), (1 << 9, 6), (1 << 11, 8), (1 << 13, 9), (1 << 14, 11), (1 << 16, 12), (1 << 17, 13),
            (1 << 19, 14), (1 << 63, 16))  # fmt: skip
