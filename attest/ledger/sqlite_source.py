"""SQLite through the standard library: TEXT and INTEGER values only, because a REAL was never exact."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from attest.ledger.problems import Report
from attest.ledger.source import Chunk, Closing, chunk_rows, numbers, texts
from verifier.errors import Malformed, Unavailable

_REAL: Final = "store amounts as TEXT or INTEGER: SQLite keeps DECIMAL and NUMERIC columns as REAL, which is a float"
_URL: Final = "sqlite:///"


class SqliteSource(Closing):
    """One query of a SQLite file, opened read-only. Row numbers count the query's rows from 1."""

    types = None
    total = None

    def __init__(self, path: Path | None, url: str, query: str) -> None:
        """Opens the database and starts the query. Raises Unavailable or Malformed."""
        file = path or Path(url.removeprefix(_URL))
        self._name = file.name
        if not file.is_file():
            hint = "check path or url (sqlite:///FILE) in the [ledger] section"
            raise Unavailable("there is no such database file", where=self._name, code="E_LEDGER", hint=hint)
        self._connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
        # Bytes that are not UTF-8 are kept so that their row can be named.
        self._connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        self.header = self._start(query)

    def _start(self, query: str) -> tuple[str, ...]:
        try:
            self._cursor = self._connection.execute(query)
        except (sqlite3.Error, sqlite3.Warning) as error:
            self.close()
            hint = "query in [ledger] is one SELECT on this database"
            raise Malformed(f"the query failed ({error})", where=self._name, code="E_LEDGER", hint=hint) from error
        if self._cursor.description is None:
            self.close()
            raise Malformed("the query returns no rows", where=self._name, code="E_LEDGER", hint="query is one SELECT")
        return tuple(str(column[0]) for column in self._cursor.description)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def chunks(self, wanted: Sequence[int], report: Report) -> Iterator[Chunk]:
        """See Source."""
        size, start = chunk_rows(len(self.header)), 1
        while not report.full:
            rows = numbers(start, len(records := self._fetch(size)))
            if not records:
                return
            fields = list(zip(*records, strict=True))
            names = self.header
            yield Chunk(
                rows, [texts(_plain(fields[i], names[i], rows, report), names[i], rows, report) for i in wanted]
            )
            start += len(records)

    def _fetch(self, size: int) -> list[Any]:
        try:
            return self._cursor.fetchmany(size)
        except sqlite3.Error as error:
            hint = "check the database with PRAGMA integrity_check"
            raise Malformed(f"reading failed ({error})", where=self._name, code="E_LEDGER", hint=hint) from error


def _plain(values: Sequence[Any], title: str, rows: npt.NDArray[np.uint64], report: Report) -> Sequence[str | None]:
    """``values`` as text. A REAL or a BLOB is reported and null."""
    if set(map(type, values)) <= {str, type(None)}:
        return values
    return [_text(value, title, int(row), report) for value, row in zip(values, rows, strict=True)]


def _text(value: Any, title: str, row: int, report: Report) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        report.add(row, title, value, "is a REAL, a floating-point number", _REAL)
    else:
        report.add(row, title, "", "is a BLOB", "store ids and names as TEXT, amounts as TEXT or INTEGER")
    return None
