"""Every integer of the statement's worked examples 1 and 2 (docs/statement.md, section 9)."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.support.markets import HOLDINGS, POOL, TOTALS, claim, coverage, market, policy, quantities
from verifier.markets import binance, historic
from verifier.markets.claims import PUBLIC, ClaimRows, derive
from verifier.markets.linear import Aux, Held, Holding, Total
from verifier.markets.scenarios import Scenario, fill
from verifier.markets.tiers import Table, greedy

BTC_CAPS = (
    25913449080, 17275632720, 43189081800, 86378163600, 129567245400, 129567245400, 259134490800, 604647145201,
    863781636002,
)  # fmt: skip
BTC_WEIGHTS = (11577000, 11345460, 10998150, 10419300, 9261600, 8103900, 6946200, 5788500, 3473100, 0)


def only(*claims: dict[str, Any], pick: int = 0, **changes: Any) -> ClaimRows:
    told = policy(*claims, **changes)
    days = fill(historic.DAYS, ["USDT"], 0)
    return derive(market(told, sets={"historic": days}), quantities(told)).claims[pick]


def weights(rows: ClaimRows, index: int = -1) -> dict[str, int]:
    return {_short(reference): weight for reference, weight in rows.inequalities[index].terms}


def _short(reference: Any) -> str:
    return f"A {reference.asset}" if isinstance(reference, Holding) else f"T {reference.column}"


@pytest.fixture(scope="module")
def btc(root: Path) -> Table:
    text = (root / "tests/data/markets/binance_collateral_tiers.csv").read_text(encoding="utf-8")
    return binance.from_csv(text)["BTC", "margin"]


@pytest.mark.parametrize(("sym", "slack"), [("BTC", 150000000000), ("ETH", 24999999990000), ("USDT", 99999999990000)])
def test_in_kind(sym: str, slack: int) -> None:
    rows = only(claim("held", "in-kind", assets=[sym], pools=[POOL], k=10000))
    assert weights(rows) == {f"A {sym}": 10000, f"T {sym}": -10000}
    assert [row.constant for row in rows.rows] == [slack]
    assert rows.status == PUBLIC


def test_coverage_in_full() -> None:
    rows = only(coverage())
    assert weights(rows) == {
        "A BTC": 10998150, "A ETH": 33285, "A USDT": 10000, "T BTC": -11577000, "T ETH": -36984, "T USDT": -10000,
    }  # fmt: skip
    assert [row.constant for row in rows.rows] == [52688499953016]
    assert rows.status == "public"


def test_coverage_by_five_percent_more_does_not_hold() -> None:
    rows = only(coverage(k=10500))
    assert {k: w for k, w in weights(rows).items() if k[0] == "T"} == {
        "T BTC": -12155850,
        "T ETH": -38834,
        "T USDT": -10500,
    }
    assert [row.constant for row in rows.rows] == [-230735250049334]
    assert rows.status == "failed"


def test_coverage_on_2020_03_12() -> None:
    rows = only(coverage(), claim("stress", "scenario", base="coverage", set="historic"), pick=1)
    assert weights(rows, 0) == {
        "A BTC": 6697873, "A ETH": 18540, "A USDT": 10000, "T BTC": -7050393, "T ETH": -20601, "T USDT": -10000,
    }  # fmt: skip
    assert rows.rows[0].constant == 76924594969399
    assert rows.rows[0].label == "stress/2020-03-12"
    assert len(rows.rows) == 2


def test_bitcoin_is_at_most_sixty_percent() -> None:
    rows = only(claim("btc", "share-cap", syms=["BTC"], classes=[], pools=[], cap=6000))
    assert weights(rows) == {"A BTC": -4630800, "A ETH": 22190, "A USDT": 6000}
    assert [row.constant for row in rows.rows] == [1420598000000000]


@pytest.mark.parametrize(("sym", "least"), [("BTC", 288), ("ETH", 154), ("USDT", 166)])
def test_the_least_mismatch_that_holds(sym: str, least: int) -> None:
    """287.8, 153.2 and 165.7 basis points: the next whole one holds, the one below does not."""
    assert only(claim("m", "mismatch", assets=[sym], theta=least)).status == "public"
    assert only(claim("m", "mismatch", assets=[sym], theta=least - 1)).status == "failed"


def test_the_bound_of_a_million_rows() -> None:
    """Magnitude at N = 2^20 and 64-bit columns, totals hidden: 109 bits of totals, public holdings as they are."""
    told = policy(coverage())
    known = quantities(told, dict.fromkeys(TOTALS), accounts=2**20)
    [z] = derive(market(told), known).claims[0].inequalities
    size = sum(abs(w) * known.bound(x) for x, w in z.terms if isinstance(x, Total))
    assert size == (11577000 + 36984 + 10000) * 2**20 * (2**64 - 1)


def test_the_bitcoin_table(btc: Table) -> None:
    assert [tier.start // 10**6 for tier in btc.tiers] == [0, 30, 50, 100, 200, 350, 500, 800, 1500, 2500]
    assert [tier.bps for tier in btc.tiers] == [10000, 9800, 9500, 9000, 8000, 7000, 6000, 5000, 3000, 0]
    assert btc.caps(Fraction(11577000), 2, 8) == BTC_CAPS
    assert btc.weights(Fraction(11577000)) == BTC_WEIGHTS
    assert btc.pieces()[6] == (Fraction(112_100_000), Fraction(6, 10))
    assert [alpha * 10**4 for alpha, _ in btc.pieces()] == [
        0, 6000000000, 21000000000, 71000000000, 271000000000, 621000000000, 1121000000000, 1921000000000,
        4921000000000, 12421000000000,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("held", "last", "counted", "exact", "piece"),
    [
        (500000000000, 68109182000, 4594099999996861200, 4594100000000000000, 6),
        (3000000000000, 840545909997, 12420999999977955900, 12421000000000000000, 9),
    ],
)
def test_a_tiered_holding(btc: Table, held: int, last: int, counted: int, exact: int, piece: int) -> None:
    portions = greedy(held, BTC_CAPS)
    assert portions[:piece] == BTC_CAPS[:piece]
    assert portions[piece:] == (last, *[0] * (9 - piece))
    assert sum(w * y for w, y in zip(BTC_WEIGHTS, portions, strict=True)) == counted
    value = Fraction(held * 11577000, 10**10)
    assert btc.exact(value) * 10**10 == exact
    values = [alpha + rho * value for alpha, rho in btc.pieces()]
    assert values.index(min(values)) == piece


@pytest.mark.parametrize("hidden", [False, True])
def test_a_tiered_holding_in_a_claim(btc: Table, hidden: bool) -> None:
    """5,000 BTC count 4594099999996861200, whether the verifier fills the portions or the prover commits to them."""
    told = policy(coverage(), tables={"btc": btc.to_json()}, haircuts={POOL: {"BTC": "btc"}})
    held = {(POOL, "BTC"): Held(0, True) if hidden else Held(500000000000)}
    found = derive(market(told), quantities(told, dict.fromkeys(TOTALS, 0), held))
    rows = found.claims[0]
    opening = found.opening({Holding(POOL, "BTC"): 500000000000})
    assert rows.rows[-1].value(opening) == 4594099999996861200
    if not hidden:
        assert (found.aux, rows.rows[-1].constant) == ((), 4594099999996861200)
        return
    assert found.aux == tuple(f"coverage/BTC/y{k}" for k in range(10))
    assert tuple(opening[Aux(name)] for name in found.aux) == greedy(500000000000, BTC_CAPS)
    assert tuple(row.constant for row in rows.rows[:9]) == BTC_CAPS
    assert rows.rows[-1].hidden == tuple((Aux(f"coverage/BTC/y{k}"), w) for k, w in enumerate(BTC_WEIGHTS[:9]))
    assert all(row.value(opening) >= 0 for row in found.hidden_rows())


def test_short_by_one_unit() -> None:
    """In kind, exactly enough holds and one base unit less does not."""
    told = policy(claim("held", "in-kind", assets=["BTC"], pools=[POOL], k=10000))
    for short, status in ((0, "public"), (1, "failed")):
        held = {(POOL, "BTC"): Held(TOTALS["BTC"] - short)}
        assert derive(market(told), quantities(told, holdings=held)).claims[0].status == status
    assert HOLDINGS["BTC"] > TOTALS["BTC"]


def test_a_price_of_nothing_needs_no_portions(btc: Table) -> None:
    told = policy(
        coverage(),
        claim("gone", "scenario", base="coverage", set="s"),
        tables={"btc": btc.to_json()},
        haircuts={POOL: {"BTC": "btc"}},
    )
    gone = Scenario("gone", dict.fromkeys(TOTALS, -10000), {}, {})
    held = {(POOL, "BTC"): Held(0, True)}
    found = derive(market(told, sets={"s": (gone,)}), quantities(told, TOTALS, held))
    assert found.claims[1].aux == ()
    assert found.claims[1].rows[0].hidden == ()
    assert found.claims[1].rows[0].constant == 0
