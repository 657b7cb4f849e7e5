"""The book proof, prover's side: the file it writes is the one the verifier expects."""

from __future__ import annotations

from pathlib import Path

import pytest

from attest.book import BookSpec, RunKeys, commit_book
from attest.ordered import MemoryLedger
from attest.prover import BookWitness, draw_sums, prove_book
from attest.secrets import Masks
from attest.totals import published
from tests.support.books import ACCOUNTS, MASTER, MODES, SCHEMA
from verifier.book import BookStatement, verify_book
from verifier.engine import Engine
from verifier.epoch import no_progress
from verifier.leaves import Leaves
from verifier.sources import FileSource, sha256
from verifier.wire import RowProof

CTX = b"\x66" * 32
KEYS = RunKeys.derive(MASTER, CTX)


def proven(directory: Path, engine: Engine, chunk_bits: int) -> tuple[BookStatement, list[tuple[str, int, int]]]:
    """Commit, prove, verify the sample's five rows; the statement and what progress was told."""
    ledger = MemoryLedger(SCHEMA, ACCOUNTS)
    ledger.order(lambda accounts: KEYS.order_keys(accounts, engine), b"")
    spec = BookSpec(SCHEMA, 5, 0, min(1 << chunk_bits, 4), sealed=False)
    committed = commit_book(ledger, spec, KEYS, engine, directory, no_progress)
    sums = draw_sums(committed.sums.totals(), MODES, Masks.for_book(KEYS.book_key), CTX)
    statement = BookStatement(CTX, SCHEMA, 5, chunk_bits, published(sums, engine))
    told: list[tuple[str, int, int]] = []
    witness = BookWitness(ledger, KEYS, committed, sums)
    prove_book(statement, witness, engine, directory / "book.proof", lambda *event: told.append(event))
    source = FileSource(directory / "leaves.bin")
    leaves = Leaves(source, sha256(source), CTX, 5, chunk_bits, engine)
    verify_book(statement, committed.root, leaves, FileSource(directory / "book.proof"), engine, no_progress)
    return statement, told


@pytest.mark.parametrize("chunk_bits", [0, 1, 2, 3, 16])
def test_every_chunk_size(tmp_path: Path, engine: Engine, chunk_bits: int) -> None:
    statement, told = proven(tmp_path, engine, chunk_bits)
    assert (tmp_path / "book.proof").stat().st_size == statement.proof_size
    assert told[-1] == ("proving rows", 5, 5)
    assert len(told) == len(list(statement.chunks()))


def test_no_chunk_repeats_a_mask(tmp_path: Path, engine: Engine) -> None:
    statement, _ = proven(tmp_path, engine, 0)
    data, shape = (tmp_path / "book.proof").read_bytes(), statement.layout.shape(1)
    chunks = [RowProof.from_bytes(data[i * shape.size : (i + 1) * shape.size], shape) for i in range(5)]
    assert len({chunk.D for chunk in chunks}) == 5
    assert len({value for chunk in chunks for value in (*chunk.z, chunk.z_delta, chunk.z_T)}) == 5 * 58


def test_a_proof_is_never_overwritten(tmp_path: Path, engine: Engine) -> None:
    (tmp_path / "book.proof").write_bytes(b"another")
    with pytest.raises(FileExistsError):
        proven(tmp_path, engine, 2)
