"""What a reader accepts: roles of the root document it leads to, its own keys, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.refusals import refused
from tests.support.trust import (
    EXPIRES_AT,
    key,
    keyid,
    keys,
    reader_document,
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
from verifier.trust.reader import Reader
from verifier.trust.revocation import Occasion
from verifier.trust.roles import Met, Trust, establish

POLICY = "application/vnd.solvent.policy.v1+json"
FIRST = root_envelope()
SECOND = root_envelope(
    version=2,
    roles=roles(exchange={"keys": keys(11, 13), "threshold": 1}),
    revoked=[revocation(10), revocation(12)],
    expires_at=EXPIRES_AT + 100,
)
THIRD = root_envelope(version=3, revoked=[], roles=roles(exchange={"keys": keys(10), "threshold": 1}))


def reader(**changes: Any) -> Reader:
    return Reader.from_json(reader_document(**changes))


def trust(*roots: Envelope, in_force: str = "", **changes: Any) -> Trust:
    return establish(reader(**changes), roots or (FIRST,), in_force)


def document(*by: int) -> Envelope:
    return signed(b"{}", by, POLICY)


def test_a_role_that_is_met() -> None:
    assert trust().require_role(document(10, 99), "exchange", "x.json") == Met("exchange", 1, (key(10),))
    assert trust().require_role(document(61, 60), "custodian/vault", "x.json").signers == (key(60), key(61))


@pytest.mark.parametrize(
    ("role", "by"),
    [
        ("exchange", ()),
        ("exchange", (99,)),
        ("exchange", (1, 2, 3)),
        ("exchange", (12,)),
        ("risk", (40,)),
        ("risk", (40, 10)),
        ("custodian/vault", (60,)),
        ("custodian/other", (60, 61)),
        ("custodian", (60, 61)),
        ("price/feed-b", (50,)),
        ("nobody", (10,)),
    ],
)
def test_a_role_that_is_not_met(role: str, by: tuple[int, ...]) -> None:
    with refused(Rejected, "E_SIG_THRESHOLD", where="x.json"):
        trust().require_role(document(*by), role, "x.json")


def test_a_wrong_signature() -> None:
    with refused(Rejected, "E_SIG_THRESHOLD", where="x.json"):
        trust().require_role(with_wrong_signature(document(10), 11), "exchange", "x.json")


def test_public_keys_are_the_role_exchange_and_nothing_else() -> None:
    alone = establish(reader(root=keys(10, 11)), [FIRST])
    assert alone.require_role(document(11), "exchange", "x.json") == Met("exchange", 1, (key(11),))
    assert (alone.root, alone.revoked, alone.first_contact, alone.expired(2**50)) == (None, (), False, False)
    for role, by in [("risk", (40, 41)), ("root", (1, 2)), ("log", (20,)), ("observer", (100,)), ("exchange", (12,))]:
        with refused(Rejected, "E_SIG_THRESHOLD"):
            alone.require_role(document(*by), role, "x.json")


def test_the_bundle_does_not_choose_its_own_root() -> None:
    """A well-signed root document of the wrong people leads nowhere."""
    forged = root_envelope((201, 202), roles=roles(root={"keys": keys(201, 202), "threshold": 2}))
    with refused(Unavailable, "E_FILE"):
        trust(forged)
    with refused(Rejected, "E_BINDING"):
        trust(FIRST, forged)


def test_the_pinned_document_is_needed() -> None:
    for roots in ((), (SECOND,)):
        with refused(Unavailable, "E_FILE", where="root.json"):
            establish(reader(), roots)


def test_the_pinned_document_is_of_this_exchange() -> None:
    with refused(Rejected, "E_BINDING"):
        trust(exchange="other.example")


def test_a_later_version_says_nothing_of_what_was_signed_before_it() -> None:
    """Nothing is decided: the pinned version follows from the older one, not the other way round."""
    with refused(Unavailable, "E_FILE", where="root.json") as caught:
        establish(reader(root=SECOND.digest), [FIRST, SECOND], FIRST.digest)
    assert "made under version 1 of the root document, and you pinned version 2" in str(caught.value)
    assert "pin the first version" in caught.value.hint
    other = root_envelope(version=3, expires_at=EXPIRES_AT)
    with refused(Rejected, "E_BINDING"):
        establish(reader(root=SECOND.digest), [SECOND], other.digest)


def test_first_contact_takes_the_lowest_version() -> None:
    met = trust(SECOND, FIRST, root="")
    assert met.first_contact
    assert [root.version for root in met.chain] == [1, 2]
    assert not trust(SECOND, FIRST).first_contact
    with refused(Unavailable, "E_FILE"):
        establish(reader(root=""), [])
    with refused(Rejected, "E_SIG_THRESHOLD"):
        trust(root_envelope((1,)), root="")
    with refused(Malformed, "E_JSON"):
        trust(signed(b"{", (1, 2)), root="")


def test_the_newest_version_is_in_force() -> None:
    newest = trust(SECOND, FIRST)
    assert newest.root is not None
    assert newest.root.version == 2
    newest.require_role(document(13), "exchange", "x.json")
    with refused(Rejected, "E_SIG_THRESHOLD"):
        newest.require_role(document(10), "exchange", "x.json")


def test_an_older_version_in_force_and_what_was_revoked_since() -> None:
    older = trust(FIRST, SECOND, in_force=FIRST.digest)
    assert older.require_role(document(10), "exchange", "x.json", Occasion(seq=6)).signers == (key(10),)
    for occasion in (Occasion(seq=7), Occasion()):
        with refused(Rejected, "E_SIG_THRESHOLD"):
            older.require_role(document(10), "exchange", "x.json", occasion)
    assert older.require_role(document(11), "exchange", "x.json").signers == (key(11),)


def test_a_version_in_force_that_does_not_follow_from_the_pin() -> None:
    for digest in ("00" * 32, root_envelope(version=2).digest):
        with refused(Rejected, "E_BINDING"):
            trust(FIRST, SECOND, in_force=digest)


def test_a_forgotten_revocation_still_holds() -> None:
    third = trust(FIRST, SECOND, THIRD)
    with refused(Rejected, "E_SIG_THRESHOLD"):
        third.require_role(document(10), "exchange", "x.json")


def test_a_revoked_key_lowers_no_threshold() -> None:
    revoked = root_envelope(revoked=[revocation(60)])
    half = trust(revoked, root=revoked.digest)
    with refused(Rejected, "E_SIG_THRESHOLD"):
        half.require_role(document(61), "custodian/vault", "x.json")
    half.require_role(document(60, 61), "custodian/vault", "x.json", Occasion(seq=6))


def test_statements_before_the_revocation_stand() -> None:
    revoked = root_envelope(revoked=[revocation(30)])
    later = trust(revoked, root=revoked.digest)
    later.require_role(document(30), "statement", "x.json", Occasion(issued_at=1_750_000_000))
    with refused(Rejected, "E_SIG_THRESHOLD"):
        later.require_role(document(30), "statement", "x.json", Occasion(issued_at=1_750_000_001))


def test_cosigners_are_the_readers_own() -> None:
    asked = trust()
    asked.require_cosigned("policy", document(200, 201), "x.json")
    asked.require_cosigned("quote", document(), "x.json")
    for by in [(200,), (40, 41), (1, 2, 3), ()]:
        with refused(Rejected, "E_SIG_THRESHOLD", where="x.json"):
            asked.require_cosigned("policy", document(*by), "x.json")


def test_cosigners_meet_no_role() -> None:
    with refused(Rejected, "E_SIG_THRESHOLD"):
        trust().require_role(document(200, 201), "risk", "x.json")


@pytest.mark.parametrize(
    ("pins", "pinned"),
    [
        ({"custodian/vault": [keyid(60), keyid(61)]}, True),
        ({"custodian/vault": [keyid(60)]}, False),
        ({"custodian/other": [keyid(60), keyid(61)]}, False),
        ({"custodian/vault": []}, False),
        ({}, False),
    ],
    ids=["both", "one", "in another role", "none", "no pins"],
)
def test_pins_meet_the_threshold_on_their_own(pins: dict[str, Any], pinned: bool) -> None:
    asked = trust(pins=pins)
    assert asked.is_pinned(asked.require_role(document(60, 61), "custodian/vault", "x.json")) is pinned


def test_a_surplus_signer_need_not_be_pinned() -> None:
    asked = trust(pins={"exchange": [keyid(11)]})
    assert asked.is_pinned(asked.require_role(document(10, 11), "exchange", "x.json"))
    assert not asked.is_pinned(asked.require_role(document(10), "exchange", "x.json"))


def test_expiry_is_the_newest_versions() -> None:
    asked = trust(FIRST, SECOND, in_force=FIRST.digest)
    assert [asked.expired(now) for now in (EXPIRES_AT + 99, EXPIRES_AT + 100)] == [False, True]
    assert [trust().expired(now) for now in (EXPIRES_AT - 1, EXPIRES_AT)] == [False, True]
    assert trust().exchange == canonical.decode(FIRST.payload, where="")["exchange"] == root_document()["exchange"]
