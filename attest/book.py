"""From ledger rows to a committed book: secrets, commitments, tree, sealed records, column sums.

One pass over the ordered rows, block by block, writes ``leaves.bin`` and ``sealed.bin`` (docs/protocol.md, sections 2
and 8). Secrets are born here, used for one block, and dropped.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from attest.ordered import OrderedBlock, OrderedRows
from attest.rows_done import RowsDone
from attest.secrets import Entropy, MasterKey
from attest.sums import ColumnSums, sum_scalars, text_sizes
from verifier.ahead import Caller, ahead
from verifier.book import Progress
from verifier.engine import Engine, Packed, SparseRows, Tick
from verifier.hashing import N
from verifier.schema import Schema
from verifier.sealed import record_size
from verifier.tree import Node, Subtree, TreeBuilder


@dataclass(frozen=True, slots=True)
class RunKeys:
    """The secrets of one run."""

    ctx: bytes
    book_key: bytes = field(repr=False)
    accounts_key: bytes = field(repr=False)
    entropy: Entropy = field(repr=False, default=os.urandom)

    @classmethod
    def derive(cls, master: MasterKey, ctx: bytes, entropy: Entropy = os.urandom) -> RunKeys:
        """The keys of the run with this context."""
        return cls(ctx, master.book_key(ctx), master.accounts_key(), entropy)

    def order_keys(self, accounts: Packed, engine: Engine) -> bytes:
        """By which rows are sorted: 32 bytes per account."""
        return engine.hmac_each(self.book_key, accounts, b"order")

    def blindings(self, start: int, count: int, engine: Engine) -> bytes:
        """r_j for j = start, start+1, ..."""
        return engine.wide_each("blind", self.book_key, start, count)


@dataclass(frozen=True, slots=True)
class CommittedBook:
    """What the pass leaves behind besides its files: the root, and what the root's commitment opens to."""

    root: Node
    sums: ColumnSums = field(repr=False)
    blinding_sum: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class BookSpec:
    """The shape of a book: N ``rows`` of which ``dummies`` are dummy rows, handled ``block_rows`` at a time."""

    schema: Schema
    rows: int
    dummies: int
    block_rows: int
    sealed: bool


def commit_book(
    ledger: OrderedRows, spec: BookSpec, keys: RunKeys, engine: Engine, directory: Path, progress: Progress
) -> CommittedBook:
    """Write leaves.bin (and sealed.bin) of the ordered rows into ``directory``."""
    sizes = real_sizes(ledger, spec.block_rows) if spec.sealed and spec.dummies else {}
    with ExitStack() as files:
        leaves = files.enter_context((directory / "leaves.bin").open("xb"))
        records = None
        if spec.sealed:
            file = files.enter_context((directory / "sealed.bin").open("xb"))
            records = SealedWriter(file, spec.rows, sizes, keys.entropy)
        writer = BookWriter(spec, keys, engine, leaves, records)
        return writer.write(ledger.blocks(spec.block_rows), progress)


def real_sizes(rows: OrderedRows, block_rows: int) -> dict[int, int]:
    """Record size -> number of real rows whose sealed record has it."""
    sizes: dict[int, int] = {}
    for block in rows.blocks(block_rows):
        ends = np.asarray(block.accounts.ends, dtype=np.uint64)
        real = np.diff(ends, prepend=np.uint64(0)) > 0
        texts, counts = np.unique(text_sizes(block.rows)[real], return_counts=True)
        for text, rows_of_it in zip(texts.tolist(), counts.tolist(), strict=True):
            sizes[record_size(text)] = sizes.get(record_size(text), 0) + rows_of_it
    return sizes


@dataclass(frozen=True, slots=True)
class CommittedBlock:
    """What one block becomes: records of the files, the top of its subtree, and what is summed up over all blocks."""

    leaves: bytes
    subtree: Subtree
    sealed: Packed | None
    dummies: list[int]
    rows: SparseRows = field(repr=False)
    blinding_sum: int = field(repr=False)


class BookWriter:
    """Turns blocks into records on disk and keeps the running sums: commits side by side, writes in order."""

    def __init__(
        self, spec: BookSpec, keys: RunKeys, engine: Engine, leaves: BinaryIO, sealed: SealedWriter | None
    ) -> None:
        bits = [column.bits for column in spec.schema.columns]
        self._keys = keys
        self._engine = engine
        self._committer = engine.committer(bits)
        self._tree = TreeBuilder(engine, keys.ctx, spec.block_rows)
        self._sums = ColumnSums.zero(bits)
        self._blinding_sum = 0
        self._leaves = leaves
        self._sealed = sealed
        self._rows = spec.rows

    def write(self, blocks: Iterable[OrderedBlock], progress: Progress) -> CommittedBook:
        """Write all blocks of the book, which follow one another from row 0."""
        self._committer.expect(self._rows)
        prepared = ((block, self._dummy_ids(block)) for block in blocks)
        done = RowsDone("committing rows", self._rows, progress)

        def commit(prepared: tuple[OrderedBlock, list[tuple[int, bytes]]], caller: Caller) -> CommittedBlock:
            block, dummy_ids = prepared
            return self._commit(block, dummy_ids, done.tick_of(block.start, len(block.rows), caller))

        for block in ahead(commit, prepared, self._engine.side_by_side):
            self._add(block)
            done.tell(block.subtree.start, block.subtree.rows)
        if self._sealed is not None:
            self._sealed.finish()
        return CommittedBook(self._tree.root(), self._sums, self._blinding_sum)

    def _dummy_ids(self, block: OrderedBlock) -> list[tuple[int, bytes]]:
        """Positions of dummies and a random id for each, drawn block after block."""
        return [(position, self._keys.entropy(32)) for position in dummy_positions(block.accounts)]

    def _commit(self, block: OrderedBlock, dummy_ids: list[tuple[int, bytes]], tick: Tick) -> CommittedBlock:
        """Secrets, commitments, leaves and sealed records of a block."""
        engine, keys = self._engine, self._keys
        account_keys = engine.hmac_each(keys.accounts_key, block.accounts)
        salts = engine.tagged_each("salt", account_keys, keys.ctx)
        ids = replace_records(engine.tagged_each("account", salts, block.accounts), dummy_ids)
        blindings = keys.blindings(block.start, len(block.rows), engine)
        points = self._committer.commit(block.rows, blindings, tick)
        subtree = self._tree.subtree(block.start, points, ids)
        sealed = None
        if self._sealed is not None:
            sealed = engine.seal_rows(account_keys, keys.ctx, block.start, points, blindings, block.rows, tick)
        leaves, dummies = interleave(points, ids), [position for position, _ in dummy_ids]
        return CommittedBlock(leaves, subtree, sealed, dummies, block.rows, sum_scalars(blindings))

    def _add(self, block: CommittedBlock) -> None:
        self._tree.add(block.subtree)
        self._leaves.write(block.leaves)
        if self._sealed is not None and block.sealed is not None:
            self._sealed.add(block.sealed, block.dummies)
        self._sums.add(block.rows)
        self._blinding_sum = (self._blinding_sum + block.blinding_sum) % N


class SealedWriter:
    """sealed.bin: a table of offsets, then the records; a dummy's record is random bytes of a real row's size."""

    def __init__(self, file: BinaryIO, count: int, sizes: dict[int, int], entropy: Entropy) -> None:
        self._file = file
        self._offsets = array("Q", [8 * (count + 1)])
        self._sizes = sizes
        self._entropy = entropy
        file.write(bytes(8 * (count + 1)))

    def add(self, records: Packed, dummies: list[int]) -> None:
        """The records of one block; those of dummies are replaced."""
        if not dummies:
            self._add_all(records)
            return
        fake = set(dummies)
        for i in range(len(records)):
            record = self._entropy(self._draw_size()) if i in fake else records[i]
            self._file.write(record)
            self._offsets.append(self._offsets[-1] + len(record))

    def _add_all(self, records: Packed) -> None:
        ends = np.asarray(records.ends, dtype=np.uint64) + np.uint64(self._offsets[-1])
        self._file.write(records.data)
        self._offsets.frombytes(ends.tobytes())

    def finish(self) -> None:
        """Write the table."""
        table: npt.NDArray[np.uint64] = np.frombuffer(self._offsets, dtype=np.uint64)
        self._file.seek(0)
        self._file.write(table.astype(">u8").tobytes())

    def _draw_size(self) -> int:
        """The record size of a real row drawn uniformly at random."""
        drawn = int.from_bytes(self._entropy(16), "big") % sum(self._sizes.values())
        for size, rows in sorted(self._sizes.items()):
            drawn -= rows
            if drawn < 0:
                return size
        raise AssertionError("unreachable: drawn is below the sum of the rows")


def dummy_positions(accounts: Packed) -> list[int]:
    """Which rows of a block are dummies: those without an account id."""
    ends = np.asarray(accounts.ends, dtype=np.uint64)
    found: list[int] = np.flatnonzero(np.diff(ends, prepend=np.uint64(0)) == 0).tolist()
    return found


def replace_records(records: bytes, replacements: Iterable[tuple[int, bytes]]) -> bytes:
    """32-byte records, those at some positions replaced."""
    changed = bytearray(records)
    for position, record in replacements:
        changed[32 * position : 32 * position + 32] = record
    return bytes(changed)


def interleave(points: bytes, ids: bytes) -> bytes:
    """The records of leaves.bin: x || y || id."""
    parts = (np.frombuffer(points, np.uint8).reshape(-1, 64), np.frombuffer(ids, np.uint8).reshape(-1, 32))
    return np.concatenate(parts, axis=1).tobytes()
