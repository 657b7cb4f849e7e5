"""What the lint says about a policy."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.markets import POOL, USD_PRICES, asset, claim, column, coverage, policy, policy_json
from verifier.markets.lint import Finding, lint_policy

IN_KIND = claim("held", "in-kind", assets="*", pools=[POOL], k=10000)
OWN = {"FTT": {**asset(), "class": "own"}}
TIERS = [{"from": "0", "bps": 10000}, {"from": "1000000", "bps": 5000}, {"from": "2000000", "bps": 5000}]


def warnings(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in found if finding.level == "warns"]


def only_warning(found: tuple[Finding, ...]) -> Finding:
    [warning] = [finding for finding in found if finding.level == "warns"]
    return warning


def test_a_policy_in_plain_sentences() -> None:
    found = lint_policy(policy(IN_KIND, coverage()), USD_PRICES)
    assert warnings(found) == []
    assert [finding.message for finding in found] == [
        "Holdings kept as reserve: cold.",
        "A price is the median of at least 2 sources within 60 seconds, none further than 1 % from it.",
        "BTC in cold counts 95 % of its value.",
        "ETH in cold counts 90 % of its value.",
        "USDT in cold counts 100 % of its value.",
        "Holdings of each asset are at least 100 % of what is owed in each asset.",
        "After discounts, holdings are worth at least 100 % of all that is owed.",
    ]


def test_tables_are_told_tier_by_tier() -> None:
    told = policy(tables={"t": {"kind": "concave", "tiers": TIERS[:2]}}, haircuts={POOL: {"BTC": "t"}})
    assert "BTC in cold counts 100 %, 50 % above 1,000,000 USD." in [f.message for f in lint_policy(told)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"assets": OWN, "columns": [], "haircuts": {}}, ("E_OWN_TOKEN", "assets.FTT")),
        ({"claims": [coverage()], "haircuts": {POOL: {"BTC": 0, "ETH": 0}}}, ("E_HAIRCUT", "haircuts.cold.USDT")),
        (
            {
                "claims": [claim("week", "ladder", horizon=1, liquid={"BTC": 1}, outflow={})],
                "haircuts": {},
            },
            ("E_HAIRCUT", "haircuts.cold.BTC"),
        ),
        (
            {
                "claims": [claim("loans", "ltv", collateral=["BTC:pledged"], debt=["BTC:debt"], l=1)],
                "columns": [column("BTC:pledged", kind="collateral"), column("BTC:debt", kind="debt")],
            },
            ("E_HAIRCUT", "haircuts.loans.BTC"),
        ),
        ({"claims": [claim("c", "share-cap", syms=["BTC"], classes=[], pools=[], cap=10000)]}, ("CAP", "claims: c")),
        ({"claims": [claim("m", "mismatch", assets="*", theta=10000)]}, ("CAP", "claims: m")),
        ({"tables": {"t": {"kind": "concave", "tiers": TIERS}}}, ("CAP", "tables.t")),
        ({"claims": [coverage(k=9999)]}, ("FACTOR", "claims: coverage")),
        ({"claims": [coverage(net_debt=1)]}, ("E_UNSUPPORTED", "claims: coverage")),
        ({"claims": [claim("d", "delta", column="BTC")]}, ("E_UNSUPPORTED", "claims: d")),
        ({"pools": {POOL: "insurance"}}, ("E_POOL", "pools")),
    ],
)  # fmt: skip
def test_warnings(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert warnings(lint_policy(policy(**changes), USD_PRICES)) == [expected]


@pytest.mark.parametrize(
    ("decimals", "scale", "remedy"),
    [
        (8, 10, "a value_scale of 17 would do."),
        (18, 24, "15 decimals in the book would do."),
        (2, 2, "a value_scale of 5 would do."),
    ],
)
def test_base_units_that_are_too_cheap(decimals: int, scale: int, remedy: str) -> None:
    """0.00001797 USD (SHIB) with 8 and 18 decimals; 17.97 USD with 2 decimals at value_scale 2."""
    price = {"SHIB": 1797 if decimals > 2 else 1797 * 10**6}
    told = policy(
        assets={"SHIB": asset(decimals)},
        columns=[column("SHIB", decimals=decimals)],
        haircuts={},
        value_scale=scale,
        price={**policy_json()["price"], "scale": 8},
    )
    warning = only_warning(lint_policy(told, price))
    assert warning.code == "ROUNDING"
    assert warning.message.endswith(remedy)
    assert warnings(lint_policy(told)) == []


@pytest.mark.parametrize(("price", "warned"), [(10**4, False), (10**4 - 1, True)])
def test_the_edge_of_fine_enough(price: int, warned: bool) -> None:
    told = policy(
        assets={"X": asset(8)}, columns=[], haircuts={}, value_scale=10, price={**policy_json()["price"], "scale": 2}
    )
    assert bool(warnings(lint_policy(told, {"X": price}))) is warned
