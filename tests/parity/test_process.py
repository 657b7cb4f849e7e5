"""The core inside a process: Ctrl-C, forks, threads, and the bound on what hostile points cost."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
import warnings
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.parity.both import CORE, REFERENCE, SMALL
from verifier.engine import Engine, SparseRows, Tick
from verifier.hashing import N


def distinct_points(count: int) -> bytes:
    return CORE.generators([f"test/{i}" for i in range(count)])


def random_scalars(count: int) -> bytes:
    return CORE.wide_each("parity", b"", 0, count)


def multiply(count: int) -> None:
    CORE.multiply_sum(distinct_points(1 << 10) * (count >> 10), random_scalars(1 << 10) * (count >> 10))


def commit(count: int) -> None:
    CORE.committer((64,)).commit(full_rows(count), random_scalars(1 << 10) * (count >> 10))


def sumcheck(count: int) -> None:
    rounds = CORE.row_sumcheck(full_rows(count), (64, 64), 3, [5] * (count - 1).bit_length(), {})
    for _ in range((count - 1).bit_length()):
        rounds.round()
        rounds.bind(7)


def full_rows(count: int) -> SparseRows:
    """Rows with one cell of 64 bits each."""
    values = (bytes(8) + random.Random(1).randbytes(8)) * count
    return SparseRows(array("Q", range(1, count + 1)), array("H", bytes(2 * count)), values)


def interrupted_after(delay: float, operation: Callable[[], None]) -> float:
    """Seconds between Ctrl-C, sent after a delay, and the KeyboardInterrupt."""
    sent: list[float] = []

    def send() -> None:
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(delay, send)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        operation()
    answered = time.monotonic()
    timer.join()
    return answered - sent[0]


@pytest.mark.parametrize("operation", [multiply, commit, sumcheck])
def test_ctrl_c_is_answered_within_a_second(operation: Callable[[int], None]) -> None:
    def work() -> None:
        for _ in range(20):
            operation(1 << 19)

    assert interrupted_after(0.9, work) < 1


class Watched:
    """A tick that keeps what it is told, and raises when told to."""

    def __init__(self, limit: int | None = None) -> None:
        self.told: list[tuple[int, int]] = []
        self.threads: set[int] = set()
        self._limit = limit

    def __call__(self, done: int, total: int) -> None:
        self.told.append((done, total))
        self.threads.add(threading.get_ident())
        if self._limit is not None and len(self.told) >= self._limit:
            raise RuntimeError("enough")


def long_calls(engine: Engine, rows: int) -> dict[str, Callable[[Tick], object]]:
    """Every operation that tells its progress, long enough to do so."""
    scalars, points = CORE.wide_each("parity", b"", 0, rows), CORE.generators([f"test/{i}" for i in range(rows)])
    book, tau = full_rows(rows), [5] * (rows - 1).bit_length()

    def bind(tick: Tick) -> None:
        sumcheck = engine.row_sumcheck(book, (64, 64), 3, tau, {})
        for _ in tau:
            sumcheck.bind(7, tick)

    return {
        "multiply_sum": lambda tick: engine.multiply_sum(points, scalars, tick),
        "sums_with_generator": lambda tick: engine.sums_with_generator(points, scalars, scalars, tick),
        "commit": lambda tick: engine.committer((64,)).commit(book, scalars, tick),
        "seal_rows": lambda tick: engine.seal_rows(scalars, bytes(32), 0, points, scalars, book, tick),
        "row_sumcheck": lambda tick: engine.row_sumcheck(book, (64, 64), 3, tau, {}, tick),
        "bind": bind,
    }


@pytest.mark.parametrize(("engine", "rows"), [(CORE, 1 << 15), (REFERENCE, 1 << 7)], ids=["core", "reference"])
def test_long_calls_tell_their_progress(engine: Engine, rows: int) -> None:
    for name, call in long_calls(engine, rows).items():
        watched = Watched()
        call(watched)
        assert all(0 <= done <= total and total for done, total in watched.told), name
        if name != "bind":
            assert watched.told == sorted(watched.told), name
        assert watched.threads <= {threading.get_ident()}, "called in the caller's thread"
        if name == "sums_with_generator":
            assert watched.told, f"{name} was silent"


@pytest.mark.parametrize(("engine", "rows"), [(CORE, 1 << 15), (REFERENCE, 1 << 7)], ids=["core", "reference"])
def test_what_a_tick_raises_ends_the_call(engine: Engine, rows: int) -> None:
    call = long_calls(engine, rows)["sums_with_generator"]
    watched = Watched(limit=1)
    with pytest.raises(RuntimeError, match="enough"):
        call(watched)
    assert len(watched.told) == 1


def test_a_forked_child_computes() -> None:
    expected = CORE.multiply_sum(SMALL[3], (2).to_bytes(32, "big"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of what is tested here
        child = os.fork()
    if child == 0:
        same = CORE.multiply_sum(SMALL[3], (2).to_bytes(32, "big")) == expected
        os._exit(0 if same else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_threads_share_the_pool() -> None:
    points, scalars = distinct_points(300), random_scalars(300)
    expected = CORE.multiply_sum(points, scalars)
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda _: CORE.multiply_sum(points, scalars), range(40)))
    assert set(results) == {expected}


def time_of(points: bytes, scalars: bytes) -> float:
    start = time.perf_counter()
    CORE.multiply_sum(points, scalars)
    return time.perf_counter() - start


def test_hostile_points_cost_little_more_than_honest_ones() -> None:
    """Timed in turn, so that what else the machine does falls on all; the least of each."""
    count = 1 << 15
    rng = random.Random(1)
    few = b"".join(SMALL[rng.choice((-2, -1, 1, 2))] for _ in range(count))
    hostile = (SMALL[3] * count, (SMALL[5] + SMALL[-5]) * (count // 2), few)
    same_scalar = rng.randrange(N).to_bytes(32, "big") * count
    honest = (distinct_points(count), random_scalars(count))
    cases = [honest, *((points, scalars) for points in hostile for scalars in (honest[1], same_scalar))]
    rounds = [[time_of(*case) for case in cases] for _ in range(5)]
    least = [min(times) for times in zip(*rounds, strict=True)]
    assert max(least) < 3 * least[0]
