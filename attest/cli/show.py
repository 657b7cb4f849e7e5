"""What the commands print: progress on the error stream, tables and facts on the output."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from verifier.cli.text import harmless

Advance = Callable[[str, int, int | None], None]
"""Called with a stage, how much of it is done, and how much there is where that is known."""


class Bars:
    """One bar per stage, with rate and time left."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """See ``Advance``."""
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total, rate="")
        task = self._tasks[stage]
        speed = self._progress.tasks[task].speed
        rate = f"{speed:,.0f}/s" if speed else ""
        self._progress.update(task, completed=done, total=total, rate=rate)


@contextmanager
def bars(quiet: bool) -> Iterator[Advance]:
    """Progress bars where the error stream is a terminal and nobody asked for quiet."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda stage, done, total: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bars(progress)


def facts(pairs: Sequence[tuple[str, str]]) -> None:
    """Names and values, one per line."""
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        print(f"  {name:<{width}}  {harmless(value)}")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """A plain table; the columns numbered ``right`` stand flush right."""
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for i, head in enumerate(heads):
        drawn.add_column(head, justify="right" if i in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(harmless(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else 120, highlight=False, markup=False).print(drawn)


def as_json(document: dict[str, Any]) -> None:
    """One JSON object."""
    print(json.dumps(document, indent=2))
