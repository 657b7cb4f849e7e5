"""Points and scalars of secp256k1, strictly decoded (docs/protocol.md, section 1).

``Point`` serves the equations of the protocol, a handful at a time; whole books go through the engine as bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Final, TypeAlias

from py_ecc.secp256k1 import secp256k1 as curve

from verifier.errors import Malformed, Rejected
from verifier.hashing import N, tagged, u32

P: Final = curve.P
IDENTITY_BYTES: Final = bytes(64)
"""How engines return a sum that is the identity; it is no valid point, so it can never be read back as one."""

Jacobian: TypeAlias = tuple[int, int, int]
ZERO: Final[Jacobian] = (0, 0, 1)


@dataclass(frozen=True, slots=True)
class Point:
    """An affine point; the identity is ``Point(0, 0)`` and can be computed with but not encoded or decoded."""

    x: int
    y: int

    @classmethod
    def from_bytes(cls, data: bytes, where: str = "point") -> Point:
        """Decode 33 compressed bytes. Raises Malformed (E_POINT) for anything but the one encoding of a point."""
        if len(data) != 33 or data[0] not in (2, 3):
            raise Malformed("not a compressed point (33 bytes, first 02 or 03)", where=where, code="E_POINT")
        y = even_root(int.from_bytes(data[1:], "big"))
        if y is None:
            raise Malformed("not a point of the curve", where=where, code="E_POINT")
        return cls(int.from_bytes(data[1:], "big"), y if data[0] == 2 else P - y)

    @classmethod
    def from_xy(cls, data: bytes, where: str = "point") -> Point:
        """Decode 64 bytes x || y. Raises Malformed (E_POINT)."""
        x, y = int.from_bytes(data[:32], "big"), int.from_bytes(data[32:], "big")
        if len(data) != 64 or x >= P or y >= P or (y * y - x * x * x - 7) % P:
            raise Malformed("not a point of the curve", where=where, code="E_POINT")
        return cls(x, y)

    @classmethod
    def from_sum(cls, data: bytes) -> Point:
        """Read 64 bytes that an engine computed; all zero is the identity."""
        return cls(int.from_bytes(data[:32], "big"), int.from_bytes(data[32:], "big"))

    @property
    def is_identity(self) -> bool:
        """Whether this is the neutral element."""
        return self.y == 0

    def to_bytes(self) -> bytes:
        """33 bytes, compressed. Raises Rejected (E_IDENTITY) for the identity."""
        self._refuse_identity()
        return bytes([2 + (self.y & 1)]) + self.x.to_bytes(32, "big")

    def to_xy(self) -> bytes:
        """64 bytes, x || y. Raises Rejected (E_IDENTITY) for the identity."""
        self._refuse_identity()
        return self.x.to_bytes(32, "big") + self.y.to_bytes(32, "big")

    def _refuse_identity(self) -> None:
        if self.is_identity:
            raise Rejected("a point is the identity", where="point", code="E_IDENTITY")

    def __add__(self, other: Point) -> Point:
        return to_affine(curve.jacobian_add(self._jacobian, other._jacobian))

    def __sub__(self, other: Point) -> Point:
        return self + -other

    def __neg__(self) -> Point:
        return Point(self.x, -self.y % P)

    def __rmul__(self, scalar: int) -> Point:
        return to_affine(curve.jacobian_multiply(self._jacobian, scalar % N))

    @property
    def _jacobian(self) -> Jacobian:
        return (self.x, self.y, 1)


def to_affine(point: Jacobian) -> Point:
    """Normalise one Jacobian point."""
    x, y, z = point
    if y == 0 or z == 0:
        return Point(0, 0)
    inverse = pow(z, -1, P)
    square = inverse * inverse % P
    return Point(x * square % P, y * square * inverse % P)


def even_root(x: int) -> int | None:
    """The even y with y^2 = x^3 + 7, or None where there is none or x >= p."""
    if x >= P:
        return None
    square = (x * x * x + 7) % P
    y = pow(square, (P + 1) // 4, P)
    if y * y % P != square:
        return None
    return y if y % 2 == 0 else P - y


def scalar_from_bytes(data: bytes, where: str = "scalar") -> int:
    """Decode 32 bytes, big-endian. Raises Malformed (E_SCALAR) if not below n."""
    value = int.from_bytes(data, "big")
    if len(data) != 32 or value >= N:
        raise Malformed("not a scalar below the group order", where=where, code="E_SCALAR")
    return value


def scalar_to_bytes(value: int) -> bytes:
    """32 bytes, big-endian, of a scalar already reduced."""
    return value.to_bytes(32, "big")


@lru_cache(maxsize=65536)
def generator(label: str) -> Point:
    """``gen(label)``: the first x of a hash chain that lies on the curve, with even y (nothing up the sleeve)."""
    for counter in count():
        x = int.from_bytes(tagged("generator", label.encode("ascii") + u32(counter)), "big")
        y = even_root(x)
        if y is not None:
            return Point(x, y)
    raise AssertionError("unreachable: count() does not end")


def bit_generator(k: int) -> Point:
    """The generator of bit ``k`` of a row, counted across columns."""
    return generator(f"bit/{k}")


G: Final = Point(*curve.G)
H: Final = generator("blind")
GAMMA0: Final = generator("round/0")
GAMMA1: Final = generator("round/1")
U: Final = generator("inner")


def value_commitment(value: int, gamma: int) -> Point:
    """``V(v, gamma) = v*G + gamma*H``."""
    return value * G + gamma * H
