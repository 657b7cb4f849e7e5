"""The private scratch database of one run: DuckDB in bounded memory, spilling; nothing is fetched from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from verifier.errors import Unavailable

Connection = duckdb.DuckDBPyConnection
MEMORY: Final = "512MiB"
"""What DuckDB keeps before it spills into the work directory."""

# The third: a statement that could not be written to the log. The fourth: whatever is asked after that.
_NO_ROOM: Final = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.TransactionException,
    duckdb.FatalException,
)


def create(workdir: Path) -> Connection:
    """A new database in memory; what does not fit spills into ``workdir``, closed to everyone else. Raises Unavailable.

    A run that ends has no use for it, so it is no file: keeping a write-ahead log took a tenth of an epoch's time.
    DuckDB makes spill files with whatever mode it likes: the directory protects them.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(workdir / "spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
    }
    try:
        workdir.chmod(0o700)
        return duckdb.connect(":memory:", config=settings)
    except (duckdb.Error, OSError) as error:
        hint = "check that the work directory exists and is writable"
        where = str(workdir)
        raise Unavailable("the work database cannot be made", where=where, code="E_WORKDIR", hint=hint) from error


@contextmanager
def full_disk() -> Iterator[None]:
    """Turns what DuckDB raises when disk or memory run out into Unavailable."""
    try:
        yield
    except _NO_ROOM as error:
        hint = "free some space in the private directory's file system"
        raise Unavailable("there is no room left to work in", code="E_WORKDIR", hint=hint) from error


def check_copy(connection: Connection, table: str, column: str, rows: int, total: int) -> None:
    """Raises Unavailable unless a scan of ``table`` finds ``rows`` rows whose ``column`` adds up to ``total``.

    A work database that loses rows must not become a book with fewer liabilities: DuckDB 2.0.0 does lose them when a
    transaction appends more than one row group, which is why there are no transactions here.
    """
    found = fetch(connection, f"SELECT count({column}), coalesce(sum({column}), 0) FROM {table}")[0]
    if (int(found[0]), int(found[1])) != (rows, total):
        hint = "run again, and report this with the version of DuckDB: the ledger itself may be fine"
        raise Unavailable("the work database lost rows", where=table, code="E_WORKDIR", hint=hint)


def append(connection: Connection, table: str, rows: Any) -> None:
    """Append an Arrow table to ``table``, which is created from its types when it does not exist."""
    connection.register("incoming", rows)
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table} AS SELECT * FROM incoming LIMIT 0")
    connection.execute(f"INSERT INTO {table} SELECT * FROM incoming")
    connection.unregister("incoming")


def arrow(connection: Connection, query: str, parameters: list[Any] | None = None) -> pa.Table:
    """The result of ``query`` as one Arrow table."""
    return connection.sql(query, params=parameters or []).to_arrow_table()


def fetch(connection: Connection, query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    """Every row of ``query``: for short results. DuckDB refuses other work while a result is half read."""
    return connection.execute(query, parameters or []).fetchall()


def count(connection: Connection, table: str) -> int:
    """How many rows ``table`` has."""
    return int(fetch(connection, f"SELECT count(*) FROM {table}")[0][0])
