"""``solvent collateral import``: a table is taken whole or not at all, and lists that nobody signed never."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import pytest

from tests.support.answers import (
    ACCOUNT,
    DATA,
    OKX,
    bitcoin,
    checked,
    ether,
    flags,
    lines,
    okx_desk,
    table,
)
from tests.support.collateral import Desk, new_desk
from tests.support.exchange import answer, refusal
from tests.support.snapshots import USDT, WALLET, message


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return new_desk(tmp_path)


def test_the_table_that_challenge_wrote_comes_back_filled_in(desk: Desk, tmp_path: Path) -> None:
    desk.run("challenge", "--account", ACCOUNT, "--account", WALLET.evm_account(), "--csv", tmp_path / "ask.csv")
    rows = list(csv.DictReader((tmp_path / "ask.csv").read_text().splitlines()))
    rows[0] |= {name: value for name, value in bitcoin().items() if name != "account"}
    rows[1] |= {name: value for name, value in ether().items() if name != "account"}
    told = answer(desk.run("import", table(tmp_path / "answers.csv", *rows), "--json"))
    assert (told["added"], told["replaced"], told["kind"]) == (2, 0, "signed answers")
    assert set(checked(desk).values()) == {"VALID"}
    told = answer(desk.run("import", tmp_path / "answers.csv", "--replace", "--json"))
    assert (told["added"], told["replaced"], told["lines"]) == (0, 2, 2)


def test_next_epochs_table_knows_the_lines(desk: Desk, tmp_path: Path) -> None:
    desk.run("add", *flags(ether(id="mine", encumbered="7")))
    desk.run("challenge", "--csv", tmp_path / "ask.csv")
    (row,) = csv.DictReader((tmp_path / "ask.csv").read_text().splitlines())
    assert (row["id"], row["amount"], row["encumbered"], row["scheme"]) == ("mine", "15" + "0" * 17, "7", "eip191")
    row["signatures"] = WALLET.evm(message(row["account"]))
    done = desk.run("import", table(tmp_path / "answers.csv", row), "--replace")
    assert done.exit_code == 0
    assert checked(desk) == {"mine": "VALID"}


def test_rows_of_one_account_share_a_signature(desk: Desk, tmp_path: Path) -> None:
    rows = [ether(), ether(signatures="", asset="USDT", unit=USDT, coins="3")]
    assert desk.run("import", table(tmp_path / "answers.csv", *rows)).exit_code == 0
    assert list(checked(desk).values()) == ["VALID", "VALID"]


def test_one_evm_signature_for_two_chains(desk: Desk, tmp_path: Path) -> None:
    short = "eip155:" + WALLET.evm_account().rpartition(":")[2]
    signed = WALLET.evm(message(short))
    rows = [ether(chain, signatures=signed, message=message(short)) for chain in (1, 10)]
    assert desk.run("import", table(tmp_path / "answers.csv", *rows)).exit_code == 0
    assert list(checked(desk).values()) == ["VALID", "VALID"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([bitcoin(), bitcoin()], "row 3: says the same as row 2"),
        ([bitcoin(), ether(signatures="")], "row 3: there is no signature"),
        ([bitcoin(amount="x")], "row 2: amount: should be a whole number of base units"),
        ([bitcoin(note="x")], "row 1: has a column 'note'"),
        ([bitcoin(pool="")], "row 2.pool: should be a name"),
    ],
    ids=["twice", "unsigned", "amount", "column", "pool"],
)
def test_a_table_is_taken_whole_or_not_at_all(
    desk: Desk, tmp_path: Path, rows: list[dict[str, str]], told: str
) -> None:
    desk.run("add", *flags(ether(10)))
    before = desk.lines.read_bytes()
    assert told in refusal(desk.run("import", table(tmp_path / "t.csv", *rows)), 1)
    assert desk.lines.read_bytes() == before


def test_rows_that_name_no_pool_take_the_one_that_was_typed(desk: Desk, tmp_path: Path) -> None:
    assert desk.run("import", table(tmp_path / "t.csv", bitcoin(pool="")), "--pool", "cold").exit_code == 0
    assert [line["pool"] for line in lines(desk)] == ["cold"]


@pytest.mark.parametrize(("name", "count"), OKX.items())
def test_okx_rows_are_legacy_evidence_all_of_them_valid(tmp_path: Path, name: str, count: int) -> None:
    okx_policy = okx_desk(tmp_path)
    told = answer(okx_policy.run("import", DATA / name, "--pool", "cold", "--json"))
    assert (told["added"], told["not_imported"], told["kind"]) == (count, [], "OKX's published rows")
    report = json.loads(okx_policy.check("--json").stdout)
    assert report["verdicts"] == {"VALID": count}
    assert {line["evidence"] for line in report["lines"]} == {"legacy"}
    assert {line["counted"] for line in report["lines"]} == {True}


def test_okx_files_need_a_pool(desk: Desk) -> None:
    told = refusal(desk.run("import", DATA / next(iter(OKX))), 2)
    assert "does not say in which pool" in told


def test_okx_rows_that_are_no_lines_are_told_by_reason(desk: Desk, tmp_path: Path) -> None:
    text = (DATA / "okx_por_2026-08-11_first25.csv").read_text().splitlines()
    text.append("BTC,normal,DOGECHAIN,1,Dabc,1,m,sig,null,null,null,null")
    (tmp_path / "okx.csv").write_text("\n".join(text))
    told = answer(desk.run("import", tmp_path / "okx.csv", "--pool", "cold", "--json"))
    assert told["not_imported"] == [["E_LINE_UNSUPPORTED", "the network 'DOGECHAIN' cannot be checked", 1]]
    shown = desk.run("import", tmp_path / "okx.csv", "--pool", "cold", "--replace").stdout
    assert "1 rows were not imported; they count nothing:" in shown


UNSIGNED = {
    "BitMEX": "height: 930000\nblockhash: 00ab\nchain: main\ntotal: 12\nclaim:\n  m: 3\n  n: 4\naddress:\n"
    "  - addr: 3BMEXabc\n    script: 51ae\n",
    "Bitfinex": "1Kr6QSydW9bFQG1mXiPNNu6WpJGmUa9i1g - BTC hot wallet\n0x77 - ETH/ERC20 cold wallet\n",
    "Binance": "Coin,Network,Wallet,Address,Balance\nBTC,BTC,hot,1A1z,5\n",
}


@pytest.mark.parametrize("whose", UNSIGNED)
def test_lists_without_signatures_are_refused_by_name(desk: Desk, tmp_path: Path, whose: str) -> None:
    (tmp_path / "list").write_text(UNSIGNED[whose])
    done = desk.run("import", tmp_path / "list", "--pool", "cold", "--json")
    assert json.loads(done.stdout)["code"] == "E_LINE_UNSIGNED"
    assert whose in done.stderr
    assert not desk.lines.exists()


@pytest.mark.parametrize(
    ("data", "code", "told"),
    [
        (b"hello\n", 1, "this is not a table of addresses as OKX publishes them"),
        (b"\xff\xfe", 1, "is not UTF-8"),
        (b"", 1, "this is not a table of addresses"),
        (b'account,signatures\n"a', 1, "not a table of comma-separated values"),
        (b"account,signatures\nx\n", 1, "row 2: has 1 cells, and the first row has 2"),
        (b"account,signatures,account\n", 1, "row 1: has a column twice"),
    ],
)
def test_what_is_no_table(desk: Desk, tmp_path: Path, data: bytes, code: int, told: str) -> None:
    (tmp_path / "t").write_bytes(data)
    assert told in refusal(desk.run("import", tmp_path / "t", "--pool", "cold"), code)


def test_many_lines_take_time_in_proportion(tmp_path: Path) -> None:
    """Eight times the lines may take eight times as long, and some; not sixty-four times."""
    took: dict[int, float] = {}
    like = ether(coins="1")
    for count in (1_000, 8_000):
        desk = new_desk(new_directory(tmp_path, count))
        path = table(tmp_path / f"{count}.csv", *(like | {"account": f"eip155:1:0x{i:040x}"} for i in range(count)))
        began = time.process_time()
        told = answer(desk.run("import", path, "--json"))
        took[count] = time.process_time() - began
        assert told["lines"] == count
    assert took[8_000] < 24 * took[1_000], took


def new_directory(root: Path, count: int) -> Path:
    (root / str(count)).mkdir()
    return root / str(count)
