"""leaves.bin: N records ``x || y || id`` in row order, read block by block (docs/protocol.md, sections 2 and 8).

The points that are hashed into the tree must be the points that are multiplied later. A file can change between two
reads, so every block's SHA-256 is kept at the first and compared at the second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from verifier.ahead import Caller, ahead
from verifier.engine import Engine
from verifier.equations import ChunkSum
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.group import Point
from verifier.reference.arithmetic import eq_values
from verifier.sources import DAMAGED, Source, require_digest, sha256
from verifier.tree import Node, Subtree, TreeBuilder

RECORD: Final = 96
BATCH_ROWS: Final = 1 << 20
"""How many rows one multiplication gets: a row costs a fifth less than at a sixteenth of that, and takes 300 bytes."""


class Leaves:
    """The rows of one book, from a source of exactly ``96 * accounts`` bytes with the signed SHA-256 ``digest``."""

    def __init__(self, source: Source, digest: str, ctx: bytes, accounts: int, chunk_bits: int, engine: Engine) -> None:
        if source.size != RECORD * accounts:
            raise Malformed(
                f"{accounts} rows make {RECORD * accounts} bytes, {source.size} found",
                where=source.name,
                code="E_LENGTH",
                step="8",
                hint=DAMAGED,
            )
        self._source = source
        self._digest = digest
        self._ctx = ctx
        self._accounts = accounts
        self._chunk_rows = 1 << chunk_bits
        self._engine = engine
        self._block_rows = min(self._chunk_rows, engine.block_rows)
        self._digests: list[bytes] = []
        self.path: tuple[Node, ...] = ()
        self.followed = b""

    def compute_root(self, progress: Callable[[str, int, int], None], follow: int | None = None) -> Node:
        """Read everything once: decode, hash, build the tree.

        Where a row is to be followed, ``followed`` is its record afterwards and ``path`` its siblings, leaf upwards.

        Raises Malformed (E_POINT), Rejected (E_IDENTITY, E_DUPLICATE, E_BINDING: not the file that was signed).
        """
        tree = TreeBuilder(self._engine, self._ctx, self._block_rows, follow)
        hasher, ids = hashlib.sha256(), bytearray()

        def first_look(block: tuple[int, bytes], _: Caller) -> tuple[bytes, Subtree, bytes, bytes]:
            start, data = block
            points, block_ids = self._decode_first(data, start)
            return data, tree.subtree(start, points, block_ids), block_ids, hashlib.sha256(data).digest()

        starts = range(0, self._accounts, self._block_rows)
        blocks = ((start, self._read(start)) for start in starts)
        for data, subtree, block_ids, digest in ahead(first_look, blocks, self._engine.side_by_side):
            start, end = subtree.start, subtree.start + subtree.rows
            tree.add(subtree)
            ids += block_ids
            if follow is not None and start <= follow < end:
                self.followed = data[RECORD * (follow - start) : RECORD * (follow - start + 1)]
            hasher.update(data)
            self._digests.append(digest)
            progress("reading rows", end, self._accounts)
        require_digest(self._source.name, hasher.hexdigest(), self._digest)
        root = tree.root()
        self.path = tree.path
        self._require_distinct(bytes(ids))
        return root

    def find(self, row_id: bytes) -> int | None:
        """The first row with this id, or None. Nothing is checked yet."""
        for start in range(0, self._accounts, self._block_rows):
            block = self._read(start)
            position = block.find(row_id)
            while position >= 0:
                if position % RECORD == RECORD - 32:
                    return start + position // RECORD
                position = block.find(row_id, position + 1)
        return None

    def weighed_sums(self, parts: Sequence[tuple[int, ChunkSum]], progress: Callable[[str, int, int], None]) -> Point:
        """``sum(weight * sum(eq(r, i) * C_i))`` over the rows of each chunk, a million rows in one multiplication.

        Raises Unavailable (E_FILE) where the file is no longer what ``compute_root`` read.
        """
        total, done = Point(0, 0), 0
        blocks = ahead(self._weighed_block, self._blocks_of(parts), self._engine.side_by_side)
        while batch := list(islice(blocks, max(1, BATCH_ROWS // self._block_rows))):
            points, scalars = (b"".join(parts) for parts in zip(*batch, strict=True))
            rows = len(points) // 64

            def tick(within: int, of: int, done: int = done, rows: int = rows) -> None:
                progress("checking rows", done + rows * within // of, self._accounts)

            total += Point.from_sum(self._engine.multiply_sum(points, scalars, tick))
            done += rows
            progress("checking rows", done, self._accounts)
        return total

    def _blocks_of(self, parts: Sequence[tuple[int, ChunkSum]]) -> Iterator[tuple[int, Sequence[int], int]]:
        """(first row, challenges, weight) of each block: the high part of an eq table goes into the weight."""
        low_bits = self._block_rows.bit_length() - 1
        for weight, part in parts:
            first = part.chunk * self._chunk_rows
            end = min(first + self._chunk_rows, self._accounts)
            high = eq_values(part.r[low_bits:], weight)
            for i, start in enumerate(range(first, end, self._block_rows)):
                yield start, part.r[:low_bits], high[i]

    def _weighed_block(self, block: tuple[int, Sequence[int], int], caller: Caller) -> tuple[bytes, bytes]:
        """The points of a block and what each is multiplied with."""
        start, r, weight = block
        points = self._points_again(start)
        return points, self._engine.eq_table(r, len(points) // 64, weight)

    def _read(self, start: int) -> bytes:
        rows = min(self._block_rows, self._accounts - start)
        block = self._source.read(RECORD * start, RECORD * rows)
        if len(block) != RECORD * rows:
            raise Unavailable("the file ended while it was read", where=self._source.name, code="E_FILE")
        return block

    def _points_again(self, start: int) -> bytes:
        block = self._read(start)
        if hashlib.sha256(block).digest() != self._digests[start // self._block_rows]:
            raise Unavailable("the file changed while it was read", where=self._source.name, code="E_FILE")
        return self._decode(block, start)[0]

    def _decode_first(self, block: bytes, start: int) -> tuple[bytes, bytes]:
        """Decode; a damaged file is told apart from a wrong one that was signed."""
        try:
            return self._decode(block, start)
        except Malformed:
            require_digest(self._source.name, sha256(self._source), self._digest)
            raise

    def _decode(self, block: bytes, start: int) -> tuple[bytes, bytes]:
        try:
            return self._engine.read_leaves(block)
        except Malformed as error:
            raise Malformed(
                error.message, where=f"{self._source.name}, rows from {start}: {error.where}", code=error.code, step="1"
            ) from None

    def _require_distinct(self, ids: bytes) -> None:
        duplicate = self._engine.first_duplicate(ids)
        if duplicate is not None:
            raise Rejected(
                f"rows {duplicate[0]} and {duplicate[1]} have the same id",
                where=self._source.name,
                code="E_DUPLICATE",
                step="2",
            )
