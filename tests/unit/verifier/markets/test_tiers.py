"""Tiers and portions: every real schedule, exactly, and the two forms they are imported from."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.refusals import refused
from verifier.errors import Malformed, Rejected
from verifier.markets import binance
from verifier.markets.exact import unit_value
from verifier.markets.tiers import CONCAVE, CONVEX, Table, Tier, greedy

SCALE, DECIMALS, VALUE_SCALE = 16, 8, 18
HEADER = "asset,price_usdt,product,tier,from_usdt,to_usdt,ratio_pct\n"


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / "tests/data/markets/binance_collateral_tiers.csv").read_text(encoding="utf-8")


def brute_force(table: Table, value: Fraction) -> Fraction:
    """The area under the step function of rates, slice by slice."""
    total = Fraction(0)
    for k, tier in enumerate(table.tiers):
        end = Fraction(table.tiers[k + 1].start) if k + 1 < len(table.tiers) else value
        if value > tier.start:
            total += (min(end, value) - tier.start) * tier.bps / 10**4
    return total


def counted(table: Table, price: Fraction, quantity: int, split: tuple[int, ...]) -> int:
    value = unit_value(price, SCALE, DECIMALS, VALUE_SCALE)
    return sum(w * y for w, y in zip(table.weights(value), split, strict=True))


def test_all_real_schedules_are_there(text: str) -> None:
    tables = binance.from_csv(text)
    assert len(tables) == 3 * 483
    listed = {tuple(line.split(",")[i] for i in (0, 2)) for line in text.splitlines()[1:]}
    assert len(listed) == 1423
    assert all(tables[key] == binance.NOTHING for key in tables if key not in listed)
    assert len([key for key in tables if key not in listed]) == 26


def test_every_real_schedule_is_exact_and_conservative(text: str) -> None:
    """The piecewise value, the least affine piece and greedy portions; no other split counts more."""
    prices = {(a, p): Fraction(px) for a, px, p, *_ in (line.split(",") for line in text.splitlines()[1:])}
    tables, rng, worst = binance.from_csv(text), random.Random(483), Fraction(0)
    for key, usd in prices.items():
        table, price = tables[key], usd * 10**SCALE
        for share in (Fraction(1, 3), Fraction(rng.randint(0, 3 * 10**6), 10**6)):
            quantity = int((table.tiers[-1].start or 10**6) * share * 10**DECIMALS / usd)
            value = Fraction(quantity, 10**DECIMALS) * usd
            exact = brute_force(table, value)
            assert table.exact(value) == exact == min(alpha + rho * value for alpha, rho in table.pieces())
            caps = table.caps(price, SCALE, DECIMALS)
            best = counted(table, price, quantity, greedy(quantity, caps))
            assert best <= exact * 10**VALUE_SCALE
            if exact > 1000:
                worst = max(worst, 1 - best / (exact * 10**VALUE_SCALE))
            assert counted(table, price, quantity, _random_split(rng, quantity, caps)) <= exact * 10**VALUE_SCALE
    assert worst < Fraction(2, 10**5)


def _random_split(rng: random.Random, quantity: int, caps: tuple[int, ...]) -> tuple[int, ...]:
    split = [0] * (len(caps) + 1)
    for k in rng.sample(range(len(split)), len(split)):
        most = min(quantity, caps[k]) if k < len(caps) else quantity
        split[k] = rng.choice([most, rng.randint(0, most)])
        quantity -= split[k]
    return tuple(split)


@st.composite
def convex_tables(draw: st.DrawFn) -> Table:
    starts = sorted(draw(st.sets(st.integers(1, 10**7), max_size=9)))
    rates = sorted(draw(st.lists(st.integers(0, 10**4), min_size=len(starts) + 1, max_size=len(starts) + 1)))
    return Table(CONVEX, tuple(Tier(s, r) for s, r in zip([0, *starts], rates, strict=True)))


@given(convex_tables(), st.integers(1, 10**12), st.integers(0, 10**15))
def test_a_requirement_is_never_understated(table: Table, price: int, quantity: int) -> None:
    value = Fraction(quantity * price, 10 ** (SCALE + DECIMALS))
    exact = table.exact(value)
    assert exact == brute_force(table, value) == max(alpha + rho * value for alpha, rho in table.pieces())
    split = greedy(quantity, table.caps(Fraction(price), SCALE, DECIMALS))
    assert sum(split) == quantity
    assert counted(table, Fraction(price), quantity, split) <= -exact * 10**VALUE_SCALE


@given(convex_tables(), st.integers(1, 10**12), st.integers(0, 10**15))
def test_collateral_is_never_overstated(rising: Table, price: int, quantity: int) -> None:
    rates = sorted((tier.bps for tier in rising.tiers), reverse=True)
    table = Table(CONCAVE, tuple(Tier(t.start, r) for t, r in zip(rising.tiers, rates, strict=True)))
    value = Fraction(quantity * price, 10 ** (SCALE + DECIMALS))
    exact = table.exact(value)
    assert exact == brute_force(table, value) == min(alpha + rho * value for alpha, rho in table.pieces())
    caps = table.caps(Fraction(price), SCALE, DECIMALS)
    assert counted(table, Fraction(price), quantity, greedy(quantity, caps)) <= exact * 10**VALUE_SCALE


def test_the_text_form() -> None:
    table = binance.from_text("[0-10000:100,10000-20000:90]")
    assert table == Table(CONCAVE, (Tier(0, 10000), Tier(10000, 9000), Tier(20000, 0)))
    assert table == binance.from_text("0-10000:100,10000-20000:90")
    assert binance.from_text("") == binance.from_text("[]") == Table(CONCAVE, (Tier(0, 0),))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[0-1:100", "E_TYPE"), ("0-1:100]", "E_TYPE"), ("[0-1]", "E_TYPE"), ("[0-1:1.5]", "E_TYPE"), ("[,]", "E_TYPE"),
        ("[0-1:100,2-3:90]", "E_FIELD"), ("[0-1:101]", "E_LIMIT"), ("[0-\u0661:1]", "E_TYPE"), ("[0--1:1]", "E_TYPE"),
    ],
)  # fmt: skip
def test_the_text_form_refuses(text: str, code: str) -> None:
    with refused(Malformed, code):
        binance.from_text(text)


@pytest.mark.parametrize("text", ["[0-10:90,10-20:100]", "[5-10:90]", "[0-0:90]"])
def test_tiers_that_are_out_of_order(text: str) -> None:
    with refused(Rejected, "E_TIER_ORDER"):
        binance.from_text(text)


def test_the_long_form() -> None:
    found = binance.from_csv(HEADER + "BTC,1,loan,0,0,5,100\nBTC,1,loan,1,5,,50\n")
    assert found["BTC", "loan"] == Table(CONCAVE, (Tier(0, 10000), Tier(5, 5000)))
    assert found["BTC", "margin"] == found["BTC", "portfolio_margin"] == binance.NOTHING


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E_FIELD"),
        ("asset\n", "E_FIELD"),
        (HEADER + "BTC,1,loan,0,0\n", "E_FIELD"),
        (HEADER + "BTC,1,spot,0,0,,100\n", "E_TYPE"),
        (HEADER + "BTC,1,loan,1,0,,100\n", "E_FIELD"),
        (HEADER + "BTC,1,loan,0,0.5,,100\n", "E_TYPE"),
        (HEADER + "BTC,1,loan,0,0,,-1\n", "E_TYPE"),
        (HEADER + "BTC,1,loan,0,0,5,100\nBTC,1,loan,1,6,,50\n", "E_FIELD"),
        (HEADER + "BTC,1,loan,0,0,,100\nBTC,1,loan,1,6,,50\n", "E_FIELD"),
        (HEADER + '"BTC"x,1,loan,0,0,,100\n', "E_TYPE"),
    ],
)
def test_the_long_form_refuses(text: str, code: str) -> None:
    with refused(Malformed, code):
        binance.from_csv(text)
