"""Mistakes of the caller are ValueErrors on both engines; the core names the right length and never panics."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import pytest

from tests.parity.both import CORE, points, same_mistake, sparse
from verifier.engine import Engine, Packed, RowSumcheck, SparseRows

ROWS = sparse([[(0, 5)], [(0, 7)]])

MISTAKES: dict[str, tuple[Callable[[Engine], object], str]] = {
    "leaves": (lambda e: e.read_leaves(bytes(95)), "96-byte"),
    "points": (lambda e: e.compress(bytes(63)), "64-byte"),
    "scalars": (lambda e: e.multiply_sum(points([1, 2]), bytes(32)), "where 64 are right"),
    "points of a sum": (lambda e: e.multiply_sum(bytes(65), bytes(32)), "64-byte"),
    "sums": (lambda e: e.sums_with_generator(points([1, 2]), bytes(64), bytes(32)), "where 64 are right"),
    "dot": (lambda e: e.dot(bytes(32), bytes(64)), "32 are right"),
    "ids": (lambda e: e.leaf_hashes(bytes(32), 0, points([1, 2]), bytes(32)), "where 64 are right"),
    "hashes": (lambda e: e.tree_level(points([1, 2]), bytes(32)), "where 64 are right"),
    "ids to compare": (lambda e: e.first_duplicate(bytes(31)), "32-byte"),
    "heads": (lambda e: e.tagged_each("t", bytes(33), b""), "32-byte"),
    "heads and tails": (lambda e: e.tagged_each("t", bytes(64), Packed(b"a", array("Q", [1]))), "32 are right"),
    "blindings": (lambda e: e.committer((8,)).commit(ROWS, bytes(32)), "64 are right"),
    "cell too wide": (lambda e: e.committer((2,)).commit(ROWS, bytes(63) + b"\1"), "column 0"),
    "rows and variables": (lambda e: e.row_sumcheck(ROWS, (8,), 1, [], {}), "2 rows do not fit 0 variables"),
    "unbound": (lambda e: e.row_sumcheck(ROWS, (8,), 1, [5], {}).final_row(), "1 variables are not bound yet"),
    "keys": (lambda e: e.seal_rows(bytes(32), b"", 0, points([1, 2]), bytes(64), ROWS), "64 are right"),
    "blindings to seal": (lambda e: e.seal_rows(bytes(64), b"", 0, points([1, 2]), bytes(32), ROWS), "64 are right"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_both_refuse(name: str) -> None:
    operation, text = MISTAKES[name]
    assert text in same_mistake(operation)


CORE_ONLY: dict[str, Callable[[], object]] = {
    "ends fall": lambda: commit(SparseRows(array("Q", [1, 0]), array("H", [0]), bytes(15) + b"\1")),
    "ends past the cells": lambda: commit(SparseRows(array("Q", [0, 9]), array("H", [0]), bytes(15) + b"\1")),
    "no such column": lambda: commit(sparse([[(1, 5)], []])),
    "columns fall": lambda: commit(sparse([[(0, 5), (0, 5)], []])),
    "a zero cell": lambda: commit(SparseRows(array("Q", [1, 1]), array("H", [0]), bytes(16))),
    "values missing": lambda: commit(SparseRows(array("Q", [1, 1]), array("H", [0]), bytes(15))),
    "an end below zero": lambda: commit(SparseRows([-1, 0], [], b"")),
    "a column of no bits": lambda: CORE.committer((0,)),
    "a column of 129 bits": lambda: CORE.committer((129,)),
    "an eq table longer than its challenges": lambda: CORE.eq_table([1, 2], 5),
    "more than memory": lambda: CORE.eq_table([1] * 70, 1 << 60),
    "a linear term past the row": lambda: CORE.row_sumcheck(ROWS, (8,), 1, [5], {8: 1}),
    "one bind too many": lambda: bound().bind(1),
    "one round too many": lambda: bound().round(),
    "messages' ends": lambda: CORE.hmac_each(b"", Packed(b"abc", array("Q", [2]))),
}


def commit(rows: SparseRows) -> bytes:
    return CORE.committer((8,)).commit(rows, bytes(31) + b"\1" + bytes(31) + b"\1")


def bound() -> RowSumcheck:
    sumcheck = CORE.row_sumcheck(ROWS, (8,), 1, [5], {})
    sumcheck.bind(3)
    return sumcheck


@pytest.mark.parametrize("name", CORE_ONLY)
def test_the_core_refuses_what_the_contract_excludes(name: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        CORE_ONLY[name]()
