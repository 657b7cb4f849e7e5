"""One book through one engine, stage by stage: the product's own prover and verifier, without ledger and disk.

    python -m bench.stages --engine core --rows 1000000 --columns 1 --cells 1

The book lies in memory, ``leaves.bin`` too; secrets are derived as in a real run. ``--profile`` prints, instead of the
stages, where the processor seconds went, function by function.
"""

from __future__ import annotations

import argparse
import cProfile
import hashlib
import io
import pstats
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attest.book import BookSpec, BookWriter, CommittedBook, RunKeys
from attest.prover import BookWitness, draw_sums, prove_book
from attest.secrets import Masks, MasterKey
from attest.totals import published
from bench.books import DrawnBook, column_names, draw
from bench.harness import report
from verifier.book import BookStatement, generator_labels, verify_book
from verifier.engine import Engine, get_engine
from verifier.epoch import no_progress
from verifier.leaves import Leaves
from verifier.schema import Column, Schema
from verifier.sources import BytesSource, FileSource, Source
from verifier.tree import Node
from verifier.wire import HIDDEN


@dataclass(frozen=True)
class Setting:
    """What all stages of a run share."""

    engine: Engine
    schema: Schema
    book: DrawnBook
    keys: RunKeys
    chunk_bits: int

    @property
    def block_rows(self) -> int:
        """As in ``attest.epoch``."""
        return min(1 << self.chunk_bits, self.engine.block_rows)

    @property
    def column_bits(self) -> list[int]:
        """Bits of each column."""
        return [column.bits for column in self.schema.columns]


class Laps:
    """Seconds per stage: on the wall, and of all threads together on the processors."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.processor: dict[str, float] = {}
        self.skip()

    def lap(self, stage: str) -> None:
        """Book the time since the last lap or skip; several laps of one stage add up."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - self._wall
        self.processor[stage] = self.processor.get(stage, 0.0) + time.process_time() - self._processor
        self.skip()

    def skip(self) -> None:
        """Book the time since the last lap to nothing."""
        self._wall, self._processor = time.perf_counter(), time.process_time()


def main() -> None:
    """Measure one book."""
    parser = argparse.ArgumentParser(description="Time one book, stage by stage.")
    parser.add_argument("--engine", default="core", choices=("core", "reference"))
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=1)
    parser.add_argument("--cells", type=int, default=1, help="cells of a row that are not zero, on average")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--profile", action="store_true")
    typed = parser.parse_args()
    columns = tuple(Column(name, name, 8, 64, "balance") for name in column_names(typed.columns))
    book = draw(typed.rows, typed.columns, typed.cells)
    keys = RunKeys.derive(MasterKey(bytes(range(32))), b"c" * 32)
    setting = Setting(get_engine(typed.engine), Schema(columns), book, keys, chunk_bits(typed.columns))
    if typed.profile:
        profile(setting)
    else:
        report(stages(setting), typed.json)


def profile(setting: Setting) -> None:
    """Print the dearest functions; what the core's threads do counts for the call that waits for them."""
    profiler = cProfile.Profile(time.process_time)
    profiler.runcall(stages, setting)
    pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(20)


def chunk_bits(columns: int) -> int:
    """Wide books go in larger chunks: each chunk's proof has one scalar per bit of a row."""
    return 16 if columns == 1 else 17


def stages(setting: Setting) -> dict[str, Any]:
    """Seconds of every stage, and the sizes of what is published."""
    laps = Laps()
    setting.engine.generators(generator_labels(sum(setting.column_bits)))
    setting.engine.committer(setting.column_bits)
    laps.lap("set-up")
    committed, leaves = plant(setting)
    laps.lap("tree")
    with tempfile.TemporaryDirectory(prefix="solvent-bench-") as place:
        proof = Path(place) / "book.proof"
        statement = prove(setting, committed, proof)
        laps.lap("whole-book proof")
        sealed = serve(setting, leaves, laps)
        signed = hashlib.sha256(leaves).hexdigest()  # the auditor reads it in the attestation
        laps.skip()
        audit(setting, statement, (committed.root, signed), leaves, FileSource(proof))
        laps.lap("auditor's check")
        sizes = {"leaves.bin": len(leaves), "book.proof": proof.stat().st_size, "sealed records": sealed}
    return {"seconds": laps.seconds, "processor": laps.processor, "bytes": sizes}


def plant(setting: Setting) -> tuple[CommittedBook, bytes]:
    """Order keys, account secrets, commitments, leaves and the tree; the book and ``leaves.bin``. Nothing is sorted."""
    for block in setting.book.blocks(setting.block_rows):
        setting.keys.order_keys(block.accounts, setting.engine)
    leaves = io.BytesIO()
    spec = BookSpec(setting.schema, setting.book.rows, 0, setting.block_rows, sealed=False)
    writer = BookWriter(spec, setting.keys, setting.engine, leaves, None)
    return writer.write(setting.book.blocks(setting.block_rows), no_progress), leaves.getvalue()


def prove(setting: Setting, committed: CommittedBook, path: Path) -> BookStatement:
    """Write the book proof; every total is hidden."""
    keys, modes = setting.keys, [HIDDEN] * len(setting.schema.columns)
    sums = draw_sums(committed.sums.totals(), modes, Masks.for_book(keys.book_key), keys.ctx)
    totals = published(sums, setting.engine)
    statement = BookStatement(keys.ctx, setting.schema, setting.book.rows, setting.chunk_bits, totals)
    prove_book(statement, BookWitness(setting.book, keys, committed, sums), setting.engine, path, no_progress)
    return statement


def serve(setting: Setting, leaves: bytes, laps: Laps) -> int:
    """Seal every customer's record; returns their bytes. The inputs, made again here, are not booked to the stage."""
    engine, keys, total = setting.engine, setting.keys, 0
    for block in setting.book.blocks(setting.block_rows):
        count = len(block.rows)
        account_keys = engine.hmac_each(keys.accounts_key, block.accounts)
        blindings = keys.blindings(block.start, count, engine)
        points, _ = engine.read_leaves(leaves[96 * block.start : 96 * (block.start + count)])
        laps.skip()
        total += len(engine.seal_rows(account_keys, keys.ctx, block.start, points, blindings, block.rows).data)
        laps.lap("serving every user")
    return total


def audit(setting: Setting, statement: BookStatement, signed: tuple[Node, str], leaves: bytes, proof: Source) -> None:
    """Everything that an auditor computes; ``signed`` are the root and the digest of the rows."""
    (root, digest), source = signed, BytesSource("leaves.bin", leaves)
    rows = Leaves(source, digest, setting.keys.ctx, setting.book.rows, setting.chunk_bits, setting.engine)
    verify_book(statement, root, rows, proof, setting.engine, no_progress)


if __name__ == "__main__":
    main()
