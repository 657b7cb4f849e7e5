"""Row proofs that know their challenges beforehand, or choose their own shape: each fools a weakened verifier.

Verifier: verifier/rows.py, verifier/transcript.py.  Cells, rules and rounds: test_row_argument.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from unittest.mock import patch

import pytest

import verifier.rows
from attest.rows import Round, SigmaMasks, commit_vector
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
from tests.support.forged_rows import HONEST, NEGATIVE, PLAIN, net, plain, refused_at
from tests.support.refusals import refused
from tests.support.weak import frozen_challenges, mutated, not_absorbed
from verifier.book import chunk_transcript, verify_book
from verifier.errors import Malformed, Rejected
from verifier.group import GAMMA0, GAMMA1, H, Point, U
from verifier.hashing import N
from verifier.leaves import Leaves
from verifier.reference.arithmetic import eq_values
from verifier.rows import Challenges, Layout, rule_terms, variables_for
from verifier.transcript import Transcript
from verifier.wire import PUBLIC, RowProof, RowShape

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


def square_root(a: int) -> int | None:
    """A root modulo n, or None (Tonelli and Shanks; n - 1 = 2^6 * odd)."""
    odd = (N - 1) >> 6
    if pow(a, (N - 1) // 2, N) != 1:
        return None
    root, rest = pow(a, (odd + 1) // 2, N), pow(a, odd, N)
    unit = next(g for g in (pow(c, odd, N) for c in range(2, 100)) if pow(g, 32, N) == N - 1)
    for i in range(5, 0, -1):
        unit_i = pow(unit, 1 << (5 - i), N)
        if pow(rest, 1 << (i - 1), N) != 1:
            root, rest = root * unit_i % N, rest * unit_i * unit_i % N
    return root


def digits_for(y: int, debt: int) -> list[int] | None:
    """p, q with p + 2q = -debt and (p^2 - p) + y (q^2 - q) = 0: a negative number that this y takes for bits."""
    a, b, c = 4 + y, 4 * debt + 2 - y, debt * debt + debt
    root = square_root((b * b - 4 * a * c) % N)
    if root is None:
        return None
    q = (root - b) * pow(2 * a, -1, N) % N
    return [(-debt - 2 * q) % N, q]


def test_square_roots() -> None:
    assert all(square_root(v * v % N) in (v, N - v) for v in (1, 2, 12345, 2**255, N - 7))
    assert [square_root(v) for v in range(2, 30)].count(None) > 5


def test_the_rows_are_absorbed_before_y() -> None:
    """With y known, a row of two digits that are no bits and satisfy the one equation that is checked."""

    def forge() -> Forgery:
        for debt in range(100, 200):
            rows: list[Cells] = [{"BTC": 200}, {}]
            decoy = Cheat(PLAIN, (PUBLIC,), rows, {"BTC": 200 - debt}, chunk_bits=0)
            y = chunk_transcript(decoy.transcript(decoy.root()), 1, 1, 1).challenge("y")
            digits = digits_for(y, debt)
            if digits is not None:
                return Cheat(PLAIN, (PUBLIC,), [{"BTC": 200}, {"BTC": digits}], chunk_bits=0).publish()
        raise AssertionError("half of all numbers have a root")

    with not_absorbed("root_commitment", "root_hash"):
        forgery = forge()
        assert isinstance(forgery.statement.totals[0].value, int)
        assert forgery.statement.totals[0].value <= 100
        forgery.verify()
    for half_weak in (not_absorbed("root_commitment"), not_absorbed("root_hash"), not_absorbed()):
        with half_weak, refused(Rejected, "E_PROOF", step="3.5c", where="book.proof, chunk 1"):
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


ZIPPED = "return points[: 64 << len(r)], self._engine.eq_table(r, 1 << len(r)"


def test_one_round_less_leaves_rows_out() -> None:
    """The rows left out are the negative ones; a verifier that counts rounds in the proof and zips is content."""
    forgery = plain([{"BTC": 5}, {"BTC": 6}, {"BTC": -1}, {"BTC": -3}], OtherShape(2))
    told = patch.object(Layout, "shape", lambda self, rows, links=0: RowShape(1, 8, links))
    count = "len(points) // 64"
    zipped = mutated(Leaves._weighed_block, f"return points, self._engine.eq_table(r, {count}", ZIPPED)
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


# Generators.


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
