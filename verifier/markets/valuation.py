"""What a base unit is worth, today or in a scenario, and what of it counts (docs/statement.md, section 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from verifier.errors import Rejected
from verifier.markets.descriptors import OWN
from verifier.markets.exact import rate, unit_value
from verifier.markets.policy import Policy
from verifier.markets.prices import Prices
from verifier.markets.reading import WHOLE
from verifier.markets.scenarios import Scenario
from verifier.markets.tiers import Table


@dataclass(frozen=True)
class Valuation:
    """Prices under a policy, moved by ``scenario`` where there is one."""

    policy: Policy
    prices: Prices
    scenario: Scenario | None = None
    _values: dict[str, Fraction] = field(default_factory=dict, init=False, repr=False, compare=False)

    def within(self, scenario: Scenario) -> Valuation:
        """The same, in a scenario."""
        return Valuation(self.policy, self.prices, scenario)

    def price(self, sym: str) -> Fraction:
        """In 10^-scale quote per whole unit. Raises Rejected: E_PRICE_MISSING, E_SCENARIO."""
        if self.scenario is None:
            return Fraction(self.prices.require(sym))
        today = self.prices.require(sym) if sym in self.scenario.shocks else None
        return self.scenario.price(sym, today)

    def value(self, sym: str) -> Fraction:
        """v: what one base unit is worth, in money units."""
        if sym not in self._values:
            decimals = self.policy.assets[sym].decimals
            value = unit_value(self.price(sym), self.policy.price.scale, decimals, self.policy.value_scale)
            self._values[sym] = value
        return self._values[sym]

    def caps(self, table: Table, sym: str) -> tuple[int, ...]:
        """The caps of the portions of ``sym``, whose price is not zero."""
        return table.caps(self.price(sym), self.policy.price.scale, self.policy.assets[sym].decimals)

    def is_own(self, sym: str) -> bool:
        """Whether it is the exchange's own token."""
        return self.policy.assets[sym].asset_class == OWN

    def flat(self, owner: str, sym: str) -> Fraction:
        """r = 1 - haircut of ``sym`` in a pool or claim. Raises Rejected (E_HAIRCUT) where there is none or a table."""
        if self.is_own(sym):
            return Fraction(0)
        haircut = self.policy.haircuts.get(owner, {}).get(sym)
        if not isinstance(haircut, int):
            raise Rejected(f"{sym} has no haircut", where=f"policy: haircuts.{owner}.{sym}", code="E_HAIRCUT")
        return rate(WHOLE - haircut)

    def table(self, owners: Iterable[str], sym: str) -> Table | None:
        """The one table of ``sym`` over a claim's pools, None where haircuts are flat.

        Raises Rejected (E_HAIRCUT) where pools disagree about it: the tiers count the sum over all of them.
        """
        if self.is_own(sym):
            return None
        found = {self.policy.haircuts.get(owner, {}).get(sym) for owner in owners} - {None}
        names = {name for name in found if isinstance(name, str)}
        if names and len(found) > 1:
            where = f"policy: haircuts of {sym}"
            raise Rejected("the pools of a claim disagree about its table", where=where, code="E_HAIRCUT")
        return self.policy.tables[names.pop()] if names else None
