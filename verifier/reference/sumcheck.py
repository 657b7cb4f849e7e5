"""The row sumcheck (docs/protocol.md, section 3 step 2) on rows kept sparse from first to last round."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TypeAlias

from verifier.engine import SparseRows, Tick
from verifier.hashing import N
from verifier.reference.arithmetic import eq_values
from verifier.reference.ticks import counted

Row: TypeAlias = dict[int, int]
"""Bit position -> value mod n; positions that are not there are zero."""


class ReferenceSumcheck:
    """See ``Engine.row_sumcheck``. Work and memory follow the non-zero bits."""

    def __init__(
        self,
        rows: SparseRows,
        column_bits: Sequence[int],
        y: int,
        tau: Sequence[int],
        linear: dict[int, int],
        progress: Tick | None = None,
    ) -> None:
        if len(rows) > 1 << len(tau):
            raise ValueError(f"{len(rows)} rows do not fit {len(tau)} variables")
        offsets = list(accumulate(column_bits, initial=0))
        self._row_bits = offsets[-1]
        self._rows = {i: row for i in counted(range(len(rows)), progress) if (row := _bits(rows.row(i), offsets))}
        self._powers = _powers(y, self._row_bits)
        self._linear = linear
        self._tau = list(tau)

    def round(self) -> tuple[int, int]:
        """See ``RowSumcheck.round``: sums over pairs u, u + d of rows that differ in this variable only."""
        weights = eq_values(self._tau[1:])
        b = c = 0
        for pair in {i >> 1 for i in self._rows}:
            pair_b, pair_c = self._pair_terms(self._rows.get(2 * pair, {}), self._rows.get(2 * pair + 1, {}))
            b += weights[pair] * pair_b
            c += weights[pair] * pair_c
        return b % N, c % N

    def _pair_terms(self, low: Row, high: Row) -> tuple[int, int]:
        """Q(u + dX) = ... + X (y^k (2u-1) d + linear d) + X^2 y^k d^2, summed over k."""
        b = c = 0
        for k in low.keys() | high.keys():
            u = low.get(k, 0)
            d = high.get(k, 0) - u
            if d:
                weighted = self._powers[k] * d % N
                b += weighted * (2 * u - 1) + self._linear.get(k, 0) * d
                c += weighted * d
        return b % N, c % N

    def bind(self, r: int, progress: Tick | None = None) -> None:
        """See ``RowSumcheck.bind``."""
        bound = {}
        for pair in counted(list({i >> 1 for i in self._rows}), progress):
            row = _interpolate(self._rows.get(2 * pair, {}), self._rows.get(2 * pair + 1, {}), r)
            if row:
                bound[pair] = row
        self._rows = bound
        self._tau = self._tau[1:]

    def final_row(self) -> list[int]:
        """See ``RowSumcheck.final_row``."""
        if self._tau:
            raise ValueError(f"{len(self._tau)} variables are not bound yet")
        row = self._rows.get(0, {})
        return [row.get(k, 0) for k in range(self._row_bits)]


def _bits(cells: list[tuple[int, int]], offsets: Sequence[int]) -> Row:
    """The positions of the set bits of a row, each with value 1."""
    row = {}
    for column, value in cells:
        for b in range(value.bit_length()):
            if value >> b & 1:
                row[offsets[column] + b] = 1
    return row


def _interpolate(low: Row, high: Row, r: int) -> Row:
    row = {}
    for k in low.keys() | high.keys():
        u = low.get(k, 0)
        value = (u + r * (high.get(k, 0) - u)) % N
        if value:
            row[k] = value
    return row


def _powers(y: int, count: int) -> list[int]:
    """y^0 .. y^(count-1)."""
    powers = [1]
    for _ in range(count - 1):
        powers.append(powers[-1] * y % N)
    return powers
