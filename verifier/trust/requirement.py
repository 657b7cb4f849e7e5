"""A claim that a reader asks for, whatever policy the exchange wrote for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from verifier import fields
from verifier.errors import Malformed

EVERY: Final = "*"
WHOLE: Final = 10_000
"""Basis points in one."""
MAX_BPS: Final = 1_000_000

FLOORS: Final = ("in-kind", "coverage", "fund-oi", "cover")
"""Kinds that say "at least k"."""
CEILINGS: Final = ("ltv", "share-cap", "mismatch")
"""Kinds that say "at most k"."""
PLAIN: Final = ("matched", "ladder", "delta", "es", "var", "deficit", "absorb")
"""Kinds without a rate of their own: they are met by being claimed, and min_k is 0."""
SCENARIO: Final = "scenario"
"""Has the rate, and the direction, of the claim it repeats."""
KINDS: Final = (*FLOORS, *CEILINGS, *PLAIN, SCENARIO)

_PER_ASSET: Final = ("in-kind", "mismatch")
_NO_ASSET: Final = ("coverage", "ltv", "ladder", "es", "var", "deficit", "absorb", "cover")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A claim of ``kind`` about ``asset`` (a sym, "*" for each sym with a balance column, or "") at ``min_k`` bps."""

    kind: str
    asset: str
    min_k: int

    @classmethod
    def from_json(cls, document: Any, where: str) -> Requirement:
        """Parse ``{kind, asset, min_k}``. Raises Malformed, also for what no claim could ever meet."""
        parts = fields.members(document, where, ("kind", "asset", "min_k"))
        kind = parts["kind"]
        if not isinstance(kind, str) or kind not in KINDS:
            raise Malformed(f"should be one of {', '.join(KINDS)}", where=f"{where}.kind", code="E_TYPE")
        asset = _asset(parts["asset"], kind, f"{where}.asset")
        most = 0 if kind in PLAIN else MAX_BPS
        return cls(kind, asset, fields.integer(parts["min_k"], f"{where}.min_k", high=most))

    def to_json(self) -> dict[str, Any]:
        """The document's form."""
        return {"kind": self.kind, "asset": self.asset, "min_k": self.min_k}

    def is_met_by(self, k: int | None, base: str = "") -> bool:
        """Whether a claim of this kind at rate ``k`` is enough: not less for a floor, not more for a ceiling.

        For a scenario, ``base`` is the kind of claim it repeats and ``k`` that claim's rate. ``k`` is None for a
        claim that has no rate.
        """
        kind = base if self.kind == SCENARIO else self.kind
        if kind in FLOORS:
            return k is not None and k >= self.min_k
        if kind in CEILINGS:
            return k is not None and k <= self.min_k
        return self.min_k == 0


def _asset(value: Any, kind: str, where: str) -> str:
    if value in ("", EVERY):
        asset: str = value
    else:
        asset = fields.sym(value, where)
    if kind in _PER_ASSET and not asset:
        raise Malformed(f"{kind} is about one asset: name it, or write *", where=where, code="E_TYPE")
    if kind in _NO_ASSET and asset:
        raise Malformed(f'{kind} is not about one asset: write ""', where=where, code="E_TYPE")
    return asset
