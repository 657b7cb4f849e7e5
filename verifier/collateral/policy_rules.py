"""What a policy says of collateral, as the rules that lines are judged by (docs/statement.md, section 4)."""

from __future__ import annotations

from verifier.collateral.rules import AssetUnits, Rules
from verifier.markets.policy import Policy


def rules_of(policy: Policy) -> Rules:
    """The rules of ``policy``: its assets with their units, its pools, its member ``collateral``."""
    said = policy.collateral
    return Rules(
        legacy=said.legacy,
        legacy_messages=said.legacy_messages,
        amounts=said.amounts,
        beacon_age_s=said.beacon_age_s,
        skew_s=said.skew_s,
        finality=said.finality,
        valuation_age_s=said.valuation_age_s,
        assets={sym: AssetUnits(asset.decimals, asset.units) for sym, asset in policy.assets.items()},
        pools=frozenset(policy.pools),
    )
