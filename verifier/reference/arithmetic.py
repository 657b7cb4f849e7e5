"""Points and scalars in bulk: encoding, generators, multi-scalar multiplication, eq tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from py_ecc.secp256k1 import secp256k1 as curve

from verifier.engine import Tick
from verifier.errors import Malformed
from verifier.group import ZERO, Jacobian, P, Point, generator, to_affine
from verifier.hashing import N
from verifier.reference.ticks import counted


def records(data: bytes, size: int) -> list[bytes]:
    """``data`` cut into records of ``size`` bytes. Raises ValueError when it does not divide."""
    if len(data) % size:
        raise ValueError(f"{len(data)} bytes are not a whole number of {size}-byte records")
    return [data[i : i + size] for i in range(0, len(data), size)]


def scalars(data: bytes) -> list[int]:
    """32-byte big-endian integers."""
    return [int.from_bytes(record, "big") for record in records(data, 32)]


def pack_scalars(values: Iterable[int]) -> bytes:
    """The inverse of ``scalars``."""
    return b"".join(value.to_bytes(32, "big") for value in values)


def affine_pairs(points: bytes) -> list[tuple[int, int]]:
    """(x, y) of each 64-byte point; nothing is checked."""
    return [(int.from_bytes(r[:32], "big"), int.from_bytes(r[32:], "big")) for r in records(points, 64)]


def jacobians(points: bytes) -> list[Jacobian]:
    """Each 64-byte point as (x, y, 1)."""
    return [(x, y, 1) for x, y in affine_pairs(points)]


def normalise(points: Sequence[Jacobian]) -> list[tuple[int, int]]:
    """Affine coordinates of many points for one inversion (Montgomery's trick); the identity becomes (0, 0)."""
    products, running = [], 1
    for point in points:
        products.append(running)
        running = running * (point[2] if point[1] else 1) % P
    inverse = pow(running, -1, P)
    result = [(0, 0)] * len(points)
    for i in range(len(points) - 1, -1, -1):
        x, y, z = points[i]
        if y:
            z_inverse = inverse * products[i] % P
            inverse = inverse * z % P
            square = z_inverse * z_inverse % P
            result[i] = (x * square % P, y * square * z_inverse % P)
    return result


def pack_points(pairs: Iterable[tuple[int, int]]) -> bytes:
    """64 bytes per (x, y)."""
    return b"".join(x.to_bytes(32, "big") + y.to_bytes(32, "big") for x, y in pairs)


def compress(points: bytes) -> bytes:
    """See ``Engine.compress``."""
    return b"".join(bytes([2 + (r[63] & 1)]) + r[:32] for r in records(points, 64))


def decompress(points: bytes) -> bytes:
    """See ``Engine.decompress``."""
    return b"".join(_decompressed(record, i) for i, record in enumerate(records(points, 33)))


def _decompressed(record: bytes, i: int) -> bytes:
    try:
        return Point.from_bytes(record).to_xy()
    except Malformed:
        raise Malformed("not a point of the curve", where=f"record {i}", code="E_POINT") from None


def generators(labels: Sequence[str]) -> bytes:
    """See ``Engine.generators``."""
    return b"".join(generator(label).to_xy() for label in labels)


def multiply_sum(points: bytes, scalars_: bytes, progress: Tick | None = None) -> bytes:
    """See ``Engine.multiply_sum``; Pippenger's buckets."""
    bases, factors = jacobians(points), scalars(scalars_)
    if len(bases) != len(factors):
        raise ValueError(f"{len(bases)} points and {len(factors)} scalars")
    total = to_affine(_pippenger(bases, factors, progress))
    return pack_points([(total.x, total.y)])


def _pippenger(bases: Sequence[Jacobian], factors: Sequence[int], progress: Tick | None) -> Jacobian:
    """Windows of c bits, most significant first; c balances the additions of points and of buckets."""
    window = max(1, len(bases).bit_length() - 2)
    bits = max((factor.bit_length() for factor in factors), default=0)
    total = ZERO
    for low in counted(range((bits - 1) // window * window if bits else -1, -1, -window), progress):
        for _ in range(window):
            total = curve.jacobian_double(total) if total[1] else ZERO
        total = curve.jacobian_add(total, _window_sum(bases, factors, low, window))
    return total


def _window_sum(bases: Sequence[Jacobian], factors: Sequence[int], low: int, window: int) -> Jacobian:
    """``sum(digit_i * base_i)`` for the digits of ``window`` bits that start at bit ``low``."""
    mask = (1 << window) - 1
    buckets: list[Jacobian] = [ZERO] * (mask + 1)
    for base, factor in zip(bases, factors, strict=True):
        digit = factor >> low & mask
        if digit:
            buckets[digit] = curve.jacobian_add(buckets[digit], base)
    running = total = ZERO
    for bucket in reversed(buckets[1:]):
        running = curve.jacobian_add(running, bucket)
        total = curve.jacobian_add(total, running)
    return total


def eq_table(challenges: Sequence[int], count: int, scale: int = 1) -> bytes:
    """See ``Engine.eq_table``."""
    return pack_scalars(eq_values(challenges, scale)[:count])


def eq_values(challenges: Sequence[int], scale: int = 1) -> list[int]:
    """scale * eq(r, i) for all i < 2^len(challenges), as integers."""
    table = [scale % N]
    for r in challenges:
        high = [value * r % N for value in table]
        table = [(value - upper) % N for value, upper in zip(table, high, strict=True)] + high
    return table


def dot(left: bytes, right: bytes) -> int:
    """See ``Engine.dot``."""
    return sum(a * b for a, b in zip(scalars(left), scalars(right), strict=True)) % N
