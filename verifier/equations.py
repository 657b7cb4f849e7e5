"""Group equations that must hold, checked together or one by one.

``Batch`` multiplies each equation by a fresh random weight and checks the sum: one large multi-scalar multiplication
instead of many. The weights come from the verifier's own machine, so no prover can know them. ``OneByOne`` is the plain
form: slower, and it names the step that fails; it runs after a batch has refused.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from verifier.engine import Engine
from verifier.errors import Rejected
from verifier.group import IDENTITY_BYTES, Point, scalar_to_bytes
from verifier.hashing import N


@dataclass(frozen=True, slots=True)
class ChunkSum:
    """``sum(eq(r, i) * C_i)`` over the rows of a chunk, not computed yet: a batch computes all chunks at once."""

    chunk: int
    r: tuple[int, ...]


Term: TypeAlias = tuple[int, Point | ChunkSum]
WeighedSums: TypeAlias = Callable[[Sequence[tuple[int, ChunkSum]]], Point]
"""``sum(weight * chunk sum)``."""

MEANING: Final = {
    "3.5a": "it was made for other rows than these",
    "3.5b": "its rounds do not fit one another",
    "3.5c": "a row holds what no honest row can, such as a negative amount, or breaks a rule",
    "3.5d": "what it shows is not what the signed figures come to, as with a claim that is false",
    "4a": "its sums are not those of the rows",
    "4b": "a total is not the sum of the rows",
    "4c": "a total is not the sum of the rows",
}
"""What it means when the equation of a step does not hold, though the file is the one that was signed."""


class Equations(Protocol):
    """Where the verifying functions put what must be the identity."""

    def require(self, step: str, where: str, terms: Iterable[Term], bits: Sequence[int] = ()) -> None:
        """Require ``sum(scalar * point) + sum(bits[k] * gen(bit/k))`` to be the identity."""
        ...


def no_chunks(parts: Sequence[tuple[int, ChunkSum]]) -> Point:
    """For equations without chunk sums."""
    if parts:
        raise ValueError("nothing was given to compute chunk sums with")
    return Point(0, 0)


class OneByOne:
    """Checks each equation at once; raises Rejected (E_PROOF) naming the step."""

    def __init__(self, engine: Engine, generators: bytes, weighed_sums: WeighedSums = no_chunks) -> None:
        self._engine = engine
        self._generators = generators
        self._weighed_sums = weighed_sums

    def require(self, step: str, where: str, terms: Iterable[Term], bits: Sequence[int] = ()) -> None:
        """See ``Equations.require``."""
        points = _points(terms, self._weighed_sums)
        if not _vanishes(self._engine, points, self._generators, bits):
            raise Rejected(f"the proof does not hold: {MEANING[step]}", where=where, code="E_PROOF", step=step)


class Batch:
    """Gathers equations; ``holds`` answers for all of them, wrongly with probability at most 2^-127."""

    def __init__(self, engine: Engine, generators: bytes, weighed_sums: WeighedSums = no_chunks) -> None:
        self._engine = engine
        self._generators = generators
        self._weighed_sums = weighed_sums
        self._terms: list[Term] = []
        self._bits = [0] * (len(generators) // 64)

    def require(self, step: str, where: str, terms: Iterable[Term], bits: Sequence[int] = ()) -> None:
        """See ``Equations.require``."""
        weight = 1 + secrets.randbelow(2**128 - 1)
        self._terms += [(weight * scalar % N, point) for scalar, point in terms]
        for k, z in enumerate(bits):
            self._bits[k] = (self._bits[k] + weight * z) % N

    def holds(self) -> bool:
        """Whether every equation holds."""
        points = _points(self._terms, self._weighed_sums)
        return _vanishes(self._engine, points, self._generators, self._bits)


def _points(terms: Iterable[Term], weighed_sums: WeighedSums) -> list[tuple[int, Point]]:
    """The terms with all chunk sums computed at once, as one more point."""
    points: list[tuple[int, Point]] = []
    sums: list[tuple[int, ChunkSum]] = []
    for scalar, term in terms:
        if isinstance(term, Point):
            points.append((scalar, term))
        else:
            sums.append((scalar, term))
    return [*points, (1, weighed_sums(sums))]


def _vanishes(engine: Engine, terms: Sequence[tuple[int, Point]], generators: bytes, bits: Sequence[int]) -> bool:
    finite = [(scalar, point) for scalar, point in terms if not point.is_identity]
    points = b"".join(point.to_xy() for _, point in finite) + generators[: 64 * len(bits)]
    scalars = b"".join(scalar_to_bytes(s % N) for s in [*(scalar for scalar, _ in finite), *bits])
    return engine.multiply_sum(points, scalars) == IDENTITY_BYTES
