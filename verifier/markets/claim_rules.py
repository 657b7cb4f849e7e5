"""What a claim may refer to (docs/statement.md, section 5): assets, columns and claims that the policy has."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.errors import Rejected
from verifier.markets.descriptors import Claim, InKind, Ladder, Ltv, Mismatch, ScenarioOf, ShareCap, expand
from verifier.markets.policy import Policy


def check(policy: Policy, claim: Claim) -> None:
    """Raises Rejected (E_CLAIM) unless everything that ``claim`` names is there and of the right kind."""
    said = claim.parameters
    if isinstance(said, InKind | Mismatch):
        _require_assets(policy, claim, said.assets or ())
    elif isinstance(said, ShareCap):
        _require_assets(policy, claim, said.syms)
    elif isinstance(said, Ladder):
        _require_assets(policy, claim, (*said.liquid, *said.outflow))
    elif isinstance(said, Ltv):
        _require_columns(policy, claim, said.collateral, "collateral")
        _require_columns(policy, claim, said.debt, "debt")
    elif isinstance(said, ScenarioOf):
        _require_base(policy, claim, said.base)


def _require_assets(policy: Policy, claim: Claim, syms: Iterable[str]) -> None:
    for sym in syms:
        if sym not in policy.assets:
            raise _refused(claim, f"asset {sym} is not listed")


def _require_columns(policy: Policy, claim: Claim, names: Iterable[str], kind: str) -> None:
    kinds = {column.name: column.kind for column in policy.columns}
    for name in names:
        if kinds.get(name) != kind:
            raise _refused(claim, f"there is no {kind} column {name}")


def _require_base(policy: Policy, claim: Claim, name: str) -> None:
    """The base is an expanded claim that prices enter: a claim in kind is the same on every day."""
    bases = {other.name: other for other in expand(policy.claims, policy.columns)}
    if name not in bases:
        raise _refused(claim, f"there is no claim {name}")
    if isinstance(bases[name].parameters, ScenarioOf | InKind):
        raise _refused(claim, f"prices do not enter {name}")


def _refused(claim: Claim, message: str) -> Rejected:
    return Rejected(message, where=f"policy: claims: {claim.name}", code="E_CLAIM")
