"""The core inside a process: Ctrl-C, forks, threads, and the bound on what hostile points cost."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.parity.both import CORE, SMALL
from verifier.hashing import N


def distinct_points(count: int) -> bytes:
    return CORE.generators([f"test/{i}" for i in range(count)])


def random_scalars(count: int) -> bytes:
    return CORE.wide_each("parity", b"", 0, count)


def multiply_often(points: bytes, scalars: bytes) -> None:
    for _ in range(100):
        CORE.multiply_sum(points, scalars)


def test_ctrl_c_is_answered_within_a_second() -> None:
    count = 1 << 18
    points, scalars = distinct_points(1 << 10) * (count >> 10), random_scalars(count)
    start = time.monotonic()
    timer = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        multiply_often(points, scalars)
    assert time.monotonic() - start < 1.1
    timer.join()


def test_a_forked_child_computes() -> None:
    expected = CORE.multiply_sum(SMALL[3], (2).to_bytes(32, "big"))
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
