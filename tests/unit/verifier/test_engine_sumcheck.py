"""The row sumcheck against the sum written out, for 1 to 9 rows, dense and sparse, with and without rule terms."""

from __future__ import annotations

import random
from itertools import product

import pytest

from attest.ordered import pack_rows
from verifier.engine import Engine
from verifier.hashing import N, wide
from verifier.rows import variables_for

COLUMNS = (8, 16)
BITS = sum(COLUMNS)
Cells = list[tuple[int, int]]


def rows_of(count: int, kind: str) -> list[Cells]:
    rng = random.Random(count)
    if kind == "dense":
        return [[(0, rng.randrange(1, 256)), (1, rng.randrange(1, 65536))] for _ in range(count)]
    if kind == "empty":
        return [[] for _ in range(count)]
    return [[(i % 2, 1 << rng.randrange(8))] if i % 3 == 0 else [] for i in range(count)]


def bits_of(cells: Cells) -> list[int]:
    row = [0] * BITS
    for column, value in cells:
        for b in range(COLUMNS[column]):
            row[8 * column + b] = value >> b & 1
    return row


def eq(r: list[int], i: int) -> int:
    value = 1
    for t, r_t in enumerate(r):
        value = value * (r_t if i >> t & 1 else 1 - r_t) % N
    return value


class Naive:
    """Section 3 step 2, straight from its definition on dense rows."""

    def __init__(self, rows: list[Cells], y: int, tau: list[int], linear: dict[int, int]) -> None:
        self.tau, self.y, self.linear = tau, y, linear
        self.rows = [bits_of(cells) for cells in rows]
        self.rows += [[0] * BITS] * ((1 << len(tau)) - len(rows))

    def q(self, row: list[int]) -> int:
        quadratic = sum(pow(self.y, k, N) * (p * p - p) for k, p in enumerate(row))
        return (quadratic + sum(weight * row[k] for k, weight in self.linear.items())) % N

    def at(self, x: int) -> int:
        """The round polynomial at ``x``: eq over the variables that follow, this one's factor divided out."""
        total = 0
        for i in range(len(self.rows) // 2):
            total += eq(self.tau[1:], i) * self.q(self.between(i, x))
        return total % N

    def between(self, i: int, x: int) -> list[int]:
        low, high = self.rows[2 * i], self.rows[2 * i + 1]
        return [(u + x * (v - u)) % N for u, v in zip(low, high, strict=True)]

    def bind(self, r: int) -> None:
        self.rows = [self.between(i, r) for i in range(len(self.rows) // 2)]
        self.tau = self.tau[1:]


@pytest.mark.parametrize(("count", "kind"), list(product(range(1, 10), ("dense", "sparse", "empty"))))
@pytest.mark.parametrize("linear", [{}, {0: 3, 5: N - 2, 23: 2**200}], ids=["bits only", "with rules"])
def test_every_round_against_the_definition(engine: Engine, count: int, kind: str, linear: dict[int, int]) -> None:
    y, tau = wide("expand", b"y"), [wide("expand", bytes([t])) for t in range(variables_for(count))]
    rows = rows_of(count, kind)
    fast, slow = engine.row_sumcheck(pack_rows(rows), COLUMNS, y, tau, linear), Naive(rows, y, tau, linear)
    for t in range(len(tau)):
        b, c = fast.round()
        a = slow.at(0)
        assert [(a + b * x + c * x * x) % N for x in (1, 2, N - 1)] == [slow.at(x) for x in (1, 2, N - 1)]
        r = wide("expand", b"r" + bytes([t]))
        fast.bind(r)
        slow.bind(r)
    assert fast.final_row() == slow.rows[0]


@pytest.mark.parametrize("count", range(1, 10))
def test_the_final_claim_is_the_sum_of_the_rounds(engine: Engine, count: int) -> None:
    """Q(b*) = sum(lam_t b_t + mu_t c_t): what 3.5c rests on, with linear terms that do not vanish in every row."""
    y, tau = wide("expand", b"y"), [wide("expand", bytes([t])) for t in range(variables_for(count))]
    rows = rows_of(count, "dense")
    sumcheck = engine.row_sumcheck(pack_rows(rows), COLUMNS, y, tau, {})
    claim = 0
    for tau_t in tau:
        b, c = sumcheck.round()
        r = wide("expand", b.to_bytes(32, "big"))
        claim += (r - tau_t) * b + (r * r - tau_t) * c
        sumcheck.bind(r)
    assert Naive(rows, y, tau, {}).q(sumcheck.final_row()) == claim % N


def test_final_row_before_the_end_is_a_bug(engine: Engine) -> None:
    with pytest.raises(ValueError, match=r"."):
        engine.row_sumcheck(pack_rows([[], []]), COLUMNS, 5, [7], {}).final_row()


def test_more_rows_than_variables_hold_is_a_bug(engine: Engine) -> None:
    with pytest.raises(ValueError, match=r"."):
        engine.row_sumcheck(pack_rows([[], [], []]), COLUMNS, 5, [7], {})
