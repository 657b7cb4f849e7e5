"""The final order, blocks, files and the snapshot."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import numpy as np
import pytest

from attest.ledger import LedgerConfig, StagedLedger, snapshot_accounts, snapshot_row, stage
from tests.unit.attest.ledger.books import PLEDGE, TWO, hashed, rows_of
from verifier.ahead import Caller
from verifier.engine import Packed
from verifier.errors import Malformed, Unavailable
from verifier.schema import Column, Schema

COUNT = 150_000


def small(path: Path, workdir: Path, accounts: int = 10) -> StagedLedger:
    """A staged ledger in which account i has i of BTC."""
    file = path / "ledger.csv"
    file.write_text("account,BTC,ETH\n" + "".join(f"user{i},{i},{i % 2}\n" for i in range(accounts)), "utf-8")
    return stage(LedgerConfig("csv", file), TWO, workdir)


def test_order_is_ascending_by_key_with_dummies_among(tmp_path: Path, workdir: Path) -> None:
    dummies = [hashlib.sha256(b"dummy%d" % i).digest() for i in range(5)]
    with small(tmp_path, workdir) as staged:
        staged.order(hashed, b"".join(dummies))
        found = [account for account, _ in rows_of(staged)]
    keys = {hashlib.sha256(f"user{i}".encode()).digest(): f"user{i}" for i in range(10)} | dict.fromkeys(dummies, "")
    assert found == [keys[key] for key in sorted(keys)]


def test_totals_are_exact_beyond_64_bits(tmp_path: Path, workdir: Path) -> None:
    """Sums of both halves of a cell, of many cells, and a column that nobody has anything in."""
    huge = Schema((Column("A", "A", 0, 128, "balance"), Column("B", "B", 0, 64, "balance"), TWO.columns[0]))
    most, half = 2**128 - 1, 2**64 - 1
    file = tmp_path / "ledger.csv"
    file.write_text("account,A,B,BTC\n" + "".join(f"user{i},{most},{half},0\n" for i in range(5)), "utf-8")
    with stage(LedgerConfig("csv", file), huge, workdir) as staged:
        assert staged.totals() == [5 * most, 5 * half, 0]
        staged.order(hashed, b"")
        with pytest.raises(ValueError, match="before order"):
            staged.totals()


def test_keys_that_differ_in_one_byte(tmp_path: Path, workdir: Path) -> None:
    """Bytes 0, 7, 8, 31: the order is that of bytes, not of signed or little-endian words."""
    keys = [bytes([b if i == at else 0 for i in range(32)]) for at in (0, 7, 8, 31) for b in (1, 0x7F, 0x80, 0xFF)]
    with small(tmp_path, workdir, len(keys)) as staged:
        staged.order(lambda ids: b"".join(keys[int(ids[i][4:])] for i in range(len(ids))), b"")
        found = [keys[int(account[4:])] for account, _ in rows_of(staged)]
    assert found == sorted(keys)


@pytest.mark.parametrize("block", [1, 3, 10, 1000])
def test_blocks_of_any_size_again_and_again(tmp_path: Path, workdir: Path, block: int) -> None:
    with small(tmp_path, workdir) as staged:
        staged.order(hashed, bytes(64))
        first = rows_of(staged, block)
        assert first == rows_of(staged, 7)
        assert [b.start for b in staged.blocks(block)] == list(range(0, 12, block))
    assert first[:2] == [("", []), ("", [])]
    assert dict(first)["user3"] == [(0, 3 * 10**8), (1, 10**18)]


def test_array_types(tmp_path: Path, workdir: Path) -> None:
    with small(tmp_path, workdir) as staged:
        staged.order(hashed, b"")
        rows = next(staged.blocks(10)).rows
    kinds = [np.asarray(rows.ends).dtype, np.asarray(rows.columns).dtype]
    assert kinds == [np.dtype("uint64"), np.dtype("uint16")]
    assert len(rows.values) == 16 * len(rows.columns)
    assert all(rows.values[16 * k : 16 * k + 16] != bytes(16) for k in range(len(rows.columns)))


def test_many_rows_are_all_there(tmp_path: Path, workdir: Path) -> None:
    """More than one row group everywhere: nothing lost, everything in order, cells with their accounts."""
    keys: dict[bytes, bytes] = {}

    def key(ids: Packed) -> bytes:
        made = [hashlib.sha256(ids[i]).digest() for i in range(len(ids))]
        keys.update((ids[i], made[i]) for i in range(len(ids)))
        return b"".join(made)

    with small(tmp_path, workdir, COUNT) as staged:
        assert staged.accounts == COUNT
        staged.order(key, bytes(32))
        rows = rows_of(staged, 70_000)
    accounts = [account for account, _ in rows]
    assert accounts[0] == ""
    assert accounts[1:] == [a.decode() for a in sorted(keys, key=keys.__getitem__)]
    assert len(accounts) == COUNT + 1
    for account, cells in rows[1:]:
        i = int(account[4:])
        assert cells == [(0, i * 10**8)] * (i > 0) + [(1, 10**18)] * (i % 2)


def test_slack_is_computed(tmp_path: Path, workdir: Path) -> None:
    file = tmp_path / "ledger.csv"
    file.write_text("account,BTC,BTC:loan\na,2,0.5\nb,1,1\nc,0,0\n", "utf-8")
    with stage(LedgerConfig("csv", file), PLEDGE, workdir) as staged:
        staged.order(hashed, bytes(32))
        rows = dict(rows_of(staged))
    assert rows["a"] == [(0, 2 * 10**8), (1, 5 * 10**7), (2, 15 * 10**7)]
    assert rows["b"] == [(0, 10**8), (1, 10**8)]
    assert rows["c"] == rows[""] == []


def test_wrong_use_is_refused(tmp_path: Path, workdir: Path) -> None:
    with small(tmp_path, workdir) as staged:
        with pytest.raises(ValueError, match="after order"):
            next(staged.blocks(10))
        staged.order(hashed, b"")
        with pytest.raises(ValueError, match="already fixed"):
            staged.order(hashed, b"")
        with pytest.raises(ValueError, match="at least one row"):
            next(staged.blocks(0))


@pytest.mark.parametrize("dummies", [b"x", bytes(33)])
def test_keys_of_a_wrong_length(tmp_path: Path, workdir: Path, dummies: bytes) -> None:
    with small(tmp_path, workdir) as staged, pytest.raises(ValueError, match="bytes of keys"):
        staged.order(hashed, dummies)


def test_files_are_private(tmp_path: Path, workdir: Path) -> None:
    workdir.chmod(0o755)
    with small(tmp_path, workdir) as staged:
        staged.order(hashed, b"")
        staged.save_snapshot(tmp_path / "snapshot", Caller())
        assert stat.S_IMODE((tmp_path / "snapshot").stat().st_mode) == 0o600
    assert stat.S_IMODE(workdir.stat().st_mode) == 0o700


def test_snapshot(tmp_path: Path, workdir: Path) -> None:
    path = tmp_path / "snapshot"
    with small(tmp_path, workdir) as staged:
        staged.order(hashed, bytes(32))
        staged.save_snapshot(path, Caller())
        rows = rows_of(staged)
        with pytest.raises(Unavailable):
            staged.save_snapshot(path, Caller())
    assert list(snapshot_accounts(path)) == [(i, account) for i, (account, _) in enumerate(rows) if account]
    for i, (account, cells) in enumerate(rows):
        assert snapshot_row(path, account) == ((i, cells) if account else None)
    assert snapshot_row(path, "nobody") is None


def test_snapshot_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no snapshot"):
        snapshot_row(tmp_path / "none", "a")
    (tmp_path / "file").write_bytes(b"something else")
    with pytest.raises(Malformed, match="not a snapshot"):
        list(snapshot_accounts(tmp_path / "file"))


def test_work_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="work database"):
        small(tmp_path, tmp_path / "none")


def test_progress(tmp_path: Path, workdir: Path) -> None:
    calls: list[tuple[str, int, int | None]] = []
    file = tmp_path / "ledger.csv"
    file.write_text("account,BTC,ETH\na,1,1\n", "utf-8")
    stage(LedgerConfig("csv", file), TWO, workdir, progress=lambda *call: calls.append(call)).close()
    assert ("reading", 1, None) in calls
    assert calls[-1] == ("checking", 1, 1)
