"""Which claims hold, and by which assets the others miss (docs/statement.md, section 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Final

from attest.statement.findings import FAILS, HOLDS, PROVEN, PUBLIC, UNSUPPORTED, Finding, Miss, Part
from attest.statement.proposal import Proposal
from verifier.amounts import format_amount
from verifier.errors import Rejected
from verifier.markets.claims import ClaimRows, Market, derive_claim
from verifier.markets.descriptors import Coverage, InKind, Ladder, Ltv, Parameters, ScenarioOf, expand
from verifier.markets.draft import Split
from verifier.markets.exact import money, round_down
from verifier.markets.linear import Aux, Held, Holding, Inequality, Quantities, Reference, Total
from verifier.markets.reading import WHOLE
from verifier.markets.valuation import Valuation
from verifier.schema import Column

PROVABLE: Final = 2**128
"""An honest Z is below this (docs/protocol.md, section 6)."""
_AGAINST_EACH_OTHER: Final = (Coverage, Ltv, Ladder)
"""Kinds that set what is held against what is owed, asset by asset; the others measure shares of a whole."""


def examine(proposal: Proposal) -> tuple[Finding, ...]:
    """What becomes of each claim, in the policy's order."""
    return tuple(_finding(proposal, claim) for claim in proposal.derivation.claims)


def _finding(proposal: Proposal, claim: ClaimRows) -> Finding:
    how = PROVEN if any(row.hidden for row in claim.rows) else PUBLIC
    said = Finding(claim.claim.name, claim.claim.kind, HOLDS, claim.sentence, how)
    if claim.unsupported:
        return replace(said, status=UNSUPPORTED, reason=f"{claim.unsupported}: this version cannot prove it")
    if claim.failure is not None:
        why = f" ({claim.failure.hint})" if claim.failure.hint else ""
        return replace(said, status=FAILS, reason=f"{claim.failure.message}{why} [{claim.failure.code}]")
    values = [(row, row.value(proposal.hidden)) for row in claim.rows]
    if any(row.hidden and value >= PROVABLE for row, value in values):
        reason = "its numbers are too large to be proven [E_BOUND]: have the policy use a smaller value_scale"
        return replace(said, status=FAILS, reason=reason)
    false = {row.label for row, value in values if value < 0}
    return replace(said, status=FAILS, misses=tuple(_misses(proposal, claim, false))) if false else said


def _misses(proposal: Proposal, claim: ClaimRows, false: set[str]) -> Iterator[Miss]:
    """The false inequalities with every quantity in sight: derived once more, as if everything were hidden."""
    market = proposal.prepared.market
    every = expand(market.policy.claims, market.policy.columns)
    shown = derive_claim(claim.claim, market, every, _all_hidden(proposal.derivation.quantities))
    values = dict(proposal.whole)
    for split in shown.splits:
        values |= split.portions(proposal.whole)
    lens = _Lens(market, claim, shown, values)
    for inequality in shown.inequalities:
        if inequality.label in false:
            yield lens.miss(inequality)


def _all_hidden(quantities: Quantities) -> Quantities:
    totals = dict.fromkeys(quantities.totals)
    return replace(quantities, totals=totals, holdings=dict.fromkeys(quantities.holdings, Held(0, hidden=True)))


@dataclass(frozen=True)
class _Lens:
    """Reads an inequality asset by asset. ``values`` are whole quantities."""

    market: Market
    claim: ClaimRows
    shown: ClaimRows
    values: Mapping[Reference, int] = field(repr=False)

    def miss(self, inequality: Inequality) -> Miss:
        """What is missing, and in which assets."""
        weighed: dict[str, int] = {}
        for reference, weight in inequality.terms:
            asset = self._asset(reference)
            weighed[asset] = weighed.get(asset, 0) + weight * self.values[reference]
        below = sorted((value, asset) for asset, value in weighed.items() if value < 0)
        total = sum(weighed.values()) + inequality.constant
        parts = tuple(self._part(inequality, asset, value) for value, asset in below)
        return Miss(inequality.label, self._by(inequality, total), parts)

    def _by(self, inequality: Inequality, total: int) -> str:
        if self._kind is InKind:
            asset = self._asset(inequality.terms[0][0])
            return f"{self._units(asset, Fraction(-total, WHOLE))} {asset}"
        return self._money(-total)

    def _part(self, inequality: Inequality, asset: str, value: int) -> Part:
        read = self._read(inequality, asset)
        held = self._units(asset, sum(self.values[x] for x in read if not self._is_owed(x)))
        owed = self._units(asset, sum(self.values[x] for x in read if self._is_owed(x)))
        worth = self._worth(inequality, asset)
        if self._kind is InKind:
            units = Fraction(-value, WHOLE)
        elif self._kind in _AGAINST_EACH_OTHER and worth:
            units = Fraction(-value) / worth
        else:
            return Part(asset, held, owed)
        price = self._money(-round_down(-units * worth)) if worth else ""
        return Part(asset, held, owed, self._units(asset, units), price)

    @cached_property
    def _kind(self) -> type[Parameters]:
        """The kind of the claim; of its base for a scenario."""
        said = self.claim.claim.parameters
        if isinstance(said, ScenarioOf):
            every = expand(self.market.policy.claims, self.market.policy.columns)
            said = next(other.parameters for other in every if other.name == said.base)
        return type(said)

    def _read(self, inequality: Inequality, asset: str) -> set[Reference]:
        """The totals and holdings behind an asset's terms; portions stand for what they were split from."""
        found: set[Reference] = set()
        for reference in (reference for reference, _ in inequality.terms if self._asset(reference) == asset):
            found |= set(self._splits[reference.name].sources) if isinstance(reference, Aux) else {reference}
        return found

    def _is_owed(self, reference: Reference) -> bool:
        """Whether it is on the side of what must be covered: balances, and what borrowers owe on a loan."""
        return isinstance(reference, Total) and self._columns[reference.column].kind in ("balance", "debt")

    def _asset(self, reference: Reference) -> str:
        if isinstance(reference, Holding):
            return reference.asset
        return (
            self._columns[reference.column].asset if isinstance(reference, Total) else self._splits[reference.name].sym
        )

    @cached_property
    def _columns(self) -> dict[str, Column]:
        return {column.name: column for column in self.market.policy.columns}

    @cached_property
    def _splits(self) -> dict[str, Split]:
        return {name: split for split in self.shown.splits for name in split.names}

    def _worth(self, inequality: Inequality, asset: str) -> Fraction:
        """What a base unit is worth where the inequality looks; 0 where a claim in kind has no price."""
        try:
            return self._valuation(inequality).value(asset)
        except Rejected:
            return Fraction(0)

    def _valuation(self, inequality: Inequality) -> Valuation:
        said = self.claim.claim.parameters
        if not isinstance(said, ScenarioOf) or self.market.scenarios is None:
            return self.market.today
        days = self.market.scenarios.require_set(said.set)
        name = self.claim.claim.name
        fitting = [day for day in days if f"{inequality.label}/".startswith(f"{name}/{day.name}/")]
        return self.market.today.within(max(fitting, key=lambda day: len(day.name)))

    def _units(self, asset: str, units: Fraction | int) -> str:
        """Base units, rounded up, as a decimal number."""
        return format_amount(-round_down(-Fraction(units)), self.market.policy.assets[asset].decimals)

    def _money(self, value: int) -> str:
        return money(value, self.market.policy.value_scale, self.market.policy.quote)
