"""A progress bar with rate and time left, on a terminal's error stream, for checks that take a while."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from verifier.book import Progress
from verifier.epoch import no_progress

INTERVAL: Final = 0.2
"""Seconds between two drawings."""
PATIENCE: Final = 0.5
"""Seconds before the first drawing: short work shows nothing."""
_BAR: Final = 10


class ProgressBar:
    """One line, redrawn in place. Call it with (stage, done, total), as ``verifier.book.Progress`` says."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._stage, self._drawn = "", 0
        self._began = self._started = clock()
        self._next = self._began + PATIENCE

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Draw, unless the last drawing is too recent; a stage that follows a drawn one is always shown."""
        now = self._clock()
        entered = stage != self._stage
        if entered:
            self._started = now if self._stage else self._began
            self._stage = stage
        if now >= self._next or (entered and self._drawn):
            self._next = now + INTERVAL
            self._draw(describe(stage, done, total, now - self._started))

    def close(self) -> None:
        """Wipe the line, so that the answer stands alone."""
        if self._drawn:
            self._stream.write("\r" + " " * self._drawn + "\r")
            self._stream.flush()
            self._drawn = 0

    def _draw(self, line: str) -> None:
        line = line[: max(shutil.get_terminal_size().columns - 1, 1)]
        self._stream.write("\r" + line.ljust(self._drawn))
        self._stream.flush()
        self._drawn = len(line)


def describe(stage: str, done: int, total: int, seconds: float) -> str:
    """``reading rows [#####-----]  50 % of 2,000, 250/s, 4 s left``; no rate before there is one."""
    share = min(done / total, 1.0) if total > 0 else 1.0
    bar = "#" * int(share * _BAR)
    line = f"{stage} [{bar:-<{_BAR}}] {int(share * 100):3d} % of {total:,}"
    if done <= 0 or seconds <= 0:
        return line
    rate = done / seconds
    return f"{line}, {rate:,.0f}/s, {duration(max(total - done, 0) / rate)} left"


def duration(seconds: float) -> str:
    """``45 s``, ``3 min 20 s`` or ``2 h 05 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


@contextmanager
def shown_progress(quiet: bool = False) -> Iterator[Progress]:
    """A bar where the error stream is a terminal and nobody asked for quiet; else a callback that shows nothing."""
    stream = sys.stderr
    if quiet or not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield no_progress
        return
    bar = ProgressBar(stream)
    try:
        yield bar
    finally:
        bar.close()
