"""What the commands print: progress on the error stream, tables and facts on the output.

Everything goes out at once, so that a full disk or a closed pipe is noticed; what a terminal cannot show is escaped.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from verifier.cli import outcome
from verifier.cli.text import harmless
from verifier.errors import Unavailable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

Advance = Callable[[str, int, int | None], None]
"""Called with a stage, how much of it is done, and how much there is where that is known."""


class Bars:
    """One bar per stage, with rate and time left. A stage begins where the one before it was last heard of."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, tuple[TaskID, float]] = {}
        self._last = time.monotonic()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """See ``Advance``."""
        now = time.monotonic()
        if stage not in self._tasks:
            self._tasks[stage] = (self._progress.add_task(stage, total=total, rate=""), self._last)
        task, began = self._tasks[stage]
        rate = f"{done / (now - began):,.0f}/s" if done and now > began else ""
        self._progress.update(task, completed=done, total=total, rate=rate)
        self._last = now


@contextmanager
def bars(quiet: bool) -> Iterator[Advance]:
    """Progress bars where the error stream is a terminal and nobody asked for quiet."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda stage, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bars(progress)


def say(*lines: str) -> None:
    """Print lines, hostile characters made harmless. Raises Unavailable (E_OUTPUT) when they cannot be written."""
    answer([harmless(line) for line in lines])


def answer(lines: Sequence[str]) -> None:
    """Print lines as they are. Raises Unavailable (E_OUTPUT), or BrokenPipeError when nobody reads on."""
    try:
        outcome.say(lines)
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        hint = "what was done is done: look with solvent inspect before running it again"
        raise Unavailable(f"the answer cannot be written: {reason}", code="E_OUTPUT", hint=hint) from None


def note(line: str) -> None:
    """A remark beside the result."""
    outcome.say([harmless(f"note: {line}")], sys.stderr)


def facts(pairs: Sequence[tuple[str, str]]) -> None:
    """Names and values, one per line."""
    width = max(len(name) for name, _ in pairs)
    say(*(f"  {name:<{width}}  {value}" for name, value in pairs))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """A plain table; the columns numbered ``right`` stand flush right."""
    from rich.console import Console
    from rich.table import Table

    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for i, head in enumerate(heads):
        drawn.add_column(head, justify="right" if i in right else "left", no_wrap=True)
    for row in rows:
        drawn.add_row(*(harmless(cell) for cell in row))
    text = io.StringIO()
    # As wide as it needs to be: a digest that is cut or folded cannot be compared or copied.
    Console(file=text, width=1000, highlight=False, markup=False, color_system=None).print(drawn)
    answer([line.rstrip() for line in text.getvalue().splitlines()])


def as_json(document: dict[str, Any]) -> None:
    """One JSON object, in ASCII."""
    answer([json.dumps(document, indent=2)])
