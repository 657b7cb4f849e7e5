"""Tiered rates by portions, one mechanism for claims and accounts (docs/statement.md, section 4).

A table gives the rate of each slice of an asset's value: ``concave`` where rates never rise (what collateral counts
for), ``convex`` where they never fall (what a margin requires). A quantity is split into portions y_0..y_K, each within
its cap but the last; the value is the sum of portion times rate. Filling greedily is the largest possible value of a
concave table and the smallest of a convex one, so any other split only hurts whoever chose it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from verifier import fields
from verifier.errors import Malformed, Rejected
from verifier.markets import reading
from verifier.markets.exact import rate, round_down
from verifier.markets.reading import WHOLE

CONCAVE: Final = "concave"
CONVEX: Final = "convex"


@dataclass(frozen=True, slots=True)
class Tier:
    """From this value on, in whole units of the quoted currency, the rate is ``bps``."""

    start: int
    bps: int


@dataclass(frozen=True, slots=True)
class Table:
    """Tiers in rising order, the first from 0. Raises Malformed (E_LIMIT) or Rejected (E_TIER_ORDER) when built."""

    kind: str
    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        _check(self)

    @classmethod
    def from_json(cls, document: Any, where: str) -> Table:
        """Parse ``{kind, tiers: [{from, bps}]}``."""
        parts = fields.members(document, where, ("kind", "tiers"))
        kind = reading.choice(parts["kind"], f"{where}.kind", (CONCAVE, CONVEX))
        listed = fields.items(parts["tiers"], f"{where}.tiers", reading.MAX_TIERS)
        try:
            return cls(kind, tuple(_tier(item, f"{where}.tiers[{i}]") for i, item in enumerate(listed)))
        except Rejected as error:
            raise Rejected(error.message, where=f"{where}.tiers", code=error.code) from None

    def to_json(self) -> dict[str, Any]:
        """The document's form."""
        return {"kind": self.kind, "tiers": [{"from": str(t.start), "bps": t.bps} for t in self.tiers]}

    @property
    def sign(self) -> int:
        """+1 where the table's value is added (concave), -1 where it is subtracted (convex)."""
        return 1 if self.kind == CONCAVE else -1

    def caps(self, price: Fraction, price_scale: int, decimals: int) -> tuple[int, ...]:
        """The greatest portion of each tier but the last, in base units, rounded down. ``price`` is not zero."""
        one = 10 ** (price_scale + decimals)
        return tuple(round_down((b.start - a.start) * one / price) for a, b in pairwise(self.tiers))

    def weights(self, value: Fraction) -> tuple[int, ...]:
        """The weight of each portion, its sign included, for a base unit worth ``value``."""
        return tuple(round_down(self.sign * value * rate(tier.bps)) for tier in self.tiers)

    def pieces(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """(alpha_k, rho_k): the table's value is the least (concave) or greatest (convex) alpha_k + rho_k * value."""
        found = [(Fraction(0), rate(self.tiers[0].bps))]
        for before, tier in pairwise(self.tiers):
            found.append((found[-1][0] + Fraction((before.bps - tier.bps) * tier.start, WHOLE), rate(tier.bps)))
        return tuple(found)

    def exact(self, value: Fraction) -> Fraction:
        """What a holding worth ``value`` (in quote) counts for, without any rounding."""
        ends = [*(Fraction(tier.start) for tier in self.tiers[1:]), value]
        total = Fraction(0)
        for tier, end in zip(self.tiers, ends, strict=True):
            total += max(Fraction(0), min(value, end) - tier.start) * rate(tier.bps)
        return total


def greedy(quantity: int, caps: Sequence[int]) -> tuple[int, ...]:
    """The portions of ``quantity``, each tier filled before the next; the last takes what is left."""
    portions = []
    for cap in caps:
        portions.append(min(quantity, cap))
        quantity -= portions[-1]
    return (*portions, quantity)


def _tier(item: Any, where: str) -> Tier:
    parts = fields.members(item, where, ("from", "bps"))
    return Tier(fields.amount(parts["from"], f"{where}.from"), reading.bps(parts["bps"], f"{where}.bps"))


def _check(table: Table) -> None:
    if not 1 <= len(table.tiers) <= reading.MAX_TIERS:
        raise Malformed(f"a table has 1 to {reading.MAX_TIERS} tiers", where="tiers", code="E_LIMIT")
    if table.tiers[0].start != 0 or any(a.start >= b.start for a, b in pairwise(table.tiers)):
        raise Rejected("tiers start at 0 and rise", where="tiers", code="E_TIER_ORDER")
    if any(a.bps * table.sign < b.bps * table.sign for a, b in pairwise(table.tiers)):
        rule = "never rise in a concave" if table.kind == CONCAVE else "never fall in a convex"
        raise Rejected(f"rates {rule} table", where="tiers", code="E_TIER_ORDER")
