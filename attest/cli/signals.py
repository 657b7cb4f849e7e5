"""Ctrl-C, a polite kill (SIGTERM) and a closed terminal (SIGHUP) end a command alike: cleaned up, with one sentence."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

INTERRUPTED: Final = "interrupted: nothing was released, nothing is left behind"
_STOPS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_stopped = threading.Event()


@contextmanager
def interruptible() -> Iterator[None]:
    """Within, every polite way to stop a process raises KeyboardInterrupt, once: cleaning up is not interrupted.

    A signal that this process was started to ignore (nohup, a background job) stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _stopped.clear()
    before = {number: handler for number in _STOPS if (handler := signal.getsignal(number)) is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        # After a stop the process only ends: a second Ctrl-C finds nothing left to interrupt.
        for number, handler in before.items() if not stopped() else ():
            signal.signal(number, handler or signal.SIG_DFL)


def hold() -> None:
    """From here to the end of the command it is too late to stop: what follows is short and done to the end."""
    if threading.current_thread() is threading.main_thread():
        for number in _STOPS:
            signal.signal(number, signal.SIG_IGN)


def stopped() -> bool:
    """Whether a signal came. Libraries answer it with errors of their own: DuckDB with a RuntimeError."""
    return _stopped.is_set()


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    hold()
    _stopped.set()
    raise KeyboardInterrupt
