"""Blocks side by side: work on the next ones goes on in threads while the caller uses the one before.

Engines compute without the interpreter's lock. Work on all cores, work on one, reading and Python's own share then fill
each other's gaps.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain, islice
from threading import Event
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Abandoned(Exception):
    """Nobody waits for this work any more: the caller failed, or was interrupted."""


class Caller:
    """Whether somebody still waits for the work that was begun."""

    def __init__(self) -> None:
        self._gone = Event()

    def leave(self) -> None:
        """From now on ``require`` raises."""
        self._gone.set()

    def require(self) -> None:
        """Long work calls this now and then. Raises Abandoned."""
        if self._gone.is_set():
            raise Abandoned


@contextmanager
def meanwhile(work: Callable[[Caller], Result]) -> Iterator[Future[Result]]:
    """Does ``work`` in a thread beside the body and waits for it; afterwards its result is there.

    What ``work`` raises is raised at the end of the body. If the body fails, the work is told that nobody waits.
    """
    caller = Caller()
    with ThreadPoolExecutor(1, thread_name_prefix="solvent") as pool:
        future = pool.submit(work, caller)
        try:
            yield future
        except BaseException:
            caller.leave()
            raise
    future.result()


def ahead(work: Callable[[Item, Caller], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    """``work(item, caller)`` of each item, in order, up to ``threads`` of them under way at once.

    Items are drawn in the caller's thread, at most ``threads`` before they are needed. What ``work`` raises is raised
    where its result would have come. If the caller stops early, nothing new is begun and what is under way is waited
    for. A single item, or one thread, is worked on right here.
    """
    source = iter(items)
    first = list(islice(source, 0 if threads == 1 else 2))
    if len(first) < 2:
        here = Caller()
        yield from (work(item, here) for item in chain(first, source))
    else:
        yield from _in_threads(work, chain(first, source), threads)


def _in_threads(work: Callable[[Item, Caller], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    caller = Caller()
    pending: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="solvent")
    try:
        for item in items:
            pending.append(pool.submit(work, item, caller))
            if len(pending) > threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        caller.leave()
        pool.shutdown(cancel_futures=True)
