"""leaves.bin: what is hashed is what is multiplied, block by block."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pytest

from tests.support.refusals import refused
from verifier.engine import Engine
from verifier.epoch import no_progress
from verifier.equations import ChunkSum
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.group import G, Point
from verifier.hashing import N, wide
from verifier.leaves import Leaves
from verifier.rows import variables_for
from verifier.sources import BytesSource
from verifier.tree import Node, TreeBuilder, fold_path, leaf

CTX = b"\x44" * 32
POINTS = [(3 * i + 1) * G for i in range(21)]
IDS = [bytes([i + 1]) * 32 for i in range(21)]


def data_of(count: int) -> bytes:
    return b"".join(POINTS[i].to_xy() + IDS[i] for i in range(count))


def leaves_of(engine: Engine, data: bytes, accounts: int, chunk_bits: int, block_rows: int = 4096) -> Leaves:
    """Leaves that are read ``block_rows`` at a time, whatever the engine prefers."""
    result = Leaves(BytesSource("leaves.bin", data), digest(data), CTX, accounts, chunk_bits, engine)
    result._block_rows = min(1 << chunk_bits, block_rows)
    return result


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def root_of(engine: Engine, count: int) -> Node:
    tree = TreeBuilder(engine, CTX, 64)
    tree.append(b"".join(point.to_xy() for point in POINTS[:count]), b"".join(IDS[:count]))
    return tree.root()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 13, 16, 21])
def test_roots_paths_and_sums(engine: Engine, count: int) -> None:
    for chunk_bits, block_rows in [(0, 1), (1, 4096), (2, 2), (4, 4), (10, 2), (10, 4096)]:
        for follow in {0, count // 2, count - 1}:
            leaves = leaves_of(engine, data_of(count), count, chunk_bits, block_rows)
            assert leaves.find(IDS[follow]) == follow
            root = leaves.compute_root(no_progress, follow=follow)
            assert root == root_of(engine, count)
            assert leaves.followed == POINTS[follow].to_xy() + IDS[follow]
            own = leaf(CTX, follow, POINTS[follow], IDS[follow])
            assert fold_path(own, follow, count, leaves.path) == root
        assert sums_match(leaves, count, chunk_bits)


def sums_match(leaves: Leaves, count: int, chunk_bits: int) -> bool:
    """``weighed_sums`` against sums written out: for each chunk, and for all with different weights."""
    size, weighed = 1 << chunk_bits, Point(0, 0)
    parts: list[tuple[int, ChunkSum]] = []
    for chunk, first in enumerate(range(0, count, size)):
        members = POINTS[first : min(first + size, count)]
        r = [wide("expand", bytes([chunk, t])) for t in range(variables_for(len(members)))]
        expected = Point(0, 0)
        for i, point in enumerate(members):
            weight = 1
            for t, r_t in enumerate(r):
                weight = weight * (r_t if i >> t & 1 else 1 - r_t) % N
            expected += weight * point
        if leaves.weighed_sums([(1, ChunkSum(chunk, tuple(r)))], no_progress) != expected:
            return False
        parts.append((chunk + 3, ChunkSum(chunk, tuple(r))))
        weighed += (chunk + 3) * expected
    return leaves.weighed_sums(parts, no_progress) == weighed


@pytest.mark.parametrize("length", [0, 95, 96 * 3 - 1, 96 * 3 + 1, 96 * 4])
def test_another_length(engine: Engine, length: int) -> None:
    data = data_of(4)[:length]
    with refused(Malformed, "E_LENGTH", step="8", where="leaves.bin"):
        Leaves(BytesSource("leaves.bin", data), digest(data), CTX, 3, 2, engine)


def test_not_the_signed_file(engine: Engine) -> None:
    leaves = Leaves(BytesSource("leaves.bin", data_of(3)), "00" * 32, CTX, 3, 2, engine)
    with refused(Rejected, "E_BINDING", where="leaves.bin"):
        leaves.compute_root(no_progress)


def test_a_point_off_the_curve(engine: Engine) -> None:
    data = data_of(2) + bytes(64) + IDS[2] + data_of(4)[-96:]
    with refused(Malformed, "E_POINT", step="1", where="leaves.bin, rows from 2: record 0"):
        leaves_of(engine, data, 4, 1).compute_root(no_progress)


def test_one_id_twice(engine: Engine) -> None:
    for first, second in ((0, 1), (0, 4), (2, 3)):
        records = [POINTS[i].to_xy() + IDS[first if i == second else i] for i in range(5)]
        with refused(Rejected, "E_DUPLICATE", step="2", where="leaves.bin"):
            leaves_of(engine, b"".join(records), 5, 1).compute_root(no_progress)


def test_opposite_rows(engine: Engine) -> None:
    data = G.to_xy() + IDS[0] + (-G).to_xy() + IDS[1]
    with refused(Rejected, "E_IDENTITY", step="2"):
        leaves_of(engine, data, 2, 1).compute_root(no_progress)


def test_find_matches_ids_only(engine: Engine) -> None:
    leaves = leaves_of(engine, data_of(13), 13, 2)
    assert leaves.find(bytes(32)) is None
    assert leaves.find(POINTS[3].to_xy()[:32]) is None
    tricky = data_of(2)[:96] + POINTS[1].to_xy() + POINTS[0].to_xy()[:32]
    assert leaves_of(engine, tricky, 2, 2).find(POINTS[0].to_xy()[:32]) == 1


@dataclass
class Changing:
    """A file that changes (or ends) after it was read once."""

    first: bytes
    then: bytes
    reads: int = 0
    name: str = "leaves.bin"

    @property
    def size(self) -> int:
        return len(self.first)

    def read(self, start: int, size: int) -> bytes:
        self.reads += 1
        return (self.first if self.reads == 1 else self.then)[start : start + size]


@pytest.mark.parametrize("then", [data_of(5)[96:], b""], ids=["other rows", "cut off"])
def test_a_file_that_changes_between_two_reads(engine: Engine, then: bytes) -> None:
    leaves = Leaves(Changing(data_of(4), then), digest(data_of(4)), CTX, 4, 2, engine)
    leaves.compute_root(no_progress)
    with refused(Unavailable, "E_FILE", where="leaves.bin"):
        leaves.weighed_sums([(1, ChunkSum(0, (5, 7)))], no_progress)


def test_progress_is_told(engine: Engine) -> None:
    seen: list[tuple[str, int, int]] = []
    leaves = leaves_of(engine, data_of(5), 5, 1)
    leaves.compute_root(lambda *event: seen.append(event))
    parts = [(1, ChunkSum(0, (5,))), (2, ChunkSum(2, ()))]
    leaves.weighed_sums(parts, lambda *event: seen.append(event))
    assert seen[:3] == [("reading rows", 2, 5), ("reading rows", 4, 5), ("reading rows", 5, 5)]
    assert seen[-1] == ("checking rows", 3, 5)
    assert [event[1] for event in seen[3:]] == sorted(event[1] for event in seen[3:])


def test_rows_that_the_challenges_do_not_reach(engine: Engine) -> None:
    """Fewer challenges than a chunk has variables: a bug of the caller, never a sum over fewer rows."""
    leaves = leaves_of(engine, data_of(4), 4, 2, block_rows=2)
    leaves.compute_root(no_progress)
    with pytest.raises((IndexError, ValueError)):
        leaves.weighed_sums([(1, ChunkSum(0, (5,)))], no_progress)


@pytest.mark.parametrize("batch_rows", [1, 2, 3, 1 << 20])
def test_sums_in_batches_of_any_size(engine: Engine, batch_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.leaves.BATCH_ROWS", batch_rows)
    leaves = leaves_of(engine, data_of(13), 13, 2, block_rows=1)
    leaves.compute_root(no_progress)
    assert sums_match(leaves, 13, 2)
