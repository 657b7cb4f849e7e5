"""docs/ledgers.md is true: its examples are read, what it says is refused is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from attest import config
from attest.ledger import LedgerConfig, LedgerErrors, StagedLedger, stage
from tests.docs.pages import ROOT, blocks, read
from verifier.amounts import format_amount
from verifier.schema import Column, Schema

PAGE = read(ROOT / "docs" / "ledgers.md")
SCHEMA = Schema(
    (
        Column("BTC", "BTC", 8, 64, "balance"),
        Column("BTC:debt", "BTC", 8, 64, "debt"),
        Column("ETH", "ETH", 18, 96, "balance"),
    )
)
WIDE, LONG = blocks(PAGE, "csv")


def staged(text: str, shape: str, place: Path) -> StagedLedger:
    (place / "ledger.csv").write_text(text, encoding="utf-8")
    (place / "work").mkdir(mode=0o700)
    return stage(LedgerConfig("csv", place / "ledger.csv", shape=shape), SCHEMA, place / "work")


@pytest.mark.parametrize(("text", "shape", "accounts"), [(WIDE, "wide", 2), (LONG, "long", 1)])
def test_the_examples_are_read(text: str, shape: str, accounts: int, tmp_path: Path) -> None:
    with staged(text, shape, tmp_path) as ledger:
        assert ledger.accounts == accounts


def test_the_section_of_the_configuration_is_read() -> None:
    (section,) = blocks(PAGE, "toml")
    columns = "".join(
        f'[[columns]]\nname = "{c}"\nasset = "{c}"\ndecimals = 8\nbits = 64\nkind = "balance"\n' for c in ("BTC", "ETH")
    )
    read_back = config.parse(f'[exchange]\nname = "exchange.example"\n{section}{columns}', ROOT)
    assert (read_back.ledger.format, read_back.ledger.url) == ("postgresql", "postgresql://reader@db.internal/accounts")
    assert '"BTC"' in read_back.ledger.query


@pytest.mark.parametrize("amount", ["-1", "0.123456789", "NaN", "inf", "", "1e5", '"1,000.5"', "+1", " 1", ".5", "1."])
def test_amounts_that_the_page_calls_refused(amount: str, tmp_path: Path) -> None:
    with pytest.raises(LedgerErrors) as caught:
        staged(f"account,BTC,BTC:debt,ETH\nalice,{amount},0,0\n", "wide", tmp_path)
    (problem,) = caught.value.problems
    assert (problem.row, problem.column) == (2, "BTC")
    assert problem.remedy


@pytest.mark.parametrize(("bits", "decimals"), [(64, 8), (96, 18)])
def test_what_the_page_says_a_column_holds(bits: int, decimals: int) -> None:
    largest = format_amount(2**bits - 1, decimals)
    whole, _, fraction = largest.partition(".")
    assert f"{int(whole):,}.{fraction}"[:17] in PAGE
