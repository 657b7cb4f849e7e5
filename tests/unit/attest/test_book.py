"""From rows to committed files: leaves, sealed records, sums, and dummies that look like rows."""

from __future__ import annotations

import io
from array import array
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from attest.book import (
    BookSpec,
    CommittedBook,
    RunKeys,
    SealedWriter,
    commit_book,
    dummy_positions,
    interleave,
    real_sizes,
    replace_records,
)
from attest.ordered import MemoryLedger, pack
from tests.support.books import ACCOUNTS, MASTER, SCHEMA
from verifier.engine import Engine, Packed
from verifier.epoch import no_progress
from verifier.group import H, Point, bit_generator
from verifier.hashing import N, tagged, wide
from verifier.inclusion import row_id, row_salt
from verifier.schema import Column, Schema
from verifier.sealed import is_record_size, open_record
from verifier.sealed_file import read_record, require_layout
from verifier.sources import FileSource
from verifier.tree import TreeBuilder

CTX = b"\x55" * 32
KEYS = RunKeys.derive(MASTER, CTX)


def book_in(
    directory: Path, engine: Engine, dummies: int = 3, block_rows: int = 4
) -> tuple[MemoryLedger, CommittedBook]:
    ledger = MemoryLedger(SCHEMA, ACCOUNTS)
    ledger.order(lambda accounts: KEYS.order_keys(accounts, engine), b"\x80" * 32 * dummies)
    spec = BookSpec(SCHEMA, 5 + dummies, dummies, block_rows, sealed=True)
    return ledger, commit_book(ledger, spec, KEYS, engine, directory, no_progress)


@pytest.mark.parametrize("block_rows", [1, 2, 8, 64])
def test_every_row_is_committed_as_the_protocol_says(tmp_path: Path, engine: Engine, block_rows: int) -> None:
    ledger, committed = book_in(tmp_path, engine, block_rows=block_rows)
    leaves = (tmp_path / "leaves.bin").read_bytes()
    [whole] = list(ledger.blocks(64))
    for j in range(8):
        expected = wide("blind", KEYS.book_key + j.to_bytes(8, "big")) * H
        for column, value in whole.rows.row(j):
            first = SCHEMA.offsets[column]
            for b in range(16):
                if value >> b & 1:
                    expected += bit_generator(first + b)
        assert Point.from_xy(leaves[96 * j : 96 * j + 64]) == expected
        if whole.accounts[j]:
            account = whole.accounts[j]
            assert leaves[96 * j + 64 : 96 * j + 96] == row_id(row_salt(MASTER.account_key(account), CTX), account)
    tree = TreeBuilder(engine, CTX, 8)
    tree.append(*engine.read_leaves(leaves))
    assert committed.root == tree.root()


def test_sums_open_the_root(tmp_path: Path, engine: Engine) -> None:
    _, committed = book_in(tmp_path, engine)
    opened = committed.blinding_sum * H
    for k, s_k in enumerate(committed.sums.bit_counts()):
        opened += s_k * bit_generator(k)
    assert opened == committed.root.C
    assert committed.sums.totals() == [sum(a.get(c.name, 0) for a in ACCOUNTS.values()) for c in SCHEMA.columns]
    assert committed.blinding_sum == sum(wide("blind", KEYS.book_key + j.to_bytes(8, "big")) for j in range(8)) % N


def test_order_follows_the_keyed_hash(tmp_path: Path, engine: Engine) -> None:
    ledger, _ = book_in(tmp_path, engine, dummies=0)
    [whole] = list(ledger.blocks(64))
    found = [whole.accounts[i] for i in range(5)]
    keys = [engine.hmac_each(KEYS.book_key, pack([account]), b"order") for account in found]
    assert keys == sorted(keys)
    assert sorted(found) == sorted(account.encode() for account in ACCOUNTS)


def test_sealed_records_open_to_their_rows(tmp_path: Path, engine: Engine) -> None:
    ledger, _ = book_in(tmp_path, engine)
    source = FileSource(tmp_path / "sealed.bin")
    require_layout(source, 8)
    leaves = (tmp_path / "leaves.bin").read_bytes()
    [whole] = list(ledger.blocks(64))
    for j in range(8):
        if account := whole.accounts[j]:
            point = Point.from_xy(leaves[96 * j : 96 * j + 64]).to_bytes()
            opened = open_record(MASTER.account_key(account), CTX, j, point, read_record(source, j))
            assert list(opened.cells) == whole.rows.row(j)
            assert opened.blinding == wide("blind", KEYS.book_key + j.to_bytes(8, "big"))


def test_dummies_are_random_where_rows_are_keyed(tmp_path: Path, engine: Engine) -> None:
    """Their id and their record change from run to run even under one context; a real row's do not."""
    files = []
    for run in ("one", "two"):
        (tmp_path / run).mkdir()
        ledger, _ = book_in(tmp_path / run, engine)
        files.append((tmp_path / run / "leaves.bin").read_bytes())
    [whole] = list(ledger.blocks(64))
    dummies = dummy_positions(whole.accounts)
    assert len(dummies) == 3
    for j in range(8):
        one, two = (data[96 * j : 96 * j + 96] for data in files)
        assert one[:64] == two[:64]
        assert (one[64:] != two[64:]) == (j in dummies)
    ids = [files[0][96 * j + 64 : 96 * j + 96] for j in range(8)]
    assert len(set(ids)) == 8
    salt = tagged("salt", MASTER.account_key(b"") + CTX)
    assert row_id(salt, b"") not in ids, "a dummy is not an account without a name"


WIDE = Schema(tuple(Column(f"c{i}", "BTC", 0, 128, "balance") for i in range(60)))
MIXED = {"small": {"c0": 1}, "middle": {f"c{i}": 2**127 for i in range(20)}, "large": {c.name: 1 for c in WIDE.columns}}
MIXED |= {f"small{i}": {"c1": i + 1} for i in range(5)}


def test_record_sizes_of_real_rows(engine: Engine) -> None:
    ledger = MemoryLedger(WIDE, MIXED)
    ledger.order(lambda accounts: KEYS.order_keys(accounts, engine), bytes(32 * 4))
    for block_rows in (1, 3, 64):
        assert real_sizes(ledger, block_rows) == {256: 6, 1024: 2}


def test_dummy_records_are_drawn_from_the_real_sizes() -> None:
    sizes = {256: 6, 1024: 3, 4096: 1}
    drawn: Counter[int] = Counter()
    for i in range(20):
        writer = SealedWriter(io.BytesIO(), 1, sizes, lambda n, i=i: i.to_bytes(n, "big"))  # type: ignore[misc]
        drawn[writer._draw_size()] += 1
    assert drawn == {256: 12, 1024: 6, 4096: 2}


def test_sealed_writer() -> None:
    file = io.BytesIO()
    writer = SealedWriter(file, 3, {1024: 1}, lambda n: b"\xee" * n)
    writer.add(Packed(b"a" * 256 + b"b" * 1024, array("Q", [256, 1280])), [])
    writer.add(Packed(b"c" * 256, array("Q", [256])), [0])
    writer.finish()
    offsets = [32, 288, 1312, 2336]
    expected = b"".join(offset.to_bytes(8, "big") for offset in offsets)
    assert file.getvalue() == expected + b"a" * 256 + b"b" * 1024 + b"\xee" * 1024
    assert all(is_record_size(b - a) for a, b in pairwise(offsets))


def test_without_sealed_records(tmp_path: Path, engine: Engine) -> None:
    ledger = MemoryLedger(SCHEMA, ACCOUNTS)
    ledger.order(lambda accounts: KEYS.order_keys(accounts, engine), b"")
    commit_book(ledger, BookSpec(SCHEMA, 5, 0, 4, sealed=False), KEYS, engine, tmp_path, no_progress)
    assert [path.name for path in tmp_path.iterdir()] == ["leaves.bin"]


def test_files_are_never_overwritten(tmp_path: Path, engine: Engine) -> None:
    book_in(tmp_path, engine)
    with pytest.raises(FileExistsError):
        book_in(tmp_path, engine)


def test_small_helpers() -> None:
    assert dummy_positions(pack([b"", b"a", b"", b"b"])) == [0, 2]
    assert dummy_positions(pack([])) == []
    assert replace_records(b"a" * 32 + b"b" * 32, [(1, b"c" * 32)]) == b"a" * 32 + b"c" * 32
    assert interleave(b"p" * 64 + b"q" * 64, b"i" * 32 + b"j" * 32) == b"p" * 64 + b"i" * 32 + b"q" * 64 + b"j" * 32
    assert interleave(b"", b"") == b""
