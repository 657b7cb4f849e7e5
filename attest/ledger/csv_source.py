"""Comma-separated text (RFC 4180): strict quotes, one header line, no ragged rows, one encoding throughout."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

import numpy as np
import numpy.typing as npt

from attest.ledger.problems import Report
from attest.ledger.source import Chunk, Closing, chunk_rows, numbers, texts, unreadable
from verifier.errors import Malformed

_BREAK: Final = re.compile("\r\n|\r|\n")
_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}
_SEPARATOR: Final = re.compile("[;\t|]")
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class CsvSource(Closing):
    """A CSV file. Row numbers are line numbers: the header is row 1, a record of several lines counts by its first."""

    types = None
    total = None

    def __init__(self, path: Path, encoding: str = "utf-8") -> None:
        """Opens the file and reads the header. Raises Unavailable, or Malformed when there is no header to read."""
        self._name = path.name
        self._file = _open(path, encoding)
        self._reader = csv.reader(self._file, strict=True)
        try:
            self.header = self._read_header()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read_header(self) -> tuple[str, ...]:
        try:
            header = next(self._reader, [])
        except (csv.Error, UnicodeError) as error:
            hint = "the first line names the columns, in the encoding that [ledger] says"
            raise Malformed("the header cannot be read", where=self._name, code="E_LEDGER", hint=hint) from error
        other = _SEPARATOR.search(header[0]) if len(header) == 1 else None
        if other:
            message = f"the fields are separated by {_SEPARATORS[other[0]]}, not by commas"
            hint = "export with a comma between the fields and a point in the amounts"
            raise Malformed(message, where=self._name, code="E_LEDGER", hint=hint)
        if not header or any(not name.isprintable() for name in header):
            hint = "the first line names the columns, separated by commas, in UTF-8"
            raise Malformed("there is no readable header", where=self._name, code="E_LEDGER", hint=hint)
        return tuple(header)

    def chunks(self, wanted: Sequence[int], report: Report) -> Iterator[Chunk]:
        """See Source."""
        size = chunk_rows(len(self.header))
        more = True
        while more and not report.full:
            line = self._reader.line_num
            records: list[list[str]] = []
            more = self._read(records, size, report)
            yield self._chunk(records, _lines(records, line, self._reader.line_num), wanted, report)

    def _read(self, records: list[list[str]], size: int, report: Report) -> bool:
        """Append up to ``size`` records; whether more may follow. After broken quotes nothing can be trusted."""
        before = self._reader.line_num
        try:
            records.extend(islice(self._reader, size))
        except csv.Error as error:
            start = before + sum(map(_height, records)) + 1
            self._broken(start, error, report)
            return False
        except UnicodeError:
            remedy = "export as UTF-8, or set encoding in [ledger] to what the file uses"
            message = "after this row the text is not in the encoding that [ledger] says"
            report.add(self._reader.line_num, "", None, message, remedy)
            return False
        return len(records) == size

    def _broken(self, start: int, error: csv.Error, report: Report) -> None:
        """Name the row where the broken record begins: a quote that is never closed is noticed at the end alone."""
        remedy = "quote fields as RFC 4180 says: the whole field in quotes, a quote inside doubled"
        message = f"the line is no valid CSV ({error})"
        if self._reader.line_num > start:
            message = f"a quote opens in this row and is not closed as it should be, up to row {self._reader.line_num}"
            message = f"{message} ({error})"
        report.add(start, "", None, message, remedy)

    def _chunk(
        self, records: list[list[str]], lines: npt.NDArray[np.uint64], wanted: Sequence[int], report: Report
    ) -> Chunk:
        width = len(self.header)
        if {width} != set(map(len, records)):
            kept = [i for i, record in enumerate(records) if self._fits(record, int(lines[i]), report)]
            records, lines = [records[i] for i in kept], lines[kept]
        fields = list(zip(*records, strict=True)) or [()] * width
        return Chunk(lines, [texts(fields[place], self.header[place], lines, report) for place in wanted])

    def _fits(self, record: list[str], line: int, report: Report) -> bool:
        if record and len(record) != len(self.header):
            message = f"the row has {len(record)} fields, the header has {len(self.header)}"
            remedy = "give every row one field per column; a field that holds a comma stands in quotes"
            report.add(line, "", None, message, remedy)
        return len(record) == len(self.header)


def _lines(records: list[list[str]], before: int, after: int) -> npt.NDArray[np.uint64]:
    """The first line of each record, when ``before`` and ``after`` lines had been read."""
    if after - before == len(records):
        return numbers(before + 1, len(records))
    heights = np.array([1, *map(_height, records[:-1])], dtype=np.uint64)
    return np.cumsum(heights, dtype=np.uint64) + np.uint64(before)


def _height(record: list[str]) -> int:
    """How many lines of the file a record takes."""
    return 1 + sum(len(_BREAK.findall(field)) for field in record)


def _open(path: Path, encoding: str) -> TextIO:
    try:
        plain = codecs.lookup(encoding).name == "utf-8"
        with path.open("rb") as file:
            start = file.read(2)
        if start in _UTF16 and "16" not in encoding:
            hint = 'export as UTF-8, or set encoding = "utf-16" in [ledger]'
            raise Malformed("the file is in UTF-16", where=path.name, code="E_LEDGER", hint=hint)
        # A byte order mark is no part of the first column's name; bad bytes are kept so that their row can be named.
        name, errors = ("utf-8-sig", "surrogateescape") if plain else (encoding, "strict")
        return path.open(encoding=name, newline="", errors=errors)
    except OSError as error:
        raise unreadable(path, error) from error
    except LookupError as error:
        hint = "leave encoding out of [ledger] for UTF-8"
        raise Malformed("the encoding is not known", where=encoding[:40], code="E_LEDGER", hint=hint) from error
