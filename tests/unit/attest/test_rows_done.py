"""Progress over parts: the sum never falls, and an abandoned call ends."""

from __future__ import annotations

import pytest

from attest.rows_done import RowsDone
from verifier.ahead import Abandoned, Caller


def test_parts_add_up_and_never_fall() -> None:
    told: list[tuple[str, int, int]] = []
    done, caller = RowsDone("proving rows", 300, lambda *event: told.append(event)), Caller()
    first, second = done.tick_of(0, 200, caller), done.tick_of(1, 100, caller)
    first(1, 4)
    second(1, 2)
    first(3, 4)
    first(1, 4)
    first(0, 0)
    done.tell(0, 200)
    done.tell(1, 100)
    assert told == [("proving rows", rows, 300) for rows in (50, 100, 200, 200, 200, 250, 300)]


def test_a_call_for_nobody_ends_at_its_next_tick() -> None:
    told: list[tuple[str, int, int]] = []
    caller = Caller()
    tick = RowsDone("proving rows", 300, lambda *event: told.append(event)).tick_of(0, 300, caller)
    caller.leave()
    with pytest.raises(Abandoned):
        tick(1, 2)
    assert told == []
