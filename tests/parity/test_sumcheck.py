"""The row sumcheck: every round and the final row, dense and sparse, with challenges nobody would draw."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.both import CORE, LAYOUTS, REFERENCE, Cells, books, scalars, sparse
from verifier.engine import SparseRows
from verifier.hashing import N


def random_book(layout: tuple[int, ...], rows: int, filled: float) -> list[Cells]:
    rng = random.Random(f"{layout} {rows} {filled}")
    return [
        [(c, rng.randrange(1, 1 << rng.randrange(1, bits + 1)) or 1) for c, bits in enumerate(layout)]
        if filled == 1
        else [(c, rng.randrange(1, 1 << bits)) for c, bits in enumerate(layout) if rng.random() < filled]
        for _ in range(rows)
    ]


def variables(rows: int) -> int:
    return (rows - 1).bit_length()


def compare(
    book: SparseRows, layout: tuple[int, ...], y: int, tau: list[int], rs: list[int], linear: dict[int, int]
) -> None:
    ours = CORE.row_sumcheck(book, layout, y, tau, linear)
    expected = REFERENCE.row_sumcheck(book, layout, y, tau, linear)
    for r in rs:
        assert ours.round() == expected.round()
        ours.bind(r)
        expected.bind(r)
    assert ours.final_row() == expected.final_row()


@pytest.mark.parametrize("rows", [1, 2, 3, 9, 257, 300])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("filled", [0.03, 0.3, 1.0])
def test_books_of_each_size(layout: tuple[int, ...], rows: int, filled: float) -> None:
    if rows > 200:
        layout = layout[:4]
    rng = random.Random(rows)
    draw = [rng.randrange(N) for _ in range(2 * variables(rows) + 1)]
    tau, rs, y = draw[: variables(rows)], draw[variables(rows) : -1], draw[-1]
    compare(sparse(random_book(layout, rows, filled)), layout, y, tau, rs, {})


@pytest.mark.parametrize("layout", LAYOUTS[:5])
@settings(max_examples=40)
@given(data=st.data())
def test_any_small_book_and_challenges(layout: tuple[int, ...], data: st.DataObject) -> None:
    book = data.draw(books(layout, 9))
    count = variables(len(book))
    draw = st.lists(scalars, min_size=count, max_size=count)
    linear = data.draw(st.dictionaries(st.integers(0, sum(layout) - 1), scalars, max_size=4))
    compare(sparse(book), layout, data.draw(scalars), data.draw(draw), data.draw(draw), linear)


@pytest.mark.parametrize("y", [0, 1, N - 1])
@pytest.mark.parametrize("special", [0, 1, N - 1])
def test_special_challenges_with_linear_terms(y: int, special: int) -> None:
    layout = (16, 8)
    for filled in (0.1, 1.0):
        book = sparse(random_book(layout, 40, filled))
        compare(book, layout, y, [special] * 6, [special, 5, 7, special, 1, 0], {0: 3, 23: N - 1, 10: special})


def test_more_variables_than_rows_need() -> None:
    layout = (8, 64)
    book = sparse(random_book(layout, 5, 0.8))
    compare(book, layout, 11, [3, 1, 4, 1, 5], [2, 7, 1, 8, 2], {})


def test_columns_of_every_filling_side_by_side() -> None:
    """Large enough that each column goes its own way through the rounds."""
    layout = (16, 16, 16)
    rng = random.Random(5)
    book = [
        [(c, rng.randrange(1, 1 << 16)) for c, chance in enumerate((1.0, 0.2, 0.02)) if rng.random() < chance]
        for _ in range(2048)
    ]
    draw = [rng.randrange(N) for _ in range(22)]
    compare(sparse(book), layout, 12345, draw[:11], draw[11:], {})
