"""The floor: the point additions that the method needs, times the measured cost of one.

Counted for tables that are already there, without hashing, sorting, reading or the sumcheck (which adds no points). The
windows are those that core/src/table.rs and core/src/multiply_sum.rs choose for the size.
"""

from __future__ import annotations

import numpy as np

from bench.books import DrawnBook

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


def audit_additions(rows: int, chunk_rows: int) -> int:
    """One multi-scalar product over each chunk and the tree: an addition per point and window, two per bucket."""
    window = {16: 13, 17: 14}[(min(rows, chunk_rows) - 1).bit_length()]
    count = -(-_SCALAR_BITS // window)
    chunks = -(-rows // chunk_rows)
    return rows * count + chunks * count * 2 * (1 << (window - 1)) + rows - 1
