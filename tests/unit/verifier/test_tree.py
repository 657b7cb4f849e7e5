"""The sum tree against a naive recursive one (RFC 9162, section 2.1): sizes 1 to 40, all block sizes, all leaves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest

from tests.support.refusals import refused
from verifier.engine import Engine
from verifier.errors import Rejected
from verifier.group import G, Point
from verifier.hashing import tagged, u64
from verifier.tree import Node, TreeBuilder, fold_path, join, leaf, sibling_sides

CTX = b"\x22" * 32
COUNT = 40
SIZES = range(1, COUNT + 1)
IDS = [bytes([i]) * 32 for i in range(COUNT)]


@cache
def points() -> tuple[Point, ...]:
    return tuple((i + 1) * G for i in range(COUNT))


@cache
def leaves() -> tuple[Node, ...]:
    return tuple(Node(C, tagged("leaf", CTX + u64(i) + C.to_bytes() + IDS[i])) for i, C in enumerate(points()))


def split(count: int) -> int:
    """The largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1


@cache
def naive(start: int, end: int) -> Node:
    if end - start == 1:
        return leaves()[start]
    middle = start + split(end - start)
    left, right = naive(start, middle), naive(middle, end)
    return Node(left.C + right.C, tagged("node", left.C.to_bytes() + left.h + right.C.to_bytes() + right.h))


def naive_path(index: int, start: int, end: int) -> list[Node]:
    if end - start == 1:
        return []
    middle = start + split(end - start)
    if index < middle:
        return [*naive_path(index, start, middle), naive(middle, end)]
    return [*naive_path(index, middle, end), naive(start, middle)]


def build(engine: Engine, count: int, block_rows: int, follow: int | None = None) -> tuple[Node, Sequence[Node]]:
    builder = TreeBuilder(engine, CTX, block_rows, follow)
    for start in range(0, count, block_rows):
        end = min(start + block_rows, count)
        builder.append(b"".join(point.to_xy() for point in points()[start:end]), b"".join(IDS[start:end]))
    root = builder.root()
    return root, builder.path


@pytest.mark.parametrize("count", SIZES)
def test_roots_of_every_block_size(engine: Engine, count: int) -> None:
    for block_rows in (1, 2, 4, 8, 16, 32, 64):
        assert build(engine, count, block_rows)[0] == naive(0, count)


@pytest.mark.parametrize("count", SIZES)
def test_paths_of_every_leaf(engine: Engine, count: int) -> None:
    for index in range(count):
        block_rows = 1 << (index + count) % 7
        root, path = build(engine, count, block_rows, follow=index)
        assert list(path) == naive_path(index, 0, count)
        assert fold_path(leaves()[index], index, count, path) == root


@pytest.mark.parametrize("block_rows", [1, 2, 4, 8, 16])
def test_paths_of_every_leaf_and_block_size(engine: Engine, block_rows: int) -> None:
    for count in (1, 2, 3, 5, 6, 7, 11, 13, 16, 17):
        for index in range(count):
            assert list(build(engine, count, block_rows, follow=index)[1]) == naive_path(index, 0, count)


@pytest.mark.parametrize("count", SIZES)
def test_sides_follow_from_the_position_alone(count: int) -> None:
    for index in range(count):
        start, end, sides = 0, count, []
        while end - start > 1:
            middle = start + split(end - start)
            sides.append("right" if index < middle else "left")
            start, end = (start, middle) if index < middle else (middle, end)
        assert sibling_sides(index, count) == sides[::-1]


def test_leaf_is_bound_to_context_position_commitment_and_id() -> None:
    base = leaf(CTX, 3, points()[3], IDS[3])
    assert base == leaves()[3]
    others = [
        leaf(bytes(32), 3, points()[3], IDS[3]),
        leaf(CTX, 4, points()[3], IDS[3]),
        leaf(CTX, 3, points()[4], IDS[3]),
        leaf(CTX, 3, points()[3], IDS[4]),
    ]
    assert len({base.h, *(other.h for other in others)}) == 5


def test_node_binds_both_children_whole() -> None:
    a, b = leaves()[:2]
    shifted = join(Node(a.C + G, a.h), Node(b.C - G, b.h))
    assert shifted.C == join(a, b).C
    assert len({join(a, b).h, join(b, a).h, shifted.h, join(a, Node(b.C, a.h)).h}) == 4


def test_identity_leaf_is_refused() -> None:
    with refused(Rejected, "E_IDENTITY"):
        leaf(CTX, 0, Point(0, 0), IDS[0])


def test_join_of_opposites_is_refused() -> None:
    with refused(Rejected, "E_IDENTITY", step="5.6", where="tree"):
        join(Node(G, IDS[0]), Node(-G, IDS[1]))


def test_builder_refuses_opposites(engine: Engine) -> None:
    builder = TreeBuilder(engine, CTX, 2)
    with refused(Rejected, "E_IDENTITY", step="2"):
        builder.append(G.to_xy() + (-G).to_xy(), IDS[0] + IDS[1])


def test_opposites_in_different_blocks_are_refused(engine: Engine) -> None:
    builder = TreeBuilder(engine, CTX, 1)
    builder.append(G.to_xy(), IDS[0])
    builder.append((-G).to_xy(), IDS[1])
    with refused(Rejected, "E_IDENTITY", step="2"):
        builder.root()


@pytest.mark.parametrize("change", [-1, 1])
def test_path_of_another_length_is_refused(change: int) -> None:
    path = naive_path(5, 0, 11)
    wrong = path[:-1] if change < 0 else [*path, path[-1]]
    with refused(Rejected, "E_INCLUSION", step="5.6", where="path"):
        fold_path(leaves()[5], 5, 11, wrong)


def test_a_path_proves_its_own_position_only() -> None:
    path = naive_path(5, 0, 12)
    assert fold_path(leaves()[5], 5, 12, path) == naive(0, 12)
    assert fold_path(leaves()[5], 4, 12, path) != naive(0, 12)
    assert fold_path(leaves()[4], 5, 12, path) != naive(0, 12)
    assert fold_path(leaves()[5], 5, 12, [path[0], *path[:0:-1]]) != naive(0, 12)
