"""Progress over rows that several threads work on."""

from __future__ import annotations

from threading import Lock

from verifier.ahead import Caller
from verifier.book import Progress
from verifier.engine import Tick


class RowsDone:
    """Adds up the rows done in every part of a book, and tells the sum from whichever thread it changed in."""

    def __init__(self, stage: str, rows: int, progress: Progress) -> None:
        self._stage = stage
        self._rows = rows
        self._progress = progress
        self._done: dict[int, int] = {}
        self._lock = Lock()

    def tick_of(self, part: int, count: int, caller: Caller) -> Tick:
        """For the engine's calls on a part of ``count`` rows; ends them soon once nobody waits."""

        def tick(done: int, of: int) -> None:
            caller.require()
            self.tell(part, count * done // max(of, 1))

        return tick

    def tell(self, part: int, rows: int) -> None:
        """That many rows of this part are done; fewer than before, in a later call on it, change nothing."""
        with self._lock:
            self._done[part] = max(rows, self._done.get(part, 0))
            self._progress(self._stage, sum(self._done.values()), self._rows)
