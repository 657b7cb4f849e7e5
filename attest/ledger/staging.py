"""From a ledger source to a staged ledger: read everything, check everything, tell every problem in one report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from attest.ledger import cells, ids
from attest.ledger.csv_source import CsvSource
from attest.ledger.database import Connection, append, check_copy, count, create, fetch, full_disk
from attest.ledger.layout import Layout, plan
from attest.ledger.parquet_source import ParquetSource
from attest.ledger.postgresql_source import PostgresqlSource
from attest.ledger.problems import Report
from attest.ledger.rules import solve
from attest.ledger.settings import LedgerConfig
from attest.ledger.slack import slack_columns
from attest.ledger.source import Source, check_types
from attest.ledger.sqlite_source import SqliteSource
from attest.ledger.staged import StagedLedger
from verifier.errors import Malformed
from verifier.schema import Schema

Progress = Callable[[str, int, int | None], None]
"""Called with a phase, how much of it is done, and how much there is where that is known."""


def stage(
    ledger: LedgerConfig, schema: Schema, workdir: Path, *, problem_limit: int = 20, progress: Progress | None = None
) -> StagedLedger:
    """Read and check the whole ledger. ``workdir`` is private, exists and takes the work files.

    Raises LedgerErrors with up to ``problem_limit`` problems; Malformed or Unavailable when the source cannot be read
    or the schema's slack columns make no sense.
    """
    slack_columns(schema)
    report = Report(ledger.source_name, problem_limit)
    connection = create(workdir)
    try:
        with full_disk():
            accounts = _stage(connection, ledger, schema, report, progress or _silent)
    except BaseException:
        connection.close()
        raise
    return StagedLedger(connection, accounts, len(schema.columns))


def _silent(phase: str, done: int, total: int | None) -> None:
    """No progress wanted."""


def _stage(connection: Connection, ledger: LedgerConfig, schema: Schema, report: Report, progress: Progress) -> int:
    layout = _read(connection, ledger, schema, report, progress)
    if report.full:
        raise report.error()
    _group_accounts(connection, ledger)
    accounts = count(connection, "accounts")
    check_copy(connection, "accounts", "n", accounts, accounts * (accounts - 1) // 2)
    progress("checking", 0, accounts)
    _check_ids(connection, layout, report)
    if ledger.shape == "long":
        cells.from_long(connection, schema, ledger, layout, report)
    else:
        cells.from_wide(connection, schema, ledger, layout, report)
    progress("checking", accounts, accounts)
    if _is_complete(layout, ledger, schema):
        solve(connection, schema, accounts, report)
    report.close()
    connection.execute("DROP TABLE raw")
    return accounts


def _is_complete(layout: Layout, ledger: LedgerConfig, schema: Schema) -> bool:
    """Whether the source has every column of the book. Rules over a missing one would blame every row for it."""
    return ledger.shape == "long" or len(layout.columns) == sum(c.kind != "slack" for c in schema.columns)


def open_source(ledger: LedgerConfig) -> Source:
    """The source that ``ledger`` describes. Raises Malformed or Unavailable."""
    if ledger.format == "postgresql":
        return PostgresqlSource(ledger.url, ledger.query)
    if ledger.format == "sqlite":
        return SqliteSource(ledger.path, ledger.url, ledger.query)
    if ledger.path is None:
        hint = "set path in the [ledger] section"
        raise Malformed("the ledger has no path", where="[ledger] path", code="E_LEDGER", hint=hint)
    return ParquetSource(ledger.path) if ledger.format == "parquet" else CsvSource(ledger.path, ledger.encoding)


def _read(connection: Connection, ledger: LedgerConfig, schema: Schema, report: Report, progress: Progress) -> Layout:
    """Copy the wanted columns into table ``raw``: n, row, t0 (the account), t1, ... as in ``Layout.wanted``."""
    with open_source(ledger) as source:
        layout = plan(source.header, schema, ledger, report)
        if layout is None or not check_types(source, layout.wanted, layout.texts, report):
            raise report.error()
        rows = _copy(connection, source, layout, report, progress)
    if not rows:
        if not len(report):
            remedy = "check the file or the query: a book has at least one account"
            report.add(None, "", None, "the ledger has no rows", remedy)
        raise report.error()
    check_copy(connection, "raw", "n", rows, rows * (rows - 1) // 2)
    return layout


def _copy(connection: Connection, source: Source, layout: Layout, report: Report, progress: Progress) -> int:
    rows = 0
    for chunk in source.chunks(layout.wanted, report):
        numbers = np.arange(rows, rows + len(chunk.rows), dtype=np.uint64)
        names = ["n", "row", *(f"t{i}" for i in range(len(chunk.columns)))]
        append(connection, "raw", pa.table([numbers, chunk.rows, *chunk.columns], names=names))
        rows += len(chunk.rows)
        progress("reading", rows, source.total)
    return rows


def _group_accounts(connection: Connection, ledger: LedgerConfig) -> None:
    """Table ``accounts``: n from 0, row, account. A wide source has one row per account, a long one many."""
    if ledger.shape == "wide":
        connection.execute("CREATE TABLE accounts AS SELECT n, row, t0::VARCHAR AS account FROM raw")
        return
    # Every row without an id is a problem of its own; the others are one account wherever they stand.
    nobody = "CASE WHEN coalesce(t0::VARCHAR, '') = '' THEN row END"
    first = f"SELECT t0::VARCHAR AS account, min(row) AS row FROM raw GROUP BY t0, {nobody}"
    number = "(row_number() OVER () - 1)::UBIGINT AS n"
    connection.execute(f"CREATE TABLE accounts AS SELECT {number}, row, account FROM ({first} ORDER BY row)")


def _check_ids(connection: Connection, layout: Layout, report: Report) -> None:
    title = layout.headers[0]
    with connection.cursor() as cursor:
        found = cursor.execute(f"SELECT row, account FROM accounts WHERE {ids.SUSPECT_SQL} ORDER BY row")
        while not report.full and (batch := found.fetchmany(10_000)):
            for row, account in batch:
                problem = ids.explain(account)
                if problem:
                    report.add(row, title, account, *problem)
    if not report.full:
        _check_unique(connection, title, report)


def _check_unique(connection: Connection, title: str, report: Report) -> None:
    named = "FROM accounts WHERE account <> ''"
    twice = f"SELECT account {named} GROUP BY account HAVING count(*) > 1 LIMIT {report.reach}"
    first = "SELECT account, row, min(row) OVER (PARTITION BY account) AS first FROM accounts"
    rows = fetch(
        connection,
        f"SELECT * FROM ({first} WHERE account IN ({twice})) WHERE row <> first ORDER BY row LIMIT {report.reach}",
    )
    for account, row, earlier in rows:
        remedy = "merge the rows, or give each account an id of its own"
        report.add(row, title, account, f"the account stands already in row {earlier}", remedy)
