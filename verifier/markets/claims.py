"""From a policy to the rows that are proven: the one place where weights are derived (docs/statement.md, 4 and 5).

Prover and verifier both call ``derive``; neither tells the other a weight. A claim that cannot be formed carries its
refusal and has no rows, so it can never pass for one that holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from verifier.errors import Malformed, Rejected
from verifier.markets import formulas
from verifier.markets.descriptors import Claim, Coverage, Later, ScenarioOf, expand
from verifier.markets.draft import Split
from verifier.markets.linear import Aux, Holding, Inequality, Quantities, Reference, Row
from verifier.markets.policy import Policy
from verifier.markets.policy_rules import POSITION_KINDS
from verifier.markets.prices import Prices
from verifier.markets.scenarios import Scenarios
from verifier.markets.sentences import sentence
from verifier.markets.valuation import Valuation
from verifier.schema import Schema

MAX_ROWS: Final = 2**20
PUBLIC: Final = "public"
FAILED: Final = "failed"
UNSUPPORTED: Final = "unsupported"
TO_PROVE: Final = "to prove"


@dataclass(frozen=True)
class Market:
    """All that weights depend on; ``scenarios`` is None where there is no such document."""

    policy: Policy
    prices: Prices
    scenarios: Scenarios | None = None

    @cached_property
    def today(self) -> Valuation:
        """Values at the prices of the price set."""
        return Valuation(self.policy, self.prices)


@dataclass(frozen=True)
class ClaimRows:
    """One claim and its rows: caps, allocations and Z as section 4 orders them.

    ``unsupported`` says what this version cannot check, ``failure`` why the claim cannot be formed; either way there
    are no rows.
    """

    claim: Claim
    sentence: str
    inequalities: tuple[Inequality, ...] = ()
    rows: tuple[Row, ...] = ()
    splits: tuple[Split, ...] = ()
    unsupported: str = ""
    failure: Rejected | None = None

    @property
    def status(self) -> str:
        """``public`` (plain arithmetic, and it holds), ``failed``, ``unsupported``, or ``to prove``."""
        if self.unsupported:
            return UNSUPPORTED
        if self.failure or any(row.constant < 0 for row in self.rows if not row.hidden):
            return FAILED
        return TO_PROVE if any(row.hidden for row in self.rows) else PUBLIC

    @property
    def aux(self) -> tuple[str, ...]:
        """The auxiliary quantities of this claim, in order."""
        return tuple(name for split in self.splits for name in split.names)


@dataclass(frozen=True)
class Derivation:
    """Every claim an attestation makes, in the policy's order, over ``quantities``."""

    quantities: Quantities
    claims: tuple[ClaimRows, ...] = field(default=())

    @cached_property
    def aux(self) -> tuple[str, ...]:
        """The names of all auxiliary quantities: exactly those the attestation commits to (E_AUX)."""
        return tuple(name for claim in self.claims for name in claim.aux)

    @property
    def range_rows(self) -> tuple[Row, ...]:
        """X >= 0 for every hidden holding, by pool and asset, then every auxiliary quantity."""
        held = [Holding(*key) for key, held in sorted(self.quantities.holdings.items()) if held.hidden]
        hidden: list[Holding | Aux] = [*held, *(Aux(name) for name in self.aux)]
        return tuple(Row(f"{_name(reference)} is not negative", ((reference, 1),), 0) for reference in hidden)

    def hidden_rows(self) -> tuple[Row, ...]:
        """All rows of the claims argument, in the order of section 4.

        Raises Rejected when a claim failed: an attestation with a failed claim has no rows to prove.
        """
        for claim in self.claims:
            if claim.failure:
                raise claim.failure
        listed = (row for claim in self.claims for row in claim.rows if row.hidden)
        return (*self.range_rows, *listed)

    def opening(self, known: Mapping[Reference, int]) -> dict[Reference, int]:
        """The prover's values of everything hidden: what is ``known`` (hidden parts), and greedy portions."""
        values: dict[Reference, int] = dict(known)
        for claim in self.claims:
            for split in claim.splits:
                whole = {x: known.get(x, 0) + self.quantities.public(x) for x in split.sources}
                values |= split.portions(whole)
        return values


def derive(market: Market, quantities: Quantities, made: Sequence[Claim] | None = None) -> Derivation:
    """The rows of ``made`` claims (all of the policy's where None), each expanded as the policy's columns say.

    Raises Rejected: E_SCHEMA (the book is not the one the policy describes), E_HOLDING, E_CLAIM, E_AUX; Malformed
    (E_LIMIT) for too many rows. A single claim's refusals are in its ClaimRows.
    """
    require_columns(market.policy, quantities.schema)
    _require_known_holdings(market.policy, quantities)
    every = expand(market.policy.claims, market.policy.columns)
    claims: list[ClaimRows] = []
    count = 0
    by_name = {claim.name: claim for claim in every}
    for claim in every if made is None else made:
        if by_name.get(claim.name) != claim:
            raise Rejected("this claim is not in the policy", where=f"claims: {claim.name}", code="E_CLAIM")
        claims.append(derive_claim(claim, market, every, quantities))
        count += len(claims[-1].inequalities) + len(claims[-1].aux)
        if count > MAX_ROWS:
            raise Malformed(f"the claims need more than {MAX_ROWS} rows", where="claims", code="E_LIMIT")
    derivation = Derivation(quantities, tuple(claims))
    if len(set(derivation.aux)) != len(derivation.aux):
        raise Rejected("two claims create one auxiliary name", where="aux", code="E_AUX")
    return derivation


def derive_claim(claim: Claim, market: Market, every: Sequence[Claim], quantities: Quantities) -> ClaimRows:
    """One claim's rows, or why there are none."""
    said = sentence(claim, market.policy, every, _days(claim, market))
    reason = unsupported(claim, every, quantities)
    if reason:
        return ClaimRows(claim, said, unsupported=reason)
    try:
        splits, inequalities = _build(claim, market, every, quantities)
        rows = tuple(inequality.row(quantities) for inequality in inequalities)
    except Rejected as error:
        return ClaimRows(claim, said, failure=error)
    return ClaimRows(claim, said, inequalities, rows, splits)


def unsupported(claim: Claim, every: Iterable[Claim], quantities: Quantities) -> str:
    """What this version cannot check about a claim, "" where it can."""
    parameters = claim.parameters
    if isinstance(parameters, ScenarioOf):
        base = next((other for other in every if other.name == parameters.base), None)
        return unsupported(base, (), quantities) if base and not isinstance(base.parameters, ScenarioOf) else ""
    if isinstance(parameters, Later):
        return f"claims of kind {claim.kind} rest on flows, positions or account rules"
    if isinstance(parameters, Coverage) and parameters.net_debt:
        return "netting debts rests on account rules"
    positions = any(column.kind in POSITION_KINDS for column in quantities.columns.values())
    if isinstance(parameters, Coverage) and positions:
        return "what is owed on positions rests on account rules"
    return ""


def require_columns(policy: Policy, schema: Schema) -> None:
    """The book has the policy's columns, in order, and no rules. Raises Rejected (E_SCHEMA)."""
    if schema.columns != policy.columns or schema.rules:
        raise Rejected("the book's columns are not the policy's", where="schema.json", code="E_SCHEMA")
    if schema.policy != policy.digest:
        raise Rejected("the book was made under another policy", where="schema.json: policy", code="E_SCHEMA")


def _build(claim: Claim, market: Market, every: Iterable[Claim], quantities: Quantities) -> formulas.Built:
    parameters = claim.parameters
    if not isinstance(parameters, ScenarioOf):
        return formulas.build(claim.name, claim.name, parameters, market.today, quantities)
    base = next((other for other in every if other.name == parameters.base), None)
    if base is None or market.scenarios is None:
        what = "there is no such base claim" if base is None else "there are no scenarios"
        raise Rejected(what, where=claim.name, code="E_CLAIM" if base is None else "E_SCENARIO")
    splits: list[Split] = []
    inequalities: list[Inequality] = []
    for scenario in market.scenarios.require_set(parameters.set):
        label, valuation = f"{claim.name}/{scenario.name}", market.today.within(scenario)
        more_splits, more = formulas.build(base.name, label, base.parameters, valuation, quantities)
        splits.extend(more_splits)
        inequalities.extend(more)
    return tuple(splits), tuple(inequalities)


def _days(claim: Claim, market: Market) -> tuple[str, ...]:
    if not isinstance(claim.parameters, ScenarioOf) or market.scenarios is None:
        return ()
    return tuple(scenario.name for scenario in market.scenarios.sets.get(claim.parameters.set, ()))


def _require_known_holdings(policy: Policy, quantities: Quantities) -> None:
    for pool, asset in quantities.holdings:
        if pool not in policy.pools or asset not in policy.assets:
            message = "the policy knows no such pool or asset"
            raise Rejected(message, where=f"holdings: {pool}, {asset}", code="E_HOLDING")


def _name(reference: Holding | Aux) -> str:
    return reference.name if isinstance(reference, Aux) else f"{reference.asset} in {reference.pool}"
