"""Each claim in plain words (docs/statement.md, section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from verifier.markets.descriptors import (
    EXCLUDE,
    OWN,
    Claim,
    Coverage,
    InKind,
    Ladder,
    Ltv,
    Mismatch,
    ScenarioOf,
    ShareCap,
)
from verifier.markets.exact import percent
from verifier.markets.policy import Policy

_LATER = {
    "fund-oi": "The fund covers its share of open interest.",
    "matched": "Every position has its opposite in the book.",
    "delta": "The change since last epoch equals the signed flows.",
    "es": "The worst losses together average at most a limit.",
    "var": "At most so many losses exceed a limit.",
    "deficit": "Accounts together miss their margin by at most a limit.",
    "absorb": "The pools cover all account losses: none is socialised.",
    "cover": "The pools cover the largest account losses.",
    "breach": "An account is below its margin.",
    "healthy": "An account is above its margin.",
}


def sentence(claim: Claim, policy: Policy, claims: Iterable[Claim], scenarios: Sequence[str] = ()) -> str:
    """What the claim says. ``claims`` holds the base of a scenario claim, ``scenarios`` the names in its set."""
    said = claim.parameters
    if not isinstance(said, ScenarioOf):
        return _book(claim, policy)
    base = next((other for other in claims if other.name == said.base), None)
    inner = said.base if base is None else _book(base, policy)
    days = _listing(scenarios) if 0 < len(scenarios) <= 3 else f"all {len(scenarios)} scenarios of {said.set}"
    return f'"{inner}" also holds in {days if scenarios else said.set}.'


def _book(claim: Claim, policy: Policy) -> str:
    said = claim.parameters
    if isinstance(said, InKind):
        assets = _assets(said.assets)
        return f"Holdings of {assets} are at least {percent(said.k)} of what is owed in {assets}."
    if isinstance(said, Coverage):
        owed = f"all that is owed{_except(said, policy)}"
        return f"After discounts, holdings are worth at least {percent(said.k)} of {owed}."
    if isinstance(said, Ltv):
        return f"Loans are at most {percent(said.l)} of discounted collateral."
    if isinstance(said, ShareCap):
        within = f" in {_listing(said.pools)}" if said.pools and (said.syms or said.classes) else ""
        return f"{_set(said)} is at most {percent(said.cap)} of holdings{within}."
    if isinstance(said, Ladder):
        span = _span(said.horizon)
        return f"What can be sold within {span} covers withdrawals of {span}."
    if isinstance(said, Mismatch):
        return f"{_assets(said.assets)} held and owed differ by at most {percent(said.theta)} of holdings."
    return _LATER.get(claim.kind, claim.name)


def _assets(assets: tuple[str, ...] | None) -> str:
    return "each asset" if assets is None else _listing(assets)


def _except(claim: Coverage, policy: Policy) -> str:
    own = sorted(sym for sym, asset in policy.assets.items() if asset.asset_class == OWN)
    return f" except {_listing(own)}" if claim.own == EXCLUDE and own else ""


def _set(claim: ShareCap) -> str:
    if claim.syms or claim.classes:
        return _listing([*claim.syms, *(f"class {name}" for name in claim.classes)])
    return f"What is in {_listing(claim.pools)}"


def _listing(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _span(seconds: int) -> str:
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds % size == 0:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
