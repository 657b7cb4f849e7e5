"""Row commitments by lookup: windows of 4 bits for cells, of 8 bits for the blinding."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from py_ecc.secp256k1 import secp256k1 as curve

from verifier.engine import SparseRows, Tick
from verifier.errors import Rejected
from verifier.group import ZERO, H, Jacobian, Point, bit_generator
from verifier.reference.arithmetic import normalise, pack_points, scalars
from verifier.reference.ticks import counted

_FEW = 16
"""Below this many rows the table for H costs more than it saves."""


class ReferenceCommitter:
    """See ``Engine.committer``."""

    def __init__(self, column_bits: Sequence[int]) -> None:
        self._bits = list(column_bits)
        self._offsets = list(accumulate(self._bits, initial=0))

    def expect(self, rows: int) -> None:
        """See ``RowCommitter.expect``; tables are made for a call's own rows here."""

    def commit(self, rows: SparseRows, blindings: bytes, progress: Tick | None = None) -> bytes:
        """See ``RowCommitter.commit``."""
        masks = scalars(blindings)
        if len(masks) != len(rows):
            raise ValueError(f"{len(rows)} rows and {len(masks)} blindings")
        blind = _times_h_by_table if len(rows) >= _FEW else _times_h
        sums = [self._add_cells(blind(mask), rows.row(i)) for i, mask in enumerate(counted(masks, progress))]
        points = normalise(sums)
        if (0, 0) in points:
            raise Rejected("a row commitment is the identity", where="rows", code="E_IDENTITY")
        return pack_points(points)

    def _add_cells(self, total: Jacobian, cells: list[tuple[int, int]]) -> Jacobian:
        for column, value in cells:
            if not 0 < value < 1 << self._bits[column]:
                raise ValueError(f"a cell of column {column} is zero or does not fit its bits")
            position = self._offsets[column]
            while value:
                if value & 15:
                    total = curve.jacobian_add(total, _nibble_table(position)[value & 15])
                value >>= 4
                position += 4
        return total


@lru_cache(maxsize=8192)
def _nibble_table(first_bit: int) -> list[Jacobian]:
    """Subset sums of the generators of four neighbouring bits."""
    return _subset_sums([bit_generator(k) for k in range(first_bit, first_bit + 4)])


def _subset_sums(points: Sequence[Point]) -> list[Jacobian]:
    table: list[Jacobian] = [ZERO]
    for point in points:
        table += [curve.jacobian_add(entry, (point.x, point.y, 1)) for entry in table]
    return [(x, y, 1) for x, y in normalise(table)]


def _times_h(mask: int) -> Jacobian:
    return curve.jacobian_multiply((H.x, H.y, 1), mask)


@lru_cache(maxsize=1)
def _h_tables() -> list[list[Jacobian]]:
    """For each of the 32 bytes of a scalar: the 256 multiples of H that the byte can stand for."""
    doublings = [(H.x, H.y, 1)]
    for _ in range(255):
        doublings.append(curve.jacobian_double(doublings[-1]))
    powers = [Point(x, y) for x, y in normalise(doublings)]
    return [_subset_sums(powers[low : low + 8]) for low in range(0, 256, 8)]


def _times_h_by_table(mask: int) -> Jacobian:
    total = ZERO
    for table in _h_tables():
        total = curve.jacobian_add(total, table[mask & 255])
        mask >>= 8
    return total
