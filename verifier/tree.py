"""The Merkle sum tree (docs/protocol.md, section 2): the shape of RFC 9162, nodes that bind both children whole.

A node is a pair (C, h); C is the sum of the children's commitments, h hashes both children's C and h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.engine import Engine
from verifier.errors import Rejected
from verifier.group import Point
from verifier.hashing import tagged, u64


@dataclass(frozen=True, slots=True)
class Node:
    """A sum C and the hash h that binds everything below."""

    C: Point
    h: bytes


def leaf(ctx: bytes, index: int, C: Point, row_id: bytes) -> Node:
    """The leaf of row ``index``."""
    return Node(C, tagged("leaf", ctx + u64(index) + C.to_bytes() + row_id))


def join(left: Node, right: Node) -> Node:
    """The parent of two nodes. Raises Rejected (E_IDENTITY) when their sum is the identity."""
    C = left.C + right.C
    if C.is_identity:
        raise Rejected("a sum of rows is the identity", where="tree", code="E_IDENTITY", step="5.6")
    return Node(C, tagged("node", left.C.to_bytes() + left.h + right.C.to_bytes() + right.h))


def sibling_sides(index: int, count: int) -> list[str]:
    """On which side the siblings of leaf ``index`` stand, leaf upwards; computed from (index, count) alone."""
    sides = []
    while count > 1:
        if index % 2:
            sides.append("left")
        elif index + 1 < count:
            sides.append("right")
        index, count = index // 2, (count + 1) // 2
    return sides


def fold_path(node: Node, index: int, count: int, siblings: Sequence[Node]) -> Node:
    """The root that a leaf and its siblings lead to. Raises Rejected unless there are exactly as many as needed."""
    sides = sibling_sides(index, count)
    if len(siblings) != len(sides):
        raise Rejected(
            f"the path has {len(siblings)} steps; row {index} of {count} needs {len(sides)}",
            where="path",
            code="E_INCLUSION",
            step="5.6",
        )
    for side, sibling in zip(sides, siblings, strict=True):
        node = join(sibling, node) if side == "left" else join(node, sibling)
    return node


@dataclass(frozen=True, slots=True)
class Subtree:
    """The top of one block: its first leaf, its leaves, 64 bytes of C and 32 of h."""

    start: int
    rows: int
    point: bytes
    hash: bytes


class TreeBuilder:
    """Builds the root block by block, keeping one node per block, and the siblings of one leaf if asked.

    All blocks but the last have ``block_rows`` leaves, a power of two, so every block is a subtree of the whole tree.
    Subtrees may be computed in several threads; they are added in order.
    """

    def __init__(self, engine: Engine, ctx: bytes, block_rows: int, follow: int | None = None) -> None:
        self._engine = engine
        self._ctx = ctx
        self._block_rows = block_rows
        self._follow = follow
        self._count = 0
        self._points = bytearray()
        self._hashes = bytearray()
        self._path: list[Node] = []

    def append(self, points: bytes, ids: bytes) -> None:
        """Add the next block: 64-byte commitments and 32-byte ids."""
        self.add(self.subtree(self._count, points, ids))

    def subtree(self, start: int, points: bytes, ids: bytes) -> Subtree:
        """The top of the block whose first leaf is ``start``: 64-byte commitments and 32-byte ids."""
        hashes = self._engine.leaf_hashes(self._ctx, start, points, ids)
        rows = len(ids) // 32
        within = None if self._follow is None else self._follow - start
        followed = within if within is not None and 0 <= within < rows else None
        return Subtree(start, rows, *self._reduce(points, hashes, followed))

    def add(self, subtree: Subtree) -> None:
        """Add the next block. Raises ValueError for another one: a bug of the caller."""
        if subtree.start != self._count:
            raise ValueError(f"the block at {self._count} is next, not the one at {subtree.start}")
        self._points += subtree.point
        self._hashes += subtree.hash
        self._count += subtree.rows

    def root(self) -> Node:
        """The root of everything appended. Ends the building: the path of the followed leaf is complete afterwards."""
        block = None if self._follow is None else self._follow // self._block_rows
        point, digest = self._reduce(bytes(self._points), bytes(self._hashes), block)
        return Node(Point.from_sum(point), digest)

    @property
    def path(self) -> tuple[Node, ...]:
        """The siblings of the followed leaf, leaf upwards."""
        return tuple(self._path)

    def _reduce(self, points: bytes, hashes: bytes, position: int | None) -> tuple[bytes, bytes]:
        """Join level by level down to one node; siblings of ``position`` are kept on the way."""
        while len(hashes) > 32:
            if position is not None:
                self._keep_sibling(points, hashes, position ^ 1)
                position //= 2
            points, hashes = self._engine.tree_level(points, hashes)
        return points, hashes

    def _keep_sibling(self, points: bytes, hashes: bytes, sibling: int) -> None:
        if 32 * sibling < len(hashes):
            point = Point.from_sum(points[64 * sibling : 64 * sibling + 64])
            self._path.append(Node(point, hashes[32 * sibling : 32 * sibling + 32]))
