"""leaves.bin: N records ``x || y || id`` in row order, read block by block (docs/protocol.md, sections 2 and 8).

The points that are hashed into the tree must be the points that are multiplied later. A file can change between two
reads, so every block's SHA-256 is kept at the first and compared at the second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

from verifier.engine import Engine
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.group import Point
from verifier.reference.arithmetic import eq_values
from verifier.sources import DAMAGED, Source, require_digest, sha256
from verifier.tree import Node, TreeBuilder

RECORD: Final = 96


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
        for start in range(0, self._accounts, self._block_rows):
            block = self._read(start)
            points, block_ids = self._decode_first(block, start)
            tree.append(points, block_ids)
            ids += block_ids
            if follow is not None and start <= follow < start + self._block_rows:
                self.followed = block[RECORD * (follow - start) : RECORD * (follow - start + 1)]
            hasher.update(block)
            self._digests.append(hashlib.sha256(block).digest())
            progress("reading rows", min(start + self._block_rows, self._accounts), self._accounts)
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

    def combine(self, chunk: int, r: Sequence[int], progress: Callable[[str, int, int], None]) -> Point:
        """``sum(eq(r, i) * C_i)`` over the rows of ``chunk``; blocks share the low part of the eq table."""
        first = chunk * self._chunk_rows
        end = min(first + self._chunk_rows, self._accounts)
        low_bits = min(len(r), self._block_rows.bit_length() - 1)
        low = self._engine.eq_table(r[:low_bits], 1 << low_bits)
        high = eq_values(r[low_bits:])
        total = Point(0, 0)
        for i, start in enumerate(range(first, end, self._block_rows)):
            points = self._points_again(start)
            rows = len(points) // 64

            def tick(done: int, of: int, start: int = start, rows: int = rows) -> None:
                progress("checking rows", start + rows * done // of, self._accounts)

            block_sum = self._engine.multiply_sum(points, low[: 32 * rows], tick)
            total += high[i] * Point.from_sum(block_sum)
            progress("checking rows", start + rows, self._accounts)
        return total

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
