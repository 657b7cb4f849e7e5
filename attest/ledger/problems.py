"""Everything wrong with a ledger, told in one report for the operator who can correct it.

These texts show account ids and amounts: they go to the operator's terminal and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from verifier.errors import Malformed

_SHOWN: Final = 40


def shown(value: object, limit: int = _SHOWN) -> str:
    """``value`` on one line: at most ``limit`` characters, everything unprintable escaped."""
    text = str(value)
    cut = text if len(text) <= limit else text[: limit - 3] + "..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct.

    ``row`` is the line of a text file (the header is row 1) or the record of a table or query result (the first is
    row 1), None when the header or the whole source is meant. ``value`` is shortened and printable.
    """

    source: str
    row: int | None
    column: str
    value: str
    message: str
    remedy: str

    def __str__(self) -> str:
        row = [] if self.row is None else [f"row {self.row}"]
        column = [f"column {shown(self.column)}"] if self.column else []
        value = f"{self.value!r} " if self.value else ""
        return f"{', '.join([self.source, *row, *column])}: {value}{self.message}"


class LedgerErrors(Malformed):
    """The ledger cannot be attested as it is. ``more`` tells that ``problems`` is not the whole list."""

    def __init__(self, source: str, problems: tuple[Problem, ...], more: bool) -> None:
        count = f"more than {len(problems)} problems" if more else f"{len(problems)} problem{'s'[: len(problems) != 1]}"
        hint = "correct the ledger or solvent.toml as listed; nothing was written"
        super().__init__(f"{count} in the ledger", where=source, code="E_LEDGER", hint=hint)
        self.problems = problems
        self.more = more

    def __str__(self) -> str:
        tail = ["(there are more; these come first)"] if self.more else []
        return "\n".join([f"{self.where}: {self.message}", *self._told(), *tail])

    def _told(self) -> Iterator[str]:
        """Each problem on a line; a remedy once, below the last of the neighbours that share it."""
        for problem, after in zip_longest(self.problems, self.problems[1:]):
            yield str(problem)
            if after is None or after.remedy != problem.remedy:
                yield f"  hint: {problem.remedy}"


class Report:
    """Collects problems while a ledger is read and checked; at most ``limit`` of them are told."""

    def __init__(self, source: str, limit: int) -> None:
        self.source = source
        self.limit = max(1, limit)
        self._problems: list[Problem] = []
        self._places: set[tuple[int, str, str]] = set()

    def add(self, row: int | None, column: str, value: object, message: str, remedy: str, rule: str = "") -> None:
        """Note one problem. A second problem of one cell (of one cell and rule) is dropped: the first one said it."""
        if row is not None and column:
            if (row, column, rule) in self._places:
                return
            self._places.add((row, column, rule))
        text = "" if value is None else shown(value)
        self._problems.append(Problem(self.source, row, column, text, message, remedy))

    @property
    def reach(self) -> int:
        """How many problems of one kind to look for: enough to fill the report and to know that there are more."""
        return self.limit + 1 + len(self._places)

    @property
    def full(self) -> bool:
        """Whether further problems could not be told."""
        return len(self._problems) > self.limit

    @property
    def rows(self) -> frozenset[int]:
        """The rows with a problem so far."""
        return frozenset(p.row for p in self._problems if p.row is not None)

    def __len__(self) -> int:
        return len(self._problems)

    def error(self) -> LedgerErrors:
        """The problems so far as one error: the header's first, then by row."""
        return LedgerErrors(self.source, _first(self._problems, self.limit), more=self.full)

    def close(self) -> None:
        """Raises LedgerErrors when there was any problem."""
        if self._problems:
            raise self.error()


def _first(problems: Iterable[Problem], limit: int) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda p: p.row or 0)[:limit])
