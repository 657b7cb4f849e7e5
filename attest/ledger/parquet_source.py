"""Parquet files: whole numbers, decimals or text; floats are refused by their type before a row is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from attest.ledger.problems import Report
from attest.ledger.source import Chunk, Closing, chunk_rows, exact, numbers, texts, unreadable
from verifier.errors import Malformed


class ParquetSource(Closing):
    """A Parquet file. Row numbers count records from 1."""

    def __init__(self, path: Path) -> None:
        """Opens the file and reads its schema. Raises Unavailable or Malformed."""
        self._path = path
        try:
            self._file = pq.ParquetFile(path)
            schema = self._file.schema_arrow
        except OSError as error:
            raise unreadable(path, error) from error
        except pa.ArrowException as error:
            raise _broken(path) from error
        self.header = tuple(schema.names)
        self.types: tuple[Any, ...] = tuple(schema.types)
        self.total: int | None = self._file.metadata.num_rows

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def chunks(self, wanted: Sequence[int], report: Report) -> Iterator[Chunk]:
        """See Source."""
        names = [self.header[place] for place in wanted]
        start = 1
        try:
            for batch in self._file.iter_batches(chunk_rows(len(names)), columns=names):
                yield arrow_chunk(batch, names, numbers(start, batch.num_rows), report)
                start += batch.num_rows
                if report.full:
                    return
        except (OSError, pa.ArrowException) as error:
            raise _broken(self._path) from error


def arrow_chunk(batch: Any, names: Sequence[str], rows: npt.NDArray[np.uint64], report: Report) -> Chunk:
    """A record batch as a chunk whose text is known to be UTF-8."""
    columns = [exact(batch.column(name)) for name in names]
    return Chunk(rows, [_checked(c, name, rows, report) for name, c in zip(names, columns, strict=True)])


def _checked(column: Any, name: str, rows: npt.NDArray[np.uint64], report: Report) -> Any:
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        raw = column.cast(pa.binary()).to_pylist()
        return texts([None if b is None else b.decode("utf-8", "surrogateescape") for b in raw], name, rows, report)
    return column


def _broken(path: Path) -> Malformed:
    hint = 'export the file again; CSV is chosen with format = "csv"'
    return Malformed("this is not a whole Parquet file", where=path.name, code="E_LEDGER", hint=hint)
