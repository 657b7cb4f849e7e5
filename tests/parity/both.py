"""Both engines side by side, and the inputs they are compared on."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import pytest
from hypothesis import strategies as st

from verifier.engine import Engine, SparseRows, get_engine
from verifier.errors import SolventError
from verifier.group import IDENTITY_BYTES, G
from verifier.hashing import N

T = TypeVar("T")
Cells = list[tuple[int, int]]

CORE: Final = get_engine("core")
REFERENCE: Final = get_engine("reference")

SMALL: Final = {k: IDENTITY_BYTES if k == 0 else (k * G).to_xy() for k in range(-8, 9)}
"""k*G for k = -8..8; the identity as engines write it."""
LAYOUTS: Final = ((64,), (8,), (8, 16), (128, 8, 24), (64, 64, 64, 64), (8,) * 20, (40, 128))
"""Bits of columns."""

EDGES: Final = (0, 1, 2, N - 1, N - 2, (N + 1) // 2, 1 << 128, (1 << 255) - 1)
scalars = st.one_of(st.sampled_from(EDGES), st.integers(0, N - 1))
multiples = st.integers(-8, 8)


def same(operation: Callable[[Engine], T]) -> T:
    """The result of an operation, which must be the same on both engines."""
    ours, expected = operation(CORE), operation(REFERENCE)
    assert ours == expected
    return ours


def same_refusal(operation: Callable[[Engine], object]) -> SolventError:
    """The refusal of an operation, which must be the same on both engines."""
    errors = []
    for engine in (CORE, REFERENCE):
        with pytest.raises(SolventError) as caught:
            operation(engine)
        errors.append(caught.value)
    ours, expected = errors
    assert type(ours) is type(expected)
    assert vars(ours) == vars(expected)
    return ours


def same_mistake(operation: Callable[[Engine], object]) -> str:
    """A mistake of the caller that is a ValueError on both engines; what the core says of it."""
    said = []
    for engine in (REFERENCE, CORE):
        with pytest.raises(ValueError, match=r"\w") as caught:
            operation(engine)
        said.append(str(caught.value))
    return said[1]


def points(numbers: Sequence[int]) -> bytes:
    """Small multiples of G."""
    return b"".join(SMALL[k] for k in numbers)


def packed(values: Sequence[int]) -> bytes:
    """Scalars as engines take them."""
    return b"".join(value.to_bytes(32, "big") for value in values)


def sparse(rows: Sequence[Cells]) -> SparseRows:
    """Rows as engines take them."""
    ends, columns, values = array("Q"), array("H"), bytearray()
    for row in rows:
        for column, value in row:
            columns.append(column)
            values += value.to_bytes(16, "big")
        ends.append(len(columns))
    return SparseRows(ends, columns, bytes(values))


@st.composite
def books(draw: st.DrawFn, layout: Sequence[int], most_rows: int) -> list[Cells]:
    """Rows of some layout: any columns filled, values from one bit to all."""

    def cells() -> st.SearchStrategy[Cells]:
        columns = st.lists(st.integers(0, len(layout) - 1), unique=True).map(sorted)
        return columns.flatmap(lambda chosen: st.tuples(*(cell(c) for c in chosen))).map(list)

    def cell(column: int) -> st.SearchStrategy[tuple[int, int]]:
        top = (1 << layout[column]) - 1
        return st.tuples(st.just(column), st.one_of(st.sampled_from((1, top)), st.integers(1, top)))

    return draw(st.lists(cells(), min_size=1, max_size=most_rows))
