"""Killed at any moment, a run leaves no epoch or a whole one, and the next run works.

A run that was not committed is never resumed: what comes after it has another nonce.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from attest.store import Store
from tests.integration.crashing import Fuse, run, with_documents
from tests.support.books import NOW, PUBLIC_KEY, new_store
from tests.support.refusals import refused
from verifier import audit
from verifier.epoch import open_directory
from verifier.errors import SolventError, Unavailable
from verifier.trust.reader import Reader

MAX_MOMENTS = 400
ROOT = Path(__file__).resolve().parent.parent.parent


def forked(work: Callable[[], None]) -> int:
    """The exit code of ``work`` in a process of its own; minus the signal that killed it."""
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def attest_in(root: Path, at: int = 0) -> int:
    """A run in ``root`` that dies at moment ``at``."""
    return forked(lambda: run(root, Fuse(at), 0.0))


def epochs(store: Store) -> list[Path]:
    return sorted(store.public.joinpath("epochs").glob("*"))


def nonces(store: Store) -> set[str]:
    """The nonces of everything that was signed in ``store``, whole or not."""
    found = set()
    for path in store.public.rglob("attestation.json"):
        with suppress(SolventError):
            found.add(open_directory(path.parent, PUBLIC_KEY).attestation.identity.nonce)
    return found


def assert_whole(store: Store, count: int) -> None:
    """``count`` epochs that audit as one chain, and nothing half done."""
    assert [path.name for path in epochs(store)] == [str(i + 1) for i in range(count)]
    for path in epochs(store):
        assert verdict(path) == "QUALIFIED"
        private = {item.name for item in store.private_epoch(int(path.name)).iterdir()}
        claims = {"claims.json"} if (path / "policy.json").exists() else set()
        assert private == {"totals.json", "ledger.parquet", "committed.json"} | claims
    head = store.head()
    assert head is not None
    assert head.epoch == count
    assert not [*store.public.glob(".run-*"), *store.private.glob(".run-*"), *store.private.rglob("*.part")]


def verdict(epoch: Path) -> str:
    """What an auditor says who has the exchange's reader file, or its key where there is no such file."""
    file = epoch.parents[2] / "reader.json"
    if not file.exists():
        return audit(epoch, PUBLIC_KEY, now=NOW).overall
    return audit(epoch, reader=replace(Reader.from_bytes(file.read_bytes()), require=()), now=NOW).overall


def moments(tmp_path: Path, epochs_before: Path) -> int:
    """How many moments an undisturbed run has."""
    shutil.copytree(epochs_before, tmp_path / "counting")
    queue: multiprocessing.SimpleQueue[int] = multiprocessing.get_context("fork").SimpleQueue()

    def work() -> None:
        fuse = Fuse(0)
        run(tmp_path / "counting", fuse, 0.0)
        queue.put(fuse.seen)

    assert forked(work) == 0
    return queue.get()


@pytest.fixture(scope="module", params=["liabilities", "documents and claims"])
def one_epoch(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one epoch; made in this process, so that those forked from it inherit the engine's tables."""
    root = tmp_path_factory.mktemp("one")
    if request.param != "liabilities":
        with_documents(root)
    run(root, None, 0.0)
    return root


@pytest.mark.slow
def test_killed_at_every_moment_of_the_second_epoch(one_epoch: Path, tmp_path: Path) -> None:
    """Before the commit the first epoch stands alone; after it the next run completes the second and makes a third."""
    last = moments(tmp_path, one_epoch)
    assert 20 < last < MAX_MOMENTS
    completed = []
    for k in range(1, last + 1):
        root = tmp_path / str(k)
        shutil.copytree(one_epoch, root)
        store = new_store(root)
        assert attest_in(root, k) == -signal.SIGKILL, k
        assert len(epochs(store)) in (1, 2)
        for path in epochs(store):
            assert verdict(path) == "QUALIFIED", k
        seen = nonces(store)
        with store.locked():
            recovered = len(epochs(store))
        assert_whole(store, recovered)
        completed.append(recovered == 2)
        if k % 5 == 0 or completed[-1] or completed != sorted(completed):
            assert attest_in(root) == 0, k
            assert_whole(store, recovered + 1)
            newest = open_directory(epochs(store)[-1], PUBLIC_KEY).attestation.identity.nonce
            assert newest not in seen, "an interrupted run was resumed"
        shutil.rmtree(root)
    assert completed == sorted(completed), "once committed, an epoch is never lost"
    assert not completed[0]
    assert completed[-1]


@pytest.mark.parametrize("claims", [False, True], ids=["liabilities", "documents and claims"])
def test_killed_at_moments_of_the_first_epoch(tmp_path: Path, claims: bool) -> None:
    """The first run of a store also makes its directories."""
    for k in (1, 2, 3, 5, 8, 13, 21, 34):
        root = tmp_path / str(k)
        root.mkdir()
        if claims:
            with_documents(root)
        assert attest_in(root, k) == -signal.SIGKILL
        assert attest_in(root) == 0
        assert len(epochs(new_store(root))) == 1
        assert_whole(new_store(root), 1)


def start(root: Path, pause: float) -> subprocess.Popen[str]:
    """A run of its own that waits ``pause`` seconds with the lock in its hands."""
    command = [sys.executable, "-m", "tests.integration.crashing", str(root), "0", str(pause)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    return process


def test_two_runs_at_once(tmp_path: Path) -> None:
    with start(tmp_path, 1.5) as first:
        with refused(Unavailable, "E_LOCKED"):
            run(tmp_path, None, 0.0)
        assert first.wait(30) == 0
    assert_whole(new_store(tmp_path), 1)


def test_interrupted_by_hand(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    with start(tmp_path, 30) as process:
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        process.wait(30)
        assert process.stderr is not None
        assert "KeyboardInterrupt" in process.stderr.read()
    assert epochs(store) == []
    assert not [*store.public.glob(".run-*"), *store.private.glob(".run-*")]
    assert attest_in(tmp_path) == 0
    assert_whole(store, 1)


def test_a_dead_run_does_not_keep_the_lock(tmp_path: Path) -> None:
    with start(tmp_path, 30) as process:
        process.kill()
    assert attest_in(tmp_path) == 0
    assert_whole(new_store(tmp_path), 1)
