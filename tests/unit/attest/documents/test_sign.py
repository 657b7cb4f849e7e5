"""Signing: the right key, a higher version, no signature lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from attest.documents.kinds import COLLATERAL, POLICY
from attest.documents.policy_template import policy_template
from attest.documents.policy_toml import read_policy
from attest.documents.sign import add_signature, count, read_root, require_key, sign_versioned
from attest.signing import sign_payload
from tests.support.exchange import found
from tests.support.home import HomeOf, new_home
from tests.support.refusals import refused
from verifier.dsse import Envelope
from verifier.errors import Rejected, Unavailable
from verifier.trust.revocation import Revocation
from verifier.trust.root import Root
from verifier.trust.threshold import Threshold

DRAFT = read_policy(policy_template("ex.example"))
BARE = Envelope(POLICY.payload_type, DRAFT.to_bytes(), ())


@pytest.fixture
def home(tmp_path: Path) -> HomeOf:
    return new_home(tmp_path / "ex")


def two_of_three(home: HomeOf) -> Root:
    """A root document whose role risk needs two of three keys."""
    keys = tuple(home.key(name).public_key for name in ("risk", "risk-2", "risk-3"))
    return replace(home.root(), roles={**home.root().roles, "risk": Threshold(keys, 2)})


def test_one_signature_after_the_other(home: HomeOf) -> None:
    root = two_of_three(home)
    first = add_signature(BARE, POLICY, "risk", home.key("risk"), root, "policy.json")
    assert (first.have, first.need, first.missing) == (1, 2, 1)
    again = add_signature(first.envelope, POLICY, "risk", home.key("risk"), root, "policy.json")
    assert again.envelope == first.envelope, "Ed25519 is deterministic, and a key counts once"
    second = add_signature(first.envelope, POLICY, "risk", home.key("risk-3"), root, "policy.json")
    assert (second.have, second.missing) == (2, 0)
    root.roles["risk"].require(second.envelope, "risk", "test")
    assert Envelope.from_bytes(second.envelope.to_bytes(), POLICY.payload_type, "test") == second.envelope


def test_keys_and_roles_that_do_not_fit(home: HomeOf) -> None:
    root = home.root()
    for role, name in (("risk", "signing"), ("risk", "stranger")):
        with refused(Rejected, "E_TRUST_ROLE"):
            add_signature(BARE, POLICY, role, home.key(name), root, "policy.json")
    for role in ("exchange", "observer", "price/risk"):
        with refused(Rejected, "E_TRUST_ROLE", where="policy.json"):
            add_signature(BARE, POLICY, role, home.key("risk"), root, "policy.json")
    with pytest.raises(Rejected, match="has no such role") as caught:
        require_key(root, "price/one", home.key("one").public_key)
    assert f"--add price/one={home.key('one').public_key.hex()}" in caught.value.hint


def test_a_revoked_key_signs_nothing(home: HomeOf) -> None:
    revoked = Revocation(home.key("risk").public_key, 0, 0, "")
    with pytest.raises(Rejected, match="is revoked"):
        require_key(replace(home.root(), revoked=(revoked,)), "risk", home.key("risk").public_key)
    root = replace(two_of_three(home), revoked=(revoked,))
    signed = sign_payload(DRAFT.to_bytes(), home.key("risk"), POLICY.payload_type)
    assert count(signed, "risk", root, "policy.json").have == 0


def test_without_a_root_document_nothing_is_compared(home: HomeOf) -> None:
    signed = add_signature(BARE, POLICY, "risk", home.key("stranger"), None, "policy.json")
    assert (signed.have, signed.need, signed.missing) == (1, 0, 0)


def test_a_wrong_signature_beside_ours_is_noticed(home: HomeOf) -> None:
    root = two_of_three(home)
    good = sign_payload(DRAFT.to_bytes(), home.key("risk-2"), POLICY.payload_type)
    bad = replace(good, signatures=((good.signatures[0][0], bytes(64)),))
    with refused(Rejected, "E_SIG_THRESHOLD"):
        add_signature(bad, POLICY, "risk", home.key("risk"), root, "policy.json")


def test_versions_grow(home: HomeOf) -> None:
    path, signer, root = home.path / "documents/policy.json", home.key("risk"), home.root()
    for version in (3, 3, 5):
        policy = replace(DRAFT, version=version)
        signed = sign_versioned(path, policy.to_bytes(), POLICY, "risk", signer, root)
        assert path.read_bytes() == signed.envelope.to_bytes()
    before = path.read_bytes()
    for version in (1, 4, 5):
        policy = replace(DRAFT, version=version, max_age_s=7)
        with pytest.raises(Rejected, match="does not follow version 5") as caught:
            sign_versioned(path, policy.to_bytes(), POLICY, "risk", signer, root)
        assert (caught.value.code, caught.value.hint) == ("E_POLICY_VERSION", "write version = 6")
    assert path.read_bytes() == before


def test_the_same_payload_only_gains_a_signature(home: HomeOf) -> None:
    path, root = home.path / "documents/policy.json", two_of_three(home)
    for name, have in (("risk", 1), ("risk-2", 2)):
        assert sign_versioned(path, DRAFT.to_bytes(), POLICY, "risk", home.key(name), root).have == have


def test_what_cannot_be_read_is_not_replaced(home: HomeOf) -> None:
    path = home.path / "documents/policy.json"
    for data in (b"mine", home.read("documents/root.json")):
        path.write_bytes(data)
        with refused(Unavailable, "E_FILE", where=str(path)):
            sign_versioned(path, DRAFT.to_bytes(), POLICY, "risk", home.key("risk"), home.root())
        assert path.read_bytes() == data


def test_a_refusal_writes_nothing(home: HomeOf) -> None:
    before = found(home.path)
    with refused(Rejected, "E_TRUST_ROLE"):
        sign_versioned(
            home.path / "documents/policy.json", DRAFT.to_bytes(), POLICY, "risk", home.key("signing"), home.root()
        )
    assert found(home.path) == before


def test_a_home_without_a_root_document(home: HomeOf) -> None:
    (home.path / "documents/root.json").unlink()
    with pytest.raises(Unavailable) as caught:
        read_root(home.path / "documents/root.json")
    assert "solvent root new-version" in caught.value.hint


def test_a_snapshot_is_signed_by_exchange_and_observer() -> None:
    assert COLLATERAL.allows("exchange")
    assert COLLATERAL.allows("observer")
    assert not COLLATERAL.allows("risk")
