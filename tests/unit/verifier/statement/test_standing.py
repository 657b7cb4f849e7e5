"""Step 1 and the trust behind it: whose signatures count for which reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.epochs import (
    EXCHANGE,
    LASTS,
    NOW,
    REFERENCE,
    TAKEN_AT,
    Epoch,
    audited,
    reader,
    root_document,
    sign,
    signed_root,
    statuses,
)  # fmt: skip
from tests.support.refusals import refused
from tests.support.snapshots import signer
from verifier import audit
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.statement.claims import ONLY_A_KEY
from verifier.statement.standing import open_trusted, trust_of_any_version, trust_of_reader
from verifier.statement.verdict import FIRST_CONTACT
from verifier.trust.root import Root

KEY = signer("exchange").public_key


def second_root(**changes: object) -> bytes:
    return sign("root", root_document(version=2, **changes), "root-1", "root-2").to_bytes()


def test_a_pinned_root_document(public: Path) -> None:
    report = audited(Epoch(), public)
    assert (report.overall, report.reader) == ("QUALIFIED", reader().digest)
    assert report.root == Root.from_json(root_document())
    assert FIRST_CONTACT not in report.qualifiers


def test_another_root_document_is_pinned(public: Path) -> None:
    with refused(Unavailable, "E_FILE", where="root.json"):
        audited(Epoch(), public, reader=reader(root="ab" * 32))


def test_a_root_document_that_its_own_keys_did_not_sign(tmp_path: Path) -> None:
    with refused(Rejected, "E_SIG_THRESHOLD", where="root.json"):
        audited(Epoch(root=sign("root", root_document(), "root-1")), tmp_path / "1")


def test_first_contact(public: Path) -> None:
    report = audit(public, now=NOW, engine=REFERENCE)
    assert report.overall == "QUALIFIED"
    assert FIRST_CONTACT in report.qualifiers
    assert set(statuses(report).values()) == {"public"}
    pinned_nowhere = audited(Epoch(), public, reader=reader(root=""))
    assert FIRST_CONTACT in pinned_nowhere.qualifiers


def test_nobody_to_trust_at_all(public: Path) -> None:
    (public / "root.json").unlink()
    with refused(Unavailable, "E_KEY"):
        audit(public, now=NOW)


def test_a_key_alone_checks_the_book_and_counts_no_claim(public: Path) -> None:
    report = audit(public, KEY, now=NOW, engine=REFERENCE)
    assert report.overall == "INCOMPLETE"
    assert set(statuses(report).values()) == {"unverified"}
    assert {result.reason for result in report.claims} == {ONLY_A_KEY}
    assert "--reader" in report.reasons[0]
    assert (report.lines, report.market, report.backing) == ({}, None, None)
    assert [figure["id"] for figure in report.figures()][:2] == ["accounts", "units:total:BTC"]


def test_a_reader_file_with_keys_is_as_good_as_a_key(public: Path) -> None:
    report = audited(Epoch(), public, reader=reader(root=[KEY.hex()]))
    assert report.overall == "INCOMPLETE"
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1", where="attestation.json"):
        audited(Epoch(), public, reader=reader(root=[signer("risk").public_key.hex()]))


def test_the_wrong_key(public: Path) -> None:
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1"):
        audit(public, signer("risk").public_key, now=NOW)


def test_a_key_and_a_reader_file(public: Path) -> None:
    with refused(Unavailable, "E_USAGE"):
        audit(public, KEY, reader=reader(), now=NOW)


def test_a_key_and_a_root_document(public: Path) -> None:
    with refused(Unavailable, "E_USAGE", where="root document"):
        audit(public, KEY, roots=[public / "root.json"], now=NOW)


@pytest.mark.parametrize("role", ["risk", "root-1", "nobody"])
def test_an_attestation_that_another_role_signed(tmp_path: Path, role: str) -> None:
    with refused(Rejected, "E_SIG_THRESHOLD", where="attestation.json"):
        audited(Epoch(signed_by={"attestation": (role,)}), tmp_path / "1")


def test_the_attestation_of_another_exchange(public: Path) -> None:
    with refused(Rejected, "E_BINDING"):
        audited(Epoch(), public, reader=reader(exchange="other.example"))
    trust = trust_of_reader(public, reader())
    assert trust.exchange == EXCHANGE
    other = replace(trust, reader=reader(exchange="other.example"))
    with refused(Rejected, "E_BINDING", where="attestation.json"):
        open_trusted(public, other)


@pytest.mark.parametrize("tag", ["attestation", "policy", "scenarios", "collateral", "quote", "custody"])
def test_the_reader_s_own_keys_must_have_signed(public: Path, tmp_path: Path, tag: str) -> None:
    asked = reader(cosign={tag: {"keys": [signer("supervisor").public_key.hex()], "threshold": 1}})
    with refused(Rejected, "E_SIG_THRESHOLD"):
        audited(Epoch(), public, reader=asked)
    usual = {"attestation": ("exchange",), "policy": ("risk",), "scenarios": ("risk",), "collateral": ("exchange",),
             "quote": ("price/alpha", "price/beta"), "custody": ("custodian/vault",)}  # fmt: skip
    signed = Epoch(signed_by={tag: (*usual[tag], "supervisor")})
    assert audited(signed, tmp_path / "signed" / "1", reader=asked).overall == "QUALIFIED"


def test_the_key_of_the_reader_is_never_looked_up_in_the_root_document(public: Path) -> None:
    """A role of the exchange's root document does not stand in for the reader's own keys."""
    asked = reader(cosign={"policy": {"keys": [signer("observer").public_key.hex()], "threshold": 1}})
    with refused(Rejected, "E_SIG_THRESHOLD", where="policy.json"):
        audited(Epoch(), public, reader=asked)


class TestMoreVersions:
    """Keys that changed: every version from the pinned one to the newest has to be at hand."""

    def epoch(self) -> Epoch:
        roles = {**root_document()["roles"], "risk": {"keys": [signer("risk-2").public_key.hex()], "threshold": 1}}
        root = sign("root", root_document(version=2, roles=roles), "root-1", "root-2")
        return Epoch(root=root, signed_by={"policy": ("risk-2",), "scenarios": ("risk-2",)})

    def test_the_pinned_version_is_missing(self, tmp_path: Path) -> None:
        with refused(Unavailable, "E_FILE", where="root.json"):
            audited(self.epoch(), tmp_path / "1")

    def test_it_is_given(self, tmp_path: Path) -> None:
        first = tmp_path / "one.json"
        first.write_bytes(signed_root().to_bytes())
        report = audited(self.epoch(), tmp_path / "1", roots=[first])
        assert (report.overall, report.root and report.root.version) == ("QUALIFIED", 2)

    @pytest.mark.parametrize("place", ["keys", "../keys"])
    def test_it_is_found_beside_the_epochs(self, tmp_path: Path, place: str) -> None:
        directory = tmp_path / "site" / "epochs" / "1"
        keys = directory.parent / place
        keys.resolve().mkdir(parents=True)
        (keys.resolve() / "1.json").write_bytes(signed_root().to_bytes())
        (keys.resolve() / "3.json").write_bytes(b"junk")
        (keys.resolve() / "4.json").write_bytes(signed_root(exchange="other.example", version=9).to_bytes())
        assert audited(self.epoch(), directory).overall == "QUALIFIED"

    def test_the_roles_are_those_of_the_version_that_was_published_with_it(self, public: Path, tmp_path: Path) -> None:
        """A later version replaced the exchange's key; the old attestation stands all the same."""
        roles = {**root_document()["roles"], "exchange": {"keys": [signer("new").public_key.hex()], "threshold": 1}}
        newer = tmp_path / "two.json"
        newer.write_bytes(second_root(roles=roles))
        report = audited(Epoch(), public, roots=[newer])
        assert report.overall == "QUALIFIED"
        assert [text for text in report.qualifiers if "version 1 of the root document, and version 2 is known" in text]

    def test_a_revoked_key_signs_nothing(self, public: Path, tmp_path: Path) -> None:
        stolen = {"key": KEY.hex(), "from_seq": 0, "time": TAKEN_AT, "reason": "stolen"}
        roles = {**root_document()["roles"], "exchange": {"keys": [signer("new").public_key.hex()], "threshold": 1}}
        newer = tmp_path / "two.json"
        newer.write_bytes(second_root(roles=roles, revoked=[stolen]))
        with refused(Rejected, "E_SIG_THRESHOLD", where="attestation.json"):
            audited(Epoch(), public, roots=[newer])

    def test_two_documents_of_one_version(self, public: Path, tmp_path: Path) -> None:
        other = tmp_path / "other.json"
        other.write_bytes(signed_root(expires_at=TAKEN_AT + LASTS).to_bytes())
        with refused(Rejected, "E_BINDING", where="root.json"):
            audited(Epoch(), public, roots=[other])

    def test_a_version_that_is_no_root_document(self, public: Path, tmp_path: Path) -> None:
        (tmp_path / "junk.json").write_bytes(b"junk")
        with refused(Malformed, "E_JSON", where="junk.json"):
            audited(Epoch(), public, roots=[tmp_path / "junk.json"])

    def test_versions_newest_first(self, public: Path, tmp_path: Path) -> None:
        newer = tmp_path / "two.json"
        newer.write_bytes(second_root())
        versions = trust_of_any_version(trust_of_reader(public, reader(), [newer]))
        assert [trust.root and trust.root.version for trust in versions] == [2, 1]
