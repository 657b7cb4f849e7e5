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

from tests.parity.both import CORE, SMALL
from verifier.engine import SparseRows
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


def least_time(points: bytes, scalars: bytes) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        CORE.multiply_sum(points, scalars)
        times.append(time.perf_counter() - start)
    return min(times)


def test_hostile_points_cost_little_more_than_honest_ones() -> None:
    count = 1 << 15
    rng = random.Random(1)
    honest = least_time(distinct_points(count), random_scalars(count))
    equal = SMALL[3] * count
    opposite = (SMALL[5] + SMALL[-5]) * (count // 2)
    few = b"".join(SMALL[rng.choice((-2, -1, 1, 2))] for _ in range(count))
    same_scalar = rng.randrange(N).to_bytes(32, "big") * count
    for points in (equal, opposite, few):
        for scalars in (random_scalars(count), same_scalar):
            assert least_time(points, scalars) < 3 * honest
