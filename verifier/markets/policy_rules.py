"""What must hold between the members of a policy (docs/statement.md, section 4).

Each check is one function and one code. They run whenever a Policy is built, so no other one exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verifier.errors import Rejected
from verifier.markets import claim_rules
from verifier.markets.descriptors import EXCLUDE, OWN, Claim, Coverage, InKind, Ltv, ShareCap, expand
from verifier.markets.policy import RESERVE, Policy
from verifier.markets.reading import WHOLE
from verifier.markets.tiers import CONCAVE

POSITION_KINDS: Final = ("long", "short", "cost_long", "cost_short")


def check(policy: Policy) -> None:
    """Raises Rejected: E_LINE_UNIT, E_SCHEMA, E_HAIRCUT, E_TIER_SIGN, E_OWN_TOKEN, E_POOL or E_CLAIM."""
    check_units(policy)
    check_columns(policy)
    check_haircut_names(policy)
    for name, sym, haircut in _haircuts(policy):
        check_haircut(policy, name, sym, haircut)
    expand(policy.claims, policy.columns)
    for claim in policy.claims:
        check_pools(policy, claim)
        claim_rules.check(policy, claim)
    check_own_token(policy)


def check_units(policy: Policy) -> None:
    """A unit is one asset's: under two names the same coin would count twice."""
    owners: dict[str, str] = {}
    for sym, asset in sorted(policy.assets.items()):
        for unit in asset.units:
            if unit in owners:
                message = f"the same unit is listed for {owners[unit]}"
                raise Rejected(message, where=f"policy: assets.{sym}.units.{unit}", code="E_LINE_UNIT")
            owners[unit] = sym


def check_columns(policy: Policy) -> None:
    """Columns have names of their own and count base units of a listed asset."""
    names = [column.name for column in policy.columns]
    if len(set(names)) != len(names):
        raise Rejected("two columns have one name", where="policy: columns", code="E_SCHEMA")
    for column in policy.columns:
        asset = policy.assets.get(column.asset)
        if asset is None or asset.decimals != column.decimals:
            what = "is not listed" if asset is None else f"has {asset.decimals} decimals"
            where = f"policy: columns: {column.name}"
            raise Rejected(f"asset {column.asset} {what}, unlike this column", where=where, code="E_SCHEMA")


def check_haircut_names(policy: Policy) -> None:
    """Haircuts belong to a pool or to an ltv claim, never to both at once."""
    claims = {claim.name for claim in policy.claims if isinstance(claim.parameters, Ltv)}
    for name in policy.haircuts:
        if (name in policy.pools) == (name in claims):
            what = "is both a pool and a claim" if name in claims else "is neither a pool nor an ltv claim"
            raise Rejected(f"{name} {what}", where=f"policy: haircuts.{name}", code="E_HAIRCUT")


def check_haircut(policy: Policy, name: str, sym: str, haircut: int | str) -> None:
    """One haircut: a listed asset, at most all of it, a concave table at most at par, the own token always at 100 %."""
    where = f"policy: haircuts.{name}.{sym}"
    if sym not in policy.assets:
        raise Rejected(f"asset {sym} is not listed", where=where, code="E_HAIRCUT")
    if policy.assets[sym].asset_class == OWN and haircut != WHOLE:
        raise Rejected("the exchange's own token counts nothing: its haircut is 10000", where=where, code="E_OWN_TOKEN")
    if isinstance(haircut, int):
        if haircut > WHOLE:
            raise Rejected("a haircut is at most 10000", where=where, code="E_HAIRCUT")
        return
    table = policy.tables.get(haircut)
    if table is None:
        raise Rejected(f"there is no table {haircut}", where=where, code="E_HAIRCUT")
    if table.kind != CONCAVE:
        raise Rejected("collateral counts by a concave table", where=where, code="E_TIER_SIGN")
    if table.tiers[0].bps > WHOLE:
        raise Rejected("collateral never counts more than it is worth", where=where, code="E_HAIRCUT")


def check_pools(policy: Policy, claim: Claim) -> None:
    """The pools a claim names exist; in-kind and coverage read reserves only."""
    parameters = claim.parameters
    if not isinstance(parameters, InKind | Coverage | ShareCap):
        return
    for pool in parameters.pools:
        purpose = policy.pools.get(pool)
        any_purpose = isinstance(parameters, ShareCap) and (parameters.syms or parameters.classes)
        if purpose is None or not (any_purpose or purpose == RESERVE):
            what = "there is no such pool" if purpose is None else f"this claim reads reserves, and {pool} is {purpose}"
            raise Rejected(what, where=f"policy: claims: {claim.name}: pools: {pool}", code="E_POOL")


def check_own_token(policy: Policy) -> None:
    """Where coverage leaves the own token out, a claim in kind must cover it in full, and nothing may be netted."""
    excluding = [c for c in policy.claims if isinstance(c.parameters, Coverage) and c.parameters.own == EXCLUDE]
    for claim in excluding:
        netted = getattr(claim.parameters, "net_debt", 0) or any(c.kind in POSITION_KINDS for c in policy.columns)
        if netted:
            raise _own_token("nothing may be netted where the own token is left out", claim.name)
        for sym in sorted({c.asset for c in policy.columns if policy.assets[c.asset].asset_class == OWN}):
            if not _covered_in_kind(policy, sym):
                raise _own_token(f"{sym} is left out and no claim in kind covers it in full", claim.name)


def _own_token(message: str, name: str) -> Rejected:
    return Rejected(message, where=f"policy: claims: {name}", code="E_OWN_TOKEN")


def _covered_in_kind(policy: Policy, sym: str) -> bool:
    claims = [claim.parameters for claim in policy.claims if isinstance(claim.parameters, InKind)]
    return any((c.assets is None or sym in c.assets) and c.k >= WHOLE for c in claims)


def _haircuts(policy: Policy) -> Iterator[tuple[str, str, int | str]]:
    for name, by_sym in sorted(policy.haircuts.items()):
        for sym, haircut in sorted(by_sym.items()):
            yield name, sym, haircut
