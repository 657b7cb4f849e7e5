"""Table ``cells`` (r, n, col, value): the source row's number from 0, the account, the book's column, base units.

Zero amounts leave no cell. An amount that was refused leaves a cell without value, and a problem in the report.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import pyarrow as pa

from attest.ledger.amounts import explain, units_sql
from attest.ledger.database import Connection, append, fetch
from attest.ledger.layout import Layout, by_asset
from attest.ledger.problems import Report
from attest.ledger.settings import LedgerConfig
from verifier.errors import Unavailable
from verifier.schema import Column, Schema

_TABLE = "CREATE TABLE cells (r UBIGINT, n UBIGINT, col USMALLINT, value UHUGEINT)"


def from_wide(connection: Connection, schema: Schema, ledger: LedgerConfig, layout: Layout, report: Report) -> None:
    """Fill ``cells`` from table ``raw`` of a wide source: column t1, t2, ... feeds ``layout.columns[0]``, ..."""
    connection.execute(_TABLE)
    for order, place in enumerate(layout.columns, start=1):
        column = schema.columns[place]
        text = _text(f"t{order}", ledger)
        keys = f"n AS r, n, {place}::USMALLINT AS col"
        query = units_sql(keys, text, str(column.decimals), str(2**column.bits - 1), "raw")
        _insert(connection, query, f"col = {place}")
    orders = {place: order for order, place in enumerate(layout.columns, start=1)}
    for r, place in _refused(connection, report):
        row, text = _one(connection, f"SELECT row, t{orders[place]}::VARCHAR FROM raw WHERE n = ?", [r])
        report.add(row, layout.headers[orders[place]], text, *explain(text, schema.columns[place]))


def from_long(connection: Connection, schema: Schema, ledger: LedgerConfig, layout: Layout, report: Report) -> None:
    """Fill ``cells`` from table ``raw`` of a long source: account, asset, perhaps kind, amount."""
    connection.execute(_TABLE)
    known = by_asset(schema)
    append(connection, "book_columns", _columns_table(known))
    kind = "t2::VARCHAR" if layout.texts == 3 else "'balance'"
    connection.execute(
        f"CREATE TABLE entries AS SELECT raw.n AS r, raw.row, accounts.n AS n, t1::VARCHAR AS named_asset, {kind} AS"
        f" named_kind, t{layout.texts}::VARCHAR AS amount, col, decimals, highest FROM raw"
        " LEFT JOIN accounts ON accounts.account = raw.t0::VARCHAR"
        f" LEFT JOIN book_columns AS b ON b.asset = t1::VARCHAR AND b.kind = {kind}"
    )
    query = units_sql("r, n, col", _text("amount", ledger), "decimals", "highest", "entries WHERE col IS NOT NULL")
    _insert(connection, query, "true")
    for r, place in _refused(connection, report):
        row, text = _one(connection, "SELECT row, amount FROM entries WHERE r = ?", [r])
        report.add(row, layout.headers[-1], text, *explain(text, schema.columns[place]))
    _check_names(connection, known, layout, report)
    _check_unique(connection, schema, layout, report)
    connection.execute("DROP TABLE entries; DROP TABLE book_columns")


def _insert(connection: Connection, query: str, which: str) -> None:
    """Insert the cells of ``query``, then count and add up what a scan finds: nothing may be lost on the way."""
    halves = "(value >> 64)::UBIGINT AS hi, (value & 18446744073709551615::UHUGEINT)::UBIGINT AS lo"
    counts = "count(*), count(value), coalesce(sum(hi), 0), coalesce(sum(lo), 0)"
    sums = f"SELECT {counts} FROM (SELECT value, {halves} FROM"
    connection.execute(f"INSERT INTO cells {query}")
    if _one(connection, f"{sums} ({query}))", []) != _one(connection, f"{sums} cells WHERE {which})", []):
        hint = "run again, and report this with the version of DuckDB: the ledger itself may be fine"
        raise Unavailable("the work database lost amounts", where="cells", code="E_WORKDIR", hint=hint)


def _text(column: str, ledger: LedgerConfig) -> str:
    """SQL for the text of an amount. An empty one is zero only where the configuration says so."""
    text = f"{column}::VARCHAR"
    return f"coalesce(nullif({text}, ''), '0')" if ledger.empty == "zero" else text


def _columns_table(known: dict[tuple[str, str], tuple[int, Column]]) -> pa.Table:
    rows = [
        {"asset": asset, "kind": kind, "col": place, "decimals": column.decimals, "highest": str(2**column.bits - 1)}
        for (asset, kind), (place, column) in known.items()
    ]
    types = {
        "asset": pa.string(),
        "kind": pa.string(),
        "col": pa.uint16(),
        "decimals": pa.int32(),
        "highest": pa.string(),
    }
    return pa.Table.from_pylist(rows, schema=pa.schema(list(types.items())))


def _refused(connection: Connection, report: Report) -> list[tuple[int, int]]:
    query = f"SELECT r, col FROM cells WHERE value IS NULL ORDER BY r, col LIMIT {report.reach}"
    return [(int(r), int(place)) for r, place in fetch(connection, query)]


def _one(connection: Connection, query: str, parameters: list[Any]) -> tuple[Any, ...]:
    return fetch(connection, query, parameters)[0]


def _check_names(
    connection: Connection, known: dict[tuple[str, str], tuple[int, Column]], layout: Layout, report: Report
) -> None:
    """Every asset and kind of a long source has its column."""
    names = fetch(
        connection,
        "SELECT min(row), named_asset, named_kind, count(*) FROM entries WHERE col IS NULL"
        f" GROUP BY named_asset, named_kind ORDER BY 1 LIMIT {report.reach}",
    )
    for row, asset, kind, rows in names:
        if not asset or not kind:
            title = layout.headers[1] if not asset else "kind"
            report.add(
                row, title, None, "is empty", "name the asset in every row, and the kind where there is such a column"
            )
            continue
        near = get_close_matches(asset, {a for a, k in known if k == kind}, n=1)
        guess = f" (did you mean {near[0]!r}?)" if near else ""
        message = f"no column of the book has this asset and the kind {kind!r} (rows like this: {rows})"
        report.add(row, layout.headers[1], asset, message, f"add a column for it to [[columns]]{guess}")


def _check_unique(connection: Connection, schema: Schema, layout: Layout, report: Report) -> None:
    """No account has two amounts of one asset and kind."""
    twice = (
        "SELECT n, col FROM entries WHERE n IS NOT NULL AND col IS NOT NULL"
        f" GROUP BY n, col HAVING count(*) > 1 LIMIT {report.reach}"
    )
    rows = fetch(
        connection,
        "SELECT row, account_name, col, first FROM (SELECT e.row, a.account AS account_name, e.col, min(e.row) OVER"
        f" (PARTITION BY e.n, e.col) AS first FROM entries AS e JOIN ({twice}) AS t ON e.n = t.n AND e.col = t.col"
        " JOIN accounts AS a ON a.n = e.n) WHERE row <> first ORDER BY row LIMIT"
        f" {report.reach}",
    )
    for row, account, place, first in rows:
        message = f"the account has an amount of {schema.columns[place].name} already in row {first}"
        report.add(
            row,
            layout.headers[0],
            account,
            message,
            "add the amounts up in the ledger: one row per account, asset and kind",
        )
