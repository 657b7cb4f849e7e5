"""Rows, chunks and proofs in places they were not made for. Each fools a verifier that lacks one binding.

Verifier: verifier/book.py, verifier/transcript.py.  Totals and roots: test_book.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

import pytest

from tests.support.cheat import (
    ENGINE,
    Cells,
    Cheat,
    Forgery,
    RowProver,
    root_of,
)
from tests.support.refusals import refused
from tests.support.weak import batch_weights, forks_without_index, mutated, not_absorbed
from verifier.attestation import Identity
from verifier.book import BookStatement, chunk_transcript, verify_book
from verifier.epoch import no_progress
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.leaves import Leaves
from verifier.rows import Layout
from verifier.schema import Column, Schema
from verifier.sources import BytesSource
from verifier.transcript import Transcript
from verifier.wire import HIDDEN

PLAIN = Schema((Column("BTC", "BTC", 8, 8, "balance"),))
ROWS_BTC: list[Cells] = [{"BTC": 5}, {"BTC": 7}, {"BTC": 200}]


# Rows and chunks that are swapped, doubled, dropped, permuted.


@pytest.mark.parametrize("order", [(1, 0, 2, 3), (0, 0, 2, 3), (0, 1, 2), (1, 2, 3, 0)])
def test_published_rows_that_are_not_the_proven_ones(order: tuple[int, ...]) -> None:
    """Swapped, doubled, dropped, permuted: the proof is about other rows than those in leaves.bin."""
    proven = Cheat(PLAIN, (HIDDEN,), [*ROWS_BTC, {"BTC": 9}])
    records = [proven.leaves[96 * i : 96 * i + 64] for i in order]
    leaves = b"".join(record + bytes([i]) * 32 for i, record in enumerate(records))
    root, statement = root_of(leaves, proven.ctx, len(order)), replace(proven.statement(), accounts=len(order))
    transcript = proven.transcript(root, statement)
    chunk = chunk_transcript(transcript, 0, 0, len(order))
    files = RowProver().prove(statement.layout, proven.rows, chunk).to_bytes()
    forgery = Forgery(statement, root, leaves, files + proven.totals_proof(transcript).to_bytes())
    with batch_weights(lambda step, where: 0 if step in ("3.5a", "4a") else None):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5a", where="book.proof, chunk 0"):
        forgery.verify()


def chunked(*told_chunks: tuple[int, int]) -> object:
    """A ``BookStatement.chunks`` that believes a list of (start, count)."""

    def chunks(self: BookStatement) -> Iterator[tuple[int, int]]:
        yield from told_chunks

    return chunks


def proven_chunks(cheat: Cheat, *parts: tuple[int, tuple[int, int], tuple[int, int]]) -> Forgery:
    """Proofs of given rows on the transcripts of given (index, (start, count))."""
    transcript, layout = cheat.transcript(cheat.root()), Layout.of(cheat.schema)
    proofs = [
        cheat.prover.prove(layout, cheat.rows.part(*rows), chunk_transcript(transcript, index, *told)).to_bytes()
        for index, told, rows in parts
    ]
    files = b"".join(proofs) + cheat.totals_proof(transcript).to_bytes()
    return Forgery(cheat.statement(), cheat.root(), cheat.leaves, files)


BAD_LAST_CHUNK: list[Cells] = [{"BTC": 5}, {"BTC": 7}, {"BTC": 9}, {"BTC": -20}]


def test_the_first_chunk_proven_twice() -> None:
    """The second chunk holds a negative balance; a verifier that reads in the proof which rows it is about accepts."""
    cheat = Cheat(PLAIN, (HIDDEN,), BAD_LAST_CHUNK, chunk_bits=1)
    forgery = proven_chunks(cheat, (0, (0, 2), (0, 2)), (1, (0, 2), (0, 2)))
    told = patch.object(BookStatement, "chunks", chunked((0, 2), (0, 2)))
    with told, mutated(Leaves._blocks_of, "part.chunk * self._chunk_rows", "0 * self._chunk_rows"):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5a", where="book.proof, chunk 1"):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5a", where="book.proof, chunk 1"):
        proven_chunks(cheat, (0, (0, 2), (0, 2)), (1, (2, 2), (0, 2))).verify()


def test_the_last_chunk_left_out() -> None:
    cheat = Cheat(PLAIN, (HIDDEN,), BAD_LAST_CHUNK, chunk_bits=1)
    forgery = proven_chunks(cheat, (0, (0, 2), (0, 2)))
    told = patch.object(BookStatement, "chunks", chunked((0, 2)))
    with told, patch.object(BookStatement, "proof_size", len(forgery.proof)):
        forgery.verify()
    with refused(Malformed, "E_LENGTH", step="4", where="book.proof"):
        forgery.verify()


@pytest.mark.parametrize("order", [(0, 0), (1, 1), (1, 0)])
def test_a_chunk_proof_in_another_chunks_place(order: tuple[int, int]) -> None:
    """Two chunks with the same commitments: only the index and the start tell their proofs apart."""

    def forge() -> Forgery:
        cheat = Cheat(PLAIN, (HIDDEN,), ROWS_BTC[:2] * 2, chunk_bits=1, blindings=[11, 12, 11, 12])
        honest = cheat.publish()
        size = Layout.of(PLAIN).shape(2).size
        chunks = [honest.proof[:size], honest.proof[size : 2 * size]]
        return replace(honest, proof=b"".join(chunks[i] for i in order) + honest.proof[2 * size :])

    with forks_without_index(), not_absorbed("start"):
        forge().verify()
    where = f"book.proof, chunk {0 if order[0] else 1}"
    for half_weak in (forks_without_index(), not_absorbed("start"), not_absorbed()):
        with half_weak, refused(Rejected, "E_PROOF", step="3.5a", where=where):
            forge().verify()


class TwoFaced:
    """A file that is read twice and says two things."""

    name = "leaves.bin"

    def __init__(self, first: bytes, then: bytes) -> None:
        self.size, self._data, self._left = len(first), first + then, len(first)

    def read(self, start: int, size: int) -> bytes:
        offset = 0 if self._left > 0 else self.size
        self._left -= size
        return self._data[offset + start : offset + start + size]


def test_rows_that_change_between_two_reads() -> None:
    """The rows that are hashed hold a negative balance, those that are multiplied do not."""
    signed = Cheat(PLAIN, (HIDDEN,), [{"BTC": 200}, {"BTC": 250}, {"BTC": -400}])
    proven = Cheat(PLAIN, (HIDDEN,), [{"BTC": 200}, {"BTC": 250}, {"BTC": 0}])
    statement, transcript = signed.statement(), signed.transcript(signed.root())
    chunk = chunk_transcript(transcript, 0, 0, 3)
    files = RowProver().prove(statement.layout, proven.rows, chunk).to_bytes()
    files += signed.totals_proof(transcript).to_bytes()

    def verify() -> None:
        digest = hashlib.sha256(signed.leaves).hexdigest()
        leaves = Leaves(TwoFaced(signed.leaves, proven.leaves), digest, signed.ctx, 3, 2, ENGINE)
        verify_book(statement, signed.root(), leaves, BytesSource("book.proof", files), ENGINE, no_progress)

    with mutated(Leaves._points_again, "hashlib.sha256(block).digest() != ", "False and "):
        verify()
    with refused(Unavailable, "E_FILE", where="leaves.bin"):
        verify()


# Replays: the same rows and the same proof behind another statement.

FIRST = Identity("ex.example", 1, "11" * 32, 1_700_000_000, "")
OTHERS = {
    "exchange": replace(FIRST, exchange="other.example"),
    "epoch": replace(FIRST, epoch=2),
    "nonce": replace(FIRST, nonce="22" * 32),
    "taken_at": replace(FIRST, taken_at=1_700_000_001),
    "previous": replace(FIRST, previous="33" * 32),
}


@pytest.mark.parametrize("field", OTHERS)
def test_a_proof_of_another_epoch_exchange_or_run(field: str) -> None:
    def forge() -> Forgery:
        old = Cheat(PLAIN, (HIDDEN,), ROWS_BTC, ctx=FIRST.context(PLAIN.digest, 3)).publish()
        ctx = OTHERS[field].context(PLAIN.digest, 3)
        return replace(old.changed(ctx=ctx), root=root_of(old.leaves, ctx, 3))

    with not_absorbed("context", "root_hash"):
        forge().verify()
    for half_weak in (not_absorbed("context"), not_absorbed("root_hash"), not_absorbed()):
        with half_weak, refused(Rejected, "E_PROOF", step="3.5a"):
            forge().verify()


def test_a_proof_behind_another_schema() -> None:
    """Balances told as debts: the columns' bits are the same, so only the digest tells them apart."""
    debts = Schema((Column("BTC", "BTC", 8, 8, "debt"),))

    def forge() -> Forgery:
        return Cheat(PLAIN, (HIDDEN,), ROWS_BTC).publish().changed(schema=debts)

    with not_absorbed("schema"):
        forge().verify()
    with refused(Rejected, "E_PROOF", step="3.5a"):
        forge().verify()


def test_a_proof_behind_another_chunk_size() -> None:
    def forge() -> Forgery:
        return Cheat(PLAIN, (HIDDEN,), ROWS_BTC).publish().changed(chunk_bits=3)

    with not_absorbed("chunk_bits"):
        forge().verify()
    with refused(Rejected, "E_PROOF", step="3.5a"):
        forge().verify()


LABELS = {
    "3.5a": ("protocol", "generators", "context", "schema", "accounts", "chunk_bits", "root_commitment", "root_hash",
             "total", "start", "count", "alpha", "sigma"),
    "4a": ("e",),
}  # fmt: skip


@pytest.mark.parametrize(("step", "label"), [(step, label) for step, labels in LABELS.items() for label in labels])
def test_everything_absorbed_counts(step: str, label: str) -> None:
    """A proof made without one of the items is refused: each of them reaches the challenges."""
    with not_absorbed(label):
        forgery = Cheat(PLAIN, (HIDDEN,), ROWS_BTC).publish()
        forgery.verify()
    with refused(Rejected, "E_PROOF", step=step):
        forgery.verify()


def test_the_labels_above_are_all_there_are() -> None:
    seen: set[str] = set()
    real = Transcript.absorb_bytes

    def absorb_bytes(self: Transcript, label: str, data: bytes) -> None:
        seen.add(label)
        real(self, label, data)

    forgery = Cheat(PLAIN, (HIDDEN,), ROWS_BTC).publish()
    with patch.object(Transcript, "absorb_bytes", absorb_bytes):
        forgery.verify()
    assert seen == {label for labels in LABELS.values() for label in labels}
