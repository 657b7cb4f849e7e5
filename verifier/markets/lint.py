"""A policy explained in plain sentences, with warnings where it says less than it seems to.

Nothing here refuses: a policy that parses is valid. This is for whoever writes one, or reads one for the first time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from verifier.markets.descriptors import OWN, Coverage, InKind, Ladder, Later, Ltv, Mismatch, ShareCap
from verifier.markets.exact import percent, unit_value
from verifier.markets.policy import RESERVE, Policy
from verifier.markets.reading import WHOLE
from verifier.markets.sentences import sentence

SAYS: Final = "says"
WARNS: Final = "warns"
FINE_ENOUGH: Final = 10**4
"""A weight below this loses more than a basis point to rounding."""
MAX_SCALE: Final = 24


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about a policy: ``level`` is "says" or "warns", ``where`` the member it is about."""

    level: str
    code: str
    where: str
    message: str


def lint_policy(policy: Policy, prices: Mapping[str, int] | None = None) -> tuple[Finding, ...]:
    """What the policy says, then what to look at. ``prices`` (sym -> price at its scale) adds the rounding check."""
    checks = (_explain(policy), _own_token(policy), _missing_haircuts(policy), _never_binding(policy))
    found = [finding for check in checks for finding in check]
    return (*found, *_vacuous(policy), *_rounding(policy, prices or {}))


def _explain(policy: Policy) -> Iterator[Finding]:
    quote = policy.quote.rpartition(":")[2]
    for purpose in sorted(set(policy.pools.values())):
        pools = sorted(pool for pool, what in policy.pools.items() if what == purpose)
        yield _says("pools", f"Holdings kept as {purpose}: {', '.join(pools)}.")
    yield _says(
        "price",
        f"A price is the median of at least {policy.price.min_sources} sources within {policy.price.window_s} seconds, "
        f"none further than {percent(policy.price.deviation_bps)} from it.",
    )
    for owner, by_sym in sorted(policy.haircuts.items()):
        for sym, haircut in sorted(by_sym.items()):
            yield _says(f"haircuts.{owner}.{sym}", _discount(policy, owner, sym, haircut, quote))
    for claim in policy.claims:
        yield _says(f"claims: {claim.name}", sentence(claim, policy, policy.claims))


def _discount(policy: Policy, owner: str, sym: str, haircut: int | str, quote: str) -> str:
    if isinstance(haircut, int):
        return f"{sym} in {owner} counts {percent(WHOLE - haircut)} of its value."
    tiers = policy.tables[haircut].tiers
    steps = [f"{percent(tier.bps)} above {tier.start:,} {quote}" for tier in tiers[1:]]
    return f"{sym} in {owner} counts {', '.join([percent(tiers[0].bps), *steps])}."


def _own_token(policy: Policy) -> Iterator[Finding]:
    for sym, asset in sorted(policy.assets.items()):
        if asset.asset_class == OWN:
            message = f"{sym} is the exchange's own token: it counts nothing in coverage, ladders and loans."
            yield _warns("E_OWN_TOKEN", f"assets.{sym}", message)


def _missing_haircuts(policy: Policy) -> Iterator[Finding]:
    """Pools that a claim discounts, and the assets in them without a haircut: one coin there fails the claim."""
    counted = {sym for sym, asset in policy.assets.items() if asset.asset_class not in (OWN, "derivative")}
    for owner, syms in sorted(_discounting(policy, counted).items()):
        for sym in sorted(syms - set(policy.haircuts.get(owner, {}))):
            message = f"{sym} has no haircut in {owner}: a claim that meets it there fails."
            yield _warns("E_HAIRCUT", f"haircuts.{owner}.{sym}", message)


def _discounting(policy: Policy, counted: set[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    columns = {column.name: column.asset for column in policy.columns}
    for claim in policy.claims:
        said = claim.parameters
        if isinstance(said, Coverage):
            found |= {pool: found.get(pool, set()) | counted for pool in said.pools}
        elif isinstance(said, Ladder):
            wanted = counted & set(said.liquid)
            found |= {pool: found.get(pool, set()) | wanted for pool in policy.reserve_pools}
        elif isinstance(said, Ltv):
            found[claim.name] = {columns[name] for name in said.collateral} & counted
    return found


def _never_binding(policy: Policy) -> Iterator[Finding]:
    for claim in policy.claims:
        said = claim.parameters
        if isinstance(said, ShareCap) and said.cap >= WHOLE:
            yield _warns("CAP", f"claims: {claim.name}", "A cap of 100 % or more never binds: nothing can exceed it.")
        if isinstance(said, Mismatch) and said.theta >= WHOLE:
            yield _warns("CAP", f"claims: {claim.name}", "A difference of 100 % or more of all holdings rarely binds.")
    for name, table in sorted(policy.tables.items()):
        for before, tier in zip(table.tiers, table.tiers[1:], strict=False):
            if before.bps == tier.bps:
                where = f"tables.{name}"
                yield _warns("CAP", where, f"The tier from {tier.start:,} has the rate of the one before it.")


def _vacuous(policy: Policy) -> Iterator[Finding]:
    for claim in policy.claims:
        said, where = claim.parameters, f"claims: {claim.name}"
        if isinstance(said, InKind | Coverage) and said.k < WHOLE:
            yield _warns("FACTOR", where, f"A factor of {percent(said.k)} promises less than all that is owed.")
        if isinstance(said, Later) or (isinstance(said, Coverage) and said.net_debt):
            yield _warns("E_UNSUPPORTED", where, "This version cannot check the claim: it will be unsupported.")
    if RESERVE not in policy.pools.values():
        yield _warns("E_POOL", "pools", "No pool is a reserve: nothing backs what is owed.")


def _rounding(policy: Policy, prices: Mapping[str, int]) -> Iterator[Finding]:
    """Base units so cheap that a weight is a small number: what scale or decimals would do."""
    for sym, asset in sorted(policy.assets.items()):
        if prices.get(sym, 0) < 1 or asset.asset_class == OWN:
            continue
        value = unit_value(Fraction(prices[sym]), policy.price.scale, asset.decimals, policy.value_scale)
        if value < FINE_ENOUGH:
            yield _warns("ROUNDING", f"assets.{sym}", _remedy(policy, sym, value))


def _remedy(policy: Policy, sym: str, value: Fraction) -> str:
    """How many digits are missing, and where to find them."""
    missing = 0
    while value * 10**missing < FINE_ENOUGH:
        missing += 1
    begin = f"One base unit of {sym} is worth less than {FINE_ENOUGH:,} money units, so rounding shows"
    scale, decimals = policy.value_scale + missing, policy.assets[sym].decimals - missing
    if scale <= MAX_SCALE:
        return f"{begin}: a value_scale of {scale} would do."
    if decimals >= 0:
        return f"{begin}: {decimals} decimals in the book would do."
    return f"{begin}: raise value_scale to {MAX_SCALE} and lower its decimals."


def _says(where: str, message: str) -> Finding:
    return Finding(SAYS, "", where, message)


def _warns(code: str, where: str, message: str) -> Finding:
    return Finding(WARNS, code, where, message)
