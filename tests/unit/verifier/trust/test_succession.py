"""The pinned root document and those after it: signed by the root keys of the old version and of the new one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.refusals import refused
from tests.support.trust import (
    keyid,
    keys,
    revocation,
    roles,
    root_document,
    root_envelope,
    signed,
    with_wrong_signature,
)
from verifier import canonical
from verifier.dsse import Envelope
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.trust.root import Root
from verifier.trust.succession import follow, pinned_root, self_signed_root, verify_successor

OLD = Root.from_json(root_document())
NEW_ROOT = {"keys": keys(4, 5, 6), "threshold": 2}


def rotated(version: int = 2, by: tuple[int, ...] = (1, 2, 4, 5), **changes: Any) -> Envelope:
    """A version with root keys 4, 5, 6, signed by two old ones and two new ones."""
    return root_envelope(by, version=version, **{"roles": roles(root=NEW_ROOT), **changes})


def test_the_pinned_document() -> None:
    envelope = root_envelope()
    assert pinned_root(envelope, envelope.digest) == OLD


@pytest.mark.parametrize("digest", ["00" * 32, "", root_envelope(version=2).digest])
def test_another_document_than_the_pinned_one(digest: str) -> None:
    with refused(Rejected, "E_BINDING", where="root.json"):
        pinned_root(root_envelope(), digest)


@pytest.mark.parametrize("by", [(), (1,), (1, 10), (10, 11), (4, 5)])
def test_a_root_document_that_its_own_keys_did_not_sign(by: tuple[int, ...]) -> None:
    envelope = root_envelope(by)
    with refused(Rejected, "E_SIG_THRESHOLD"):
        pinned_root(envelope, envelope.digest)
    with refused(Rejected, "E_SIG_THRESHOLD"):
        self_signed_root(envelope)


def test_a_root_key_that_the_document_itself_revokes() -> None:
    revoking = root_envelope((1, 2), revoked=[revocation(2)])
    with refused(Rejected, "E_SIG_THRESHOLD"):
        self_signed_root(revoking)
    assert self_signed_root(root_envelope((1, 3), revoked=[revocation(2)])).version == 1


def test_successors() -> None:
    assert verify_successor(OLD, root_envelope((2, 3), version=2)).version == 2
    new = verify_successor(OLD, rotated())
    assert new.roles["root"].to_json() == NEW_ROOT
    assert verify_successor(new, rotated(3, (5, 6))).version == 3


@pytest.mark.parametrize("by", [(1, 2), (4, 5), (1, 4, 5), (1, 2, 4), (2, 5), ()])
def test_both_thresholds_are_needed(by: tuple[int, ...]) -> None:
    with refused(Rejected, "E_SIG_THRESHOLD"):
        verify_successor(OLD, rotated(by=by))


@pytest.mark.parametrize("i", [1, 3, 4, 6])
def test_a_wrong_signature_beside_enough_good_ones(i: int) -> None:
    with refused(Rejected, "E_SIG_THRESHOLD"):
        verify_successor(OLD, with_wrong_signature(rotated(), i))


def test_signatures_of_an_earlier_version_are_not_carried_over() -> None:
    moved = Envelope(rotated().payload_type, rotated(expires_at=9).payload, rotated().signatures)
    with refused(Rejected, "E_SIG_THRESHOLD"):
        verify_successor(OLD, moved)


@pytest.mark.parametrize("version", [1, 3, 4])
def test_versions_go_one_by_one(version: int) -> None:
    with refused(Rejected, "E_BINDING"):
        verify_successor(OLD, rotated(version))


def test_the_exchange_stays() -> None:
    with refused(Rejected, "E_BINDING"):
        verify_successor(OLD, rotated(exchange="other.example"))


def test_a_stolen_root_key_is_shut_out() -> None:
    """Version 2 revokes key 2 and keeps it listed; thieves who hold 2 and one more cannot write version 3."""
    second = verify_successor(OLD, root_envelope((1, 3), version=2, revoked=[revocation(2)]))
    verify_successor(second, root_envelope((1, 3), version=3, revoked=[revocation(2)]))
    with refused(Rejected, "E_SIG_THRESHOLD"):
        verify_successor(second, root_envelope((1, 2), version=3, revoked=[]))


def test_a_revocation_that_names_the_id_of_an_old_key() -> None:
    fresh = roles(exchange={"keys": keys(13), "threshold": 1})
    with refused(Malformed, "E_FIELD"):
        verify_successor(OLD, root_envelope((1, 2), version=2, roles=fresh, revoked=[revocation(10, key=keyid(10))]))


def test_what_is_no_root_document() -> None:
    with refused(Malformed, "E_JSON"):
        verify_successor(OLD, signed(b"{} ", (1, 2)))
    with refused(Malformed, "E_TYPE"):
        verify_successor(OLD, signed(canonical.encode(root_document(version=2)), (1, 2), "text/plain"))


def test_following_in_any_order() -> None:
    chain = [rotated(3, (5, 6)), root_envelope(), rotated(), root_envelope()]
    assert [root.version for root in follow(OLD, chain)] == [1, 2, 3]
    assert follow(OLD, []) == (OLD,)
    assert [root.version for root in follow(Root.from_envelope(rotated()), chain)] == [2, 3]


def test_a_gap() -> None:
    with refused(Unavailable, "E_FILE"):
        follow(OLD, [root_envelope(), rotated(3, (1, 2, 5, 6))])


@pytest.mark.parametrize(
    "pair",
    [(rotated(), rotated(expires_at=1_900_000_000)), (root_envelope(), root_envelope(expires_at=1_900_000_000))],
    ids=["of a later version", "of the first version"],
)
def test_two_documents_of_one_version(pair: tuple[Envelope, Envelope]) -> None:
    with refused(Rejected, "E_BINDING"):
        follow(OLD, pair)


def test_one_unsigned_link_ends_the_chain() -> None:
    with refused(Rejected, "E_SIG_THRESHOLD"):
        follow(OLD, [rotated(), rotated(3, (1, 2, 3))])


def test_versions_before_the_pinned_one_do_not_matter() -> None:
    second = Root.from_envelope(rotated())
    assert follow(second, [root_envelope(), root_envelope(expires_at=1_900_000_000)]) == (second,)
