"""Attacks on the sum tree: each fools a tree that lacks one property, and ours refuses it (docs/protocol.md, 2 and 5).

Verifier: verifier/tree.py, verifier/leaves.py.  That a published package falls for the first: test_merkletools.py.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from unittest.mock import patch

import pytest

from tests.support.cheat import ENGINE, Cheat, Forgery, root_of
from tests.support.refusals import refused
from tests.support.shown import PLAIN, Row, Shown
from tests.support.weak import identity_allowed, mutated, without_step
from verifier import inclusion
from verifier.errors import Rejected
from verifier.group import H
from verifier.hashing import N
from verifier.inclusion import Opening
from verifier.tree import Node, fold_path, join
from verifier.wire import HIDDEN

ALICE, BOB = Row("alice", {"BTC": 30}, 5), Row("bob", {"BTC": 30}, 6)
CAROL, DORA = Row("carol", {"BTC": 4}, 7), Row("dora", {"BTC": 3}, 8)
LENGTH_FROM_PROOF = ("len(siblings) != len(sides)", "False", "siblings, strict=True", "siblings, strict=False")


def weak_length() -> AbstractContextManager[None]:
    return mutated(fold_path, *LENGTH_FROM_PROOF)


@pytest.mark.parametrize("index", range(4))
def test_honest_rows_are_accepted(index: int) -> None:
    rows = [ALICE, BOB, CAROL, DORA]
    assert Shown(rows).check(rows[index].account_id, index, {"BTC": str(rows[index].cells["BTC"])}).compared


def test_an_inner_node_as_a_leaf() -> None:
    """Carol has 4 and Dora 3; the sum of their rows is shown to Erin, who has 7 and stands nowhere in the book."""
    book = Shown([ALICE, BOB, CAROL, DORA])
    inner, sibling = book.levels[1][1], book.levels[1][0]
    forged = Opening(3, {0: 7}, CAROL.blinding + DORA.blinding, bytes(32), (sibling,))
    hash_from_proof = patch.object(inclusion, "leaf", lambda ctx, index, C, row_id: Node(C, inner.h))
    with hash_from_proof, weak_length():
        book.check("erin", forged, {"BTC": "7"})
    for half_weak in (hash_from_proof, weak_length(), nullcontext()):
        with half_weak, refused(Rejected, "E_INCLUSION", step="5.6"):
            book.check("erin", forged, {"BTC": "7"})


def test_a_path_whose_length_comes_from_the_proof() -> None:
    """The root of a book of four rows is one customer's leaf; nobody else is in it."""
    alone = Shown([ALICE], told_accounts=4)
    with weak_length():
        alone.check("alice", 0)
    with refused(Rejected, "E_INCLUSION", step="5.6", where="path"):
        alone.check("alice", 0)


@pytest.mark.parametrize("extra", [1, 2, 38])
def test_a_path_with_more_steps_than_are_looked_at(extra: int) -> None:
    """zip() ends with the shorter list and says nothing."""
    book = Shown([ALICE, BOB, CAROL])
    honest = book.opening(0)
    forged = replace(honest, path=honest.path + (honest.path[0],) * extra)
    with weak_length():
        book.check("alice", forged)
    with refused(Rejected, "E_INCLUSION", step="5.6", where="path"):
        book.check("alice", forged)


def test_a_node_that_binds_only_the_sum() -> None:
    """The book owes 30. Alice and Bob hold 30 each, and each is shown the other as a sibling worth nothing."""

    def forge() -> tuple[Shown, Opening, Opening]:
        book = Shown([ALICE, BOB])
        a, b = book.levels[0]
        C_root = a.C + 9 * H
        for_alice, for_bob = Node(C_root - a.C, b.h), Node(C_root - b.C, a.h)
        liar = book.with_root(join(a, for_alice))
        return liar, replace(book.opening(0), path=(for_alice,)), replace(book.opening(1), path=(for_bob,))

    whole = "left.C.to_bytes() + left.h + right.C.to_bytes() + right.h"
    with mutated(join, whole, "left.h + right.h + C.to_bytes()"):
        book, alices, bobs = forge()
        book.check("alice", alices, {"BTC": "30"})
        book.check("bob", bobs, {"BTC": "30"})
    book, alices, bobs = forge()
    book.check("alice", alices, {"BTC": "30"})
    with refused(Rejected, "E_INCLUSION", step="5.6", where="path"):
        book.check("bob", bobs, {"BTC": "30"})


def test_a_row_and_its_negative() -> None:
    """A sibling of -C makes the row weigh nothing; its sum is the identity."""
    negative = Row("nobody", {"BTC": [-d % N for d in (0, 1, 1, 1, 1)]}, -ALICE.blinding)

    def check() -> None:
        Shown([ALICE, negative, CAROL, DORA]).check("alice", 0, {"BTC": "30"})

    with identity_allowed(), mutated(join, "C.is_identity", "False"):
        check()
    with mutated(join, "C.is_identity", "False"), refused(Rejected, "E_IDENTITY"):
        check()
    with refused(Rejected, "E_IDENTITY", step="5.6", where="tree"):
        check()


def test_a_row_and_its_negative_in_the_rows_file() -> None:
    cheat = Cheat(PLAIN, (HIDDEN,), [{"BTC": [1]}, {"BTC": [N - 1]}, {"BTC": 3}], blindings=[9, N - 9, 4])
    with refused(Rejected, "E_IDENTITY", where="tree"):
        cheat.publish()


def test_a_negative_row_with_another_blinding_is_for_the_auditor_to_find() -> None:
    """Inclusion alone cannot see it, which is why somebody must audit the whole book."""
    negative = Row("nobody", {"BTC": [-d % N for d in (0, 1, 1, 1, 1)]}, 1234)
    Shown([ALICE, negative]).check("alice", 0, {"BTC": "30"})
    forgery = Cheat(PLAIN, (HIDDEN,), [ALICE.cells, negative.cells], blindings=[5, 1234]).publish()
    with without_step("3.5c"):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5c"):
        forgery.verify()


def test_two_rows_with_one_id() -> None:
    """Whoever looks for the id finds the first row; the second can hold anything."""
    weak = patch.object(type(ENGINE), "first_duplicate", staticmethod(lambda ids: None))
    cheat = Cheat(PLAIN, (HIDDEN,), [{"BTC": 30}, {"BTC": 1}, {"BTC": 2}])
    leaves = b"".join(point.to_xy() + bytes([i % 2]) * 32 for i, point in enumerate(cheat.rows.points()))
    with weak:
        root = root_of(leaves, cheat.ctx, 3)
    transcript = cheat.transcript(root)
    files = b"".join(cheat.chunk_proofs(transcript)) + cheat.totals_proof(transcript).to_bytes()
    forgery = Forgery(cheat.statement(), root, leaves, files)
    with weak:
        forgery.verify()
    with refused(Rejected, "E_DUPLICATE", step="2", where="leaves.bin"):
        forgery.verify()


def test_one_leaf_shown_to_two_customers() -> None:
    """Alice and Bob hold the same; one row, with an id that the exchange supplies, would do for both."""
    book = Shown([ALICE, CAROL])
    alices_id = inclusion.row_id(ALICE.salt, b"alice")
    with patch.object(inclusion, "row_id", lambda salt, account_id: alices_id):
        book.check("bob", 0, {"BTC": "30"})
    with refused(Rejected, "E_INCLUSION", step="5.6", where="path"):
        book.check("bob", 0, {"BTC": "30"})
