"""Rows that are not the customer's, not in this book, or not what they look like (docs/protocol.md, section 5).

Verifier: verifier/inclusion.py, verifier/epoch.py.  Each attack fools a verifier that lacks one check.
"""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from attest.signing import sign_payload
from tests.support.books import PUBLIC_KEY, SIGNER, Epoch, make_epoch, new_store, plan
from tests.support.refusals import refused
from tests.support.shown import Row, Shown
from tests.support.weak import mutated
from verifier import audit, check_bundle, inclusion, tree
from verifier.attestation import Attestation, Identity
from verifier.bundle import Bundle
from verifier.dsse import Envelope
from verifier.epoch import ATTESTATION
from verifier.errors import Rejected
from verifier.hashing import N
from verifier.inclusion import require_root
from verifier.reference.commit import ReferenceCommitter
from verifier.schema import Column, Schema
from verifier.tree import leaf, sibling_sides

ALICE, BOB, CAROL = Row("alice", {"BTC": 30}, 5), Row("bob", {"BTC": 40}, 6), Row("carol", {"BTC": 50}, 7)
HOLDS = {"BTC": "0.000007", "BTC:debt": "0.000002", "ETH": "0.000000009"}


@pytest.fixture(scope="module")
def alices(sample: Epoch) -> Bundle:
    return sample.bundle("alice")


def check(bundle: Bundle, account_id: str = "alice") -> None:
    row = check_bundle(bundle.to_bytes(), account_id, PUBLIC_KEY, holdings=HOLDS)
    assert row.compared


def test_the_honest_bundle_is_accepted(alices: Bundle) -> None:
    check(alices)


# Bundles of other books.


def resigned(envelope: Envelope, **changes: object) -> Envelope:
    """The attestation signed once more with other members; the exchange itself is the attacker."""
    attestation = Attestation.from_payload(envelope.payload)
    return sign_payload(replace(attestation, **changes).to_payload(), SIGNER)  # type: ignore[arg-type]


def as_next_epoch(envelope: Envelope, **identity: object) -> Envelope:
    attestation = Attestation.from_payload(envelope.payload)
    return resigned(envelope, identity=replace(attestation.identity, **identity))  # type: ignore[arg-type]


NEXT = {"epoch": 2, "exchange": "other.example", "taken_at": 1_700_000_001, "nonce": "22" * 32, "previous": "33" * 32}


@pytest.mark.parametrize("field", NEXT)
def test_last_epochs_rows_signed_as_this_epochs(field: str, tmp_path: Path) -> None:
    """The old rows, the old proof and the old bundle behind a new date: customers and auditors see a stale book."""

    def forge(root: Path) -> tuple[Path, Bundle]:
        epoch = make_epoch(new_store(root), plan())
        envelope = as_next_epoch(epoch.envelope(), **{field: NEXT[field]})
        directory = root / "next"
        shutil.copytree(epoch.directory, directory)
        (directory / ATTESTATION).write_bytes(envelope.to_bytes())
        return directory, replace(epoch.bundle("alice"), attestation=envelope, payload=envelope.digest)

    with patch.object(Identity, "context", lambda self, schema, accounts: bytes(32)):
        directory, bundle = forge(tmp_path / "weak")
        audit(directory, PUBLIC_KEY)
        check(bundle)
    directory, bundle = forge(tmp_path / "real")
    with refused(Rejected, "E_ROOT", step="4", where="leaves.bin"):
        audit(directory, PUBLIC_KEY)
    with refused(Rejected, "E_INCLUSION", step="5.6", where="path"):
        check(bundle)


def test_a_bundle_for_another_attestation(alices: Bundle, sample: Epoch) -> None:
    """Two attestations of one run, the second with a later expiry: a bundle belongs to the one it names."""
    later = resigned(sample.envelope(), expires_at=1_900_000_000)
    forged = replace(alices, attestation=later)
    with mutated(check_bundle, "parsed.payload != book.payload", "False"):
        check(forged)
    with refused(Rejected, "E_BINDING", step="5.1", where="bundle"):
        check(forged)


def test_a_bundle_with_an_attestation_of_another_book(alices: Bundle, tmp_path: Path) -> None:
    """Alice's row is not in the new book; her old bundle names the new attestation."""
    other = make_epoch(
        new_store(tmp_path), plan(), {"bob": {"BTC": 1, "slack": 1}, "carol": {}, "dora": {}, "e": {}, "f": {}}
    )
    envelope = other.envelope()
    forged = replace(alices, attestation=envelope, payload=envelope.digest)
    with mutated(require_root, "root != Node(attestation.root_commitment, attestation.root_hash)", "False"):
        check(forged)
    with refused(Rejected, "E_INCLUSION", step="5.6", where="path"):
        check(forged)


# Rows of other customers.


def test_somebody_elses_bundle(alices: Bundle) -> None:
    """Bob holds what Alice holds and is shown her row; the account id would come from the bundle."""
    weak = mutated(
        check_bundle,
        *("_require_same_account(parsed.account_id, account_id)", "pass"),
        *("book.schema, account_id, opening", "book.schema, parsed.account_id, opening"),
    )
    with weak:
        check(alices, "bob")
    with refused(Rejected, "E_INCLUSION", step="5.5", where="bundle"):
        check(alices, "bob")
    with refused(Rejected, "E_INCLUSION", step="5.6", where="path"):
        check(replace(alices, account_id="bob"), "bob")


def test_a_salt_that_swallows_the_beginning_of_the_id(alices: Bundle) -> None:
    """Salt || "al" of 34 bytes makes Alice's id out of "ice": one row for two customers."""
    forged = replace(alices, account_id="ice", salt=alices.salt + b"al")
    with patch.object(inclusion, "require_secrets", lambda salt, blinding: None):
        check(forged, "ice")
    with refused(Rejected, "E_INCLUSION", step="5.2", where="salt"):
        check(forged, "ice")


@pytest.mark.parametrize("length", [0, 30, 31, 33, 64])
def test_salts_of_other_lengths(length: int) -> None:
    """The leaf was made with that salt, so only its length is wrong."""
    book = Shown([replace(ALICE, salt=bytes(length)), BOB])
    with patch.object(inclusion, "require_secrets", lambda salt, blinding: None):
        book.check("alice", 0)
    with refused(Rejected, "E_INCLUSION", step="5.2", where="salt"):
        book.check("alice", 0)


# Positions.


def without_index() -> AbstractContextManager[None]:
    return mutated(leaf, "u64(index)", "u64(0)")


def test_another_index() -> None:
    """A leaf that does not name its position can be shown at any: here Alice's at Bob's."""

    def forge() -> None:
        book = Shown([ALICE, BOB, CAROL])
        book.check("alice", replace(book.opening(0), index=1))

    sides_from_proof = patch.object(tree, "sibling_sides", lambda index, count: sibling_sides(0, 3))
    with sides_from_proof, without_index():
        forge()
    for half_weak in (sides_from_proof, without_index(), nullcontext()):
        with half_weak, refused(Rejected, "E_INCLUSION", step="5.6", where="path"):
            forge()


@pytest.mark.parametrize("index", [3, 2**40])
def test_an_index_behind_the_last_row(index: int) -> None:
    """A row that no auditor adds up, hidden where the book ends."""

    def forge() -> None:
        book = Shown([ALICE, BOB, CAROL])
        book.check("alice", replace(book.opening(0), index=index))

    sides_from_proof = patch.object(tree, "sibling_sides", lambda index, count: sibling_sides(0, 3))
    no_position = patch.object(inclusion, "require_position", lambda index, accounts: None)
    with sides_from_proof, no_position, without_index():
        forge()
    with refused(Rejected, "E_INCLUSION", step="5.1", where="index"):
        forge()


def test_more_rows_than_the_auditor_counted() -> None:
    """N is part of ctx: rows appended to the customers' tree, and not to the auditors', change every leaf."""

    def forge() -> None:
        audited = Shown([ALICE, BOB])
        audited.with_root(audited.levels[-1][0], accounts=4).check("alice", audited.opening(0))

    def any_length() -> AbstractContextManager[None]:
        lax = ("len(siblings) != len(sides)", "False", "siblings, strict=True", "siblings, strict=False")
        return mutated(tree.fold_path, *lax)

    def without_ctx() -> AbstractContextManager[None]:
        return mutated(leaf, "ctx + u64(index)", "u64(index)")

    with any_length(), without_ctx():
        forge()
    for half_weak in (any_length(), without_ctx(), nullcontext()):
        with half_weak, refused(Rejected, "E_INCLUSION", step="5.6", where="path"):
            forge()


# Cells and blindings.


def test_a_cell_that_spills_into_the_next_column() -> None:
    """256 in a column of 8 bits has the commitment of 1 in the next: 256 BTC shown, 1 DOGE owed."""
    schema = Schema((Column("BTC", "BTC", 0, 8, "balance"), Column("DOGE", "DOGE", 0, 8, "balance")))
    book = Shown([Row("alice", {"DOGE": 1}), BOB], schema)
    forged = replace(book.opening(0), cells={0: 256})
    any_cell = patch.object(inclusion, "require_cells", lambda schema, cells: None)
    with any_cell, mutated(ReferenceCommitter._add_cells, "not 0 < value < 1 << self._bits[column]", "False"):
        book.check("alice", forged, {"BTC": "256"})
    with refused(Rejected, "E_INCLUSION", step="5.3", where="cell BTC"):
        book.check("alice", forged, {"BTC": "256"})


def test_a_blinding_that_is_no_scalar() -> None:
    """The same row with a second opening, r + n, would be a second bundle."""
    book = Shown([ALICE, BOB])
    forged = replace(book.opening(0), blinding=ALICE.blinding + N)
    with patch.object(inclusion, "require_secrets", lambda salt, blinding: None):
        book.check("alice", forged)
    with refused(Rejected, "E_INCLUSION", step="5.2", where="blinding"):
        book.check("alice", forged)


def test_a_cell_without_a_column(alices: Bundle) -> None:
    """A bundle that lists an asset the signed schema does not have: nothing in the leaf stands for it."""
    forged = replace(alices, cells={**alices.cells, "DOGE": 5})
    with mutated(
        Bundle.opening,
        *("if unknown:", "if False:"),
        *(
            "for name, value in self.cells.items()}",
            "for name, value in self.cells.items() if name in schema.position}",
        ),
    ):
        check(forged)
    with refused(Rejected, "E_INCLUSION", step="5.3", where="cells"):
        check(forged)
