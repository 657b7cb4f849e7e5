"""Where the points of the history chart go; the template draws them, and shows the same data as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from server.pages.words import day, grouped

WIDTH: Final = 760
HEIGHT: Final = 220
_LEFT: Final = 140
_RIGHT: Final = 735
_TOP: Final = 20
_BASE: Final = 175


@dataclass(frozen=True, slots=True)
class Moment:
    """An epoch in the chart; ``late`` when the one before had expired before it was signed."""

    epoch: int
    taken_at: int
    accounts: int
    late: bool


@dataclass(frozen=True, slots=True)
class Point:
    """A drawn epoch."""

    x: float
    y: float
    late: bool
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A word beside an axis."""

    x: float
    y: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that the template needs to draw."""

    id: str
    width: int
    height: int
    left: int
    right: int
    base: int
    points: tuple[Point, ...]
    marks: tuple[Tick, ...]
    ticks: tuple[Tick, ...]
    first: int
    last: int
    late: int


def history(moments: Sequence[Moment]) -> Chart:
    """Rows of the book over time. ``moments`` is not empty, oldest first."""
    top = _nice(max(moment.accounts for moment in moments))
    begin, end = moments[0].taken_at, moments[-1].taken_at
    points = tuple(
        Point(_x(m.taken_at, begin, end), _y(m.accounts, top), m.late, f"{m.epoch}: {grouped(str(m.accounts))}")
        for m in moments
    )
    marks = tuple(Tick(0, _y(value, top), grouped(str(value))) for value in (0, top // 2, top))
    ticks = [Tick(points[0].x, 0, day(begin), "start" if len(points) > 1 else "middle")]
    if len(points) > 1:
        ticks.append(Tick(points[-1].x, 0, day(end), "end"))
    late = sum(moment.late for moment in moments)
    return Chart(
        "history", WIDTH, HEIGHT, _LEFT, _RIGHT, _BASE, points, marks, tuple(ticks),
        moments[0].epoch, moments[-1].epoch, late,
    )  # fmt: skip


def _x(at: int, begin: int, end: int) -> float:
    if begin == end:
        return (_LEFT + _RIGHT) / 2
    return round(_LEFT + 15 + (_RIGHT - _LEFT - 30) * (at - begin) / (end - begin), 1)


def _y(value: int, top: int) -> float:
    return round(_BASE - (_BASE - _TOP) * value / top, 1)


def _nice(value: int) -> int:
    """The next of 2, 4, 10, 20, 40, 100, ...: half of it is whole."""
    step = 1
    while True:
        for digit in (2, 4, 10):
            if value <= digit * step:
                return digit * step
        step *= 10
