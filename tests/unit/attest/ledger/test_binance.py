"""The published sample of the Binance format."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest

from attest.config import Config, parse
from attest.ledger import LedgerConfig, open_source
from attest.ledger.binance import derive
from tests.unit.attest.ledger.books import read, refused
from verifier.errors import Malformed
from verifier.schema import Schema


def sample(root: Path, collateral: bool) -> Config:
    """The configuration of the sample: no columns of its own."""
    ledger = f'format = "binance"\npath = "binance_sample.csv"\ncollateral = {str(collateral).lower()}'
    return parse(f'[exchange]\nname = "x"\n[ledger]\n{ledger}\n', root / "tests/data/ledgers")


def lines(root: Path) -> list[dict[str, str]]:
    """The sample, read independently."""
    with (root / "tests/data/ledgers/binance_sample.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_schema_of_the_header(root: Path) -> None:
    plain, pledged = sample(root, False).schema(), sample(root, True).schema()
    assert [c.name for c in plain.columns][:4] == ["BTC", "BTC:debt", "ETH", "ETH:debt"]
    assert {(c.decimals, c.bits) for c in pledged.columns} == {(8, 64)}
    assert [c.name for c in pledged.columns][:6] == [
        "BTC", "BTC:debt", "BTC:loan", "BTC:margin", "BTC:portfolio-margin", "BTC:slack",
    ]  # fmt: skip
    assert [rule.name for rule in pledged.rules] == [f"pledge:{a}" for a in ("BTC", "ETH", "BNB", "SHIB")]
    assert not plain.rules


def test_balances_and_debts(root: Path, workdir: Path) -> None:
    config = sample(root, False)
    rows = read(config.ledger, config.schema(), workdir)
    wanted = {}
    for line in lines(root):
        amounts = [line[f"{side}_{asset}"] for asset in ("btc", "eth", "bnb", "shib") for side in "ed"]
        units = [int(Fraction(amount) * 10**8) for amount in amounts]
        wanted[line["id"]] = [(i, value) for i, value in enumerate(units) if value]
    assert rows == wanted
    assert len(rows) == 100


def test_exactly_twenty_pledges_exceed_their_balance(root: Path) -> None:
    config = sample(root, True)
    error = refused(config.ledger, config.schema(), limit=100)
    wanted = [
        (number, asset.upper())
        for number, line in enumerate(lines(root), start=2)
        for asset in ("btc", "eth", "bnb", "shib")
        if Fraction(line[f"e_{asset}"]) < sum(Fraction(line[f"{p}_{asset}"]) for p in ("vl", "m", "pm"))
    ]
    assert len(wanted) == 20
    assert sorted((p.row, p.column) for p in error.problems) == sorted(wanted)
    assert not error.more


def test_slack_cells_of_a_healthy_ledger(root: Path, tmp_path: Path, workdir: Path) -> None:
    file = tmp_path / "healthy.csv"
    file.write_text("rn,id,e_xy,d_xy,xy,vl_xy,m_xy,pm_xy,total_net_balance_usdt\n0,a,9.5,1,junk,1,2,3,junk\n", "utf-8")
    config = LedgerConfig("binance", file, account="id", collateral=True)
    with open_source(config) as source:
        schema = Schema(*derive(source.header, True, "healthy.csv"))
    units = [950000000, 100000000, 100000000, 200000000, 300000000, 350000000]
    assert read(config, schema, workdir) == {"a": list(enumerate(units))}


def test_missing_debt_column_is_named_as_the_file_would(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "part.csv"
    file.write_text("rn,id,e_xy,xy\n0,a,9.5,1\n", "utf-8")
    schema = Schema(*derive(["e_xy"], False, "part.csv"))
    error = refused(LedgerConfig("binance", file, account="id"), schema)
    assert [p.column for p in error.problems] == ["d_xy"]


def test_asset_that_is_no_symbol() -> None:
    with pytest.raises(Malformed, match="asset symbol"):
        derive(["id", "e_b c"], False, "x.csv")
