"""Work side by side: results in order, refusals where they belong, nothing begun once the caller is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from verifier.ahead import Abandoned, Caller, ahead

PATIENCE = 10.0


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 20])
def test_results_come_in_order(threads: int, count: int) -> None:
    assert list(ahead(lambda item, _: 3 * item, range(count), threads)) == [3 * i for i in range(count)]


def test_two_are_under_way_at_once() -> None:
    both = threading.Barrier(2, timeout=PATIENCE)

    def meet(item: int, _: Caller) -> int:
        both.wait()
        return item

    assert list(ahead(meet, range(4), 2)) == [0, 1, 2, 3]


def test_one_thread_works_where_the_caller_is() -> None:
    """And draws an item only when the one before is done: what is drawn at random stays in order."""
    events: list[str] = []

    def items() -> Iterator[int]:
        for i in range(3):
            events.append(f"draw {i}")
            yield i

    def work(item: int, _: Caller) -> int:
        events.append(f"work {item}")
        assert threading.current_thread() is threading.main_thread()
        return item

    assert list(ahead(work, items(), 1)) == [0, 1, 2]
    assert events == ["draw 0", "work 0", "draw 1", "work 1", "draw 2", "work 2"]


def test_items_are_drawn_by_the_caller_and_not_too_early() -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for i in range(20):
            assert threading.current_thread() is threading.main_thread()
            drawn.append(i)
            yield i

    for result in ahead(lambda item, _: item, items(), 2):
        assert drawn[-1] <= result + 2


def test_a_refusal_comes_in_its_place() -> None:
    def work(item: int, _: Caller) -> int:
        if item == 2:
            raise ValueError("item 2")
        return item

    for threads in (1, 2):
        results = ahead(work, range(20), threads)
        assert [next(results), next(results)] == [0, 1]
        with pytest.raises(ValueError, match="item 2"):
            next(results)


def test_who_leaves_early_ends_what_is_under_way() -> None:
    begun, ended = [], []
    first_taken = threading.Event()

    def work(item: int, caller: Caller) -> int:
        begun.append(item)
        if item == 0:
            return item
        assert first_taken.wait(PATIENCE)
        try:
            for _ in range(int(PATIENCE * 1000)):
                caller.require()
                threading.Event().wait(0.001)
        except Abandoned:
            ended.append(item)
            raise
        return item

    results = ahead(work, range(50), 2)
    assert next(results) == 0
    first_taken.set()
    assert isinstance(results, Iterator)
    results.close()  # type: ignore[attr-defined]  # a generator
    assert sorted(ended) == sorted(set(begun) - {0})
    assert len(begun) <= 4


def test_a_caller_who_waits_may_be_asked_any_time() -> None:
    caller = Caller()
    caller.require()
    caller.leave()
    with pytest.raises(Abandoned):
        caller.require()
