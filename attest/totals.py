"""The totals' opening, prover's side (docs/protocol.md, section 4): C_root opens to the published column sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from attest.rows import commit_vector, weighted_sum
from attest.secrets import Masks
from verifier.attestation import Total
from verifier.book import BookStatement
from verifier.engine import Engine
from verifier.group import G, H, Point
from verifier.hashing import N
from verifier.rows import column_number
from verifier.transcript import Transcript
from verifier.wire import HIDDEN, PUBLIC, TotalsProof


@dataclass(frozen=True, slots=True)
class ColumnSum:
    """A column's total, how it is told, and the blinding gamma of its commitment (0 unless hidden)."""

    mode: str
    value: int = field(repr=False)
    gamma: int = field(repr=False)

    def published(self, engine: Engine) -> Total:
        """What the attestation says of it."""
        if self.mode == HIDDEN:
            return Total(HIDDEN, weighted_sum(engine, (self.value, G), (self.gamma, H)))
        return Total(self.mode, self.value if self.mode == PUBLIC else None)


@dataclass(frozen=True, slots=True)
class RootOpening:
    """What C_root opens to: ``s[k]`` rows have bit k set, and ``R`` is the sum of the blindings."""

    s: list[int] = field(repr=False)
    R: int = field(repr=False)


def prove_totals(
    statement: BookStatement,
    opening: RootOpening,
    sums: Sequence[ColumnSum],
    transcript: Transcript,
    masks: Masks,
    engine: Engine,
    bit_generators: bytes,
) -> TotalsProof:
    """The proof that the signed totals are the column sums of the rows; it makes 4a, 4b and 4c hold."""
    drawn = masks.group(transcript)
    g, eta = list(islice(drawn, statement.layout.row_bits)), next(drawn)
    D_S = commit_vector(g, eta, engine, bit_generators)
    transcript.absorb_point("sigma", D_S)
    epsilons = [next(drawn) if column.mode == HIDDEN else 0 for column in sums]
    e: list[Point | int | None] = []
    for c, (column, epsilon) in enumerate(zip(sums, epsilons, strict=True)):
        e.append(_absorb_mask(column.mode, column_number(statement.layout, g, c), epsilon, transcript, engine))
    x = transcript.challenge("x")
    return TotalsProof(
        D_S=D_S,
        e=tuple(e),
        zs=tuple((x * s_k + g_k) % N for s_k, g_k in zip(opening.s, g, strict=True)),
        z_R=(x * opening.R + eta) % N,
        z_gamma=tuple(
            (x * column.gamma + epsilon) % N
            for column, epsilon in zip(sums, epsilons, strict=True)
            if column.mode == HIDDEN
        ),
    )


def _absorb_mask(mode: str, number: int, epsilon: int, transcript: Transcript, engine: Engine) -> Point | int | None:
    """e_c of a public total, E_c of a hidden one, nothing for ``none``."""
    if mode == PUBLIC:
        transcript.absorb_scalar("e", number)
        return number
    if mode == HIDDEN:
        point = weighted_sum(engine, (number, G), (epsilon, H))
        transcript.absorb_point("e", point)
        return point
    return None
