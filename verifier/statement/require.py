"""What a reader asks for, compared with what was claimed and holds (docs/statement.md, 1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from verifier.markets.descriptors import Claim, Coverage, InKind, Ltv, Mismatch, ScenarioOf, ShareCap
from verifier.markets.exact import percent
from verifier.markets.policy import Policy
from verifier.schema import Schema
from verifier.statement.claims import FAILED, NOT_CLAIMED, STALE, ClaimResult
from verifier.trust.requirement import CEILINGS, EVERY, PLAIN, SCENARIO, Requirement


@dataclass(frozen=True)
class Claimed:
    """Everything that the policy claims, and what became of it."""

    results: tuple[ClaimResult, ...]
    by_name: Mapping[str, Claim]
    policy: Policy | None


def unmet(
    asked: Iterable[Requirement], results: Sequence[ClaimResult], schema: Schema, policy: Policy | None
) -> tuple[str, ...]:
    """One sentence for each thing that is asked for and not there. "*" asks for each sym with a balance column."""
    syms = sorted({column.asset for column in schema.columns if column.kind == "balance"})
    claimed = Claimed(tuple(results), {result.claim.name: result.claim for result in results}, policy)
    found = []
    for requirement in asked:
        for asset in syms if requirement.asset == EVERY else [requirement.asset]:
            reason = _missing(requirement, asset, claimed)
            if reason:
                found.append(f"you ask for {_wanted(requirement, asset)}: {reason}")
    return tuple(found)


def rate_of(claim: Claim, by_name: Mapping[str, Claim]) -> tuple[int | None, str]:
    """(k in basis points, None where the kind has none; the kind of the base for a scenario)."""
    said = claim.parameters
    if isinstance(said, ScenarioOf):
        base = by_name.get(said.base)
        return (None, "") if base is None else (rate_of(base, {})[0], base.kind)
    for kind, name in ((InKind, "k"), (Coverage, "k"), (Ltv, "l"), (ShareCap, "cap"), (Mismatch, "theta")):
        if isinstance(said, kind):
            return getattr(said, name), ""
    return None, ""


def _missing(requirement: Requirement, asset: str, claimed: Claimed) -> str:
    """Why it is not there; "" where it is, or failed or grown stale, which is said elsewhere and weighs more."""
    by_name = claimed.by_name
    of_kind = [
        result
        for result in claimed.results
        if result.claim.kind == requirement.kind and _is_about(result.claim, asset, claimed)
    ]
    enough = [result for result in of_kind if requirement.is_met_by(*rate_of(result.claim, by_name))]
    if any(result.met or result.status in (FAILED, STALE) for result in enough):
        return ""
    made = [result for result in of_kind if result.status != NOT_CLAIMED]
    if not made:
        return "no such claim is made"
    if not any(result in enough for result in made):
        rates = sorted({k for result in made if (k := rate_of(result.claim, by_name)[0]) is not None})
        return f"it is claimed at {', '.join(map(percent, rates))} only"
    statuses = sorted({f"{result.claim.name} is {result.status}" for result in enough})
    return ", ".join(statuses)


def _is_about(claim: Claim, asset: str, claimed: Claimed) -> bool:
    """Whether a claim speaks of ``asset``; of any where the reader names none."""
    said = claim.parameters
    if isinstance(said, ScenarioOf):
        base = claimed.by_name.get(said.base)
        return base is not None and _is_about(base, asset, claimed)
    if not asset:
        return True
    if isinstance(said, InKind | Mismatch):
        return asset in (said.assets or ())
    return isinstance(said, ShareCap) and claimed.policy is not None and _caps(said, asset, claimed.policy)


def _caps(said: ShareCap, asset: str, policy: Policy) -> bool:
    """Whether it limits ``asset`` in all reserves: a set that contains it, not measured in some pools only."""
    listed = policy.assets.get(asset)
    inside = asset in said.syms or (listed is not None and listed.asset_class in said.classes)
    return inside and (not said.pools or set(said.pools) >= set(policy.reserve_pools))


def _wanted(requirement: Requirement, asset: str) -> str:
    of = f" of {asset}" if asset else ""
    if requirement.kind in PLAIN:
        return f"{requirement.kind}{of}"
    side = "at most" if requirement.kind in CEILINGS else "with" if requirement.kind == SCENARIO else "at least"
    return f"{requirement.kind}{of}, {side} {percent(requirement.min_k)}"
