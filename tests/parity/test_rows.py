"""Row commitments and sealed rows, over several layouts and batch sizes."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import solvent_core
from hypothesis import given
from hypothesis import strategies as st

from tests.parity.both import CORE, EDGES, LAYOUTS, REFERENCE, Cells, books, packed, same, same_refusal, scalars, sparse
from verifier.engine import SparseRows
from verifier.errors import Rejected
from verifier.group import IDENTITY_BYTES, G, H
from verifier.hashing import N


def random_book(layout: tuple[int, ...], rows: int, filled: float) -> list[Cells]:
    rng = random.Random(f"{layout} {rows}")

    def value(bits: int) -> int:
        return rng.randrange(1, 1 << rng.randrange(1, bits + 1)) if bits > 1 else 1

    return [[(c, max(1, value(bits))) for c, bits in enumerate(layout) if rng.random() < filled] for _ in range(rows)]


@pytest.mark.parametrize("layout", LAYOUTS)
@given(data=st.data())
def test_small_books(layout: tuple[int, ...], data: st.DataObject) -> None:
    book = data.draw(books(layout, 4))
    masks = packed(data.draw(st.lists(scalars.filter(bool), min_size=len(book), max_size=len(book))))
    same(lambda engine: engine.committer(layout).commit(sparse(book), masks))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("rows", [1, 63, 64, 200])
def test_larger_books(layout: tuple[int, ...], rows: int) -> None:
    book = sparse(random_book(layout, rows, 0.5))
    masks = REFERENCE.wide_each("blind", b"parity", rows, rows)
    same(lambda engine: engine.committer(layout).commit(book, masks))


def test_every_table_width_gives_the_same_commitments() -> None:
    """A committer widens its windows with the rows it has seen: the same rows again and again, ever larger tables."""
    layout = (24, 16)
    book = sparse(random_book(layout, 2500, 0.7))
    masks = CORE.wide_each("blind", b"parity", 0, 2500)
    first = SparseRows(book.ends[:20], book.columns[: book.ends[19]], book.values[: 16 * book.ends[19]])
    expected = REFERENCE.committer(layout).commit(first, masks[: 32 * 20])
    committer = CORE.committer(layout)
    assert committer.commit(first, masks[: 32 * 20]) == expected
    results = {committer.commit(book, masks) for _ in range(60)}
    assert len(results) == 1, "small and large tables agree"
    assert results.pop()[: 64 * 20] == expected


@pytest.mark.parametrize("expected_rows", [0, 1, 64, 5000, 200_000])
def test_tables_made_beforehand_give_the_same_commitments(expected_rows: int) -> None:
    layout = (24, 16)
    book = sparse(random_book(layout, 60, 0.7))
    masks = CORE.wide_each("blind", b"parity", 0, 60)
    told = [engine.committer(layout) for engine in (CORE, REFERENCE)]
    for committer in told:
        committer.expect(expected_rows)
    assert len({committer.commit(book, masks) for committer in told}) == 1


def test_threads_that_commit_at_once_while_tables_grow() -> None:
    """Each block calls for wider tables than the one before; whoever makes them, nobody waits for ever."""
    layout = (40,)
    book = sparse(random_book(layout, 2100, 0.9))
    masks = CORE.wide_each("blind", b"parity", 0, 2100)
    committer = solvent_core.Committer(CORE.generators([f"bit/{k}" for k in range(40)]), H.to_xy(), list(layout))
    rows = (book.ends.tobytes(), book.columns.tobytes(), book.values)  # type: ignore[attr-defined]  # arrays
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: committer.commit(rows, masks), range(80)))
    assert set(results) == {CORE.committer(layout).commit(book, masks)}


def test_cells_and_masks_at_the_edges() -> None:
    layout = (8, 128, 64)
    rows: list[Cells] = [[], [(0, 255)], [(1, (1 << 128) - 1)], [(2, 1 << 63)], [(0, 1), (1, 1 << 127), (2, 1)]]
    for mask in EDGES[1:]:
        masks = packed([mask] * len(rows))
        same(lambda engine, masks=masks: engine.committer(layout).commit(sparse(rows), masks))  # type: ignore[misc]


def test_a_commitment_to_nothing_is_refused() -> None:
    for rows in (1, 100):
        book = sparse([[]] * rows)
        masks = packed([1] * (rows - 1) + [0])
        error = same_refusal(lambda engine, b=book, m=masks: engine.committer((8,)).commit(b, m))  # type: ignore[misc]
        assert isinstance(error, Rejected)


def test_rows_as_numpy_arrays_and_lists() -> None:
    book = sparse(random_book((64, 8), 30, 0.6))
    masks = packed(range(1, 31))
    expected = REFERENCE.committer((64, 8)).commit(book, masks)

    def converted(ends: Any, columns: Any) -> SparseRows:
        return SparseRows(ends, columns, book.values)

    as_numpy = converted(np.array(book.ends, np.uint64), np.array(book.columns, np.uint16))
    as_wide = converted(np.array(book.ends, np.int64), np.array(book.columns, np.int64))
    as_lists = converted(list(book.ends), list(book.columns))
    for rows in (as_numpy, as_wide, as_lists):
        assert CORE.committer((64, 8)).commit(rows, masks) == expected


@pytest.mark.parametrize("layout", LAYOUTS)
@given(data=st.data())
def test_sealed_rows(layout: tuple[int, ...], data: st.DataObject) -> None:
    book = data.draw(books(layout, 4))
    ctx, start = data.draw(st.binary(min_size=32, max_size=32)), data.draw(st.integers(0, 2**40))
    keys = data.draw(st.binary(min_size=32 * len(book), max_size=32 * len(book)))
    points = b"".join((k * G).to_xy() for k in range(1, len(book) + 1))
    masks = packed(data.draw(st.lists(scalars, min_size=len(book), max_size=len(book))))

    def seal(engine_name: str) -> tuple[bytes, list[int]]:
        engine = CORE if engine_name == "core" else REFERENCE
        sealed = engine.seal_rows(keys, ctx, start, points, masks, sparse(book))
        return sealed.data, list(sealed.ends)

    assert seal("core") == seal("reference")


def test_records_grow_with_the_cells() -> None:
    layout = (128,) * 60
    full = [(c, (1 << 128) - 1) for c in range(60)]
    book = sparse([full[:n] for n in (0, 10, 11, 12, 50, 60)])
    keys, masks = bytes(range(192)), packed([N - 1] * 6)
    points = G.to_xy() * 6
    sealed = [engine.seal_rows(keys, bytes(32), 0, points, masks, book) for engine in (CORE, REFERENCE)]
    assert (sealed[0].data, list(sealed[0].ends)) == (sealed[1].data, list(sealed[1].ends))
    assert {len(sealed[0][i]) for i in range(6)} == {256, 1024, 4096}
    assert layout
    assert IDENTITY_BYTES not in sealed[0].data
