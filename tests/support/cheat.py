"""Malicious provers: the honest steps of attest/rows.py and attest/totals.py over rows whose "bits" are any scalars."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, TypeAlias

from attest.rows import (
    LinkWitness,
    Round,
    SigmaMasks,
    commit_vector,
    cross_terms,
    draw_masks,
    linear_coefficients,
    respond,
    sigma_points,
)
from attest.secrets import Masks
from attest.totals import ColumnSum, RootOpening, prove_totals, published
from verifier.attestation import Total
from verifier.book import (
    BookStatement,
    chunk_transcript,
    generator_labels,
    generators_digest,
    open_transcript,
    verify_book,
)
from verifier.engine import Engine, get_engine
from verifier.epoch import no_progress
from verifier.group import GAMMA0, GAMMA1, H, Point
from verifier.hashing import N, tagged
from verifier.leaves import Leaves
from verifier.reference.arithmetic import eq_values
from verifier.rows import Layout, column_number, rule_terms, variables_for
from verifier.schema import Schema
from verifier.sources import BytesSource
from verifier.transcript import Transcript
from verifier.tree import Node
from verifier.wire import HIDDEN, RowProof, TotalsProof

Digits: TypeAlias = list[int]
"""One row: a scalar at every bit position, honest or not."""
Cells: TypeAlias = Mapping[str, int | Sequence[int]]
"""Column -> amount, or the scalars at its bit positions. A negative amount stands whole at the lowest position."""
ENGINE: Final[Engine] = get_engine("reference")
CTX: Final = tagged("context", b"adversarial tests")


def digits_of(schema: Schema, cells: Cells) -> Digits:
    """The scalars of a row."""
    row: Digits = []
    for column in schema.columns:
        cell = cells.get(column.name, 0)
        if isinstance(cell, int):
            fits = 0 <= cell < 1 << column.bits
            cell = [cell >> b & 1 for b in range(column.bits)] if fits else [cell % N]
        row += [*cell, *[0] * (column.bits - len(cell))]
    return row


@dataclass(frozen=True)
class DirtyRows:
    """Rows and their blindings."""

    digits: list[Digits]
    blindings: list[int]

    def points(self) -> list[Point]:
        """C_i of each row."""
        generators = bit_generators(len(self.digits[0]))
        return [commit_vector(row, r, ENGINE, generators) for row, r in zip(self.digits, self.blindings, strict=True)]

    def part(self, start: int, count: int) -> DirtyRows:
        """The rows of one chunk."""
        return DirtyRows(self.digits[start : start + count], self.blindings[start : start + count])


def bit_generators(row_bits: int) -> bytes:
    """gen(bit/0) .. gen(bit/L-1)."""
    return ENGINE.generators(generator_labels(row_bits))


class DenseSumcheck:
    """Section 3 step 2 over arbitrary scalars; ``claim`` of an honest book is zero, here it is what it is."""

    def __init__(self, layout: Layout, rows: Sequence[Digits], y: int, tau: Sequence[int]) -> None:
        self._rows = [*rows, *[[0] * layout.row_bits] * ((1 << len(tau)) - len(rows))]
        self._powers = [pow(y, k, N) for k in range(layout.row_bits)]
        rules = linear_coefficients(layout, y)
        self._linear = [rules.get(k, 0) for k in range(layout.row_bits)]
        self._tau = list(tau)

    def round(self) -> tuple[int, int]:
        """(b_t, c_t)."""
        b = c = 0
        for pair, weight in enumerate(eq_values(self._tau[1:])):
            for k, (u, high) in enumerate(zip(self._rows[2 * pair], self._rows[2 * pair + 1], strict=True)):
                d = high - u
                b += weight * d * (self._powers[k] * (2 * u - 1) + self._linear[k]) % N
                c += weight * self._powers[k] * d * d % N
        return b % N, c % N

    def bind(self, r: int) -> None:
        """Fix the variable of this round."""
        pairs = zip(self._rows[::2], self._rows[1::2], strict=True)
        self._rows = [[(u + r * (v - u)) % N for u, v in zip(low, high, strict=True)] for low, high in pairs]
        self._tau = self._tau[1:]

    def final_row(self) -> Digits:
        """b*."""
        return self._rows[0]


class RowProver:
    """Proves rows as an honest prover would, whatever they hold. Subclasses cheat in one place each."""

    layout: Layout
    y: int
    tau: list[int]
    links: Sequence[LinkWitness] = ()

    def prove(self, layout: Layout, rows: DirtyRows, transcript: Transcript) -> RowProof:
        """Section 3, steps 1 to 4."""
        self.layout, self.y = layout, transcript.challenge("y")
        self.tau = [transcript.challenge("tau") for _ in range(variables_for(len(rows.digits)))]
        rounds, r, b_star = self.run_rounds(rows, transcript)
        drawn = self.draw(len(rounds), transcript)
        weights = self.claim_weights(r)
        t1, t0 = cross_terms(layout, self.y, b_star, drawn, weights)
        sigma = self.sigma(drawn, t1, t0)
        for point in sigma:
            transcript.absorb_point("sigma", point)
        x = transcript.challenge("x")
        rho_star = sum(e * b for e, b in zip(eq_values(r), rows.blindings, strict=False)) % N
        gap = self.final_value(b_star) - sum(lam * t.b + mu * t.c for t, (lam, mu) in zip(rounds, weights, strict=True))
        answered = self.answer_rounds(rounds, weights, gap % N)
        gammas = [ENGINE.dot(ENGINE.eq_table(r, len(rows.digits)), link.blindings) for link in self.links]
        return self.finish(respond(x, b_star, rho_star, gammas, answered, sigma, drawn), x, drawn, weights)

    def run_rounds(self, rows: DirtyRows, transcript: Transcript) -> tuple[list[Round], list[int], Digits]:
        """Step 2."""
        sumcheck = DenseSumcheck(self.layout, rows.digits, self.y, self.tau)
        rounds: list[Round] = []
        r: list[int] = []
        for t in range(len(self.tau)):
            rounds.append(self.commit_round(t, *sumcheck.round()))
            transcript.absorb_point("alpha", rounds[-1].alpha)
            r.append(transcript.challenge("r"))
            sumcheck.bind(r[-1])
        return rounds, r, sumcheck.final_row()

    def commit_round(self, t: int, b: int, c: int) -> Round:
        """alpha_t."""
        omega = 1000 + t
        return Round(b, c, omega, b * GAMMA0 + c * GAMMA1 + omega * H)

    def draw(self, rounds: int, transcript: Transcript) -> SigmaMasks:
        """The masks of step 3."""
        return draw_masks(self.layout, rounds, len(self.links), Masks(bytes(32)).group(transcript))

    def sigma(self, drawn: SigmaMasks, t1: int, t0: int) -> list[Point]:
        """The points of step 3."""
        return sigma_points(self.layout, drawn, t1, t0, self.links, ENGINE, bit_generators(self.layout.row_bits))

    def answer_rounds(self, rounds: list[Round], weights: list[tuple[int, int]], gap: int) -> list[Round]:
        """The round polynomials that step 4 answers for; ``gap`` is what is missing in the final claim."""
        return rounds

    def finish(self, proof: RowProof, x: int, drawn: SigmaMasks, weights: list[tuple[int, int]]) -> RowProof:
        """A last change."""
        return proof

    def claim_weights(self, r: Sequence[int]) -> list[tuple[int, int]]:
        """(lambda_t, mu_t)."""
        return [(r_t - tau_t, r_t * r_t - tau_t) for r_t, tau_t in zip(r, self.tau, strict=True)]

    def final_value(self, b_star: Digits) -> int:
        """Q(b*)."""
        bits = sum(pow(self.y, k, N) * (b * b - b) for k, b in enumerate(b_star))
        return (bits + rule_terms(self.layout, b_star, self.y)) % N


@dataclass(frozen=True)
class Forgery:
    """A published book: what was signed, and the two files."""

    statement: BookStatement
    root: Node
    leaves: bytes
    proof: bytes

    def verify(self) -> None:
        """What an auditor runs."""
        s = self.statement
        digest = hashlib.sha256(self.leaves).hexdigest()
        source = BytesSource("leaves.bin", self.leaves)
        leaves = Leaves(source, digest, s.ctx, s.accounts, s.chunk_bits, ENGINE)
        verify_book(s, self.root, leaves, BytesSource("book.proof", self.proof), ENGINE, no_progress)

    def changed(self, **parts: object) -> Forgery:
        """With parts of the statement replaced."""
        return replace(self, statement=replace(self.statement, **parts))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Cheat:
    """A malicious exchange. ``told`` replaces the totals that its rows really have."""

    schema: Schema
    modes: tuple[str, ...]
    cells: Sequence[Cells]
    told: Mapping[str, int] = field(default_factory=dict)
    chunk_bits: int = 2
    ctx: bytes = CTX
    prover: RowProver = field(default_factory=RowProver)
    blindings: Sequence[int] | None = None

    @cached_property
    def rows(self) -> DirtyRows:
        """The rows, with blindings."""
        digits = [digits_of(self.schema, cells) for cells in self.cells]
        return DirtyRows(digits, list(self.blindings or range(7000, 7000 + len(digits))))

    @cached_property
    def opening(self) -> RootOpening:
        """What C_root opens to."""
        s = [sum(column) % N for column in zip(*self.rows.digits, strict=True)]
        return RootOpening(s, sum(self.rows.blindings))

    @cached_property
    def sums(self) -> tuple[ColumnSum, ...]:
        """The totals it tells."""
        layout = Layout.of(self.schema)
        found = []
        for c, (column, mode) in enumerate(zip(self.schema.columns, self.modes, strict=True)):
            value = self.told.get(column.name, column_number(layout, self.opening.s, c))
            found.append(ColumnSum(mode, value, 50 + c if mode == HIDDEN else 0))
        return tuple(found)

    @cached_property
    def leaves(self) -> bytes:
        """leaves.bin."""
        return b"".join(point.to_xy() + row_id(i) for i, point in enumerate(self.rows.points()))

    def statement(self) -> BookStatement:
        """What it signs."""
        totals = published(self.sums, ENGINE)
        return BookStatement(self.ctx, self.schema, len(self.cells), self.chunk_bits, totals)

    def transcript(self, root: Node, statement: BookStatement | None = None) -> Transcript:
        """B0."""
        statement = statement or self.statement()
        digest = generators_digest(ENGINE, bit_generators(statement.layout.row_bits))
        return open_transcript(statement, root, digest)

    def root(self) -> Node:
        """The root of its rows."""
        return root_of(self.leaves, self.ctx, len(self.cells), self.chunk_bits)

    def chunk_proofs(self, transcript: Transcript) -> list[bytes]:
        """The proof of each chunk."""
        statement, proofs = self.statement(), []
        for index, (start, count) in enumerate(statement.chunks()):
            chunk = chunk_transcript(transcript, index, start, count)
            proofs.append(self.prover.prove(statement.layout, self.rows.part(start, count), chunk).to_bytes())
        return proofs

    def totals_proof(self, transcript: Transcript) -> TotalsProof:
        """The opening of C_root."""
        generators = bit_generators(self.statement().layout.row_bits)
        fork = transcript.fork("totals", 0)
        return prove_totals(self.statement(), self.opening, self.sums, fork, Masks(bytes(32)), ENGINE, generators)

    def publish(self) -> Forgery:
        """Statement, leaves and proof."""
        transcript = self.transcript(self.root())
        proof = b"".join(self.chunk_proofs(transcript)) + self.totals_proof(transcript).to_bytes()
        return Forgery(self.statement(), self.root(), self.leaves, proof)


def row_id(index: int) -> bytes:
    """An id like any other."""
    return tagged("account", bytes(32) + b"row %d" % index)


def root_of(leaves: bytes, ctx: bytes, accounts: int, chunk_bits: int = 2) -> Node:
    """The root that leaves.bin leads to."""
    source = BytesSource("leaves.bin", leaves)
    digest = hashlib.sha256(leaves).hexdigest()
    return Leaves(source, digest, ctx, accounts, chunk_bits, ENGINE).compute_root(no_progress)


def with_totals(forgery: Forgery, *totals: Total) -> Forgery:
    """The same files behind other totals."""
    return forgery.changed(totals=totals)
