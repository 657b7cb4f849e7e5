"""A source of ledger rows, whatever its format: a header and chunks of Arrow columns with their row numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.types as kinds

from attest.ledger.problems import Report, shown
from verifier.errors import Unavailable

_CELLS: Final = 4 * 2**20
_ROWS: Final = 2**17


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows: their numbers as the operator counts them, and one Arrow array per wanted column."""

    rows: npt.NDArray[np.uint64]
    columns: list[Any]


class Source(Protocol):
    """One open ledger source, a context manager."""

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the source's columns."""
        ...

    @property
    def types(self) -> tuple[Any, ...] | None:
        """An Arrow type per column, where the source has types."""
        ...

    @property
    def total(self) -> int | None:
        """How many rows there are, where that is known beforehand."""
        ...

    def chunks(self, wanted: Sequence[int], report: Report) -> Iterator[Chunk]:
        """The wanted columns of every row, in order; faulty rows and cells go to ``report`` and come out as null."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Closing:
    """Makes a source a context manager."""

    def close(self) -> None:
        """Release files and connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def chunk_rows(columns: int) -> int:
    """How many rows of this many columns to hold at once."""
    return max(256, min(_ROWS, _CELLS // max(1, columns)))


def numbers(start: int, count: int) -> npt.NDArray[np.uint64]:
    """``count`` row numbers from ``start``."""
    return np.arange(start, start + count, dtype=np.uint64)


def check_types(source: Source, wanted: Sequence[int], texts: int, report: Report) -> bool:
    """Whether the wanted columns have types that hold exact values; the first ``texts`` of them are text, not amounts.

    Amounts are text, whole numbers or decimals of at most 38 digits; ids and names are text or whole numbers.
    """
    before = len(report)
    for order, place in enumerate(wanted):
        unfit = None if source.types is None else _unfit(source.types[place], amount=order >= texts)
        if unfit:
            report.add(None, source.header[place], None, *unfit)
    return len(report) == before


def _unfit(kind: Any, *, amount: bool) -> tuple[str, str] | None:
    if _is_text(kind) or kinds.is_integer(kind) or kinds.is_null(kind):
        return None
    if not amount:
        name = kind.type_name if isinstance(kind, pa.OpaqueType) else kind
        return f"has the type {shown(name)}, which is no text", "store account ids and names as text, or cast them"
    if isinstance(kind, pa.OpaqueType):
        return f"has the type {shown(kind.type_name)}, which is no amount", "cast it to numeric or text"
    if kinds.is_floating(kind):
        return (
            f"has the floating-point type {kind}",
            "cast it to a decimal, numeric or text column: floats are never exact",
        )
    if not kinds.is_decimal(kind):
        return f"has the type {shown(kind)}, which is no amount", "store amounts as decimal, integer or text"
    if kind.precision > 38 or kind.scale < 0:
        return f"has the type {kind}, beyond 38 digits", "store the amounts as text or as DECIMAL of at most 38 digits"
    return None


def _is_text(kind: Any) -> bool:
    if isinstance(kind, pa.OpaqueType):
        # PostgreSQL's NUMERIC: exact text under a name of its own.
        return kind.type_name == "numeric" and _is_text(kind.storage_type)
    if kinds.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind))


def exact(column: Any) -> Any:
    """An Arrow array that DuckDB turns into exact text: string, integer or decimal128."""
    if isinstance(column.type, pa.OpaqueType):
        return exact(column.storage)
    kind = column.type
    if kinds.is_integer(kind) or kinds.is_decimal128(kind):
        return column
    if kinds.is_decimal(kind):
        return column.cast(pa.decimal128(38, kind.scale))
    return column.cast(pa.string())


def texts(values: Sequence[str | None], title: str, rows: npt.NDArray[np.uint64], report: Report) -> Any:
    """An Arrow array of ``values``; those that were not valid in the source's encoding are reported and null.

    Undecodable bytes stand in ``values`` as lone surrogates, as the error handler surrogateescape writes them.
    """
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        return pa.array([_valid(v, title, int(r), report) for v, r in zip(values, rows, strict=True)], pa.string())


def _valid(value: str | None, title: str, row: int, report: Report) -> str | None:
    if value is None or not any("\ud800" <= c <= "\udfff" for c in value):
        return value
    report.add(
        row, title, value, "is not valid UTF-8", "export as UTF-8, or set encoding in [ledger] to what the file uses"
    )
    return None


def unreadable(path: Path, error: OSError) -> Unavailable:
    """The error for a file that the operating system will not let us read."""
    message = f"the ledger cannot be read ({error.strerror or 'the file is not accessible'})"
    return Unavailable(message, where=path.name, code="E_LEDGER", hint="check path in the [ledger] section")
