"""The bytes of proofs (docs/protocol.md, sections 3.4 and 4): points of 33 bytes, scalars of 32, no counts, no gaps.

Every size comes from the caller, who computed it from the statement; nothing about a proof's shape is read from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias

from verifier.errors import Malformed
from verifier.group import Point, scalar_from_bytes, scalar_to_bytes

POINT: Final = 33
SCALAR: Final = 32

Decompress: TypeAlias = Callable[[bytes], bytes]
"""``Engine.decompress``."""

PUBLIC: Final = "public"
HIDDEN: Final = "hidden"
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class RowShape:
    """The layout of a row proof: nu variables, L bits per row, the number of links."""

    variables: int
    row_bits: int
    links: int = 0

    @property
    def points(self) -> int:
        """Points of the proof; they come first."""
        return 2 * self.variables + 3 + self.links

    @property
    def size(self) -> int:
        """Bytes of the proof."""
        scalars = self.row_bits + 3 * self.variables + 2 + self.links
        return POINT * self.points + SCALAR * scalars


@dataclass(frozen=True, slots=True)
class RowProof:
    """Section 3: first the points in the order the transcript meets them, then the responses."""

    alpha: tuple[Point, ...]
    D: Point
    D_rounds: tuple[Point, ...]
    T1: Point
    T0: Point
    DL: tuple[Point, ...]
    z: tuple[int, ...]
    z_delta: int
    rounds: tuple[tuple[int, int, int], ...]
    z_T: int
    zl: tuple[int, ...]

    @classmethod
    def from_bytes(
        cls, data: bytes, shape: RowShape, where: str = "row proof", decompress: Decompress | None = None
    ) -> RowProof:
        """Parse exactly ``shape.size`` bytes. Raises Malformed (E_LENGTH, E_POINT, E_SCALAR).

        ``decompress``, an engine's, reads all points at once; results and refusals are the same without it.
        """
        reader = _Reader(data, shape.size, where)
        if decompress is not None:
            reader.read_ahead(shape.points, decompress)
        return cls(
            alpha=reader.points("alpha", shape.variables),
            D=reader.point("D"),
            D_rounds=reader.points("D_t", shape.variables),
            T1=reader.point("T1"),
            T0=reader.point("T0"),
            DL=reader.points("DL", shape.links),
            z=reader.scalars("z", shape.row_bits),
            z_delta=reader.scalar("z_delta"),
            rounds=reader.triples("(u, u', s)", shape.variables),
            z_T=reader.scalar("z_T"),
            zl=reader.scalars("zl", shape.links),
        )

    def to_bytes(self) -> bytes:
        """The wire form."""
        points = [*self.alpha, self.D, *self.D_rounds, self.T1, self.T0, *self.DL]
        flat = [value for triple in self.rounds for value in triple]
        return _points(points) + _scalars([*self.z, self.z_delta, *flat, self.z_T, *self.zl])


@dataclass(frozen=True, slots=True)
class TotalsShape:
    """The layout of the totals' opening: L bits per row and, per column, how its total is told."""

    row_bits: int
    modes: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of the proof."""
        hidden, public = self.modes.count(HIDDEN), self.modes.count(PUBLIC)
        return POINT * (1 + hidden) + SCALAR * (public + self.row_bits + 1 + hidden)


@dataclass(frozen=True, slots=True)
class TotalsProof:
    """Section 4: the opening of C_root. ``e`` holds a scalar per public total, a point per hidden one, else None."""

    D_S: Point
    e: tuple[Point | int | None, ...]
    zs: tuple[int, ...]
    z_R: int
    z_gamma: tuple[int, ...]

    @classmethod
    def from_bytes(cls, data: bytes, shape: TotalsShape, where: str = "totals proof") -> TotalsProof:
        """Parse exactly ``shape.size`` bytes. Raises Malformed (E_LENGTH, E_POINT, E_SCALAR)."""
        reader = _Reader(data, shape.size, where)
        read: dict[str, Callable[[str], Point | int | None]]
        read = {PUBLIC: reader.scalar, HIDDEN: reader.point, NONE: lambda _: None}
        return cls(
            D_S=reader.point("D_S"),
            e=tuple(read[mode](f"e[{c}]") for c, mode in enumerate(shape.modes)),
            zs=reader.scalars("zs", shape.row_bits),
            z_R=reader.scalar("z_R"),
            z_gamma=reader.scalars("z_gamma", shape.modes.count(HIDDEN)),
        )

    def to_bytes(self) -> bytes:
        """The wire form."""
        masks = b"".join(e.to_bytes() if isinstance(e, Point) else scalar_to_bytes(e) for e in self.e if e is not None)
        return self.D_S.to_bytes() + masks + _scalars([*self.zs, self.z_R, *self.z_gamma])


class _Reader:
    """Takes fixed-size items off the front of ``data``; the length was compared with the expected one first."""

    def __init__(self, data: bytes, size: int, where: str) -> None:
        if len(data) != size:
            what = "missing" if len(data) < size else "left over"
            raise Malformed(
                f"{abs(len(data) - size)} bytes are {what}: {size} expected, {len(data)} found",
                where=where,
                code="E_LENGTH",
            )
        self._data = data
        self._position = 0
        self._where = where
        self._read: Iterator[Point] = iter(())

    def _take(self, size: int) -> bytes:
        self._position += size
        return self._data[self._position - size : self._position]

    def read_ahead(self, count: int, decompress: Decompress) -> None:
        """Decode the next ``count`` points at once. Where one is none, ``point`` will say which."""
        data = self._data[self._position : self._position + POINT * count]
        with suppress(Malformed):
            decoded = decompress(data)
            self._read = (Point.from_sum(decoded[i : i + 64]) for i in range(0, len(decoded), 64))

    def point(self, name: str) -> Point:
        data = self._take(POINT)
        return next(self._read, None) or Point.from_bytes(data, f"{self._where}: {name}")

    def scalar(self, name: str) -> int:
        return scalar_from_bytes(self._take(SCALAR), f"{self._where}: {name}")

    def points(self, name: str, count: int) -> tuple[Point, ...]:
        return tuple(self.point(f"{name}[{i}]") for i in range(count))

    def scalars(self, name: str, count: int) -> tuple[int, ...]:
        return tuple(self.scalar(f"{name}[{i}]") for i in range(count))

    def triples(self, name: str, count: int) -> tuple[tuple[int, int, int], ...]:
        flat = self.scalars(name, 3 * count)
        return tuple((flat[i], flat[i + 1], flat[i + 2]) for i in range(0, 3 * count, 3))


def _points(points: Sequence[Point]) -> bytes:
    return b"".join(point.to_bytes() for point in points)


def _scalars(values: Sequence[int]) -> bytes:
    return b"".join(scalar_to_bytes(value) for value in values)
