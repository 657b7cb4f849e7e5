"""PostgreSQL through ADBC: NUMERIC arrives as exact text, rows arrive in Arrow batches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

import adbc_driver_postgresql.dbapi as postgresql  # type: ignore[import-untyped]
import pyarrow as pa

from attest.ledger.parquet_source import arrow_chunk
from attest.ledger.problems import Report
from attest.ledger.source import Chunk, Closing, chunk_rows, numbers
from verifier.errors import Malformed, Unavailable

_NAME: Final = "postgresql query"
_SCHEME: Final = re.compile(r"postgres(ql)?(\+\w+)?://")


class PostgresqlSource(Closing):
    """One query of a PostgreSQL database, in a read-only session. Row numbers count the query's rows from 1."""

    total = None

    def __init__(self, url: str, query: str) -> None:
        """Connects and starts the query. Raises Unavailable or Malformed; neither shows the URL and its password."""
        self._connection = _connect(url)
        self._cursor = self._connection.cursor()
        try:
            self._cursor.execute("SET default_transaction_read_only = on")
            self._connection.commit()
            self._cursor.execute(query)
            self._reader = self._cursor.fetch_record_batch()
        except (postgresql.Error, pa.ArrowException) as error:
            self.close()
            hint = "query in [ledger] is one SELECT on this database"
            raise Malformed(f"the query failed ({_reason(error)})", where=_NAME, code="E_LEDGER", hint=hint) from error
        self.header = tuple(self._reader.schema.names)
        self.types: tuple[Any, ...] = tuple(self._reader.schema.types)

    def close(self) -> None:
        """Close the connection."""
        with suppress(postgresql.Error):
            self._cursor.close()
        self._connection.close()

    def chunks(self, wanted: Sequence[int], report: Report) -> Iterator[Chunk]:
        """See Source."""
        names = [self.header[place] for place in wanted]
        size, start = chunk_rows(len(names)), 1
        for batch in self._batches():
            for offset in range(0, batch.num_rows, size):
                part = batch.slice(offset, size)
                yield arrow_chunk(part, names, numbers(start, part.num_rows), report)
                start += part.num_rows
            if report.full:
                return

    def _batches(self) -> Iterator[Any]:
        try:
            yield from self._reader
        except (OSError, postgresql.Error, pa.ArrowException) as error:
            hint = "run the query by hand; cast columns of unusual types to text"
            raise Malformed(f"reading failed ({_reason(error)})", where=_NAME, code="E_LEDGER", hint=hint) from error


def _connect(url: str) -> Any:
    if not _SCHEME.match(url):
        hint = "url in [ledger] is postgresql://USER@HOST/DATABASE"
        raise Malformed("this is no PostgreSQL URL", where="[ledger] url", code="E_LEDGER", hint=hint)
    try:
        return postgresql.connect(_SCHEME.sub("postgresql://", url, count=1))
    except postgresql.Error as error:
        hint = "check url in [ledger], the server and its access rules"
        raise Unavailable("the database cannot be reached", where=_NAME, code="E_LEDGER", hint=hint) from error


def _reason(error: Exception) -> str:
    """The server's own first line, without codes."""
    lines = [line.strip() for line in str(error).splitlines() if "ERROR:" in line]
    return lines[0].partition("ERROR:")[2].strip() if lines else type(error).__name__
