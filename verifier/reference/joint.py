"""``a*G + b*P`` for many points: one pass of doublings for both products, one inversion for all."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from py_ecc.secp256k1 import secp256k1 as curve

from verifier.engine import Tick
from verifier.group import ZERO, G, Jacobian
from verifier.reference.arithmetic import affine_pairs, normalise, pack_points, records
from verifier.reference.ticks import counted

_NIBBLE: Final = 16
_BYTE: Final = 256


def sums_with_generator(
    points: bytes, generator_scalars: bytes, point_scalars: bytes, progress: Tick | None = None
) -> bytes:
    """See ``Engine.sums_with_generator``; raises ValueError for lengths that do not fit."""
    inputs = list(zip(affine_pairs(points), records(generator_scalars, 32), records(point_scalars, 32), strict=True))
    sums = [_joint_sum((x, y, 1), on_g, on_p) for (x, y), on_g, on_p in counted(inputs, progress)]
    return pack_points(normalise(sums))


def _joint_sum(point: Jacobian, on_g: bytes, on_p: bytes) -> Jacobian:
    """One pass of 256 doublings for both: a byte of the generator's scalar goes with two nibbles of the point's."""
    of_g, of_p = _generator_multiples(), _multiples(point, _NIBBLE)
    total = ZERO
    for digit_g, digit_p in zip(on_g, on_p, strict=True):
        total = _times_16_plus(total, of_p[digit_p >> 4])
        total = _times_16_plus(total, of_p[digit_p & 15])
        total = curve.jacobian_add(total, of_g[digit_g])
    return total


def _times_16_plus(total: Jacobian, addend: Jacobian) -> Jacobian:
    for _ in range(4):
        total = curve.jacobian_double(total)
    return curve.jacobian_add(total, addend)


def _multiples(point: Jacobian, count: int) -> list[Jacobian]:
    """0, 1, ... count-1 times ``point``."""
    table: list[Jacobian] = [ZERO]
    for _ in range(count - 1):
        table.append(curve.jacobian_add(table[-1], point))
    return table


@lru_cache(maxsize=1)
def _generator_multiples() -> list[Jacobian]:
    pairs = normalise(_multiples((G.x, G.y, 1), _BYTE))
    return [ZERO, *((x, y, 1) for x, y in pairs[1:])]
