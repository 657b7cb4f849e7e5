"""The root document: one form, closed at every depth, one role for each key."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.support.refusals import refused
from tests.support.trust import EXPIRES_AT, broken_forms, key, keyid, keys, revocation, roles, root_document, signed
from verifier import canonical
from verifier.errors import Malformed, Rejected, SolventError
from verifier.trust.revocation import Revocation
from verifier.trust.root import MAX_REVOKED, MAX_ROLES, PAYLOAD_TYPE, Cadence, Root
from verifier.trust.threshold import Threshold

BROKEN = dict(broken_forms(root_document(), open_maps=frozenset({"roles"}), optional=frozenset()))


def payload(**changes: Any) -> bytes:
    return canonical.encode(root_document(**changes))


def test_round_trip() -> None:
    root = Root.from_payload(payload())
    assert root.to_payload() == payload()
    assert root.digest == canonical.digest(root_document())
    assert root.roles["custodian/vault"] == Threshold((key(60), key(61)), 2)
    assert (root.exchange, root.version, root.cadence.pulse_s) == ("ex.example", 1, 0)


@pytest.mark.parametrize("name", BROKEN)
def test_closed_at_every_depth(name: str) -> None:
    with pytest.raises(Malformed) as caught:
        Root.from_json(BROKEN[name])
    assert caught.value.code == ("E_FIELD" if name.endswith(("one more", "missing")) else caught.value.code)
    assert caught.value.code in {"E_FIELD", "E_TYPE"}


PLACES = {Root: "", Cadence: "cadence.", Threshold: "roles.root.", Revocation: "revoked[0]."}


@pytest.mark.parametrize("kind", PLACES)
def test_every_field_is_broken_and_left_out(kind: type[Root | Cadence | Threshold | Revocation]) -> None:
    for field in dataclasses.fields(kind):
        for what in ("is missing", "is None", "is True"):
            assert f"{PLACES[kind]}{field.name} {what}" in BROKEN


def role(name: str, **changes: Any) -> dict[str, Any]:
    return {"roles": roles(**{name: {**roles().get(name, {}), **changes}})}


REFUSED: dict[str, tuple[dict[str, Any], type[SolventError], str]] = {
    "another type": ({"type": "solvent:reader/v1"}, Malformed, "E_TYPE"),
    "another version of the type": ({"type": "solvent:root/v2"}, Malformed, "E_TYPE"),
    "version 0": ({"version": 0}, Malformed, "E_LIMIT"),
    "exchange empty": ({"exchange": ""}, Malformed, "E_TYPE"),
    "exchange with a space": ({"exchange": "ex example"}, Malformed, "E_TYPE"),
    "expires in text": ({"expires_at": "1800000000"}, Malformed, "E_TYPE"),
    "no roles": ({"roles": {}}, Malformed, "E_FIELD"),
    "no role root": ({"roles": {"exchange": {"keys": keys(1), "threshold": 1}}}, Malformed, "E_FIELD"),
    "unknown role": ({"roles": roles(admin={"keys": keys(5), "threshold": 1})}, Malformed, "E_FIELD"),
    "price without a source": ({"roles": roles(price={"keys": keys(5), "threshold": 1})}, Malformed, "E_FIELD"),
    "threshold 0": (role("exchange", threshold=0), Malformed, "E_LIMIT"),
    "threshold above the keys": (role("exchange", threshold=3), Malformed, "E_LIMIT"),
    "threshold met only by counting a key twice": (
        role("exchange", keys=keys(10, 10), threshold=2), Malformed, "E_FIELD",
    ),
    "role without keys": (role("exchange", keys=[]), Malformed, "E_LIMIT"),
    "65 keys": (role("exchange", keys=keys(*range(120, 185))), Malformed, "E_LIMIT"),
    "key in capitals": (role("exchange", keys=[key(10).hex().upper()]), Malformed, "E_TYPE"),
    "key of small order": (role("exchange", keys=["01" + "00" * 31]), Malformed, "E_TYPE"),
    "one key in two roles": (role("exchange", keys=keys(10, 20)), Rejected, "E_TRUST_ROLE"),
    "one key in root and another": (role("exchange", keys=keys(1)), Rejected, "E_TRUST_ROLE"),
    "one key in two roles of one kind": (role("bank/2", keys=keys(70), threshold=1), Rejected, "E_TRUST_ROLE"),
    "negative cadence": (
        {"cadence": {"book_s": -1, "pulse_s": 0, "grace_s": 0, "ttl_s": 0}}, Malformed, "E_LIMIT",
    ),
    "one key revoked twice": ({"revoked": [revocation(12), revocation(12, time=1)]}, Malformed, "E_FIELD"),
    "reason of 1,025 bytes": ({"revoked": [revocation(12, reason="x" * 1025)]}, Malformed, "E_LIMIT"),
    "the id of a key revoked": ({"revoked": [revocation(10, key=keyid(10))]}, Malformed, "E_FIELD"),
    "too many roles": (
        {"roles": {f"bank/{i}": {"keys": [], "threshold": 1} for i in range(MAX_ROLES + 1)}}, Malformed, "E_LIMIT",
    ),
    "too many revocations": ({"revoked": [{}] * (MAX_REVOKED + 1)}, Malformed, "E_LIMIT"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    changes, kind, code = REFUSED[name]
    Root.from_json(root_document())
    with refused(kind, code):
        Root.from_json(root_document(**changes))


@pytest.mark.parametrize(
    "data", [payload() + b" ", b" " + payload(), payload().replace(b'"version":1', b'"version":1.0'), b"", b"[]x"]
)
def test_only_canonical_bytes(data: bytes) -> None:
    with refused(Malformed, "E_JSON", where="root.json"):
        Root.from_payload(data)


def test_a_member_twice() -> None:
    with refused(Malformed, "E_JSON"):
        Root.from_payload(payload().replace(b'"version":1', b'"version":1,"version":1'))


def test_from_envelope_wants_its_own_payload_type() -> None:
    assert Root.from_envelope(signed(payload(), (1, 2))).version == 1
    with refused(Malformed, "E_TYPE"):
        Root.from_envelope(signed(payload(), (1, 2), "application/vnd.solvent.policy.v1+json"))
    assert PAYLOAD_TYPE == "application/vnd.solvent.root.v1+json"


def test_a_revoked_root_key_does_not_sign_root_documents() -> None:
    root = Root.from_json(root_document(revoked=[revocation(2)]))
    assert root.signing == Threshold((key(1), key(3)), 2)


def test_expiry() -> None:
    root = Root.from_json(root_document())
    assert [root.expired(now) for now in (EXPIRES_AT - 1, EXPIRES_AT, EXPIRES_AT + 1)] == [False, True, True]
