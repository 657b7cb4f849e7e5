"""Forged books: totals, roots, chunks, replays. Each fools a verifier that lacks one check; the real one refuses it.

Verifier: verifier/book.py.  The exchange that cheats: tests/support/cheat.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

import verifier.attestation
import verifier.book
from attest.rows import commit_vector
from tests.support.books import PUBLIC_KEY, make_epoch, new_store, plan
from tests.support.cheat import (
    ENGINE,
    Cells,
    Cheat,
    Forgery,
    RowProver,
    bit_generators,
    root_of,
    with_totals,
)
from tests.support.refusals import refused
from tests.support.weak import batch_weights, forks_without_index, mutated, not_absorbed, only_summed, without_step
from verifier import audit
from verifier.attestation import Identity, Total
from verifier.book import BookStatement, chunk_transcript, require_root, verify_totals
from verifier.errors import Malformed, Rejected
from verifier.group import G, H, Point, bit_generator, value_commitment
from verifier.hashing import N
from verifier.leaves import Leaves
from verifier.reference.arithmetic import eq_values
from verifier.rows import Layout, column_number, replay
from verifier.schema import Column, Schema
from verifier.transcript import Transcript
from verifier.tree import Node
from verifier.wire import HIDDEN, NONE, PUBLIC, RowProof, TotalsProof, TotalsShape

PLAIN = Schema((Column("BTC", "BTC", 8, 8, "balance"),))
TWO = Schema((Column("BTC", "BTC", 8, 8, "balance"), Column("ETH", "ETH", 9, 8, "balance")))
ROWS: list[Cells] = [{"BTC": 5, "ETH": 1}, {"BTC": 7}, {"BTC": 200, "ETH": 90}]
TOTALS = "book.proof, totals"
Compute = Callable[..., Node]


def two(*modes: str, **told: int) -> Forgery:
    return Cheat(TWO, modes, ROWS, told).publish()


def test_the_honest_twins_are_accepted() -> None:
    two(PUBLIC, HIDDEN).verify()
    two(HIDDEN, PUBLIC).verify()
    two(HIDDEN, NONE).verify()
    Cheat(TWO, (HIDDEN, PUBLIC), [*ROWS, *ROWS], chunk_bits=1).publish().verify()


# Totals that are not the sum.


def test_a_public_total_shifted_by_the_group_order() -> None:
    forgery = two(PUBLIC, HIDDEN, BTC=212 + N)
    with patch.object(verifier.book, "require_in_range", lambda *parts: None):
        forgery.verify()
    with refused(Rejected, "E_TOTAL", step="4b", where="totals: BTC"):
        forgery.verify()


@pytest.mark.parametrize("total", [211, 213, 0, 3 * 255])
def test_a_public_total_that_is_another_number(total: int) -> None:
    forgery = two(PUBLIC, HIDDEN, BTC=total)
    with patch.object(verifier.book, "require_public", lambda *parts: None):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="4b", where=f"{TOTALS}, BTC"):
        forgery.verify()


@pytest.mark.parametrize("total", [90, 92, 0])
def test_a_hidden_total_that_commits_to_another_number(total: int) -> None:
    forgery = two(PUBLIC, HIDDEN, ETH=total)
    with without_step("4c"):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="4c", where=f"{TOTALS}, ETH"):
        forgery.verify()


def test_hidden_totals_of_each_others_columns() -> None:
    """The sum over both columns is right: cheap ETH told as BTC and the other way round."""
    forgery = two(HIDDEN, HIDDEN, BTC=91, ETH=212)
    with only_summed("4c"):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="4c", where=f"{TOTALS}, BTC"):
        forgery.verify()


def solve_totals(cheat: Cheat, transcript: Transcript, e: Sequence[int | Point]) -> tuple[TotalsProof, int, list[int]]:
    """An opening of C_root that absorbs ``e``; also x and the opened number of each column."""
    layout = Layout.of(cheat.schema)
    g, eta = [3 + k for k in range(layout.row_bits)], 99
    D_S = commit_vector(g, eta, ENGINE, bit_generators(layout.row_bits))
    fork = transcript.fork("totals", 0)
    fork.absorb_point("sigma", D_S)
    for item in e:
        if isinstance(item, Point):
            fork.absorb_point("e", item)
        else:
            fork.absorb_scalar("e", item)
    x = fork.challenge("x")
    zs = [(x * s + g_k) % N for s, g_k in zip(cheat.opening.s, g, strict=True)]
    numbers = [column_number(layout, zs, c) for c in range(len(cheat.modes))]
    z_gamma = tuple(17 for mode in cheat.modes if mode == HIDDEN)
    proof = TotalsProof(D_S, tuple(e), tuple(zs), (x * cheat.opening.R + eta) % N, z_gamma)
    return proof, x, numbers


def test_the_totals_are_absorbed() -> None:
    """A hidden total chosen after x: it opens to a number of which nobody knows that it is the sum, for it is not."""

    def forge() -> Forgery:
        cheat = Cheat(PLAIN, (HIDDEN,), ROWS_BTC)
        transcript = cheat.transcript(cheat.root())
        proof, x, (number,) = solve_totals(cheat, transcript, [9 * G])
        V = pow(x, -1, N) * (number * G + 17 * H - 9 * G)
        assert value_commitment((number - 9) * pow(x, -1, N), 17 * pow(x, -1, N)) == V, "its opening is known"
        assert (number - 9) * pow(x, -1, N) % N != 212
        files = b"".join(cheat.chunk_proofs(transcript)) + proof.to_bytes()
        return with_totals(Forgery(cheat.statement(), cheat.root(), cheat.leaves, files), Total(HIDDEN, V))

    with not_absorbed("total"):
        forge().verify()
    with refused(Rejected, "E_PROOF", step="3.5a"):
        forge().verify()


ROWS_BTC: list[Cells] = [{"BTC": 5}, {"BTC": 7}, {"BTC": 200}]


@pytest.mark.parametrize("mode", [PUBLIC, HIDDEN])
def test_the_masks_of_the_totals_are_absorbed(mode: str) -> None:
    """With x known before e: any total at all, here 12 for a book that owes 212."""

    def forge() -> Forgery:
        cheat = Cheat(PLAIN, (mode,), ROWS_BTC, {"BTC": 12})
        transcript = cheat.transcript(cheat.root())
        proof, x, (number,) = solve_totals(cheat, transcript, [])
        told = cheat.statement().totals[0].value
        e = number * G + 17 * H - x * told if isinstance(told, Point) else (number - x * 12) % N
        files = b"".join(cheat.chunk_proofs(transcript)) + replace(proof, e=(e,)).to_bytes()
        return Forgery(cheat.statement(), cheat.root(), cheat.leaves, files)

    with not_absorbed("e"):
        forge().verify()
    with refused(Rejected, "E_PROOF", step="4b" if mode == PUBLIC else "4a"):
        forge().verify()


def test_a_total_that_is_left_out_at_the_end() -> None:
    """A shorter list of e: a verifier that zips, and counts in the proof, never looks at the last total."""
    cheat = Cheat(TWO, (PUBLIC, PUBLIC), ROWS, {"ETH": 1})
    transcript = cheat.transcript(cheat.root())
    honest = column_number(Layout.of(TWO), [3 + k for k in range(16)], 0)
    proof = solve_totals(cheat, transcript, [honest])[0]
    files = b"".join(cheat.chunk_proofs(transcript)) + proof.to_bytes()
    forgery = Forgery(cheat.statement(), cheat.root(), cheat.leaves, files)
    counted = patch.object(BookStatement, "totals_shape", property(lambda self: TotalsShape(16, (PUBLIC,))))
    with counted, mutated(verify_totals, "proof.e, strict=True", "proof.e, strict=False"):
        forgery.verify()
    with refused(Malformed, "E_LENGTH", step="4", where="book.proof"):
        forgery.verify()


def test_a_hidden_total_that_is_a_number() -> None:
    """Hidden by its mode, public by its value: neither check fits, and a verifier that skips what fits none accepts."""
    cheat = Cheat(PLAIN, (HIDDEN,), ROWS_BTC)
    statement = replace(cheat.statement(), totals=(Total(HIDDEN, 3),))
    transcript = cheat.transcript(cheat.root(), statement)
    proof = solve_totals(cheat, transcript, [9 * G])[0]
    files = b"".join(cheat.chunk_proofs(transcript)) + proof.to_bytes()
    forgery = Forgery(statement, cheat.root(), cheat.leaves, files)
    with mutated(verify_totals, "elif total.mode != NONE:", "elif False:"):
        forgery.verify()
    with refused(Rejected, "E_TOTAL", step="4", where=f"{TOTALS}, BTC"):
        forgery.verify()


def test_the_total_of_a_balance_is_never_left_out(tmp_path: Path) -> None:
    with patch.object(verifier.attestation, "ALWAYS_TOTALLED", frozenset()):
        epoch = make_epoch(new_store(tmp_path), plan(modes=(NONE, PUBLIC, HIDDEN, NONE)))
        audit(epoch.directory, PUBLIC_KEY)
    with refused(Rejected, "E_TOTAL", step="4", where="totals: BTC"):
        audit(epoch.directory, PUBLIC_KEY)


def test_the_total_of_the_unit_column_is_the_number_of_rows(tmp_path: Path) -> None:
    """A row whose unit is zero escapes every rule that counts on it."""
    schema = Schema((*PLAIN.columns, Column("unit", "", 0, 8, "unit")))
    accounts = {"alice": {"BTC": 5, "unit": 1}, "bob": {"BTC": 7}}
    with mutated(verifier.attestation._check_total, 'kind == "unit" and', "False and"):
        epoch = make_epoch(new_store(tmp_path), plan(schema=schema, modes=(HIDDEN, PUBLIC), rows="exact"), accounts)
        audit(epoch.directory, PUBLIC_KEY)
    with refused(Rejected, "E_TOTAL", step="4", where="totals: unit"):
        audit(epoch.directory, PUBLIC_KEY)


# Roots that come from outside, or are not compared whole.


def supplied_root(root: Node, *, own_sum: bool = False) -> Compute:
    """A ``Leaves.compute_root`` that believes what it is told: all of it, or the hash alone."""
    real = Leaves.compute_root

    def compute_root(self: Leaves, *args: object) -> Node:
        computed = real(self, *args)  # type: ignore[arg-type]
        return Node(computed.C if own_sum else root.C, root.h)

    return compute_root


def test_totals_that_open_another_root() -> None:
    """First forgery with a root from outside: the rows are proven, and the totals open something else."""
    cheat, small = Cheat(PLAIN, (PUBLIC,), ROWS_BTC, {"BTC": 5}), Cheat(PLAIN, (PUBLIC,), [{"BTC": 5}])
    root = Node(small.root().C, cheat.root().h)
    transcript = cheat.transcript(root)
    files = b"".join(cheat.chunk_proofs(transcript)) + small.totals_proof(transcript).to_bytes()
    forgery = Forgery(cheat.statement(), root, cheat.leaves, files)
    with patch.object(Leaves, "compute_root", supplied_root(root)):
        forgery.verify()
    with refused(Rejected, "E_ROOT", step="4", where="leaves.bin"):
        forgery.verify()


def test_rows_that_change_after_the_challenges() -> None:
    """Second forgery with a root from outside: neither the sum nor the combination notices three changed rows."""
    honest = Cheat(PLAIN, (HIDDEN,), ROWS_BTC).publish()
    e = eq_values(challenges_of(honest))
    P = (-5 * pow(e[1] - e[2], -1, N)) * bit_generator(0)
    shifts = [(e[1] - e[2]) * P, (e[2] - e[0]) * P, (e[0] - e[1]) * P]
    forgery = replace(honest, leaves=shifted(honest.leaves, shifts))
    assert Point.from_xy(forgery.leaves[:64]) == commit_vector([N - 4, 0, 1], 7000, ENGINE, bit_generators(3)), "5 - 5"
    with patch.object(Leaves, "compute_root", supplied_root(honest.root, own_sum=True)):
        forgery.verify()
    with refused(Rejected, "E_ROOT", step="4", where="leaves.bin"):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5a"):
        replace(forgery, root=root_of(forgery.leaves, forgery.statement.ctx, 3)).verify()


def challenges_of(forgery: Forgery) -> tuple[int, ...]:
    """The r of chunk 0."""
    cheat = Cheat(PLAIN, (HIDDEN,), ROWS_BTC)
    shape = Layout.of(PLAIN).shape(3)
    chunk = chunk_transcript(cheat.transcript(forgery.root), 0, 0, 3)
    return replay(RowProof.from_bytes(forgery.proof[: shape.size], shape), chunk).r


def shifted(leaves: bytes, shifts: Sequence[Point]) -> bytes:
    records = [leaves[i : i + 96] for i in range(0, len(leaves), 96)]
    points = [Point.from_xy(record[:64]) + shift for record, shift in zip(records, shifts, strict=True)]
    return b"".join(point.to_xy() + record[64:] for point, record in zip(points, records, strict=True))


def test_a_root_of_the_same_sum_and_another_hash() -> None:
    """Customers are shown one tree and auditors another, with the same rows' cells in another order."""
    customers = Cheat(PLAIN, (HIDDEN,), ROWS_BTC)
    forgery = replace(Cheat(PLAIN, (HIDDEN,), ROWS_BTC[::-1]).publish(), root=customers.root())
    with mutated(require_root, "computed != claimed", "computed.C != claimed.C"):
        forgery.verify()
    with refused(Rejected, "E_ROOT", step="4", where="leaves.bin"):
        forgery.verify()


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
    with told, mutated(Leaves.combine, "chunk * self._chunk_rows", "0 * self._chunk_rows"):
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
        forgery = two(HIDDEN, HIDDEN)
        forgery.verify()
    with refused(Rejected, "E_PROOF", step=step):
        forgery.verify()


def test_the_labels_above_are_all_there_are() -> None:
    seen: set[str] = set()
    real = Transcript.absorb_bytes

    def absorb_bytes(self: Transcript, label: str, data: bytes) -> None:
        seen.add(label)
        real(self, label, data)

    forgery = two(HIDDEN, HIDDEN)
    with patch.object(Transcript, "absorb_bytes", absorb_bytes):
        forgery.verify()
    assert seen == {label for labels in LABELS.values() for label in labels}
