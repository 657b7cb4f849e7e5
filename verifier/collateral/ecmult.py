"""``a*G + b*P`` for many points at once: the slow step of recovering keys.

Buffers are those of ``verifier.engine``, whose ``sums_with_generator`` does it on every core; the function here is the
reference engine's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from verifier.reference.joint import sums_with_generator

SumsWithGenerator: TypeAlias = Callable[[bytes, bytes, bytes], bytes]
"""(points, generator_scalars, point_scalars) -> ``generator_scalar_i * G + point_scalar_i * point_i`` per i."""

__all__ = ["SumsWithGenerator", "sums_with_generator"]
