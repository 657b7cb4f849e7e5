"""Where epochs live: the lock, the head, releasing and recovering."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from attest.store import COMMITTED, HEAD, Head, Run, Store, write_private
from tests.support.books import new_store
from tests.support.refusals import refused
from verifier.errors import Malformed, Unavailable

FIRST = Head("ex.example", 1, "ab" * 32, 1_700_000_000, "12" * 32, "34" * 32)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = new_store(tmp_path)
    with store.locked():
        yield store


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def begun(store: Store, name: str = "a") -> Run:
    run = store.run(name)
    store.begin(run)
    (run.public / "leaves.bin").write_bytes(b"public")
    write_private(run.private / "totals.json", b"private")
    return run


def commit_only(run: Run, head: Head = FIRST) -> None:
    """What a crash right after the commit leaves."""
    write_private(run.private / COMMITTED, json.dumps(asdict(head)).encode())


def released(store: Store, head: Head = FIRST) -> bool:
    public, private = store.epoch(head.epoch), store.private_epoch(head.epoch)
    files = (public / "leaves.bin").read_bytes(), (private / "totals.json").read_bytes()
    return files == (b"public", b"private") and store.head() == head and not leftovers(store)


def leftovers(store: Store) -> list[Path]:
    return [*store.public.glob(".run-*"), *store.private.glob(".run-*"), *store.private.rglob("*.part")]


def test_a_fresh_store_has_no_head(store: Store) -> None:
    assert store.head() is None
    assert mode(store.private) == 0o700
    assert mode(store.private / "lock") == 0o600


def test_one_run_at_a_time(store: Store) -> None:
    other = Store(store.public, store.private)
    with refused(Unavailable, "E_LOCKED", where=str(store.private)), other.locked():
        pytest.fail("two runs at once")


def test_the_lock_is_given_back(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    for _ in range(2):
        with store.locked():
            pass
    with pytest.raises(KeyboardInterrupt), store.locked():
        raise KeyboardInterrupt
    with store.locked():
        pass


def test_a_run_is_unreadable_for_others(store: Store) -> None:
    run = store.run("a")
    store.begin(run)
    assert (mode(run.public), mode(run.private)) == (0o700, 0o700)
    assert (run.public.name, run.private.name) == (".run-a", ".run-a")


def test_commit(store: Store) -> None:
    run = begun(store)
    assert not store.committed(run)
    assert store.commit(run, FIRST) == store.epoch(1)
    assert store.committed(run)
    assert released(store)
    assert mode(store.epoch(1)) == 0o755
    assert mode(store.private_epoch(1)) == mode(store.private_epoch(1).parent) == 0o700
    assert mode(store.private / HEAD) == mode(store.private_epoch(1) / "totals.json") == 0o600


def test_the_head_moves_on(store: Store) -> None:
    second = Head("ex.example", 2, "cd" * 32, 1_700_000_001, "12" * 32, "34" * 32)
    store.commit(begun(store), FIRST)
    store.commit(begun(store, "b"), second)
    assert store.head() == second
    assert released(store, second)
    assert (store.epoch(1) / "leaves.bin").exists()


def test_discard(store: Store) -> None:
    run = begun(store)
    store.discard(run)
    store.discard(run)
    assert not leftovers(store)


def test_recover_deletes_what_was_not_committed(store: Store) -> None:
    begun(store, "a")
    begun(store, "b").public.joinpath("x").mkdir()
    (store.public / ".run-c").mkdir()
    (store.private / ".run-d").mkdir()
    (store.private / ".run-d" / (COMMITTED + ".part")).write_bytes(b"{")
    store.recover()
    assert not leftovers(store)
    assert store.head() is None


@pytest.mark.parametrize("moment", ["committed", "public renamed", "head written"])
def test_recover_finishes_what_was_committed(store: Store, moment: str) -> None:
    run = begun(store)
    commit_only(run)
    if moment != "committed":
        run.public.rename(store.epoch(1))
    if moment == "head written":
        write_private(store.private / HEAD, json.dumps(asdict(FIRST)).encode())
        store.private_epoch(1).parent.mkdir(mode=0o700)
    begun(store, "b")
    store.recover()
    assert released(store)
    store.recover()
    assert released(store)


def test_locking_recovers(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    with store.locked():
        commit_only(begun(store))
    with store.locked():
        assert released(store)


GOOD = asdict(FIRST)
DAMAGED: dict[str, Any] = {
    "empty": b"",
    "cut off": json.dumps(GOOD).encode()[:-3],
    "not UTF-8": b"\xff\xfe",
    "a list": b"[]",
    "null": b"null",
    "a member missing": json.dumps({k: v for k, v in GOOD.items() if k != "digest"}).encode(),
    "a member too many": json.dumps({**GOOD, "x": 1}).encode(),
    "epoch text": json.dumps({**GOOD, "epoch": "1"}).encode(),
    "epoch zero": json.dumps({**GOOD, "epoch": 0}).encode(),
    "digest short": json.dumps({**GOOD, "digest": "ab"}).encode(),
    "taken_at a float": json.dumps({**GOOD, "taken_at": 1.5}).encode(),
    "exchange a number": json.dumps({**GOOD, "exchange": 5}).encode(),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_head_is_not_taken_for_none(store: Store, name: str) -> None:
    (store.private / HEAD).write_bytes(json.dumps(GOOD).encode())
    assert store.head() == FIRST
    (store.private / HEAD).write_bytes(DAMAGED[name])
    with refused(Malformed, "E_STORE", where=str(store.private / HEAD)):
        store.head()


def test_a_damaged_commit_is_kept_and_named(store: Store) -> None:
    run = begun(store)
    (run.private / COMMITTED).write_bytes(b"junk")
    with refused(Malformed, "E_STORE", where=str(run.private / COMMITTED)):
        store.recover()
    assert run.public.exists()


@pytest.mark.parametrize("known", [None, FIRST])
@pytest.mark.parametrize("half", ["public", "private"])
def test_an_epoch_after_the_head_is_noticed(store: Store, known: Head | None, half: str) -> None:
    store.require_last(known)
    (getattr(store, half) / "epochs" / "2").mkdir(parents=True)
    with refused(Malformed, "E_STORE", where=str(store.private / HEAD)):
        store.require_last(known)
    store.require_last(Head("ex.example", 2, "ab" * 32, 1_700_000_000, "12" * 32, "34" * 32))


def test_write_private(tmp_path: Path) -> None:
    (tmp_path / "x.part").write_bytes(b"left by a crash")
    for data in (b"one", b"two"):
        write_private(tmp_path / "x", data)
        assert (tmp_path / "x").read_bytes() == data
        assert mode(tmp_path / "x") == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
