"""Rows put together from the cache are the rows that the verifier computes, for every shape of a tree."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from server import caches
from server.caches import LEVELS, NODE, layout
from server.rows import Rows
from server.settings import Settings
from tests.support.books import ACCOUNTS, MASTER, make_epoch, new_store, plan
from tests.support.site import ENGINE, FROZEN, KEY, attestation, ids
from verifier.attestation import Attestation
from verifier.epoch import no_progress, open_directory, open_leaves
from verifier.errors import Rejected
from verifier.group import Point
from verifier.inclusion import row_id, row_salt
from verifier.sealed import open_record
from verifier.sealed_file import read_record
from verifier.sources import FileSource
from verifier.tree import Node, fold_path, leaf


def built(tmp_path: Path, directory: Path, a: Attestation) -> Rows:
    cache = tmp_path / "cache"
    cache.mkdir()
    caches.build(directory, a, cache, ENGINE, no_progress)
    return Rows(directory, cache, a)


def root_of(a: Attestation) -> Node:
    return Node(a.root_commitment, a.root_hash)


@pytest.mark.parametrize("number", [1, 2])
def test_every_row_of_the_frozen_epochs(number: int, tmp_path: Path) -> None:
    a = attestation(number)
    rows = built(tmp_path, FROZEN / str(number), a)
    for index, found in enumerate(ids(FROZEN / str(number))):
        row = rows.find(bytes.fromhex(found))
        assert row is not None
        assert (row.index, row.id.hex()) == (index, found)
        path = [Node(Point.from_bytes(C, "C"), h) for C, h in row.path]
        start = leaf(a.ctx, index, Point.from_bytes(row.commitment, "C"), row.id)
        assert fold_path(start, index, a.accounts, path) == root_of(a)
        assert row.sealed == read_record(FileSource(FROZEN / str(number) / "sealed.bin"), index)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 7, 8, 9, 13])
def test_every_size_of_a_tree(count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of two rows here, so that small trees also span several blocks."""
    monkeypatch.setattr(caches, "_BLOCK_ROWS", 2)
    epoch = make_epoch(new_store(tmp_path), plan(rows=count), dict(list(ACCOUNTS.items())[:count]), engine=ENGINE)
    a = open_directory(epoch.directory, epoch_key()).attestation
    rows = built(tmp_path, epoch.directory, a)
    for index, found in enumerate(ids(epoch.directory)):
        row = rows.find(bytes.fromhex(found))
        assert row is not None
        leaves = open_leaves(epoch.directory, open_directory(epoch.directory, epoch_key()), ENGINE)
        leaves.compute_root(no_progress, follow=index)
        assert [(C, h) for C, h in row.path] == [(node.C.to_bytes(), node.h) for node in leaves.path]


def epoch_key() -> bytes:
    from tests.support.books import PUBLIC_KEY

    return PUBLIC_KEY


def test_a_customer_opens_what_is_served(tmp_path: Path) -> None:
    epoch = make_epoch(new_store(tmp_path), plan(), engine=ENGINE)
    a = open_directory(epoch.directory, epoch_key()).attestation
    rows = built(tmp_path, epoch.directory, a)
    key = MASTER.account_key(b"alice")
    row = rows.find(row_id(row_salt(key, a.ctx), b"alice"))
    assert row is not None
    assert row.sealed is not None
    opened = open_record(key, a.ctx, row.index, row.commitment, row.sealed)
    assert dict(opened.cells) == {0: 700, 1: 9, 2: 200, 3: 500}


def test_an_unknown_id_is_no_row(tmp_path: Path) -> None:
    rows = built(tmp_path, FROZEN / "1", attestation(1))
    for unknown in (bytes(32), b"\xff" * 32, bytes.fromhex(ids(FROZEN / "1")[0])[:31] + b"\x00"):
        assert rows.find(unknown) is None


def test_the_same_bytes_every_time(tmp_path: Path) -> None:
    rows = built(tmp_path, FROZEN / "1", attestation(1))
    wanted = bytes.fromhex(ids(FROZEN / "1")[3])
    first, second = rows.find(wanted), rows.find(wanted)
    assert first is not None
    assert second is not None
    assert first.to_bytes() == second.to_bytes()
    assert list(json.loads(first.to_bytes())) == ["index", "commitment", "id", "path", "sealed"]


def test_ids_that_begin_alike_are_told_apart(tmp_path: Path) -> None:
    """The quick order looks at eight bytes; where they are equal the whole ids decide."""
    import numpy as np

    leaves = np.zeros((4, 96), dtype=np.uint8)
    for i, last in enumerate((9, 3, 7, 1)):
        leaves[i, 95] = last
    caches._write_order(leaves, tmp_path / "order.bin")
    assert np.frombuffer((tmp_path / "order.bin").read_bytes(), "<u8").tolist() == [3, 1, 2, 0]


def test_rows_that_do_not_lead_to_the_root_have_no_cache(tmp_path: Path) -> None:
    with pytest.raises(Rejected) as caught:
        built(tmp_path, FROZEN / "2", attestation(1))
    assert caught.value.code == "E_BINDING"


@pytest.mark.parametrize("accounts", [1, 2, 3, 7, 8, 1_000_000])
def test_the_layout_ends_at_one_node(accounts: int) -> None:
    levels = layout(accounts)
    assert not levels if accounts == 1 else levels[-1].nodes == 1
    for before, after in pairwise(levels):
        assert after.start == before.start + NODE * before.nodes


def test_the_file_has_all_levels(frozen_site: Settings) -> None:
    nodes = sum(level.nodes for level in layout(attestation(1).accounts))
    assert (frozen_site.site.cache(1) / LEVELS).stat().st_size == NODE * nodes


def test_the_key_of_the_frozen_epochs() -> None:
    assert open_directory(FROZEN / "1", KEY).attestation == attestation(1)
