"""The totals' opening, prover's side (docs/protocol.md, section 4): C_root opens to the published column sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from attest.rows import commit_vector
from attest.secrets import Masks
from verifier.attestation import Total
from verifier.book import BookStatement
from verifier.engine import Engine
from verifier.group import H, Point, scalar_to_bytes
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


def published(sums: Sequence[ColumnSum], engine: Engine) -> tuple[Total, ...]:
    """What the attestation says of each."""
    hidden = iter(commit_values([(c.value, c.gamma) for c in sums if c.mode == HIDDEN], engine))
    return tuple(Total(column.mode, _told(column, column.value, hidden)) for column in sums)


def _told(column: ColumnSum, number: int, points: Iterator[Point]) -> Point | int | None:
    """The next point for a hidden total, the number for a public one, nothing for ``none``."""
    if column.mode == HIDDEN:
        return next(points)
    return number if column.mode == PUBLIC else None


def commit_values(openings: Sequence[tuple[int, int]], engine: Engine) -> list[Point]:
    """``value * G + blinding * H`` of each."""
    values, blindings = (b"".join(scalar_to_bytes(pair[i] % N) for pair in openings) for i in (0, 1))
    points = engine.sums_with_generator(H.to_xy() * len(openings), values, blindings)
    return [Point.from_sum(points[i : i + 64]) for i in range(0, len(points), 64)]


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
    drawn = masks.group(transcript, engine)
    g, eta = list(islice(drawn, statement.layout.row_bits)), next(drawn)
    D_S = commit_vector(g, eta, engine, bit_generators)
    transcript.absorb_point("sigma", D_S)
    epsilons = [next(drawn) if column.mode == HIDDEN else 0 for column in sums]
    e = _masks_of_totals(statement, sums, g, epsilons, engine)
    for mask in e:
        if isinstance(mask, Point):
            transcript.absorb_point("e", mask)
        elif mask is not None:
            transcript.absorb_scalar("e", mask)
    x = transcript.challenge("x")
    return TotalsProof(
        D_S=D_S,
        e=e,
        zs=tuple((x * s_k + g_k) % N for s_k, g_k in zip(opening.s, g, strict=True)),
        z_R=(x * opening.R + eta) % N,
        z_gamma=tuple(
            (x * column.gamma + epsilon) % N
            for column, epsilon in zip(sums, epsilons, strict=True)
            if column.mode == HIDDEN
        ),
    )


def _masks_of_totals(
    statement: BookStatement, sums: Sequence[ColumnSum], g: Sequence[int], epsilons: Sequence[int], engine: Engine
) -> tuple[Point | int | None, ...]:
    """e_c of a public total, E_c of a hidden one, None for ``none``."""
    numbers = [column_number(statement.layout, g, c) for c in range(len(sums))]
    hidden = [c for c, column in enumerate(sums) if column.mode == HIDDEN]
    points = iter(commit_values([(numbers[c], epsilons[c]) for c in hidden], engine))
    return tuple(_told(column, number, points) for column, number in zip(sums, numbers, strict=True))
