"""Progress from within a loop."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from verifier.engine import Tick

T = TypeVar("T")
INTERVAL: Final = 0.05
"""Seconds between two ticks."""


def counted(items: Sequence[T], progress: Tick | None) -> Iterator[T]:
    """The items; ``progress`` is told now and then how many were taken."""
    if progress is None:
        yield from items
        return
    following = time.monotonic() + INTERVAL
    for done, item in enumerate(items):
        if time.monotonic() >= following:
            progress(done, len(items))
            following = time.monotonic() + INTERVAL
        yield item
