"""Proof bytes: exact sizes, nothing missing, nothing left over, every item strictly decoded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.refusals import refused
from verifier.errors import Malformed, Rejected
from verifier.group import G, H, Point
from verifier.hashing import N
from verifier.reference import ReferenceEngine
from verifier.wire import HIDDEN, NONE, PUBLIC, RowProof, RowShape, TotalsProof, TotalsShape

ROW_SIZES = {
    (0, 8, 0): 33 * 3 + 32 * 10,
    (1, 8, 0): 33 * 5 + 32 * 13,
    (0, 8, 1): 33 * 4 + 32 * 11,
    (2, 16, 3): 33 * 10 + 32 * 27,
    (16, 64, 0): 33 * 35 + 32 * 114,
    (24, 6400, 0): 33 * 51 + 32 * 6474,
}
TOTALS_SIZES = {
    (8, (PUBLIC,)): 33 + 32 * 10,
    (8, (HIDDEN,)): 33 * 2 + 32 * 10,
    (8, (NONE,)): 33 + 32 * 9,
    (24, (PUBLIC, HIDDEN, NONE)): 33 * 2 + 32 * 27,
    (24, (NONE, HIDDEN, HIDDEN)): 33 * 3 + 32 * 27,
}


def row_proof(variables: int, bits: int, links: int) -> RowProof:
    points = [k * G for k in range(1, 2 * variables + 4 + links)]
    take = iter(points)
    return RowProof(
        alpha=tuple(next(take) for _ in range(variables)),
        D=next(take),
        D_rounds=tuple(next(take) for _ in range(variables)),
        T1=next(take),
        T0=next(take),
        DL=tuple(next(take) for _ in range(links)),
        z=tuple(range(100, 100 + bits)),
        z_delta=1,
        rounds=tuple((3 * t, 3 * t + 1, 3 * t + 2) for t in range(variables)),
        z_T=N - 1,
        zl=tuple(range(900, 900 + links)),
    )


def totals_proof(bits: int, modes: tuple[str, ...]) -> TotalsProof:
    kinds: dict[str, Point | int | None] = {PUBLIC: 77, HIDDEN: H, NONE: None}
    hidden = modes.count(HIDDEN)
    return TotalsProof(G, tuple(kinds[m] for m in modes), tuple(range(bits)), N - 1, tuple(range(5, 5 + hidden)))


@pytest.mark.parametrize("parts", ROW_SIZES)
def test_row_shape_and_round_trip(parts: tuple[int, int, int]) -> None:
    shape = RowShape(*parts)
    assert shape.size == ROW_SIZES[parts]
    if shape.variables < 24:
        proof = row_proof(*parts)
        data = proof.to_bytes()
        assert len(data) == shape.size
        assert RowProof.from_bytes(data, shape) == proof
        assert RowProof.from_bytes(data, shape, decompress=ReferenceEngine().decompress) == proof


@pytest.mark.parametrize("parts", TOTALS_SIZES)
def test_totals_shape_and_round_trip(parts: tuple[int, tuple[str, ...]]) -> None:
    shape = TotalsShape(*parts)
    proof = totals_proof(*parts)
    data = proof.to_bytes()
    assert shape.size == len(data) == TOTALS_SIZES[parts]
    assert TotalsProof.from_bytes(data, shape) == proof


ROW = RowShape(2, 8, 1)
ROW_DATA = row_proof(2, 8, 1).to_bytes()
TOTALS = TotalsShape(24, (PUBLIC, HIDDEN, NONE))
TOTALS_DATA = totals_proof(24, (PUBLIC, HIDDEN, NONE)).to_bytes()


def test_the_order_of_the_bytes_is_that_of_the_transcript() -> None:
    proof = row_proof(2, 8, 1)
    head = [*proof.alpha, proof.D, *proof.D_rounds, proof.T1, proof.T0, *proof.DL]
    assert ROW_DATA.startswith(b"".join(point.to_bytes() for point in head))
    tail = [*proof.z, proof.z_delta, 0, 1, 2, 3, 4, 5, proof.z_T, *proof.zl]
    assert ROW_DATA.endswith(b"".join(value.to_bytes(32, "big") for value in tail))


@pytest.mark.parametrize("data", [b"", ROW_DATA[:-1], ROW_DATA[1:], ROW_DATA + b"\0", ROW_DATA + ROW_DATA])
def test_row_proof_of_another_length(data: bytes) -> None:
    with refused(Malformed, "E_LENGTH", where="row proof"):
        RowProof.from_bytes(data, ROW)


@pytest.mark.parametrize("data", [b"", TOTALS_DATA[:-1], TOTALS_DATA + b"\0"])
def test_totals_proof_of_another_length(data: bytes) -> None:
    with refused(Malformed, "E_LENGTH", where="totals proof"):
        TotalsProof.from_bytes(data, TOTALS)


@pytest.mark.parametrize("shape", [RowShape(1, 8, 1), RowShape(3, 8, 1), RowShape(2, 16, 1), RowShape(2, 8, 0)])
def test_a_shape_of_another_statement(shape: RowShape) -> None:
    with refused(Malformed, "E_LENGTH"):
        RowProof.from_bytes(ROW_DATA, shape)


ROW_POINTS = ["alpha[0]", "alpha[1]", "D", "D_t[0]", "D_t[1]", "T1", "T0", "DL[0]"]
ROW_SCALARS = [*(f"z[{k}]" for k in range(8)), "z_delta", *(f"(u, u', s)[{i}]" for i in range(6)), "z_T", "zl[0]"]


@pytest.mark.parametrize("i", range(len(ROW_POINTS)), ids=ROW_POINTS)
def test_every_point_is_strictly_decoded(i: int) -> None:
    data = ROW_DATA[: 33 * i] + bytes(33) + ROW_DATA[33 * (i + 1) :]
    for decompress in (None, ReferenceEngine().decompress):
        with refused(Malformed, "E_POINT", where=f"row proof: {ROW_POINTS[i]}"):
            RowProof.from_bytes(data, ROW, decompress=decompress)


@pytest.mark.parametrize("i", range(len(ROW_SCALARS)), ids=ROW_SCALARS)
def test_every_scalar_is_strictly_decoded(i: int) -> None:
    start = 33 * len(ROW_POINTS) + 32 * i
    data = ROW_DATA[:start] + N.to_bytes(32, "big") + ROW_DATA[start + 32 :]
    with refused(Malformed, "E_SCALAR", where=f"row proof: {ROW_SCALARS[i]}"):
        RowProof.from_bytes(data, ROW)


@pytest.mark.parametrize(
    ("start", "junk", "code", "name"),
    [
        (0, bytes(33), "E_POINT", "D_S"),
        (33, b"\xff" * 32, "E_SCALAR", "e[0]"),
        (65, b"\x05" * 33, "E_POINT", "e[1]"),
        (98, b"\xff" * 32, "E_SCALAR", "zs[0]"),
        (98 + 32 * 23, b"\xff" * 32, "E_SCALAR", "zs[23]"),
        (98 + 32 * 24, b"\xff" * 32, "E_SCALAR", "z_R"),
        (98 + 32 * 25, b"\xff" * 32, "E_SCALAR", "z_gamma[0]"),
    ],
)
def test_every_item_of_the_totals_is_strictly_decoded(start: int, junk: bytes, code: str, name: str) -> None:
    data = TOTALS_DATA[:start] + junk + TOTALS_DATA[start + len(junk) :]
    with refused(Malformed, code, where=f"totals proof: {name}"):
        TotalsProof.from_bytes(data, TOTALS)


@pytest.mark.parametrize("change", [{"D": Point(0, 0)}, {"T1": Point(0, 0)}, {"DL": (Point(0, 0),)}])
def test_identity_is_never_written(change: dict[str, Any]) -> None:
    with refused(Rejected, "E_IDENTITY"):
        replace(row_proof(2, 8, 1), **change).to_bytes()
