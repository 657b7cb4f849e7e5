"""One ledger through every source, attested and checked by the verifier's own command: the same balances each time."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as postgresql  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from tests.support.exchange import Exchange, answer, new_exchange, refusal
from verifier.cli import main as verify

NAMES = ("BTC", "ETH", "BTC:debt")
PLACES = {"BTC": 8, "ETH": 18, "BTC:debt": 8}
COLUMNS = """
[[columns]]
name = "BTC"
asset = "BTC"
decimals = 8
[[columns]]
name = "ETH"
asset = "ETH"
decimals = 18
bits = 128
[[columns]]
name = "BTC:debt"
asset = "BTC"
decimals = 8
kind = "debt"
"""
BOOK = '[book]\naccounts = "next power of two"\n'


def amounts(i: int) -> dict[str, str]:
    """Exact text that no float holds; every fifth account has nothing, the last one a 128-bit amount."""
    if i % 5 == 0:
        return {}
    btc, eth = f"{i}.{i:08}", "340282366920938463463.374607431768211455" if i == 29 else f"0.{i:018}"
    return {"BTC": btc, "ETH": eth} | ({"BTC:debt": "0.00000001"} if i % 3 == 0 else {})


LEDGER = {f"client-{i}~{i:016}": amounts(i) for i in range(30)}
WIDE = [(account, *(held.get(name, "0") for name in NAMES)) for account, held in LEDGER.items()]
LONG = [
    (account, name.partition(":")[0], "debt" if name.endswith(":debt") else "balance", held.get(name, "0"))
    for account, held in LEDGER.items()
    for name in NAMES
]
Make = Callable[[Path, str], str]


def write_csv(root: Path, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    with (root / "ledger.csv").open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def csv_wide(root: Path, _: str) -> str:
    write_csv(root, ("account", *NAMES), WIDE)
    return 'format = "csv"\npath = "ledger.csv"'


def csv_long(root: Path, _: str) -> str:
    write_csv(root, ("account", "asset", "kind", "amount"), LONG)
    return 'format = "csv"\npath = "ledger.csv"\nshape = "long"'


def parquet_wide(root: Path, _: str) -> str:
    accounts, *columns = zip(*WIDE, strict=True)
    types = [pa.decimal128(18, 8), pa.large_string(), pa.string()]
    values = [[Decimal(v) for v in columns[0]], columns[1], columns[2]]
    arrays = [pa.array(v, t) for v, t in zip(values, types, strict=True)]
    pq.write_table(pa.table({"account": accounts, **dict(zip(NAMES, arrays, strict=True))}), root / "ledger.parquet")
    return 'format = "parquet"\npath = "ledger.parquet"'


def parquet_long(root: Path, _: str) -> str:
    names = ("account", "asset", "kind", "amount")
    pq.write_table(pa.table(dict(zip(names, zip(*LONG, strict=True), strict=True))), root / "ledger.parquet")
    return 'format = "parquet"\npath = "ledger.parquet"\nshape = "long"'


def sqlite_wide(root: Path, _: str) -> str:
    with closing(sqlite3.connect(root / "ledger.sqlite")) as connection, connection:
        connection.execute('CREATE TABLE book (account TEXT, "BTC" TEXT, "ETH" TEXT, "BTC:debt" TEXT)')
        connection.executemany("INSERT INTO book VALUES (?, ?, ?, ?)", WIDE)
    return 'format = "sqlite"\npath = "ledger.sqlite"\nquery = "SELECT * FROM book"'


def postgresql_wide(_: Path, url: str) -> str:
    with postgresql.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS book")
        cursor.execute('CREATE TABLE book (account text, "BTC" numeric(20,8), "ETH" numeric, "BTC:debt" text)')
        for account, btc, eth, debt in WIDE:
            cursor.execute(f"INSERT INTO book VALUES ('{account}', {btc}, {eth}, '{debt}')")  # noqa: S608
        connection.commit()
    return 'format = "postgresql"\nquery = "SELECT * FROM book"\n' + f'url = "{url}"'  # noqa: S608 (no SQL of ours is put together here)


def run_verify(*words: str | Path) -> Result:
    return CliRunner().invoke(verify, list(map(str, words)))


def check_me(exchange: Exchange, number: int, account: str, held: dict[str, str]) -> dict[str, Any]:
    """``me`` with the customer's own records: exit code 0 and the answer."""
    file = exchange.root / "account-key.txt"
    file.write_text(exchange.account_key(account))
    file.chmod(0o600)
    holds = [word for name, amount in held.items() for word in ("--holds", f"{name}={amount}")] or ["--holds", "BTC=0"]
    return answer(
        run_verify("me", exchange.epoch(number), "--account", account, "--account-key-file", file, "--key",
                   exchange.key, "--json", *holds)
    )  # fmt: skip


def check_bundle(exchange: Exchange, number: int, account: str) -> dict[str, Any]:
    """``bundle``: exit code 0 and the answer."""
    file = exchange.root / f"{number}-{account}.json"
    assert exchange.run("bundle", account, "--epoch", str(number), "--output", file).exit_code == 0
    return answer(run_verify("bundle", file, "--account", account, "--key", exchange.key, "--json"))


def check_audit(exchange: Exchange, number: int) -> dict[str, Any]:
    return answer(run_verify("audit", exchange.epoch(number), "--key", exchange.key, "--json"))


def shown(found: dict[str, Any]) -> dict[str, str]:
    return {balance["column"]: balance["amount"] for balance in found["balances"]}


SOURCES: list[Make] = [csv_wide, csv_long, parquet_wide, parquet_long, sqlite_wide, postgresql_wide]


@pytest.mark.parametrize("make", SOURCES, ids=lambda make: make.__name__)
def test_every_source_gives_the_same_balances(tmp_path: Path, postgresql_url: str, make: Make) -> None:
    root = tmp_path / "ex"
    exchange = new_exchange(root)
    section = make(root, postgresql_url)
    exchange.config.write_text(f'[exchange]\nname = "ex.example"\n{BOOK}[ledger]\n{section}\n{COLUMNS}')
    exchange.attest(1)
    report = check_audit(exchange, 1)
    assert report["overall"] == "QUALIFIED"
    for account, held in list(LEDGER.items())[::7] + list(LEDGER.items())[-1:]:
        found = check_me(exchange, 1, account, held)
        assert found["compared"]
        assert found["accounts"] == 32
        assert shown(found) == held
        assert shown(check_bundle(exchange, 1, account)) == held


def binance(root: Path, tmp_path: Path, collateral: bool) -> Exchange:
    exchange = new_exchange(tmp_path / "ex")
    sample = (root / "demo/data/binance_sample_users0.csv").read_bytes()
    (exchange.root / "ledger.csv").write_bytes(sample)
    flag = "collateral = true\n" if collateral else ""
    exchange.config.write_text(
        f'[exchange]\nname = "ex.example"\n{BOOK}[ledger]\nformat = "binance"\npath = "ledger.csv"\n{flag}'
    )
    return exchange


def sample_rows(exchange: Exchange) -> list[dict[str, str]]:
    with (exchange.root / "ledger.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def plain(amount: str) -> str:
    return format(Decimal(amount).normalize(), "f")


def held_in(row: dict[str, str], sides: dict[str, str]) -> dict[str, str]:
    assets = [name[2:] for name in row if name.startswith("e_")]
    pairs = {a.upper() + suffix: plain(row[side + a]) for a in assets for side, suffix in sides.items()}
    return {name: amount for name, amount in pairs.items() if amount != "0"}


def test_the_binance_sample(root: Path, tmp_path: Path) -> None:
    exchange = binance(root, tmp_path, collateral=False)
    exchange.attest(1)
    assert check_audit(exchange, 1)["overall"] == "QUALIFIED"
    for row in sample_rows(exchange)[::33]:
        held = held_in(row, {"e_": "", "d_": ":debt"})
        assert shown(check_me(exchange, 1, row["id"], held)) == held
        assert shown(check_bundle(exchange, 1, row["id"])) == held


def test_twenty_pledges_of_the_sample_are_refused(root: Path, tmp_path: Path) -> None:
    exchange = binance(root, tmp_path, collateral=True)
    done = exchange.run("attest", "--first", "--json", "--problems", "100")
    refusal(done, 1)
    assert len(json.loads(done.stdout)["problems"]) == 20
    assert "20 problems in the ledger" in done.stderr
    assert "more than 5 problems" in refusal(exchange.run("attest", "--first", "--problems", "5"), 1)
    assert not exchange.epoch(1).exists()


def test_the_sample_without_those_accounts_can_be_attested_with_collateral(root: Path, tmp_path: Path) -> None:
    exchange = binance(root, tmp_path, collateral=True)
    told = json.loads(exchange.run("attest", "--check", "--json", "--problems", "100").stdout)
    bad = {problem["row"] for problem in told["problems"]}
    lines = (exchange.root / "ledger.csv").read_text().splitlines(keepends=True)
    (exchange.root / "ledger.csv").write_text("".join(x for i, x in enumerate(lines, 1) if i not in bad))
    exchange.attest(1)
    report = check_audit(exchange, 1)
    assert len(report["figures"]) >= 24
    row = sample_rows(exchange)[0]
    sides = {"e_": "", "d_": ":debt", "vl_": ":loan", "m_": ":margin", "pm_": ":portfolio-margin"}
    held = held_in(row, sides)
    # Three columns have the asset BTC and the kind collateral: the customer says which, after asset and kind.
    pledged = {
        name: f"{name.partition(':')[0]}:collateral:{name}" for name in held if name.count(":") and ":debt" not in name
    }
    assert pledged
    stated = {pledged.get(name, name): amount for name, amount in held.items()}
    assert shown(check_me(exchange, 1, row["id"], stated)) == held


def test_a_chain_of_three(tmp_path: Path) -> None:
    exchange = new_exchange(tmp_path / "ex")
    for number in (1, 2, 3):
        (exchange.root / "ledger.csv").write_text(f"account,BTC,ETH\nalice,{number},0\nbob,1,1\n")
        exchange.attest(number)
    reports = {number: check_audit(exchange, number) for number in (1, 2, 3)}
    assert [reports[n]["overall"] for n in (1, 2, 3)] == ["QUALIFIED"] * 3
    chain = answer(exchange.run("inspect", "--json"))["epochs"]
    assert [e["previous"] for e in chain] == ["", chain[0]["payload"], chain[1]["payload"]]
    for number in (1, 2, 3):
        assert shown(check_me(exchange, number, "alice", {"BTC": str(number)})) == {"BTC": str(number)}
        assert shown(check_bundle(exchange, number, "alice")) == {"BTC": str(number)}
    apart = exchange.root / "apart"
    exchange.epoch(3).rename(apart)
    told = run_verify("audit", apart, "--key", exchange.key, "--json")
    assert told.exit_code == 2, "the attestation before this one is not beside it"
    given = run_verify("audit", apart, "--key", exchange.key, "--previous", exchange.epoch(2), "--json")
    assert given.exit_code == 0


def test_a_book_without_sealed_records(tmp_path: Path) -> None:
    exchange = new_exchange(tmp_path / "ex")
    exchange.attest(1, "--no-sealed")
    assert not (exchange.epoch(1) / "sealed.bin").exists()
    assert check_audit(exchange, 1)["overall"] == "QUALIFIED"
    assert shown(check_bundle(exchange, 1, "alice")) == {"BTC": "1.5", "ETH": "2"}
    (exchange.root / "private/epochs/1/ledger.parquet").unlink()
    told = refusal(exchange.run("bundle", "bob", "--output", exchange.root / "b"), 2)
    assert "the private ledger snapshot of epoch 1 is not there" in told


RULED = """
[ledger]
format = "csv"
path = "ledger.csv"
[[columns]]
name = "BTC"
asset = "BTC"
decimals = 8
bits = 128
total = "public"
[[columns]]
name = "BTC:debt"
asset = "BTC"
decimals = 8
kind = "debt"
bits = 128
[[columns]]
name = "BTC:rest"
asset = "BTC"
decimals = 8
kind = "slack"
bits = 128
total = "none"
[[rules]]
name = "covered:BTC"
weights = { BTC = 1, "BTC:debt" = -1, "BTC:rest" = -1 }
"""


def test_rules_with_slack_and_wide_columns(tmp_path: Path) -> None:
    most = "1701411834604692317316873037158.84105728"
    rows = f"account,BTC,BTC:debt\nalice,{most},{most}\nbob,2,1.99999999\n"
    exchange = new_exchange(tmp_path / "ex", rows, RULED)
    exchange.attest(1, "--accounts", "7", "--chunk-bits", "2")
    report = check_audit(exchange, 1)
    totals = {figure["id"]: figure for figure in report["figures"]}
    assert totals["total:BTC"]["value"] == "1701411834604692317316873037160.84105728"
    assert shown(check_me(exchange, 1, "bob", {"BTC": "2", "BTC:debt": "1.99999999"})) == {
        "BTC": "2", "BTC:debt": "1.99999999",
    }  # fmt: skip
    assert shown(check_bundle(exchange, 1, "alice")) == {"BTC": most, "BTC:debt": most}
    (exchange.root / "ledger.csv").write_text("account,BTC,BTC:debt\nalice,1,1.00000001\n")
    told = refusal(exchange.run("attest"), 1)
    assert "covered:BTC" in told
