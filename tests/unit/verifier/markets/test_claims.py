"""The rows of claims: their order, what fails them, and what is not supported."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.markets import (
    HAIRCUTS,
    POOL,
    TOTALS,
    USD_PRICES,
    asset,
    claim,
    column,
    coverage,
    market,
    policy,
    policy_json,
    quantities,
    schema,
)
from tests.support.refusals import refused
from verifier.errors import Rejected
from verifier.markets.claims import ClaimRows, Derivation, Market, derive, require_columns
from verifier.markets.descriptors import Claim
from verifier.markets.linear import Aux, Held, Holding, Inequality, Quantities, Reference, Row, Total
from verifier.markets.policy import Policy
from verifier.markets.prices import Prices
from verifier.markets.scenarios import Scenario
from verifier.schema import Column, Rule, Schema

TABLE = {"kind": "concave", "tiers": [{"from": "0", "bps": 9000}, {"from": "1000", "bps": 5000}]}
WARM = {POOL: "reserve", "warm": "reserve"}
IN_KIND = claim("held", "in-kind", assets="*", pools=[POOL], k=10000)
LADDER = {"horizon": 604800, "liquid": {"BTC": 5000}, "outflow": {"BTC": 2000, "ETH": 3000, "USDT": 100}}


def one(told: Policy, known: Quantities | None = None, **changes: Any) -> ClaimRows:
    return derive(market(told, **changes), known or quantities(told)).claims[-1]


def failure(rows: ClaimRows) -> str:
    assert rows.failure is not None
    assert (rows.status, rows.rows, rows.inequalities) == ("failed", (), ())
    return rows.failure.code


def hidden_market() -> Derivation:
    """Two tabled assets in two pools, hidden; a scenario claim over them."""
    told = policy(
        IN_KIND,
        coverage(pools=["warm", POOL]),
        claim("stress", "scenario", base="coverage", set="s"),
        pools=WARM,
        tables={"t": TABLE},
        haircuts={pool: {"BTC": "t", "ETH": "t", "USDT": 0} for pool in WARM},
    )
    held = {("warm", "BTC"): Held(5, True), (POOL, "ETH"): Held(0, True), (POOL, "BTC"): Held(7)}
    days = tuple(Scenario(name, dict.fromkeys(USD_PRICES, shock), {}, {}) for name, shock in (("b", -100), ("a", 50)))
    return derive(market(told, sets={"s": days}), quantities(told, dict.fromkeys(TOTALS), held))


def test_the_order_of_rows() -> None:
    found = hidden_market()
    assert found.aux == tuple(
        f"{label}/{sym}/y{k}"
        for label in ("coverage", "stress/b", "stress/a")
        for sym in ("BTC", "ETH")
        for k in range(2)
    )
    labels = [row.label for row in found.hidden_rows()]
    assert labels[:2] == [f"ETH in {POOL} is not negative", "BTC in warm is not negative"]
    assert labels[2:14] == [f"{name} is not negative" for name in found.aux]
    assert labels[14:17] == ["held:BTC/BTC", "held:ETH/ETH", "held:USDT/USDT"]
    per_claim = ["{}/BTC/y0 within its cap", "{}/ETH/y0 within its cap", "{}/BTC split", "{}/ETH split", "{}"]
    expected = [text.format(label) for label in ("coverage", "stress/b", "stress/a") for text in per_claim]
    assert labels[17:] == expected


def test_a_hidden_part_has_a_row_of_its_own() -> None:
    """The row bounds what is hidden alone: a public part in it would let the hidden part be negative."""
    found = hidden_market()
    assert found.range_rows[1] == Row("BTC in warm is not negative", ((Holding("warm", "BTC"), 1),), 0)
    split = next(row for row in found.hidden_rows() if row.label == "coverage/BTC split")
    assert split.hidden == (
        (Holding("warm", "BTC"), 1), (Aux("coverage/BTC/y0"), -1), (Aux("coverage/BTC/y1"), -1),
    )  # fmt: skip
    assert split.constant == 12


def test_an_honest_opening_satisfies_every_row_of_portions() -> None:
    found = hidden_market()
    known: dict[Reference, int] = {Holding("warm", "BTC"): 10**9, Holding(POOL, "ETH"): 10**11}
    known |= {Total(sym): 10 for sym in TOTALS}
    opening = found.opening(known)
    assert all(0 <= row.value(opening) < 2**128 for row in found.hidden_rows() if row.label[:5] != "held:")
    assert opening[Aux("coverage/BTC/y0")] + opening[Aux("coverage/BTC/y1")] == 10**9 + 12


def test_statuses() -> None:
    told = policy(coverage())
    assert one(told).status == "public"
    assert one(told, quantities(told, dict.fromkeys(TOTALS))).status == "to prove"
    assert one(told, quantities(told, holdings={})).status == "failed"


def test_a_missing_price_fails_what_reads_it_and_only_that() -> None:
    told = policy(IN_KIND, coverage())
    values = {sym: price for sym, price in USD_PRICES.items() if sym != "ETH"}
    found = derive(market(told, values), quantities(told))
    assert [rows.status for rows in found.claims] == ["public", "public", "public", "failed"]
    assert failure(found.claims[-1]) == "E_PRICE_MISSING"
    with refused(Rejected, "E_PRICE_MISSING"):
        found.hidden_rows()


@pytest.mark.parametrize(
    ("haircuts", "code"),
    [
        ({POOL: {"BTC": 0, "ETH": 0}}, "E_HAIRCUT"),
        ({}, "E_HAIRCUT"),
        ({POOL: {**HAIRCUTS, "BTC": "t"}, "warm": {"BTC": "u"}}, "E_HAIRCUT"),
        ({POOL: {**HAIRCUTS, "BTC": "t"}, "warm": {"BTC": 500}}, "E_HAIRCUT"),
    ],
    ids=["one missing", "all missing", "two tables", "flat and table"],
)
def test_haircuts_that_are_missing_or_disagree(haircuts: dict[str, Any], code: str) -> None:
    told = policy(coverage(pools=[POOL, "warm"]), pools=WARM, tables={"t": TABLE, "u": TABLE}, haircuts=haircuts)
    assert failure(one(told)) == code


def test_a_table_must_cover_every_pool_that_holds_the_asset() -> None:
    told = policy(
        coverage(pools=[POOL, "warm"]), pools=WARM, tables={"t": TABLE}, haircuts={POOL: {**HAIRCUTS, "BTC": "t"}}
    )
    assert failure(one(told, quantities(told, holdings={("warm", "BTC"): Held(1)}))) == "E_HAIRCUT"


def test_the_own_token_counts_nothing() -> None:
    assets = {**policy_json()["assets"], "FTT": {**asset(), "class": "own"}}
    columns = [*policy_json()["columns"], column("FTT")]
    in_kind = claim("own", "in-kind", assets=["FTT"], pools=[POOL], k=10000)
    prices = {**USD_PRICES, "FTT": 2200}
    totals = {**dict.fromkeys(TOTALS, 0), "FTT": 1}
    held = {(POOL, "FTT"): Held(10**12)}
    zero = policy(in_kind, coverage(), assets=assets, columns=columns)
    assert one(zero, quantities(zero, totals, held), values=prices).rows[-1].constant == -2200
    excluded = policy(in_kind, coverage(own="exclude"), assets=assets, columns=columns)
    rows = one(excluded, quantities(excluded, totals, held))
    assert (rows.status, rows.rows[-1].constant) == ("public", 0)
    assert rows.sentence.endswith("of all that is owed except FTT.")


def test_scenarios_must_be_there_and_say_everything() -> None:
    told = policy(coverage(), claim("stress", "scenario", base="coverage", set="s"))
    assert failure(one(told)) == "E_SCENARIO"
    silent = Scenario("day", {"BTC": -1}, {}, {})
    assert failure(one(told, sets={"s": (silent,)})) == "E_SCENARIO"
    assert failure(one(told, sets={"other": (silent,)})) == "E_SCENARIO"


def test_a_scenario_with_prices_needs_none_of_today() -> None:
    told = policy(coverage(), claim("stress", "scenario", base="coverage", set="s"))
    day = Scenario("day", {}, USD_PRICES, {})
    found = derive(market(told, {}, {"s": (day,)}), quantities(told))
    assert [rows.status for rows in found.claims] == ["failed", "public"]
    assert found.claims[1].rows[0].constant == 52688499953016


def test_a_ladder_says_how_much_of_everything_is_withdrawn() -> None:
    short = {**LADDER, "outflow": {"BTC": 1}}
    assert failure(one(policy(claim("week", "ladder", **short)))) == "E_CLAIM"


def test_weights_that_could_wrap_around() -> None:
    told = policy(coverage(k=1000000), value_scale=24, price={**policy_json()["price"], "scale": 0},
                  columns=[column(sym, bits=128) for sym in TOTALS])  # fmt: skip
    prices = dict.fromkeys(TOTALS, 2**96 - 1)
    assert failure(one(told, quantities(told, dict.fromkeys(TOTALS), accounts=2**40), values=prices)) == "E_BOUND"


def test_the_bound_at_its_edge() -> None:
    told = policy()
    known = quantities(told, {"BTC": None}, {}, accounts=1)
    bound = 2**64 - 1
    weight, rest = divmod(2**250 - 1, bound)
    assert Inequality("z", ((Total("BTC"), weight),), -rest).row(known).constant == -rest
    with refused(Rejected, "E_BOUND"):
        Inequality("z", ((Total("BTC"), weight),), -rest - 1).row(known)


def test_the_bound_of_everything_that_is_read() -> None:
    known = quantities(policy(), {"BTC": None, "ETH": 7}, {(POOL, "BTC"): Held(5, True), (POOL, "ETH"): Held(6)}, 9)
    bounds: dict[Reference, int] = {
        Total("BTC"): 9 * (2**64 - 1),
        Total("ETH"): 7,
        Holding(POOL, "BTC"): 5 + 2**128,
        Holding(POOL, "ETH"): 6,
        Aux("a"): 2**128,
    }
    assert {reference: known.bound(reference) for reference in bounds} == bounds


def test_a_total_that_is_not_told() -> None:
    assert failure(one(policy(coverage()), quantities(policy(coverage()), {"BTC": 1}))) == "E_TOTAL"


@pytest.mark.parametrize(
    ("descriptor", "kind"),
    [
        (coverage(net_debt=1), "coverage"),
        (claim("a", "delta", column="BTC"), "delta"),
        (claim("a", "es", set="s", K=1, limit="0"), "es"),
    ],
)
def test_unsupported(descriptor: dict[str, Any], kind: str) -> None:
    rows = one(policy(descriptor))
    assert (rows.claim.kind, rows.status, rows.rows) == (kind, "unsupported", ())
    assert rows.sentence.endswith(".")
    stressed = policy(descriptor, claim("s", "scenario", base=descriptor["name"], set="s"))
    assert one(stressed).status == "unsupported"


def test_coverage_of_a_book_with_positions_is_unsupported() -> None:
    told = policy(coverage(), columns=[*policy_json()["columns"], column("BTC:long", kind="long")])
    assert one(told, quantities(told, {**TOTALS, "BTC:long": 0})).status == "unsupported"


def test_debts_count_as_nothing() -> None:
    told = policy(coverage(), columns=[*policy_json()["columns"], column("BTC:debt", kind="debt")])
    assert one(told, quantities(told, {**TOTALS, "BTC:debt": 10**18})).rows[-1].constant == 52688499953016


def test_several_columns_of_one_asset_are_owed_together() -> None:
    told = policy(IN_KIND, columns=[column("BTC"), column("BTC:savings")])
    known = quantities(told, {"BTC": 100000000, "BTC:savings": 90000001})
    rows = one(told, known)
    assert (rows.status, rows.rows[0].constant) == ("failed", -10000)


def test_the_book_is_the_policys() -> None:
    told = policy(coverage())
    good = schema(told)
    require_columns(told, good)
    for wrong in (
        Schema(good.columns[:2], (), told.digest),
        Schema((*good.columns[:2], Column("USDT", "USDT", 6, 72, "balance")), (), told.digest),
        Schema(good.columns, (Rule("r", (("BTC", 1),)),), told.digest),
        Schema(good.columns, (), "00" * 32),
        Schema(good.columns),
    ):
        with refused(Rejected, "E_SCHEMA"):
            derive(market(told), Quantities(3, wrong, TOTALS, {}))


@pytest.mark.parametrize("key", [("hot", "BTC"), (POOL, "DOGE")])
def test_holdings_the_policy_does_not_know(key: tuple[str, str]) -> None:
    told = policy(coverage())
    with refused(Rejected, "E_HOLDING"):
        derive(market(told), quantities(told, holdings={key: Held(1)}))


def test_only_the_policys_claims_are_derived() -> None:
    told = policy(coverage())
    other = Claim.from_json(coverage(k=1), "claim")
    with refused(Rejected, "E_CLAIM"):
        derive(market(told), quantities(told), [other])
    assert derive(market(told), quantities(told), []).claims == ()


def test_two_claims_never_share_an_auxiliary_name() -> None:
    """A claim "a/d" and scenario d of claim "a" would both create a/d/BTC/y0."""
    told = policy(
        coverage("a/d"),
        claim("a", "scenario", base="a/d", set="s"),
        tables={"t": TABLE},
        haircuts={POOL: {**HAIRCUTS, "BTC": "t"}},
    )
    day = Scenario("d", dict.fromkeys(TOTALS, 0), {}, {})
    with refused(Rejected, "E_AUX"):
        derive(market(told, sets={"s": (day,)}), quantities(told, TOTALS, {(POOL, "BTC"): Held(0, True)}))


def test_prices_that_failed_name_their_reason() -> None:
    told = policy(coverage())
    doubtful = Prices({}, {"BTC": Rejected("a quote is too far from the median", code="E_PRICE_DEVIATION")}, {})
    rows = derive(Market(told, doubtful), quantities(told)).claims[0]
    assert rows.failure is not None
    assert "E_PRICE_DEVIATION" in rows.failure.hint


SENTENCES = {
    "Holdings of BTC are at least 100 % of what is owed in BTC.": claim(
        "c", "in-kind", assets=["BTC"], pools=[POOL], k=10000
    ),
    "After discounts, holdings are worth at least 105 % of all that is owed.": coverage(k=10500),
    "BTC and class stablecoin is at most 60.5 % of holdings.": claim(
        "c", "share-cap", syms=["BTC"], classes=["stablecoin"], pools=[], cap=6050
    ),
    "What is in cold is at most 10 % of holdings.": claim(
        "c", "share-cap", syms=[], classes=[], pools=[POOL], cap=1000
    ),
    "What can be sold within 7 days covers withdrawals of 7 days.": claim("c", "ladder", **LADDER),
    "ETH held and owed differ by at most 2.88 % of holdings.": claim("c", "mismatch", assets=["ETH"], theta=288),
}


@pytest.mark.parametrize("expected", SENTENCES)
def test_sentences(expected: str) -> None:
    assert one(policy(SENTENCES[expected])).sentence == expected


def test_the_sentence_of_a_scenario() -> None:
    told = policy(coverage(), claim("stress", "scenario", base="coverage", set="s"))
    days = tuple(Scenario(name, dict.fromkeys(TOTALS, 0), {}, {}) for name in "abcd")
    said = '"After discounts, holdings are worth at least 100 % of all that is owed." also holds in '
    assert one(told, sets={"s": days[:2]}).sentence == said + "a and b."
    assert one(told, sets={"s": days}).sentence == said + "all 4 scenarios of s."
