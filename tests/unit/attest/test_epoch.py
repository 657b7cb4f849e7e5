"""One epoch, start to end: the chain, the number of rows, the self-check, and what a failure leaves."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attest.chain import next_identity
from attest.epoch import attest
from attest.ordered import MemoryLedger
from attest.plan import Plan, row_count
from attest.secrets import MasterKey
from attest.signing import LocalSigner
from attest.store import Head, Store
from tests.support.books import (
    ACCOUNTS,
    ISSUED_AT,
    NOW,
    PUBLIC_KEY,
    SCHEMA,
    TAKEN_AT,
    VALID_FOR,
    Epoch,
    make_epoch,
    new_store,
    plan,
    secrets,
)
from tests.support.refusals import refused
from verifier import audit
from verifier.ahead import Caller
from verifier.engine import Engine, get_engine
from verifier.epoch import no_progress, open_directory
from verifier.errors import Malformed, Rejected, SolventError, Unavailable
from verifier.group import value_commitment

HEAD = Head("ex.example", 4, "ab" * 32, TAKEN_AT, "12" * 32, "34" * 32)
NONCE = "cd" * 32
CHAIN: dict[str, tuple[dict[str, Any], Head | None]] = {
    "no epoch yet and not said to be the first": ({"first": False}, None),
    "said to be the first and is not": ({"first": True, "taken_at": TAKEN_AT + 1}, HEAD),
    "another exchange": ({"first": False, "exchange": "other.example", "taken_at": TAKEN_AT + 1}, HEAD),
    "the same time": ({"first": False}, HEAD),
    "an earlier time": ({"first": False, "taken_at": TAKEN_AT - 1}, HEAD),
}


def test_the_first_link() -> None:
    identity = next_identity(plan(), None, NONCE)
    assert (identity.exchange, identity.epoch, identity.previous) == ("ex.example", 1, "")
    assert (identity.nonce, identity.taken_at) == (NONCE, TAKEN_AT)


def test_the_next_link() -> None:
    identity = next_identity(plan(first=False, taken_at=TAKEN_AT + 1), HEAD, NONCE)
    assert (identity.epoch, identity.previous, identity.taken_at) == (5, "ab" * 32, TAKEN_AT + 1)


@pytest.mark.parametrize("name", CHAIN)
def test_a_link_that_does_not_fit(name: str) -> None:
    changes, head = CHAIN[name]
    with refused(Malformed, "E_CHAIN", where="chain"):
        next_identity(plan(**changes), head, NONCE)


@pytest.mark.parametrize(
    ("rows", "accounts", "expected"),
    [
        ("exact", 1, 1),
        ("exact", 7, 7),
        ("next power of two", 1, 1),
        ("next power of two", 2, 2),
        ("next power of two", 5, 8),
        ("next power of two", 8, 8),
        ("next power of two", 9, 16),
        (5, 5, 5),
        (100, 5, 100),
    ],
)
def test_row_count(rows: str | int, accounts: int, expected: int) -> None:
    assert row_count(rows, accounts) == expected


@pytest.mark.parametrize("rows", [4, 0, -1, "many"])
def test_row_count_refused(rows: str | int) -> None:
    with refused(Malformed, "E_CONFIG", where="book.accounts"):
        row_count(rows, 5)


@pytest.mark.parametrize("rows", ["exact", "next power of two", 5])
def test_an_empty_ledger(rows: str | int) -> None:
    with refused(Malformed, "E_LEDGER", where="ledger"):
        row_count(rows, 0)


def test_an_epoch(tmp_path: Path, engine: Engine) -> None:
    store = new_store(tmp_path)
    keys, own = secrets(), plan(rows=6)
    released = attest(own, keys, store, lambda work: MemoryLedger(SCHEMA, ACCOUNTS), engine, no_progress)
    assert (released.epoch, released.accounts, released.rows) == (1, 5, 6)
    assert released.directory == store.epoch(1)
    assert sum(released.seconds.values()) > 0
    attestation = open_directory(released.directory, PUBLIC_KEY).attestation
    assert (attestation.accounts, attestation.chunk_bits) == (6, 2)
    assert (attestation.issued_at, attestation.expires_at) == (ISSUED_AT, ISSUED_AT + VALID_FOR)
    assert audit(released.directory, PUBLIC_KEY, now=NOW).overall == "QUALIFIED"
    head = store.head()
    assert head is not None
    assert (head.epoch, head.digest, head.taken_at) == (1, released.payload, TAKEN_AT)


def test_signing_time_is_now(tmp_path: Path) -> None:
    epoch = make_epoch(new_store(tmp_path), plan(issued_at=None))
    issued_at = open_directory(epoch.directory, PUBLIC_KEY).attestation.issued_at
    assert abs(issued_at - time.time()) < 60


def test_a_snapshot_of_the_future(tmp_path: Path) -> None:
    for changes in ({"issued_at": None, "taken_at": int(time.time()) + 1000}, {"taken_at": ISSUED_AT + 1}):
        with refused(Malformed, "E_CHAIN", where="chain"):
            make_epoch(new_store(tmp_path), plan(**changes))


def test_a_chain_of_three(tmp_path: Path) -> None:
    store, digests = new_store(tmp_path), [""]
    for i in range(3):
        epoch = make_epoch(store, plan(first=i == 0, taken_at=TAKEN_AT + i))
        identity = open_directory(epoch.directory, PUBLIC_KEY).attestation.identity
        assert (identity.epoch, identity.previous) == (i + 1, digests[-1])
        assert audit(epoch.directory, PUBLIC_KEY, now=NOW).overall == "QUALIFIED"
        digests.append(epoch.envelope().digest)


@pytest.mark.parametrize("which", ["signer", "master"])
def test_another_key_than_the_last_epochs(tmp_path: Path, which: str) -> None:
    store = new_store(tmp_path)
    make_epoch(store, plan())
    other: dict[str, Any] = {"signer": LocalSigner(Ed25519PrivateKey.generate()), "master": MasterKey(b"\x01" * 32)}
    changed = replace(secrets(), **{which: other[which]})
    own = plan(first=False, taken_at=TAKEN_AT + 1)
    with refused(Malformed, "E_CHAIN", where="chain"):
        attest(own, changed, store, lambda work: MemoryLedger(SCHEMA, ACCOUNTS), get_engine(), no_progress)
    head = store.head()
    assert head is not None
    assert head.epoch == 1


@pytest.mark.parametrize("first", [True, False])
def test_a_lost_head_begins_no_second_chain(tmp_path: Path, first: bool) -> None:
    store = new_store(tmp_path)
    made = make_epoch(store, plan())
    head = (store.private / "head.json").rename(tmp_path / "head.json")
    own = plan(first=first, taken_at=TAKEN_AT + 1)
    with refused(Malformed, "E_STORE"):
        attest(own, secrets(), store, lambda work: MemoryLedger(SCHEMA, ACCOUNTS), get_engine(), no_progress)
    head.rename(store.private / "head.json")
    with store.locked():
        assert sorted(path.name for path in store.private.iterdir()) == ["epochs", "head.json", "lock"]
    assert list((store.public / "epochs").iterdir()) == [made.directory]


def test_private_openings_of_the_totals(sample: Epoch) -> None:
    openings = json.loads((sample.store.private_epoch(1) / "totals.json").read_bytes())
    totals = open_directory(sample.directory, PUBLIC_KEY).attestation.totals
    for name, opening in openings.items():
        assert int(opening["value"]) == sum(cells.get(name, 0) for cells in ACCOUNTS.values())
        if opening["mode"] == "hidden":
            assert totals[name].value == value_commitment(int(opening["value"]), int(opening["gamma"]))


def left_behind(store: Store) -> list[str]:
    kept = {"epochs", "lock"}
    found = [path for root in (store.public, store.private) for path in root.rglob("*")]
    return [str(path) for path in found if path.name not in kept]


class Broken(MemoryLedger):
    """A ledger that fails when its snapshot is to be kept: the last thing before the release."""

    def save_snapshot(self, path: Path, caller: Caller) -> None:
        raise OSError("the disk is full")


def fails(error: type[BaseException], message: str) -> Callable[[Path], MemoryLedger]:
    def run(work: Path) -> MemoryLedger:
        raise error(message)

    return run


FAILURES: dict[str, tuple[Callable[[Path], MemoryLedger], type[BaseException]]] = {
    "the ledger is refused": (lambda work: MemoryLedger(SCHEMA, {"a": {"ETH": 256}}), SolventError),
    "the ledger is empty": (lambda work: MemoryLedger(SCHEMA, {}), SolventError),
    "the ledger cannot be read": (fails(Unavailable, "no such file"), Unavailable),
    "a bug": (fails(ZeroDivisionError, "oops"), ZeroDivisionError),
    "Ctrl-C": (fails(KeyboardInterrupt, ""), KeyboardInterrupt),
    "the snapshot cannot be kept": (lambda work: Broken(SCHEMA, ACCOUNTS), OSError),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_leaves_nothing(tmp_path: Path, name: str) -> None:
    open_ledger, error = FAILURES[name]
    store = new_store(tmp_path)
    with pytest.raises(error):
        attest(plan(), secrets(), store, open_ledger, get_engine("reference"), no_progress)
    assert left_behind(store) == []
    assert store.head() is None
    assert make_epoch(store, plan()).directory == store.epoch(1)


def corrupting(name: str, position: int) -> Callable[..., None]:
    """The self-check, after a bit of a finished file was turned: a failing machine."""
    from attest import epoch

    original = epoch.self_check

    def run(directory: Path, *rest: Any) -> None:
        data = bytearray((directory / name).read_bytes())
        data[position] ^= 4
        (directory / name).write_bytes(data)
        original(directory, *rest)

    return run


@pytest.mark.parametrize("name", ["book.proof", "leaves.bin", "sealed.bin", "schema.json", "attestation.json"])
@pytest.mark.parametrize("position", [40, -40])
def test_a_book_that_fails_its_self_check_is_not_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, position: int
) -> None:
    store = new_store(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr("attest.epoch.self_check", corrupting(name, position))
        with pytest.raises(Rejected) as caught:
            make_epoch(store, plan())
    assert caught.value.code == "E_SELF_CHECK"
    assert left_behind(store) == []
    assert store.head() is None
    assert make_epoch(store, plan()).directory == store.epoch(1)


def test_a_wrong_proof_under_a_right_digest_is_not_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The prover itself goes wrong: the digest is of what it wrote, and only the mathematics refuses."""
    from attest import epoch
    from attest.prover import prove_book

    def wrong(*args: Any) -> None:
        prove_book(*args)
        path: Path = args[3]
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)

    monkeypatch.setattr(epoch, "prove_book", wrong)
    store = new_store(tmp_path)
    with pytest.raises(Rejected) as caught:
        make_epoch(store, plan())
    assert (caught.value.code, caught.value.step) == ("E_SELF_CHECK", "4c")
    assert left_behind(store) == []


def test_a_run_never_repeats_its_secrets(tmp_path: Path) -> None:
    """The same ledger at the same time, twice: another nonce, another order, other commitments."""
    epochs = [make_epoch(new_store(tmp_path / name), plan()) for name in ("one", "two")]
    one, two = (open_directory(epoch.directory, PUBLIC_KEY).attestation for epoch in epochs)
    assert one.identity.nonce != two.identity.nonce
    assert one.ctx != two.ctx
    leaves = [(epoch.directory / "leaves.bin").read_bytes() for epoch in epochs]
    records = [{data[i : i + 96] for i in range(0, len(data), 96)} for data in leaves]
    assert not records[0] & records[1]


def test_a_plan_is_what_it_says() -> None:
    own = Plan("ex.example", SCHEMA, ("public",) * 4, TAKEN_AT, VALID_FOR)
    assert (own.rows, own.chunk_bits, own.sealed, own.first, own.issued_at) == ("exact", 16, True, False, None)


@pytest.mark.parametrize("changed", [{"chunk_bits": 25}, {"chunk_bits": -1}, {"valid_for": 0}, {"modes": ()}])
def test_a_plan_that_no_attestation_can_say(changed: dict[str, Any]) -> None:
    with refused(Malformed, "E_CONFIG", where=f"book.{next(iter(changed))}"):
        plan(**changed)
