"""Killed at any moment, a publisher leaves the site as it was or with one whole epoch more, and the next one works."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from server import caches, publishing
from server.settings import Settings
from tests.integration.crashing import Fuse
from tests.support.site import FROZEN, ROOT, Reader, asking, copy_of, ids, new_database, publish_frozen

MAX_MOMENTS = 200
_DISK = ("fsync", "replace", "rename", "link", "mkdir", "chmod", "rmdir", "unlink")


def arm(fuse: Fuse) -> None:
    """Every step by which a publisher changes the disk or the database."""
    for name in _DISK:
        fuse.wrap(os, name)
    for owner, name in ((caches, "_write_order"), (caches, "_through"), (publishing, "sha256")):
        fuse.wrap(owner, name)

    def moment(*_: Any) -> None:
        fuse.moment()

    event.listen(Engine, "before_cursor_execute", moment)
    event.listen(Engine, "commit", moment)
    event.listen(Session, "after_commit", moment)


def in_a_process(work: Callable[[], None]) -> int:
    """The exit code; minus the signal that killed it."""
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def killed_publisher(settings: Settings, at: int, counted: Any = None) -> int:
    def work() -> None:
        fuse = Fuse(at)
        arm(fuse)
        publish_frozen(settings, 2)
        if counted is not None:
            counted.put(fuse.seen)

    return in_a_process(work)


def moments(settings: Settings) -> int:
    counted: multiprocessing.SimpleQueue[int] = multiprocessing.get_context("fork").SimpleQueue()
    assert killed_publisher(settings, 0, counted) == 0
    return counted.get()


def shown(client: Reader) -> list[int]:
    """The epochs that a reader finds; each is whole."""
    listed = client.get("/v1/attestations").json
    assert listed is not None
    numbers = [epoch["epoch"] for epoch in listed["attestations"]]
    for number in numbers:
        told = client.get(f"/v1/attestations/{number}").json
        assert told is not None
        for file in told["files"]:
            assert client.get(file["url"]).data == (FROZEN / str(number) / file["name"]).read_bytes()
        row = ids(FROZEN / str(number))[1]
        assert client.get(f"/v1/attestations/{number}/rows/{row}").status_code == 200
    return numbers


def assert_recovers(settings: Settings, seen: list[int]) -> None:
    """What was there stays; the next publisher completes it and leaves nothing half done."""
    publish_frozen(settings, 2)
    client = asking(settings)
    assert shown(client) == [2, 1]
    client.application.extensions["solvent.library"].database.dispose()
    assert seen in ([1], [2, 1])
    for part in ("epochs", "cache"):
        assert sorted(path.name for path in (settings.root / part).iterdir()) == ["1", "2"]


@pytest.fixture(scope="module")
def one_epoch(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(tmp_path_factory.mktemp("one") / "site")
    publish_frozen(settings, 1)
    return settings


@pytest.mark.slow
def test_killed_at_every_moment(one_epoch: Settings, tmp_path: Path) -> None:
    last = moments(copy_of(one_epoch, tmp_path / "counting"))
    assert 30 < last < MAX_MOMENTS
    published = []
    for at in range(1, last + 1):
        settings = copy_of(one_epoch, tmp_path / str(at))
        assert killed_publisher(settings, at) == -signal.SIGKILL, at
        seen = shown(asking(settings))
        published.append(seen == [2, 1])
        if at % 4 == 0 or published[-1]:
            assert_recovers(settings, seen)
        shutil.rmtree(settings.root)
    assert not published[0]
    assert published[-1]
    assert published == sorted(published), "once published, an epoch stays"


@pytest.mark.slow
def test_killed_with_postgresql(postgresql_url: str, tmp_path: Path) -> None:
    """The same around the commit, where the database is a server of its own."""
    counting = Settings(tmp_path / "counting", database=new_database(postgresql_url))
    publish_in_a_process(counting)
    last = moments(counting)
    for at in (1, last // 2, last - 12, last - 6, last - 3, last - 2, last - 1, last):
        settings = Settings(tmp_path / str(at), database=new_database(postgresql_url))
        publish_in_a_process(settings)
        assert killed_publisher(settings, at) == -signal.SIGKILL, at
        client = asking(settings)
        seen = shown(client)
        client.application.extensions["solvent.library"].database.dispose()
        assert_recovers(settings, seen)


def publish_in_a_process(settings: Settings) -> None:
    """Connections do not cross a fork."""
    assert in_a_process(lambda: publish_frozen(settings, 1)) == 0


def command(settings: Settings) -> list[str]:
    return [sys.executable, "-m", "attest.cli", "publish", str(FROZEN / "2"), "--site", str(settings.root)]


@pytest.mark.slow
def test_killed_at_random_times(one_epoch: Settings, tmp_path: Path) -> None:
    """From outside, at times that no list of steps foresees."""
    chance = random.Random(6)
    settings = copy_of(one_epoch, tmp_path / "timing")
    started = time.perf_counter()
    subprocess.run(command(settings), check=True, cwd=ROOT, capture_output=True)
    usual = time.perf_counter() - started
    for i in range(6):
        settings = copy_of(one_epoch, tmp_path / str(i))
        with subprocess.Popen(command(settings), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            time.sleep(usual * chance.uniform(0.5, 1.0))
            run.kill()
        done = subprocess.run(command(settings), cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert shown(asking(settings)) == [2, 1]


def test_many_publishers_at_once(one_epoch: Settings, tmp_path: Path) -> None:
    """One works; the others are told so or find the epoch there. Nobody half does it."""
    settings = copy_of(one_epoch, tmp_path / "site")
    runs = [
        subprocess.Popen(command(settings), cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    told = [(*run.communicate(timeout=120), run.returncode) for run in runs]
    assert {code for *_, code in told} <= {0, 2}
    assert sum("Epoch 2 published: " in out for out, _, _ in told) == 1
    for out, err, code in told:
        assert "another publisher is working" in err if code else "published" in out
    assert shown(asking(settings)) == [2, 1]
