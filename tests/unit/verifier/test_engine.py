"""The engine's buffers and its choice."""

from __future__ import annotations

from array import array

import pytest

from attest.ordered import pack, pack_rows
from tests.support.refusals import refused
from verifier.engine import Engine, Packed, SparseRows, get_engine
from verifier.errors import Unavailable


def test_packed_items() -> None:
    packed = Packed(b"abcde", array("Q", [2, 2, 5]))
    assert len(packed) == 3
    assert [packed[i] for i in range(3)] == [b"ab", b"", b"cde"]
    assert pack([b"ab", b"", b"cde"]) == packed


def test_sparse_rows() -> None:
    rows = pack_rows([[(0, 5), (7, 2**128 - 1)], [], [(65535, 1)]])
    assert isinstance(rows, SparseRows)
    assert len(rows) == 3
    assert rows.row(0) == [(0, 5), (7, 2**128 - 1)]
    assert rows.row(1) == []
    assert rows.row(2) == [(65535, 1)]


def test_the_reference_engine_is_always_there() -> None:
    assert get_engine("reference").name == "reference"
    assert get_engine().name in ("reference", "core")


@pytest.mark.parametrize("name", ["", "gpu", "Reference"])
def test_no_such_engine(name: str) -> None:
    with refused(Unavailable, "E_ENGINE"):
        get_engine(name)


def test_block_rows_is_a_power_of_two(engine: Engine) -> None:
    assert engine.block_rows & (engine.block_rows - 1) == 0
    assert engine.block_rows >= 1
