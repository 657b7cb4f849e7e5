"""Forged books: totals and roots. Each fools a verifier that lacks one check; the real one refuses it.

Verifier: verifier/book.py.  The exchange that cheats: tests/support/cheat.py.  Chunks and replays: test_replay.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

import verifier.attestation
import verifier.book
import verifier.schema
from attest.rows import commit_vector
from tests.support.books import PUBLIC_KEY, make_epoch, new_store, plan
from tests.support.cheat import (
    ENGINE,
    Cells,
    Cheat,
    Forgery,
    bit_generators,
    root_of,
    with_totals,
)
from tests.support.refusals import refused
from tests.support.shown import Row, Shown
from tests.support.weak import mutated, not_absorbed, only_summed, without_step
from verifier import audit
from verifier.attestation import Total
from verifier.book import BookStatement, chunk_transcript, require_public, require_root, verify_totals
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


def modes_unknown() -> AbstractContextManager[None]:
    return mutated(verify_totals, "elif total.mode != NONE:", "elif False:")


def test_masks_of_the_other_kind() -> None:
    """A number where a point should be and the other way round: the size is the same, and no check fits either."""
    cheat = Cheat(TWO, (HIDDEN, PUBLIC), ROWS, {"BTC": 1, "ETH": 1})
    transcript = cheat.transcript(cheat.root())
    proof = solve_totals(cheat, transcript, [5, 9 * G])[0]
    files = b"".join(cheat.chunk_proofs(transcript)) + proof.to_bytes()
    forgery = Forgery(cheat.statement(), cheat.root(), cheat.leaves, files)
    told = patch.object(BookStatement, "totals_shape", property(lambda self: TotalsShape(16, (PUBLIC, HIDDEN))))
    with told, modes_unknown(), mutated(require_public, "not isinstance(e, int) or", "isinstance(e, int) and"):
        forgery.verify()
    with refused(Malformed, "E_POINT", where=f"{TOTALS}: e[0]"):
        forgery.verify()
    with told, refused(Rejected, "E_TOTAL", step="4", where=f"{TOTALS}, BTC"):
        forgery.verify()
    with told, modes_unknown(), refused(Rejected, "E_PROOF", step="4b", where=f"{TOTALS}, ETH"):
        forgery.verify()


def test_two_columns_of_one_name() -> None:
    """Totals go by name: of two columns called BTC, the book is told one total, and customers find one column."""

    def twins() -> Schema:
        return Schema(PLAIN.columns * 2)

    with mutated(verifier.schema._check, "len(set(names)) != len(names)", "False"):
        schema = twins()
        alice = Row("alice", {"BTC": 5})
        assert schema.row_bits == 16
        assert Shown([alice], schema).opening(0).cells == {1: 5}, "nobody can name the first column"
        Cheat(schema, (HIDDEN, HIDDEN), [{"BTC": 5}]).publish().verify()
    with refused(Rejected, "E_SCHEMA", step="2", where="schema"):
        twins()


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
