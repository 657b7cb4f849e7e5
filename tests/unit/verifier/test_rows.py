"""The row argument, verifier's side, over honest proofs of 1 to 9 rows and every field of them changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cache
from typing import Any

import pytest

from attest.ordered import pack_rows
from attest.rows import LinkWitness, Witness, prove_rows
from attest.secrets import Masks
from tests.support.refusals import refused
from verifier.engine import Engine, get_engine
from verifier.equations import Batch, OneByOne
from verifier.errors import Rejected
from verifier.group import G, Point, scalar_to_bytes, value_commitment
from verifier.hashing import N, wide
from verifier.rows import Layout, Link, column_number, rule_terms, variables_for, verify_rows
from verifier.transcript import Transcript
from verifier.wire import RowProof

LAYOUT = Layout((8, 8, 16), (((0, 1), (1, -1)), ((0, 3), (1, 1), (2, -4))))
"""Two rules: cell 0 = cell 1, and 3 cell 0 + cell 1 = 4 cell 2."""
COUNTS = list(range(1, 10))


def eq(r: Sequence[int], i: int) -> int:
    value = 1
    for t, r_t in enumerate(r):
        value = value * (r_t if i >> t & 1 else 1 - r_t) % N
    return value


def combine(points: Sequence[Point], r: Sequence[int]) -> Point:
    total = Point(0, 0)
    for i, point in enumerate(points):
        total += eq(r, i) * point
    return total


def transcript_of(points: Sequence[Point]) -> Transcript:
    transcript = Transcript.start("rows")
    for point in points:
        transcript.absorb_point("row", point)
    return transcript


@cache
def proven(count: int) -> tuple[RowProof, tuple[Point, ...], tuple[Point, ...]]:
    """(proof, row commitments, linked commitments to column 2)."""
    engine = get_engine("reference")
    cells = [(17 * i + 1) % 256 for i in range(count)]
    rows = pack_rows([[(0, v), (1, v), (2, v)] if v else [] for v in cells])
    blindings = [wide("blind", bytes([i])) for i in range(count)]
    gammas = [wide("mask", bytes([i])) for i in range(count)]
    data = engine.committer(LAYOUT.column_bits).commit(rows, pack(blindings))
    points = tuple(Point.from_sum(data[64 * i : 64 * i + 64]) for i in range(count))
    linked = tuple(value_commitment(v, gamma) for v, gamma in zip(cells, gammas, strict=True))
    witness = Witness(rows, pack(blindings), (LinkWitness(2, pack(gammas)),))
    transcript = transcript_of(points + linked)
    return prove_rows(LAYOUT, witness, transcript, Masks(b"p" * 32), engine, generators()), points, linked


def pack(values: Sequence[int]) -> bytes:
    return b"".join(map(scalar_to_bytes, values))


@cache
def generators() -> bytes:
    return get_engine("reference").generators([f"bit/{k}" for k in range(32)])


def run(equations: Batch | OneByOne, proof: RowProof, points: Sequence[Point], linked: Sequence[Point]) -> None:
    links = [Link(2, lambda r: combine(linked, r))]
    transcript = transcript_of((*points, *linked))
    verify_rows(LAYOUT, lambda r: combine(points, r), proof, transcript, equations, "here", links)


def check(
    engine: Engine, proof: RowProof, points: Sequence[Point], linked: Sequence[Point], together: bool = True
) -> None:
    """One by one, which names the step, and ``together`` in a batch, which must agree."""
    if not together:
        run(OneByOne(engine, generators()), proof, points, linked)
        return
    batch = Batch(engine, generators())
    run(batch, proof, points, linked)
    held = batch.holds()
    try:
        run(OneByOne(engine, generators()), proof, points, linked)
    except Rejected:
        assert not held, "the batch accepted what does not hold"
        raise
    assert held, "the batch refused what holds"


@pytest.mark.parametrize("count", COUNTS)
def test_honest_proofs(engine: Engine, count: int) -> None:
    proof, points, linked = proven(count)
    assert len(proof.alpha) == variables_for(count)
    assert len(proof.to_bytes()) == LAYOUT.shape(count, links=1).size
    check(engine, RowProof.from_bytes(proof.to_bytes(), LAYOUT.shape(count, links=1)), points, linked)


def mutations(proof: RowProof) -> list[tuple[str, RowProof, set[str]]]:
    """Each item of the proof, changed alone, with the steps that may refuse it.

    A point changes every challenge after it, so whatever is checked first refuses; a response breaks its own equation.
    """
    everything = {"3.5a", "3.5b", "3.5c", "3.5d"}
    steps = {"z": {"3.5a"}, "z_delta": {"3.5a"}, "rounds": {"3.5b"}, "z_T": {"3.5c"}, "zl": {"3.5d"}}
    found = []
    for field_ in fields(proof):
        for label, value in changes(getattr(proof, field_.name)):
            changed = replace(proof, **{field_.name: value})
            found.append((field_.name + label, changed, steps.get(field_.name, everything)))
    return found


def changes(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Point):
        return [("", value + G)]
    if isinstance(value, int):
        return [("", (value + 1) % N)]
    nested = [(i, label, new) for i, item in enumerate(value) for label, new in changes(item)]
    return [(f"[{i}]{label}", (*value[:i], new, *value[i + 1 :])) for i, label, new in nested]


@pytest.mark.parametrize("count", [1, 2])
def test_every_item_counts(count: int) -> None:
    """One by one for each item, in a batch for the first of each field."""
    engine, seen = get_engine("reference"), set()
    proof, points, linked = proven(count)
    for name, changed, steps in mutations(proof):
        field_ = name.split("[")[0]
        with pytest.raises(Rejected) as caught:
            check(engine, changed, points, linked, together=field_ not in seen)
        seen.add(field_)
        assert (caught.value.code, caught.value.step in steps) == ("E_PROOF", True), (name, caught.value.step)
    assert seen >= {"D", "T1", "T0", "DL", "z", "z_delta", "z_T", "zl"}


@pytest.mark.parametrize("count", [2, 5])
def test_rows_in_another_order_or_number(engine: Engine, count: int) -> None:
    proof, points, linked = proven(count)
    for other in (points[::-1], (*points[:-1], points[0]), (*points[:-1], points[-1] + G)):
        with refused(Rejected, "E_PROOF", step="3.5a", where="here"):
            check(engine, proof, other, linked)
    with refused(Rejected, "E_PROOF", step="3.5a"):
        check(engine, proof, points, linked[::-1])


def test_a_link_to_another_number(engine: Engine) -> None:
    """The rows hold; only the linked commitment is to something else, whatever the prover says of it."""
    proof, points, linked = proven(1)
    other = (linked[0] + G,)
    witness_transcript = transcript_of((*points, *other))
    rows = pack_rows([[(0, 1), (1, 1), (2, 1)]])
    witness = Witness(rows, pack([wide("blind", b"\0")]), (LinkWitness(2, pack([wide("mask", b"\0")])),))
    honest = prove_rows(LAYOUT, witness, witness_transcript, Masks(b"p" * 32), engine, generators())
    with refused(Rejected, "E_PROOF", step="3.5d", where="here, link 0"):
        check(engine, honest, points, other)
    assert proof.D != honest.D


def test_layout() -> None:
    assert LAYOUT.row_bits == 32
    assert LAYOUT.spans == ((0, 8), (8, 16), (16, 32))
    assert [variables_for(rows) for rows in (1, 2, 3, 4, 5, 8, 9, 2**24)] == [0, 1, 2, 2, 3, 3, 4, 24]


def test_column_numbers_and_rule_terms() -> None:
    z = [wide("expand", bytes([k])) for k in range(32)]
    numbers = [sum(z[k] << (k - a) for k in range(a, b)) % N for a, b in LAYOUT.spans]
    assert [column_number(LAYOUT, z, c) for c in range(3)] == numbers
    y = wide("expand", b"y")
    first = numbers[0] - numbers[1]
    second = 3 * numbers[0] + numbers[1] - 4 * numbers[2]
    assert rule_terms(LAYOUT, z, y) == (pow(y, 32, N) * first + pow(y, 33, N) * second) % N
    assert rule_terms(Layout((8,)), z[:8], y) == 0
