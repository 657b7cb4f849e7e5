"""What a page consists of: a verdict, tables, facts and lists. One description, printed as text or as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Table:
    """Rows under a caption; the columns numbered in ``right`` are numbers. Empty ones are not shown."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    note: str = ""


@dataclass(frozen=True)
class Facts:
    """Names and values."""

    caption: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Listing:
    """Sentences under a caption."""

    caption: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """One claim: its status in a word, what it says, its name, why it is not met, and by how much it is ("" if not)."""

    status: str
    sentence: str
    name: str
    reason: str = ""
    good: bool = True
    margin: str = ""


@dataclass(frozen=True)
class Outcomes:
    """A row per claim."""

    caption: str
    items: tuple[Outcome, ...]
    note: str = ""


Part: TypeAlias = Table | Facts | Listing | Outcomes


@dataclass(frozen=True)
class Page:
    """``word`` is the verdict, ``lead`` the sentence that it begins, ``reasons`` why it is no better."""

    title: str
    word: str
    lead: str
    reasons: tuple[str, ...] = ()
    parts: tuple[Part, ...] = field(default=())


def shown(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts that have something to show."""
    return tuple(part for part in parts if _content(part))


def _content(part: Part) -> Sequence[object]:
    if isinstance(part, Table):
        return part.rows
    return part.pairs if isinstance(part, Facts) else part.items
