"""Forged row proofs: each fools a verifier that lacks one check, and the real one refuses it (docs/protocol.md, 3, 7).

Verifier: verifier/rows.py.  The provers that cheat: tests/support/cheat.py and below.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from unittest.mock import patch

import pytest

import verifier.rows
from attest.rows import Round, SigmaMasks, commit_vector, linear_coefficients
from tests.support.cheat import (
    ENGINE,
    Cells,
    Cheat,
    DenseSumcheck,
    Digits,
    DirtyRows,
    Forgery,
    RowProver,
    bit_generators,
)
from tests.support.refusals import refused
from tests.support.weak import batch_weights, frozen_challenges, mutated, not_absorbed, only_summed, without_step
from verifier import equations, schema
from verifier.book import verify_book
from verifier.equations import Batch
from verifier.errors import Malformed, Rejected
from verifier.group import GAMMA0, GAMMA1, G, H, Point, U, bit_generator
from verifier.hashing import N
from verifier.leaves import Leaves
from verifier.reference.arithmetic import eq_values
from verifier.rows import Challenges, Layout, rule_terms, variables_for
from verifier.schema import Column, Rule, Schema
from verifier.transcript import Transcript
from verifier.wire import HIDDEN, PUBLIC, RowProof, RowShape

PLAIN = Schema((Column("BTC", "BTC", 8, 8, "balance"),))
NET = Schema(
    (
        Column("BTC", "BTC", 8, 8, "balance"),
        Column("BTC:debt", "BTC", 8, 8, "debt"),
        Column("slack", "", 0, 8, "slack"),
    ),
    (Rule("net", (("BTC", 1), ("BTC:debt", -1), ("slack", -1))),),
)
HONEST: list[Cells] = [{"BTC": 5}, {"BTC": 7}, {"BTC": 255}]
NEGATIVE: list[Cells] = [*HONEST, {"BTC": -100}]
CHUNK = "book.proof, chunk 0"


def plain(cells: Sequence[Cells], prover: RowProver | None = None, mode: str = HIDDEN) -> Forgery:
    return Cheat(PLAIN, (mode,), cells, prover=prover or RowProver()).publish()


def net(*cells: Cells) -> Forgery:
    return Cheat(NET, (HIDDEN, HIDDEN, "none"), cells).publish()


def refused_at(step: str) -> AbstractContextManager[None]:
    return refused(Rejected, "E_PROOF", step=step)


def test_the_honest_twins_are_accepted() -> None:
    plain(HONEST).verify()
    plain(HONEST, mode=PUBLIC).verify()
    net({"BTC": 10, "BTC:debt": 4, "slack": 6}, {"BTC": 200, "slack": 200}, {}).verify()


# Cells that are no numbers of their bits: 3.5c.


@pytest.mark.parametrize(
    "cell",
    [[2], [-1 % N], [N - 5], [0] * 7 + [N - 1], [1, 1, (N + 1) // 2], -1, -100, 256, 2**200],
    ids=["digit 2", "digit -1", "digit n-5", "top digit -1", "digit 1/2", "-1", "-100", "256", "2^200"],
)
@pytest.mark.parametrize("row", [0, 3])
def test_cells_that_are_not_made_of_bits(cell: int | list[int], row: int) -> None:
    cells = [*HONEST, {"BTC": 9}]
    cells[row] = {"BTC": cell}
    forgery = plain(cells)
    with without_step("3.5c"):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5c", where=CHUNK):
        forgery.verify()


def test_a_negative_balance_with_a_plausible_total() -> None:
    forgery = plain([{"BTC": 200}, {"BTC": 250}, {"BTC": -400}], mode=PUBLIC)
    assert forgery.statement.totals[0].value == 50
    with without_step("3.5c"):
        forgery.verify()
    with refused_at("3.5c"):
        forgery.verify()


def test_balances_that_wrap_around_to_a_small_total() -> None:
    half: Cells = {"BTC": (N + 1) // 2}
    forgery = plain([half, half, {"BTC": 6}], mode=PUBLIC)
    assert forgery.statement.totals[0].value == 7, "two rows of (n+1)/2 count as 1"
    with without_step("3.5c"):
        forgery.verify()
    with refused_at("3.5c"):
        forgery.verify()


def test_a_bad_cell_in_a_book_of_one_row() -> None:
    forgery = plain([{"BTC": -1}])
    with without_step("3.5c"):
        forgery.verify()
    with refused_at("3.5c"):
        forgery.verify()


# Broken rules.


def test_a_debt_larger_than_the_equity_whose_slack_wraps() -> None:
    forgery = net({"BTC": 10, "slack": 10}, {"BTC": 5, "BTC:debt": 10, "slack": -5})
    with without_step("3.5c"):
        forgery.verify()
    with refused_at("3.5c"):
        forgery.verify()


def test_honest_bits_that_break_a_rule() -> None:
    def forge() -> Forgery:
        return net({"BTC": 10, "slack": 10}, {"BTC": 5, "BTC:debt": 10})

    no_rules = mutated(rule_terms, "return total % N", "return 0")
    with no_rules, mutated(linear_coefficients, "return coefficients", "return {}"):
        forge().verify()
    with refused_at("3.5c"):
        forge().verify()


def test_a_rule_weight_that_wraps_is_no_rule() -> None:
    """With weight -(n-1), which is 1 mod n, the rule reads BTC + slack = debt: any debt can be "covered"."""

    def wrapping() -> Schema:
        return Schema(NET.columns, (Rule("net", (("BTC", 1), ("BTC:debt", -1), ("slack", 1 - N))),))

    with mutated(schema._check_rule, ">= _MAGNITUDE", ">= _MAGNITUDE**2"):
        Cheat(wrapping(), (HIDDEN,) * 3, [{"BTC": 5, "BTC:debt": 10, "slack": 5}, {}]).publish().verify()
    with refused(Rejected, "E_BOUND", step="2", where="rule net"):
        wrapping()


# Forgeries across rounds: every round has its own equation, weighed by what no prover knows.


@dataclass
class CrossRound(RowProver):
    """Commit to honest round polynomials; once r is known, move the gap between two of them."""

    first: int = 1
    second: int = 1

    def answer_rounds(self, rounds: list[Round], weights: list[tuple[int, int]], gap: int) -> list[Round]:
        (lam1, _), (lam2, _) = weights[0], weights[1]
        shift = gap * pow(lam1 * self.second - lam2 * self.first, -1, N)
        one = replace(rounds[0], b=(rounds[0].b + shift * self.second) % N)
        two = replace(rounds[1], b=(rounds[1].b - shift * self.first) % N)
        return [one, two, *rounds[2:]]


def test_the_cross_round_forgery() -> None:
    forgery = plain(NEGATIVE, CrossRound())
    with only_summed("3.5b"):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5b", where=f"{CHUNK}, round 1"):
        forgery.verify()


def test_the_cross_round_forgery_through_weights_drawn_before_the_responses() -> None:
    known = {f"{CHUNK}, round {t}": 1 + secrets.randbelow(2**128 - 1) for t in (1, 2)}
    forgery = plain(NEGATIVE, CrossRound(*known.values()))
    with batch_weights(lambda step, where: known.get(where)):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5b", where=f"{CHUNK}, round 1"):
        forgery.verify()


def test_batch_weights_are_never_zero() -> None:
    """A random source that says 0 is the worst case: the weights are then 1, and one failing equation still shows."""
    forgery = plain(NEGATIVE)
    zero = patch.object(equations, "secrets", SimpleNamespace(randbelow=lambda limit: 0))
    with zero, mutated(Batch.require, "1 + secrets.randbelow", "secrets.randbelow"):
        forgery.verify()
    with zero, refused_at("3.5c"):
        forgery.verify()


def test_batch_weights_are_drawn_for_each_equation() -> None:
    drawn: list[int] = []

    def randbelow(limit: int) -> int:
        drawn.append(limit)
        return secrets.randbelow(limit)

    with patch.object(equations, "secrets", SimpleNamespace(randbelow=randbelow)):
        plain(NEGATIVE[:3]).verify()
    assert drawn == [2**128 - 1] * 6, "3.5a, two of 3.5b, 3.5c, 4a, 4c"


# Commitments with a component where they should have none: 3.5b.


@dataclass
class Stray(RowProver):
    """Every committed row is shifted at ``bit``; alpha_1 takes the shift back, and the answers are for honest rows."""

    bit: int
    shift: int

    def run_rounds(self, rows: DirtyRows, transcript: Transcript) -> tuple[list[Round], list[int], Digits]:
        honest = [[d - self.shift * (k == self.bit) for k, d in enumerate(row)] for row in rows.digits]
        return super().run_rounds(DirtyRows(honest, rows.blindings), transcript)

    def commit_round(self, t: int, b: int, c: int) -> Round:
        honest = super().commit_round(t, b, c)
        return honest if t else replace(honest, alpha=honest.alpha - self.shift * bit_generator(self.bit))


def test_an_alpha_that_hides_a_shift_of_every_row() -> None:
    shifted: list[Cells] = [{"BTC": [1, 0, 0, 0, 0, 0, 0, N - 1]}] * 4
    forgery = plain(shifted, Stray(bit=7, shift=-1))
    with only_summed("3.5a", "3.5b"):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5a", where=CHUNK):
        forgery.verify()


@pytest.mark.parametrize("stray", [G, U, bit_generator(0)], ids=["G", "U", "bit/0"])
def test_an_alpha_with_a_component_outside_its_generators(stray: Point) -> None:
    class Outside(RowProver):
        def commit_round(self, t: int, b: int, c: int) -> Round:
            honest = super().commit_round(t, b, c)
            return replace(honest, alpha=honest.alpha + 5 * stray) if t == 1 else honest

    forgery = plain([*HONEST, {"BTC": 1}], Outside())
    with without_step("3.5b"):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5b", where=f"{CHUNK}, round 2"):
        forgery.verify()


class Blinded(RowProver):
    """T1 and T0 hold nothing but blinding; z_T swallows whatever is missing, if U is H."""

    def sigma(self, drawn: SigmaMasks, t1: int, t0: int) -> list[Point]:
        honest = super().sigma(drawn, t1, t0)
        return [*honest[:-2], drawn.o1 * H, drawn.o0 * H]

    def finish(self, proof: RowProof, x: int, drawn: SigmaMasks, weights: list[tuple[int, int]]) -> RowProof:
        return replace(proof, z_T=(proof.z_T - missing(self, proof, x, weights)) % N)


def missing(prover: RowProver, proof: RowProof, x: int, weights: list[tuple[int, int]]) -> int:
    """f of 3.5c."""
    claims = sum(lam * u + mu * v for (u, v, _), (lam, mu) in zip(proof.rounds, weights, strict=True))
    f = verifier.rows._bit_terms(proof.z, prover.y, x) - x * claims
    return (f + x * rule_terms(prover.layout, proof.z, prover.y)) % N


def test_the_generator_of_t1_and_t0_is_not_the_blinding_one() -> None:
    forgery = plain(NEGATIVE, Blinded())
    with patch.object(verifier.rows, "U", H):
        forgery.verify()
    with refused_at("3.5c"):
        forgery.verify()


# A transcript that leaves something out. The attack runs against both transcripts.


class Foreseen(RowProver):
    """Knows every r before it commits: chooses b_1 so that the final claim comes out."""

    def run_rounds(self, rows: DirtyRows, transcript: Transcript) -> tuple[list[Round], list[int], Digits]:
        foreseen = Transcript(transcript.state)
        r = [foreseen.challenge("r") for _ in self.tau]
        sumcheck = DenseSumcheck(self.layout, rows.digits, self.y, self.tau)
        polynomials = []
        for r_t in r:
            polynomials.append(sumcheck.round())
            sumcheck.bind(r_t)
        weights = self.claim_weights(r)
        claims = sum(lam * b + mu * c for (b, c), (lam, mu) in zip(polynomials, weights, strict=True))
        gap = self.final_value(sumcheck.final_row()) - claims
        b, c = polynomials[0]
        polynomials[0] = ((b + gap * pow(weights[0][0], -1, N)) % N, c)
        rounds = [self.commit_round(t, *polynomial) for t, polynomial in enumerate(polynomials)]
        answers = []
        for committed in rounds:
            transcript.absorb_point("alpha", committed.alpha)
            answers.append(transcript.challenge("r"))
        eq = eq_values(answers)
        columns = zip(*rows.digits, strict=True)
        b_star = [sum(e * d for e, d in zip(eq, column, strict=False)) % N for column in columns]
        return rounds, answers, b_star


def test_the_round_commitments_are_absorbed() -> None:
    with not_absorbed("alpha"):
        plain(NEGATIVE, Foreseen()).verify()
    with refused_at("3.5c"):
        plain(NEGATIVE, Foreseen()).verify()


class Simulator(RowProver):
    """Knows x before it commits: draws the answers first and solves for the rest. It never looks at the rows."""

    def prove(self, layout: Layout, rows: DirtyRows, transcript: Transcript) -> RowProof:
        self.layout, self.y = layout, transcript.challenge("y")
        self.tau = [transcript.challenge("tau") for _ in range(variables_for(len(rows.digits)))]
        alpha, r = [(3 + t) * GAMMA0 for t in range(len(self.tau))], []
        for point in alpha:
            transcript.absorb_point("alpha", point)
            r.append(transcript.challenge("r"))
        foreseen = Transcript(transcript.state).challenge("x")
        proof = self.solve(alpha, combined(rows.points(), r), Challenges(self.y, tuple(self.tau), tuple(r), foreseen))
        for point in (proof.D, *proof.D_rounds, proof.T1, proof.T0):
            transcript.absorb_point("sigma", point)
        return proof

    def solve(self, alpha: list[Point], C_star: Point, seen: Challenges) -> RowProof:
        x, bits, generators = seen.x, self.layout.row_bits, bit_generators(self.layout.row_bits)
        z, z_delta, z_T, T1 = [secrets.randbelow(N) for _ in range(bits)], 11, 12, 13 * U
        rounds = [(21 + t, 31 + t, 41 + t) for t in range(len(alpha))]
        proof = RowProof(tuple(alpha), T1, (), T1, T1, (), tuple(z), z_delta, tuple(rounds), z_T, ())
        f = missing(self, proof, x, self.claim_weights(seen.r))
        return replace(
            proof,
            D=commit_vector(z, z_delta, ENGINE, generators) - x * C_star,
            D_rounds=tuple(
                u * GAMMA0 + v * GAMMA1 + s * H - x * point for (u, v, s), point in zip(rounds, alpha, strict=True)
            ),
            T0=f * U + z_T * H - x * T1,
        )


def combined(points: list[Point], r: Sequence[int]) -> Point:
    """C*."""
    total = Point(0, 0)
    for e, point in zip(eq_values(r), points, strict=False):
        total += e * point
    return total


def test_the_sigma_commitments_are_absorbed() -> None:
    with not_absorbed("sigma"):
        plain(NEGATIVE, Simulator()).verify()
    with refused_at("3.5a"):
        plain(NEGATIVE, Simulator()).verify()


def test_a_challenge_changes_the_state() -> None:
    """Otherwise every tau is the same, rows 1 and 2 weigh the same, and a broken rule in one pays for the other."""

    def forge() -> Forgery:
        return net({}, {"BTC": 10, "BTC:debt": 5}, {"BTC:debt": 5}, {})

    with frozen_challenges():
        forge().verify()
    with refused_at("3.5c"):
        forge().verify()


# Shapes come from the statement, never from the proof.


@dataclass
class OtherShape(RowProver):
    """Proves the first ``rows`` rows only, over ``bits`` bits."""

    rows: int
    bits: int = 8

    def prove(self, layout: Layout, rows: DirtyRows, transcript: Transcript) -> RowProof:
        part = rows.part(0, self.rows)
        digits = [row[: self.bits] for row in part.digits]
        padding = [[0] * self.bits] * (self.rows - len(digits))
        blindings = [*part.blindings, *[0] * len(padding)]
        return super().prove(Layout((self.bits,)), DirtyRows(digits + padding, blindings), transcript)


def test_one_round_less_leaves_rows_out() -> None:
    """The rows left out are the negative ones; a verifier that counts rounds in the proof and zips is content."""
    forgery = plain([{"BTC": 5}, {"BTC": 6}, {"BTC": -1}, {"BTC": -3}], OtherShape(2))
    told = patch.object(Layout, "shape", lambda self, rows, links=0: RowShape(1, 8, links))
    zipped = mutated(Leaves.combine, "(points, low[: len(points) // 2])", "(points[: 2 * len(low)], low)")
    with told, zipped:
        forgery.verify()
    with refused(Malformed, "E_LENGTH", step="4", where="book.proof"):
        forgery.verify()


@pytest.mark.parametrize(("prover", "shape"), [(OtherShape(8), RowShape(3, 8)), (OtherShape(4, 7), RowShape(2, 7))])
def test_one_round_more_or_one_bit_less(prover: RowProver, shape: RowShape) -> None:
    forgery = plain([{"BTC": 5}, {"BTC": 6}, {"BTC": 100}, {}], prover)
    with patch.object(Layout, "shape", lambda self, rows, links=0: shape):
        forgery.verify()
    with refused(Malformed, "E_LENGTH", step="4", where="book.proof"):
        forgery.verify()


@pytest.mark.parametrize("size", [1, 32, 33])
def test_bytes_left_over(size: int) -> None:
    honest = plain(HONEST)
    padded = replace(honest, proof=honest.proof + bytes(size))
    with mutated(verify_book, "proof.size != statement.proof_size", "proof.size < statement.proof_size"):
        padded.verify()
    with refused(Malformed, "E_LENGTH", step="4", where="book.proof"):
        padded.verify()


@pytest.mark.parametrize("size", [1, 32, 33])
def test_bytes_missing(size: int) -> None:
    honest = plain(HONEST)
    cut = replace(honest, proof=honest.proof[:-size])
    with refused(Malformed, "E_LENGTH", step="4", where="book.proof"):
        cut.verify()
