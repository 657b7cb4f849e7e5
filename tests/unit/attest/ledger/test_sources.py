"""Every format gives the identical rows for the same data."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import adbc_driver_postgresql.dbapi as postgresql  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attest.ledger import LedgerConfig, stage
from tests.unit.attest.ledger.books import TWO, only, read, refused
from verifier.errors import Malformed, Unavailable
from verifier.schema import Column, Schema

DATA = [
    ("alice", "1.5", "0"),
    ("bob", "0.00000001", "0.000000000000000001"),
    ("zoë", "0", "12345678901.5"),
    ("nil", "0", "0"),
]
ROWS = {
    "alice": [(0, 150000000)],
    "bob": [(0, 1), (1, 1)],
    "zoë": [(1, 12345678901500000000000000000)],
    "nil": [],
}
QUERY = "SELECT * FROM balances"


def csv_ledger(path: Path) -> LedgerConfig:
    """The data as CSV with CRLF line ends, as spreadsheets write it."""
    file = path / "wide.csv"
    file.write_bytes("".join(f"{','.join(row)}\r\n" for row in [("account", "BTC", "ETH"), *DATA]).encode())
    return LedgerConfig("csv", file)


def long_ledger(path: Path) -> LedgerConfig:
    """The data in long shape, zero amounts included, rows of an account apart."""
    file = path / "long.csv"
    rows = [f"{a},BTC,balance,{btc}" for a, btc, _ in DATA] + [f"{a},ETH,balance,{eth}" for a, _, eth in DATA]
    file.write_text("account,asset,kind,amount\n" + "\n".join(rows), "utf-8")
    return LedgerConfig("csv", file, shape="long")


def text_parquet(path: Path) -> LedgerConfig:
    """The data as Parquet text, dictionary-encoded ids."""
    file = path / "text.parquet"
    accounts, btc, eth = (list(part) for part in zip(*DATA, strict=True))
    ids = pa.array(accounts).dictionary_encode()
    pq.write_table(pa.table({"account": ids, "BTC": pa.array(btc, pa.large_string()), "ETH": eth}), file)
    return LedgerConfig("parquet", file)


def decimal_parquet(path: Path) -> LedgerConfig:
    """The data as Parquet decimals of two widths."""
    file = path / "decimal.parquet"
    accounts, btc, eth = (list(part) for part in zip(*DATA, strict=True))
    columns = {
        "BTC": pa.array([Decimal(v) for v in btc], pa.decimal128(18, 8)),
        "ETH": pa.array([Decimal(v) for v in eth], pa.decimal256(38, 18)),
    }
    pq.write_table(pa.table({"account": accounts, **columns}), file)
    return LedgerConfig("parquet", file)


def sqlite_ledger(path: Path) -> LedgerConfig:
    """The data in SQLite, as TEXT."""
    file = path / "ledger.sqlite"
    fill(file, "TEXT", DATA)
    return LedgerConfig("sqlite", file, query=QUERY)


def fill(file: Path, kind: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Make a SQLite table of balances."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"CREATE TABLE balances (account, BTC {kind}, ETH {kind})")
        connection.executemany("INSERT INTO balances VALUES (?, ?, ?)", rows)


@pytest.mark.parametrize("make", [csv_ledger, long_ledger, text_parquet, decimal_parquet, sqlite_ledger])
def test_identical_rows(tmp_path: Path, workdir: Path, make: object) -> None:
    assert read(make(tmp_path), TWO, workdir) == ROWS  # type: ignore[operator]


def test_sqlite_by_url(tmp_path: Path, workdir: Path) -> None:
    file = sqlite_ledger(tmp_path).path
    assert read(LedgerConfig("sqlite", url=f"sqlite:///{file}", query=QUERY), TWO, workdir) == ROWS


def test_integers_of_parquet_and_sqlite(tmp_path: Path, workdir: Path) -> None:
    units = Schema((Column("BTC", "BTC", 0, 64, "balance"), Column("ETH", "ETH", 0, 128, "balance")))
    file = tmp_path / "ledger.parquet"
    columns = {"BTC": pa.array([2**64 - 1], pa.uint64()), "ETH": [str(2**128 - 1)]}
    pq.write_table(pa.table({"account": pa.array([77], pa.int32()), **columns}), file)
    assert read(LedgerConfig("parquet", file), units, workdir) == {"77": [(0, 2**64 - 1), (1, 2**128 - 1)]}
    fill(tmp_path / "l.sqlite", "", [(77, 2**63 - 1, str(2**128 - 1))])
    other = tmp_path / "other"
    other.mkdir()
    found = read(LedgerConfig("sqlite", tmp_path / "l.sqlite", query=QUERY), units, other)
    assert found == {"77": [(0, 2**63 - 1), (1, 2**128 - 1)]}


@pytest.mark.parametrize(("kind", "value"), [("REAL", "1.1"), ("DECIMAL(18,8)", "1.1"), ("NUMERIC", "0.3"), ("", 1.5)])
def test_sqlite_real_is_refused(tmp_path: Path, kind: str, value: object) -> None:
    fill(
        tmp_path / "l.sqlite",
        kind,
        [("alice", "1", "2"), ("bob", value, "2")] if kind != "REAL" else [("bob", value, 2)],
    )
    problem = refused(LedgerConfig("sqlite", tmp_path / "l.sqlite", query=QUERY)).problems[0]
    assert (problem.row, problem.column, problem.source) == (1 if kind == "REAL" else 2, "BTC", "l.sqlite")
    assert "REAL" in problem.message
    assert "TEXT or INTEGER" in problem.remedy


def test_sqlite_blob_and_null(tmp_path: Path) -> None:
    fill(tmp_path / "l.sqlite", "", [("alice", b"1", None)])
    error = refused(LedgerConfig("sqlite", tmp_path / "l.sqlite", query=QUERY))
    assert ["BLOB" in p.message or "empty" in p.message for p in error.problems] == [True, True]


def test_sqlite_text_that_is_not_utf8(tmp_path: Path) -> None:
    fill(tmp_path / "l.sqlite", "TEXT", DATA[:1])
    query = "SELECT CAST(X'61FF' AS TEXT) AS account, BTC, ETH FROM balances"
    problem = only(LedgerConfig("sqlite", tmp_path / "l.sqlite", query=query))
    assert (problem.row, problem.column) == (1, "account")


@pytest.mark.parametrize(
    "query", ["SELECT * FROM nothing", "DROP TABLE balances", "SELECT 1; SELECT 2", "", "PRAGMA x=1"]
)
def test_sqlite_query_that_cannot_be(tmp_path: Path, workdir: Path, query: str) -> None:
    fill(tmp_path / "l.sqlite", "TEXT", DATA)
    with pytest.raises(Malformed, match="query"):
        stage(LedgerConfig("sqlite", tmp_path / "l.sqlite", query=query), TWO, workdir)


def test_sqlite_without_file(tmp_path: Path, workdir: Path) -> None:
    with pytest.raises(Unavailable, match="no such database"):
        stage(LedgerConfig("sqlite", tmp_path / "none", query=QUERY), TWO, workdir)
    assert not (tmp_path / "none").exists()


def values(amounts: str) -> str:
    """A query with one account."""
    return f"SELECT 'alice' AS account, {amounts}"


def test_postgresql_numeric(postgresql_url: str, workdir: Path) -> None:
    rows = ", ".join(f"('{a}', {btc}::numeric, '{eth}'::text)" for a, btc, eth in DATA)
    query = f'SELECT * FROM (VALUES {rows}) AS t(account, "BTC", "ETH")'  # noqa: S608
    assert read(LedgerConfig("postgresql", url=postgresql_url, query=query), TWO, workdir) == ROWS


def test_postgresql_other_types(postgresql_url: str, workdir: Path) -> None:
    query = 'SELECT 7::int8 AS account, 3::int4 AS "BTC", 12345678901.500000000000000000000::numeric(40,21) AS "ETH"'
    url = postgresql_url.replace("postgresql://", "postgresql+psycopg://")
    found = read(LedgerConfig("postgresql", url=url, query=query), TWO, workdir)
    assert found == {"7": [(0, 3 * 10**8), (1, 12345678901500000000000000000)]}


def test_postgresql_many_rows(postgresql_url: str, workdir: Path) -> None:
    query = 'SELECT i::text AS account, i * 0.00000001 AS "BTC", 0 AS "ETH" FROM generate_series(1, 150000) AS i'
    found = read(LedgerConfig("postgresql", url=postgresql_url, query=query), TWO, workdir)
    assert found == {str(i): [(0, i)] for i in range(1, 150001)}


@pytest.mark.parametrize("kind", ["real", "double precision"])
def test_postgresql_float_is_refused(postgresql_url: str, kind: str) -> None:
    query = values(f'1::{kind} AS "BTC", 1::numeric AS "ETH"')
    problem = only(LedgerConfig("postgresql", url=postgresql_url, query=query))
    assert problem.column == "BTC"
    assert "numeric or text" in problem.remedy


@pytest.mark.parametrize(
    "amount", ["'NaN'::numeric", "'Infinity'::numeric", "-1::numeric", "NULL::numeric", "1e-9::numeric"]
)
def test_postgresql_bad_amount(postgresql_url: str, amount: str) -> None:
    query = values(f'{amount} AS "BTC", 1::numeric AS "ETH"')
    problem = only(LedgerConfig("postgresql", url=postgresql_url, query=query))
    assert (problem.row, problem.column) == (1, "BTC")


@pytest.mark.parametrize("query", ["SELECT * FROM nothing", "SELEC", "CREATE TABLE made (a int)"])
def test_postgresql_query_that_cannot_be(postgresql_url: str, workdir: Path, query: str) -> None:
    with pytest.raises(Malformed, match=r"query|reading"):
        stage(LedgerConfig("postgresql", url=postgresql_url, query=query), TWO, workdir)
    with postgresql.connect(postgresql_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'made'")
        assert cursor.fetchone() == (0,)


def test_postgresql_password_is_never_shown(workdir: Path) -> None:
    ledger = LedgerConfig("postgresql", url="postgresql://u:hunter2@127.0.0.1:1/none", query="SELECT 1")
    with pytest.raises(Unavailable) as caught:
        stage(ledger, TWO, workdir)
    assert "hunter2" not in f"{caught.value} {caught.value.hint} {ledger!r}"


def test_not_a_postgresql_url(workdir: Path) -> None:
    with pytest.raises(Malformed, match="URL"):
        stage(LedgerConfig("postgresql", url="mysql://x", query="SELECT 1"), TWO, workdir)


@pytest.mark.parametrize("account", ["gen_random_uuid()", "now()", "'{}'::jsonb", "1.5::float8"])
def test_postgresql_id_type(postgresql_url: str, account: str) -> None:
    query = f'SELECT {account} AS account, 1 AS "BTC", 1 AS "ETH"'
    problem = only(LedgerConfig("postgresql", url=postgresql_url, query=query))
    assert problem.column == "account"
    assert "text" in problem.remedy


def test_postgresql_uuid_as_text(postgresql_url: str, workdir: Path) -> None:
    query = """SELECT '0f0f0f0f-0000-4000-8000-000000000001'::uuid::text AS account, 1 AS "BTC", 0 AS "ETH\""""
    found = read(LedgerConfig("postgresql", url=postgresql_url, query=query), TWO, workdir)
    assert found == {"0f0f0f0f-0000-4000-8000-000000000001": [(0, 10**8)]}
