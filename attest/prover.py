"""The book proof, prover's side (docs/protocol.md, section 4).

Verifier: verifier/book.py.  Attacks: tests/adversarial/test_book.py.  Bytes: verifier/wire.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from attest.book import CommittedBook, RunKeys
from attest.ordered import OrderedRows
from attest.rows import Witness, prove_rows
from attest.secrets import Masks
from attest.totals import ColumnSum, RootOpening, prove_totals
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
from verifier.wire import HIDDEN


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
    with path.open("xb") as file:
        for index, block in enumerate(witness.rows.blocks(1 << statement.chunk_bits)):
            count = len(block.rows)
            chunk = chunk_transcript(transcript, index, block.start, count)
            secret = Witness(block.rows, witness.keys.blindings(block.start, count, engine))

            def tick(done: int, of: int, start: int = block.start, count: int = count) -> None:
                progress("proving rows", start + count * done // of, statement.accounts)

            proof = prove_rows(statement.layout, secret, chunk, masks, engine, bit_generators, progress=tick)
            file.write(proof.to_bytes())
            progress("proving rows", block.start + count, statement.accounts)
        opening = RootOpening(witness.committed.sums.bit_counts(), witness.committed.blinding_sum)
        fork = transcript.fork("totals", 0)
        file.write(prove_totals(statement, opening, witness.sums, fork, masks, engine, bit_generators).to_bytes())
