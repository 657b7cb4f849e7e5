"""Published files as lines: both forms, exact amounts, and rows that are no lines."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.refusals import refused
from verifier.collateral import import_okx
from verifier.collateral.accounts import BITCOIN
from verifier.collateral.okx_units import NETWORKS, SOLANA, TRON, UNITS, Unit
from verifier.errors import Malformed

OLD = "coin,address,amount,message,signature1,signature2,redeem script/ public key\n"
NEW = (
    "coin,Type,Network,Snapshot Height,address,amount,message,signature1,signature2,"
    "redeem script/ public key,EOA1,EOA2\n"
)
DATA = Path(__file__).parents[3] / "data" / "collateral"


def test_a_row_of_2026() -> None:
    text = NEW + "BTC,Non Staking,BTC,961893,1abc,3000.00009302,hello,sig1,sig2,,,\n"
    (line,) = import_okx(text).lines
    assert (line.row, line.asset, line.unit, line.height) == (2, "BTC", f"{BITCOIN}/slip44:0", 961893)
    assert line.amount == 300000009302
    assert (line.account, line.scheme, line.message) == (f"{BITCOIN}:1abc", "bip137", "hello")
    assert (line.signatures, line.script, line.public_key) == (("sig1", "sig2"), "", "")


def test_rows_of_2022() -> None:
    text = (
        "coin,snapshot height,amount\nUSDT-TRC20,46095694,5436.9044\nETH(ALL),-,6\n\n"
        + OLD
        + "USDT-TRC20,Tabc,111000000,hello,0xaa,,\nBTC,3abc,17263933,hello,s1,s2,5221\n"
        + "ETH-ARBITRUM,0xab,5,hello,0xbb,null\n"
    )
    tron, bitcoin, arbitrum = import_okx(text).lines
    assert (tron.account, tron.asset, tron.amount, tron.height) == (f"{TRON}:Tabc", "USDT", 111000000, 46095694)
    assert tron.unit == f"{TRON}/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
    assert (bitcoin.scheme, bitcoin.script, bitcoin.signatures) == ("bip137-multisig", "5221", ("s1", "s2"))
    assert bitcoin.height is None
    assert (arbitrum.account, arbitrum.unit) == ("eip155:42161:0xab", "eip155:42161/slip44:60")
    assert arbitrum.signatures == ("0xbb",)


def test_a_solana_row_carries_its_key() -> None:
    text = NEW + "SOL,Non Staking,SOL,1,7bzo,1.5,hello,0xaa,,0x621d,,\n"
    (line,) = import_okx(text).lines
    assert (line.scheme, line.public_key, line.script) == ("okx-ed25519", "621d", "")
    assert (line.amount, line.account) == (1500000000, f"{SOLANA}:7bzo")


@pytest.mark.parametrize(
    "change", [lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n"), lambda t: t + "\n\n,,\n"]
)
def test_marks_and_line_ends_do_not_matter(change: object) -> None:
    text = NEW + "BTC,Non Staking,BTC,961893,1abc,1,hello,sig1,,,,\n"
    assert callable(change)
    assert import_okx(change(text)).lines == import_okx(text).lines


REFUSED = {
    "unknown network": ("ADA,Non Staking,ADA,1,addr1,1,hello,0xaa,,,,", "E_LINE_UNSUPPORTED"),
    "contract with an owner": ("ETH,Safe,ETH,1,0xab,1,hello,0xaa,,,0xcd,", "E_LINE_UNSUPPORTED"),
    "second owner alone": ("ETH,Safe,ETH,1,0xab,1,hello,0xaa,,,,0xcd", "E_LINE_UNSUPPORTED"),
    "unknown unit": ("PEPE,Non Staking,ETH,1,0xab,1,hello,0xaa,,,,", "E_LINE_UNIT"),
    "coin of another chain": ("BTC,Non Staking,ETH,1,0xab,1,hello,0xaa,,,,", "E_LINE_UNIT"),
    "no signature": ("ETH,Non Staking,ETH,1,0xab,1,hello,,,,,", "E_LINE_UNSIGNED"),
    "null signature": ("ETH,Non Staking,ETH,1,0xab,1,hello,null,null,,,", "E_LINE_UNSIGNED"),
}


@pytest.mark.parametrize(("row", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_a_row_that_is_no_line_is_listed_with_its_reason(row: str, code: str) -> None:
    good = "ETH,Non Staking,ETH,1,0xab,1,hello,0xaa,,,,"
    imported = import_okx(f"{NEW}{good}\n{row}\n{good}\n")
    (bad,) = imported.refused
    assert len(imported.lines) == 2
    assert (bad.row, bad.code) == (3, code)
    assert (bad.coin, bad.network, bad.address) == tuple(row.split(",")[i] for i in (0, 2, 4))
    assert bad.reason


MALFORMED = {
    "empty": ("", "E_FIELD"),
    "another table": ("a,b,c,d\n1,2,3,4\n", "E_FIELD"),
    "summary alone": ("coin,snapshot height,amount\nBTC,1,2\n", "E_FIELD"),
    "a column missing": (NEW.replace(",EOA2", "") + "BTC,x,BTC,1,a,1,m,s,,,\n", "E_FIELD"),
    "columns exchanged": (OLD.replace("address,amount", "amount,address") + "BTC,1,a,m,s,,\n", "E_FIELD"),
    "too many cells": (OLD + "BTC,a,1,m,s,,,\n", "E_FIELD"),
    "too few cells": (OLD + "BTC,a,1\n", "E_FIELD"),
    "open quote": (OLD + '"BTC,a,1,m,s,,\n', "E_TYPE"),
    "text after a quote": (OLD + '"BTC"x,a,1,m,s,,\n', "E_TYPE"),
}


@pytest.mark.parametrize(("text", "code"), MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_such_file_is_refused(text: str, code: str) -> None:
    with refused(Malformed, code):
        import_okx(text)


def test_a_second_header_is_a_row_of_no_known_network() -> None:
    imported = import_okx(OLD + OLD)
    assert [(row.row, row.code) for row in imported.refused] == [(2, "E_LINE_UNSUPPORTED")]


OLD_AMOUNTS = ["", "-1", "+1", "1.0", "1e3", "01", " 1", "0x1", "1_000", "\u0661", "nan", "9" * 40]
NEW_AMOUNTS = ["", "-1", "+1", ".5", "5.", "1e3", "01", "1,5", "0.123456789", "1_0", "\u0661", "inf", "1.2.3"]


@pytest.mark.parametrize("amount", OLD_AMOUNTS)
def test_base_units_are_whole(amount: str) -> None:
    with refused(Malformed, "E_TYPE", where="row 2, column amount"):
        import_okx(f'{OLD}BTC,a,"{amount}",m,s,,\n')


@pytest.mark.parametrize("amount", NEW_AMOUNTS)
def test_coin_units_are_exact(amount: str) -> None:
    with refused(Malformed, "E_TYPE", where="row 2, column amount"):
        import_okx(f'{NEW}BTC,t,BTC,1,a,"{amount}",m,s,,,,\n')


@pytest.mark.parametrize(
    ("text", "units"),
    [("0", 0), ("1", 10**8), ("0.00000001", 1), ("20.10", 2010000000), ("1.000000000000", 10**8), ("0.5", 5 * 10**7)],
)
def test_coin_units_become_base_units(text: str, units: int) -> None:
    assert import_okx(f"{NEW}BTC,t,BTC,1,a,{text},m,s,,,,\n").lines[0].amount == units


def test_more_units_can_be_given() -> None:
    row = "PEPE,Non Staking,ETH,1,0xab,1,hello,0xaa,,,,\n"
    pepe = Unit("eip155:1/erc20:0x6982508145454ce325ddbe47a25d4ec3d2311933", 18)
    (line,) = import_okx(NEW + row, {**UNITS, ("PEPE", "eip155:1"): pepe}).lines
    assert (line.unit, line.amount) == (pepe.unit, 10**18)


def test_units_belong_to_chains_of_the_network_table() -> None:
    chains = {network.chain for network in NETWORKS.values()}
    for (_, chain), unit in UNITS.items():
        assert chain in chains
        assert unit.unit.startswith(f"{chain}/")


SUMMARY_OF_2022 = {
    (f"{BITCOIN}/slip44:0", 8): "449.5140",
    ("eip155:1/slip44:60", 18): "5.2834",
    ("eip155:10/slip44:60", 18): "1.3971",
    ("eip155:42161/slip44:60", 18): "0.2214",
    (UNITS["USDT", TRON].unit, 6): "5436.9044",
    (UNITS["USDT", "eip155:10"].unit, 6): "132.5138",
}
"""What the file's own summary says, rounded by its publisher."""


def test_amounts_of_2022_add_up_to_the_files_own_summary() -> None:
    lines = import_okx((DATA / "okx_por_example_2022-11-22.csv").read_bytes().decode()).lines
    for (unit, decimals), text in SUMMARY_OF_2022.items():
        total = Decimal(sum(line.amount for line in lines if line.unit == unit)).scaleb(-decimals)
        assert abs(total - Decimal(text)) < Decimal("0.0001"), unit
    assert {line.unit for line in lines} == {unit for unit, _ in SUMMARY_OF_2022}


def test_amounts_of_2026_are_those_of_the_cells() -> None:
    text = (DATA / "okx_por_2026-08-11_first25.csv").read_bytes().decode()
    cells = [line.split(",")[5] for line in text.splitlines()[1:]]
    assert [line.amount for line in import_okx(text).lines] == [int(Decimal(cell).scaleb(8)) for cell in cells]
