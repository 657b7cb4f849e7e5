"""Malicious provers of claims: rows that commit to whatever they like, beside commitments that were signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from attest.claims_proof import Openings, slack_blindings
from attest.rows import LinkWitness
from tests.support.cheat import ENGINE, Digits, DirtyRows, RowProver, bit_generators
from verifier.book import generators_digest
from verifier.claims_proof import LAYOUT, ClaimsStatement, open_transcript
from verifier.hashing import N
from verifier.transcript import Transcript
from verifier.wire import POINT

BITS: Final = LAYOUT.row_bits


def digits(value: int) -> Digits:
    """The bits of a value of 0..2^128 - 1; any other stands whole at the lowest position."""
    if 0 <= value < 1 << BITS:
        return [value >> b & 1 for b in range(BITS)]
    return [value % N, *[0] * (BITS - 1)]


@dataclass(frozen=True)
class ClaimsCheat:
    """``rows`` replaces what a row commits to, by position; the others commit to their Z, whatever that is."""

    statement: ClaimsStatement
    openings: Openings
    rows: Mapping[int, Digits] = field(default_factory=dict)
    prover: RowProver = field(default_factory=RowProver)

    @cached_property
    def dirty(self) -> DirtyRows:
        """The rows, with blindings."""
        known = {x: value for x, (value, _) in self.openings.items()}
        honest = [digits(row.value(known)) for row in self.statement.rows]
        return DirtyRows(
            [self.rows.get(i, row) for i, row in enumerate(honest)], [7000 + i for i in range(len(honest))]
        )

    def transcript(self) -> Transcript:
        """Everything before the row argument."""
        digest = generators_digest(ENGINE, bit_generators(BITS))
        transcript = open_transcript(self.statement, self.statement.slacks(ENGINE), digest)
        for point in self.dirty.points():
            transcript.absorb_point("row", point)
        return transcript

    def prove(self, transcript: Transcript | None = None) -> bytes:
        """claims.proof."""
        self.prover.links = [LinkWitness(0, slack_blindings(self.statement.rows, self.openings))]
        proof = self.prover.prove(LAYOUT, self.dirty, transcript or self.transcript())
        return b"".join(point.to_bytes() for point in self.dirty.points()) + proof.to_bytes()


def with_rows(proof: bytes, count: int, order: Sequence[int]) -> bytes:
    """The same file with its E_i in another order, or some twice."""
    rows = [proof[POINT * i : POINT * i + POINT] for i in range(count)]
    return b"".join(rows[i] for i in order) + proof[POINT * count :]
