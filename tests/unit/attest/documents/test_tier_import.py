"""The real table of 483 assets becomes tables and haircuts, exactly."""

from __future__ import annotations

from pathlib import Path

import pytest

from attest.config_table import ConfigError
from attest.documents.policy_template import policy_template
from attest.documents.policy_toml import read_policy
from attest.documents.tier_import import NAMES, fragment, import_tables, merge
from tests.support.refusals import refused
from verifier.errors import Malformed, Rejected
from verifier.markets.binance import NOTHING, from_csv

TEXT = (Path(__file__).resolve().parents[3] / "data/markets/binance_collateral_tiers.csv").read_text("utf-8")
HEAD = "asset,price_usdt,product,tier,from_usdt,to_usdt,ratio_pct\n"
DRAFT = policy_template("ex.example")


def test_all_schedules_come_through() -> None:
    found = {product: import_tables(TEXT, product, "tiers.csv") for product in NAMES}
    assert {len(tables) for tables in found.values()} == {483}
    absent = 3 * 483 - len({tuple(line.split(",")[::2][:2]) for line in TEXT.splitlines()[1:]})
    assert absent == 26
    assert sum(table == NOTHING for tables in found.values() for table in tables.values()) >= absent
    raw = from_csv(TEXT)
    for name, product in NAMES.items():
        assert all(raw[asset, product] == table for asset, table in found[name].items())


@pytest.mark.parametrize("product", NAMES)
def test_the_fragment_pasted_into_a_policy_says_the_same(product: str) -> None:
    tables = import_tables(TEXT, product, "tiers.csv")
    assets = "".join(
        f'[assets."{sym}"]\ndecimals = 8\nclass = "crypto"\nuse = "index"\nunits = {{}}\n'
        for sym in tables
        if sym not in ("BTC", "ETH")
    )
    pasted = DRAFT.replace("[haircuts.reserve]\nBTC = 500\nETH = 1000\n", "")
    policy = read_policy(pasted + assets + fragment(tables, product, "reserve"))
    assert {sym: policy.tables[str(name)] for sym, name in policy.haircuts["reserve"].items()} == tables


def test_merging_keeps_comments_and_changes_nothing_else() -> None:
    listed = read_policy(DRAFT).assets
    tables = import_tables(TEXT, "margin", "tiers.csv", listed)
    merged = merge(DRAFT, tables, "margin", "reserve")
    policy = read_policy(merged)
    assert policy.haircuts == {"reserve": {"BTC": "margin-BTC", "ETH": "margin-ETH"}}
    assert policy.tables == {f"margin-{sym}": table for sym, table in tables.items()}
    kept = [line for line in DRAFT.splitlines() if line not in ("BTC = 500", "ETH = 1000")]
    assert [line for line in merged.splitlines() if line in kept][: len(kept)] == kept
    assert merge(merged, tables, "margin", "reserve") == merged, "a second time changes nothing"


def test_merging_into_a_policy_without_discounts() -> None:
    bare = DRAFT.replace("[haircuts.reserve]\nBTC = 500\nETH = 1000\n", "")
    tables = import_tables(TEXT, "loan", "tiers.csv", ("BTC",))
    assert read_policy(merge(bare, tables, "loan", "reserve")).haircuts == {"reserve": {"BTC": "loan-BTC"}}


@pytest.mark.parametrize("text", ["[pools", "haircuts = 5\n", '[haircuts]\nreserve = "x"\n', "[[tables]]\n"])
def test_what_is_no_policy(text: str) -> None:
    tables = import_tables(TEXT, "loan", "tiers.csv", ("BTC",))
    with refused(ConfigError, "E_CONFIG"):
        merge(text, tables, "loan", "reserve")


def test_a_table_that_is_wrong_names_the_line() -> None:
    with refused(Malformed, "E_FIELD", where="tiers.csv"):
        import_tables("asset,ratio\n", "loan", "tiers.csv")
    with refused(Malformed, "E_TYPE", where="tiers.csv: line 2"):
        import_tables(HEAD + "BTC,1,loan,0,zero,,100\n", "loan", "tiers.csv")
    with refused(Malformed, "E_LIMIT"):
        import_tables(HEAD + "BTC,1,loan,0,0,,101\n", "loan", "tiers.csv")
    with refused(Rejected, "E_TIER_ORDER"):
        import_tables(HEAD + "BTC,1,loan,0,0,5,10\nBTC,1,loan,1,5,,20\n", "loan", "tiers.csv")
