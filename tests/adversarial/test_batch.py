"""One equation fails, and nothing else: the batch refuses, and the explanation names the step and the place.

Each single failure is accepted once its step is taken away, so it is that step which refuses (docs/protocol.md, 3, 4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from unittest.mock import patch

import pytest

import verifier.book
from attest.ordered import pack_rows
from attest.rows import LinkWitness, Witness, prove_rows
from attest.secrets import Masks
from tests.support.cheat import ENGINE, Cells, Cheat, Forgery, bit_generators
from tests.support.refusals import refused
from tests.support.weak import only_summed, without_step
from verifier.equations import Batch, OneByOne
from verifier.errors import Rejected, SolventError
from verifier.group import G, Point, scalar_to_bytes, value_commitment
from verifier.hashing import N
from verifier.reference.arithmetic import eq_values
from verifier.rows import Layout, Link, verify_rows
from verifier.schema import Column, Rule, Schema
from verifier.transcript import Transcript
from verifier.wire import HIDDEN, PUBLIC, RowProof, TotalsProof

SCHEMA = Schema(
    (
        Column("BTC", "BTC", 8, 8, "balance"),
        Column("debt", "BTC", 8, 8, "debt"),
        Column("slack", "", 0, 8, "slack"),
    ),
    (Rule("net", (("BTC", 1), ("debt", -1), ("slack", -1))),),
)
ROWS: list[Cells] = [
    {"BTC": 9, "debt": 4, "slack": 5},
    {},
    {"BTC": 255, "slack": 255},
    {"BTC": 1, "debt": 1},
    {"BTC": 7, "slack": 7},
]
CHUNK = Layout.of(SCHEMA).shape(2)
"""Three chunks of two rows, two rows and one row."""


@lru_cache(maxsize=1)
def honest() -> Forgery:
    return Cheat(SCHEMA, (HIDDEN, PUBLIC, "none"), ROWS, chunk_bits=1).publish()


def in_chunk_1(change: Callable[[RowProof], RowProof]) -> Forgery:
    book, size = honest(), CHUNK.size
    proof = RowProof.from_bytes(book.proof[size : 2 * size], CHUNK)
    return replace(book, proof=book.proof[:size] + change(proof).to_bytes() + book.proof[2 * size :])


def in_totals(change: Callable[[TotalsProof], TotalsProof]) -> Forgery:
    book, shape = honest(), honest().statement.totals_shape
    proof = TotalsProof.from_bytes(book.proof[-shape.size :], shape)
    return replace(book, proof=book.proof[: -shape.size] + change(proof).to_bytes())


def off(value: int) -> int:
    return (value + 1) % N


def wrong_round(proof: RowProof, position: int) -> RowProof:
    triple = [off(v) if i == position else v for i, v in enumerate(proof.rounds[0])]
    return replace(proof, rounds=((triple[0], triple[1], triple[2]),))


ONE_WRONG: dict[str, tuple[str, str, Callable[[], Forgery]]] = {
    "z_delta": ("3.5a", "book.proof, chunk 1", lambda: in_chunk_1(lambda p: replace(p, z_delta=off(p.z_delta)))),
    "s_1": ("3.5b", "book.proof, chunk 1, round 1", lambda: in_chunk_1(lambda p: wrong_round(p, 2))),
    "z_T": ("3.5c", "book.proof, chunk 1", lambda: in_chunk_1(lambda p: replace(p, z_T=off(p.z_T)))),
    "z_R": ("4a", "book.proof, totals", lambda: in_totals(lambda p: replace(p, z_R=off(p.z_R)))),
    "z_gamma": ("4c", "book.proof, totals, BTC", lambda: in_totals(lambda p: replace(p, z_gamma=(off(p.z_gamma[0]),)))),
}


def test_the_honest_book_is_accepted() -> None:
    honest().verify()


@pytest.mark.parametrize("name", ONE_WRONG)
def test_one_equation_that_fails(name: str) -> None:
    step, where, forge = ONE_WRONG[name]
    forgery = forge()
    with without_step(step):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step=step, where=where):
        forgery.verify()


def test_the_public_total_that_fails() -> None:
    """4b is an equation of numbers and needs no batch."""
    forgery = Cheat(SCHEMA, (HIDDEN, PUBLIC, "none"), ROWS, {"debt": 4}, chunk_bits=1).publish()
    with patch.object(verifier.book, "require_public", lambda *parts: None):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="4b", where="book.proof, totals, debt"):
        forgery.verify()


def test_the_link_that_fails() -> None:
    layout, numbers, gammas = Layout((8,)), [200, 3, 77], [5, 6, 7]
    blindings = b"".join(scalar_to_bytes(gamma) for gamma in gammas)
    row_blindings = b"".join(scalar_to_bytes(1000 + i) for i in range(3))
    rows = pack_rows([[(0, number)] for number in numbers])
    points = ENGINE.committer([8]).commit(rows, row_blindings)
    witness = Witness(rows, row_blindings, (LinkWitness(0, blindings),))
    generators = bit_generators(8)
    proof = prove_rows(layout, witness, Transcript.start("links"), Masks(bytes(32)), ENGINE, generators)
    linked = [value_commitment(number, gamma) for number, gamma in zip(numbers, gammas, strict=True)]

    def verify(checked: RowProof, equations: Batch | OneByOne, links: list[Point]) -> None:
        verify_rows(
            layout,
            lambda r: combination([Point.from_xy(points[64 * i : 64 * i + 64]) for i in range(3)], r),
            checked,
            Transcript.start("links"),
            equations,
            "rows",
            [Link(0, lambda r: combination(links, r))],
        )

    def batch_holds(checked: RowProof, links: list[Point]) -> bool:
        batch = Batch(ENGINE, generators)
        verify(checked, batch, links)
        return batch.holds()

    assert batch_holds(proof, linked)
    wrong_answer, wrong_number = replace(proof, zl=(off(proof.zl[0]),)), [linked[0] + G, *linked[1:]]
    for checked, links in ((wrong_answer, linked), (proof, wrong_number)):
        with without_step("3.5d"):
            assert batch_holds(checked, links)
        assert not batch_holds(checked, links)
        with refused(Rejected, "E_PROOF", step="3.5d", where="rows, link 0"):
            verify(checked, OneByOne(ENGINE, generators), links)


def combination(points: Sequence[Point], r: Sequence[int]) -> Point:
    total = Point(0, 0)
    for e, point in zip(eq_values(r), points, strict=False):
        total += e * point
    return total


def test_no_part_of_a_proof_can_be_changed() -> None:
    """One bit in every stretch of 32 bytes: decoding or an equation refuses it."""
    book = Cheat(Schema(SCHEMA.columns[:1]), (HIDDEN,), ROWS[:2]).publish()
    book.verify()
    for position in [*range(31, len(book.proof), 32), len(book.proof) - 1]:
        data = bytearray(book.proof)
        data[position] ^= 1
        with pytest.raises(SolventError) as caught:
            replace(book, proof=bytes(data)).verify()
        assert caught.value.code in ("E_PROOF", "E_POINT", "E_SCALAR"), position


def test_two_failures_that_cancel_are_refused() -> None:
    """The wrong answer of one chunk is not made up for by another's."""
    book, size = honest(), CHUNK.size
    first = RowProof.from_bytes(book.proof[:size], CHUNK)
    second = RowProof.from_bytes(book.proof[size : 2 * size], CHUNK)
    pair = replace(first, z_T=off(first.z_T)), replace(second, z_T=(second.z_T - 1) % N)
    forgery = replace(book, proof=b"".join(part.to_bytes() for part in pair) + book.proof[2 * size :])
    with only_summed("3.5c"):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5c", where="book.proof, chunk 0"):
        forgery.verify()
