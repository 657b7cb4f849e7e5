"""The engine's buffers and its choice."""

from __future__ import annotations

from array import array

import pytest

from attest.ordered import pack, pack_rows
from tests.support.engines import KERNEL_VARIABLE, available, chosen, kernels
from tests.support.refusals import refused
from verifier.engine import Engine, Packed, SparseRows, get_engine
from verifier.errors import Unavailable
from verifier.group import IDENTITY_BYTES, G, scalar_to_bytes
from verifier.hashing import N


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
    assert get_engine().name in available()


@pytest.mark.parametrize("name", ["", "gpu", "Reference"])
def test_no_such_engine(name: str) -> None:
    with refused(Unavailable, "E_ENGINE"):
        get_engine(name)


def test_block_rows_is_a_power_of_two(engine: Engine) -> None:
    assert engine.block_rows & (engine.block_rows - 1) == 0
    assert engine.block_rows >= 1


def test_a_kernel_that_is_not_there_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with chosen(available()[-1]) as engine:
        before = engine.name
        for wanted in ["fast", "IFMA", "", *({"portable", "ifma"} - set(kernels()))] if kernels() else []:
            monkeypatch.setenv(KERNEL_VARIABLE, wanted)
            with refused(Unavailable, "E_ENGINE", where=KERNEL_VARIABLE):
                get_engine()
            assert engine.name == before, "the choice stays as it was"


def test_sums_with_the_generator(engine: Engine) -> None:
    points = b"".join((k * G).to_xy() for k in (1, 2, 5, 7))
    of_g, of_points = (b"".join(scalar_to_bytes(k % N) for k in row) for row in ((3, -2, 0, -7), (4, 1, 9, 1)))
    found = engine.sums_with_generator(points, of_g, of_points)
    assert found == (7 * G).to_xy() + IDENTITY_BYTES + (45 * G).to_xy() + IDENTITY_BYTES
    assert engine.sums_with_generator(b"", b"", b"") == b""
