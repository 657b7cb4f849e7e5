"""The book proof, prover's side (docs/protocol.md, section 4).

Verifier: verifier/book.py.  Attacks: tests/adversarial/test_book.py.  Bytes: verifier/wire.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attest.book import CommittedBook, RunKeys
from attest.ordered import OrderedBlock, OrderedRows
from attest.rows import Witness, prove_rows
from attest.rows_done import RowsDone
from attest.secrets import Masks
from attest.totals import ColumnSum, RootOpening, prove_totals
from verifier.ahead import Caller, ahead
from verifier.book import (
    BookStatement,
    Progress,
    chunk_transcript,
    generator_labels,
    generators_digest,
    open_transcript,
)
from verifier.engine import Engine
from verifier.transcript import Transcript
from verifier.wire import HIDDEN, RowProof

SMALL: Final = 1 << 25
"""Bits of a chunk, rows times bits of a row, up to which chunks are proven side by side: 512 bits in 2^16 rows."""


@dataclass(frozen=True)
class BookWitness:
    """Everything secret that a book proof needs."""

    rows: OrderedRows
    keys: RunKeys
    committed: CommittedBook
    sums: tuple[ColumnSum, ...]


def draw_sums(totals: Sequence[int], modes: Sequence[str], masks: Masks, ctx: bytes) -> tuple[ColumnSum, ...]:
    """Column totals with a fresh blinding for each hidden one."""
    start = Transcript.start("totals")
    start.absorb_bytes("context", ctx)
    gammas = masks.group(start)
    return tuple(
        ColumnSum(mode, value, next(gammas) if mode == HIDDEN else 0) for mode, value in zip(modes, totals, strict=True)
    )


def prove_book(statement: BookStatement, witness: BookWitness, engine: Engine, path: Path, progress: Progress) -> None:
    """Write book.proof to ``path``: the chunks in order, then the totals."""
    bit_generators = engine.generators(generator_labels(statement.layout.row_bits))
    digest = generators_digest(engine, bit_generators)
    transcript = open_transcript(statement, witness.committed.root, digest)
    masks = Masks.for_book(witness.keys.book_key, witness.keys.entropy)
    done = RowsDone("proving rows", statement.accounts, progress)

    def prove_chunk(numbered: tuple[int, OrderedBlock], caller: Caller) -> RowProof:
        index, block = numbered
        count = len(block.rows)
        chunk = chunk_transcript(transcript, index, block.start, count)
        secret = Witness(block.rows, witness.keys.blindings(block.start, count, engine))
        tick = done.tick_of(index, count, caller)
        return prove_rows(statement.layout, secret, chunk, masks, engine, bit_generators, progress=tick)

    with path.open("xb") as file:
        blocks = enumerate(witness.rows.blocks(1 << statement.chunk_bits))
        for (index, (_, rows)), proof in zip(
            enumerate(statement.chunks()),
            ahead(prove_chunk, blocks, chunks_at_once(statement, engine)),
            strict=True,
        ):
            file.write(proof.to_bytes())
            done.tell(index, rows)
        opening = RootOpening(witness.committed.sums.bit_counts(), witness.committed.blinding_sum)
        fork = transcript.fork("totals", 0)
        file.write(prove_totals(statement, opening, witness.sums, fork, masks, engine, bit_generators).to_bytes())


def chunks_at_once(statement: BookStatement, engine: Engine) -> int:
    """Chunks proven side by side: their gaps fill each other. A wide one has none, and takes the memory of many."""
    return engine.side_by_side if statement.layout.row_bits << statement.chunk_bits <= SMALL else 1
