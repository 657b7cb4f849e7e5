"""counted = floor((amount - encumbered)·10^(d_asset - d_unit)); A_pa = Σ counted + Σ V, exactly."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.refusals import refused
from tests.support.snapshots import (
    BTC,
    RULES,
    USD,
    V,
    backed,
    bitcoin,
    custody,
    entry,
    ether,
    judge,
    legacy,
    sample,
    sign,
    snapshot,
    standing,
    vouched,
)
from tests.support.wallets import Wallet
from verifier.collateral import AssetUnits, EvidenceClass, Line, LineVerdict, Verdict, pool_holdings
from verifier.collateral.pools import counted_units
from verifier.errors import Rejected
from verifier.group import Point, value_commitment


@given(st.integers(0, 2**128 - 1), st.integers(0, 2**128 - 1), st.integers(0, 77), st.integers(0, 77))
def test_counted_is_the_floor_of_the_exact_number(a: int, b: int, d_asset: int, d_unit: int) -> None:
    amount, encumbered = max(a, b), min(a, b)
    line = bitcoin_like(amount, encumbered)
    exact = (amount - encumbered) * Fraction(10) ** (d_asset - d_unit)
    assert counted_units(line, AssetUnits(d_asset, {BTC: d_unit})) == exact.numerator // exact.denominator


def bitcoin_like(amount: int | Point, encumbered: int = 0, pool: str = "hot", asset: str = "BTC") -> Line:
    return replace(vouched(0, 0, custody()), value=amount, encumbered=encumbered, pool=pool, asset=asset)


def counting(index: int, counted: bool = True) -> LineVerdict:
    return LineVerdict(index, Verdict.VALID, "", "", EvidenceClass.VOUCHED, counted)


def test_what_is_encumbered_does_not_count() -> None:
    shot = snapshot([bitcoin(amount=100, encumbered=30), ether(amount=2 * 10**9 - 1)])
    found = pool_holdings(shot, judge(shot), RULES.assets)
    assert [(h.asset, h.public, h.hidden) for h in found] == [("BTC", 70, None), ("ETH", 1, None)]


def test_each_line_is_rounded_down_by_itself() -> None:
    lines = [ether(wallet, amount=10**9 - 1) for wallet in (Wallet(2), Wallet(3))]
    shot = snapshot(lines)
    (found,) = pool_holdings(shot, judge(shot), RULES.assets)
    assert found.public == 0


def test_hidden_amounts_are_in_the_assets_base_units_already() -> None:
    document = standing(
        "bank", "first", entry(V, asset="USD", unit=USD), entry(3, asset="USD", unit=USD, reference="2")
    )
    shot = snapshot([vouched(0, n, document) for n in (0, 1)], [sign(document)])
    (found,) = pool_holdings(shot, judge(shot), RULES.assets)
    assert (found.public, found.hidden) == (300, V)
    assert found.to_json() == {"pool": "cold", "asset": "USD", "public": "300", "hidden": V.to_bytes().hex()}


def test_commitments_add_up() -> None:
    other = value_commitment(10, 7)
    document = custody(entry(V), entry(other, reference="2"))
    shot = snapshot([vouched(0, n, document) for n in (0, 1)], [sign(document)])
    (found,) = pool_holdings(shot, judge(shot), RULES.assets)
    assert found.hidden == value_commitment(1244, 106)
    assert found.public == 0


def test_one_holding_per_pool_and_asset_sorted() -> None:
    found = pool_holdings(sample(), judge(sample()), RULES.assets)
    keys = [(h.pool, h.asset) for h in found]
    assert (
        keys == sorted(set(keys)) == [("cold", "BTC"), ("cold", "ETH"), ("cold", "USD"), ("hot", "BTC"), ("hot", "ETH")]
    )
    assert [h.public for h in found] == [550, 32 * 10**9, 700 + 1234, 100, 10**9]
    assert [h.hidden for h in found] == [V, None, V, None, None]


def test_only_counted_valid_lines_make_a_holding() -> None:
    unsigned = backed(bitcoin(), signatures=())
    shot = snapshot([unsigned, legacy(wallet=Wallet(3)), ether(amount=0)])
    reported = judge(shot, replace(RULES, legacy="report"))
    assert [v.verdict for v in reported] == [Verdict.INVALID, Verdict.VALID, Verdict.VALID]
    (found,) = pool_holdings(shot, reported, RULES.assets)
    assert (found.asset, found.public) == ("ETH", 0)
    assert found.to_json()["hidden"] == ""
    assert len(pool_holdings(shot, judge(shot), RULES.assets)) == 2


def test_a_holding_is_below_2_128() -> None:
    lines = [bitcoin_like(2**128 - 1), bitcoin_like(1)]
    (largest,) = pool_holdings(snapshot(lines), [counting(0), counting(1, counted=False)], RULES.assets)
    assert largest.public == 2**128 - 1
    with refused(Rejected, "E_HOLDING"):
        pool_holdings(snapshot(lines), [counting(0), counting(1)], RULES.assets)


def test_commitments_that_cancel_are_refused() -> None:
    lines = [bitcoin_like(V), bitcoin_like(-V)]
    with refused(Rejected, "E_IDENTITY"):
        pool_holdings(snapshot(lines), [counting(0), counting(1)], RULES.assets)


@given(st.lists(st.tuples(st.sampled_from(["hot", "cold"]), st.integers(0, 2**64), st.booleans()), max_size=12))
def test_holdings_are_the_sums_of_what_counts(rows: list[tuple[str, int, bool]]) -> None:
    shot = snapshot(bitcoin_like(amount, pool=pool) for pool, amount, _ in rows)
    verdicts = [counting(i, counted) for i, (_, _, counted) in enumerate(rows)]
    found = {h.pool: h.public for h in pool_holdings(shot, verdicts, RULES.assets)}
    pools = {pool for pool, _, counted in rows if counted}
    assert found == {pool: sum(a for p, a, counted in rows if counted and p == pool) for pool in pools}


def test_verdicts_belong_to_the_snapshot() -> None:
    with pytest.raises(ValueError, match="zip"):
        pool_holdings(snapshot([bitcoin()]), [], RULES.assets)
