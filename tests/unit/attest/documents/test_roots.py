"""Root documents: changed by rule, signed by enough root keys of both versions, put in force in one step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from attest.documents.kinds import ROOT
from attest.documents.roots import (
    CADENCE,
    Changes,
    archived,
    first_root,
    install,
    missing_signatures,
    next_root,
    sign_root,
)
from tests.support.home import HomeOf, new_home
from tests.support.refusals import refused
from verifier.dsse import Envelope
from verifier.errors import Malformed, Rejected
from verifier.trust.reader import Reader
from verifier.trust.revocation import Revocation
from verifier.trust.roles import establish
from verifier.trust.threshold import Threshold

LATER = 2_000_000_000


@pytest.fixture
def home(tmp_path: Path) -> HomeOf:
    return new_home(tmp_path / "ex")


def key(home: HomeOf, name: str) -> bytes:
    return home.key(name).public_key


def test_the_first_one(home: HomeOf) -> None:
    root = home.root()
    assert (root.exchange, root.version, root.cadence, root.revoked) == ("ex.example", 1, CADENCE, ())
    assert {role: (len(keys.keys), keys.threshold) for role, keys in root.roles.items()} == {
        "root": (3, 2), "exchange": (1, 1), "risk": (1, 1), "log": (1, 1), "statement": (1, 1),
    }  # fmt: skip


def test_changes_add_remove_rotate_and_revoke(home: HomeOf) -> None:
    old = home.root()
    changes = Changes(
        add=[("price/one", key(home, "one")), ("risk", key(home, "risk-2"))],
        remove=[("root", key(home, "root-3"))],
        rotate=[("log", key(home, "log-2"))],
        thresholds={"risk": 2},
        revoke=[Revocation(key(home, "statement"), 5, 9, "lost")],
    )
    new = next_root(old, changes, LATER)
    assert (new.version, new.expires_at, new.cadence) == (2, LATER, old.cadence)
    assert new.roles["price/one"] == Threshold((key(home, "one"),), 1)
    assert new.roles["risk"] == Threshold((key(home, "risk"), key(home, "risk-2")), 2)
    assert new.roles["root"].keys == (key(home, "root-1"), key(home, "root-2"))
    assert new.roles["log"] == Threshold((key(home, "log-2"),), 1)
    assert "statement" not in new.roles
    assert [(r.from_seq, r.reason) for r in new.revoked] == [(5, "lost")]
    assert next_root(new, Changes(), LATER).revoked == new.revoked, "what is revoked stays revoked"


def test_changes_that_cannot_be_made(home: HomeOf) -> None:
    old = home.root()
    taken, fresh = key(home, "risk"), key(home, "new")
    wrong: list[tuple[Changes, type[Malformed | Rejected], str]] = [
        (Changes(add=[("price/one", taken)]), Rejected, "E_TRUST_ROLE"),
        (Changes(add=[("risk", taken)]), Malformed, "E_FIELD"),
        (Changes(remove=[("risk", fresh)]), Malformed, "E_FIELD"),
        (Changes(remove=[("price/one", fresh)]), Malformed, "E_FIELD"),
        (Changes(rotate=[("root", fresh)]), Malformed, "E_FIELD"),
        (Changes(rotate=[("bank/x", fresh)]), Malformed, "E_FIELD"),
        (Changes(thresholds={"risk": 2}), Malformed, "E_LIMIT"),
        (Changes(thresholds={"bank/x": 1}), Malformed, "E_FIELD"),
        (Changes(remove=[("root", key(home, f"root-{i}")) for i in (1, 2)]), Malformed, "E_LIMIT"),
    ]
    for changes, kind, code in wrong:
        with pytest.raises(kind) as caught:
            next_root(old, changes, LATER)
        assert (caught.value.code, bool(caught.value.hint)) == (code, True)


def test_enough_root_keys_of_both_versions(home: HomeOf) -> None:
    old = home.root()
    new = next_root(old, Changes(add=[("root", key(home, "root-4"))], remove=[("root", key(home, "root-1"))]), LATER)
    missing = [
        ((), (2, 2)),
        (("root-1",), (1, 2)),
        (("root-4",), (2, 1)),
        (("root-1", "root-2"), (0, 1)),
        (("root-2", "root-4"), (1, 0)),
        (("root-2", "root-3"), (0, 0)),
    ]
    for names, expected in missing:
        envelope = sign_root(new, [home.key(name) for name in names], old)
        assert missing_signatures(envelope, old) == expected, names
        if expected == (0, 0):
            continue
        with refused(Rejected, "E_SIG_THRESHOLD"):
            install(home.path / "documents/root.json", envelope)
    assert home.root() == old


def test_only_root_keys_sign(home: HomeOf) -> None:
    new = next_root(home.root(), Changes(), LATER)
    with refused(Rejected, "E_TRUST_ROLE"):
        sign_root(new, [home.key("signing")], home.root())


def test_a_reader_follows_from_the_version_that_was_pinned(home: HomeOf) -> None:
    path = home.path / "documents/root.json"
    pinned = Reader.from_bytes(home.read("reader.json"))
    for i in (2, 3):
        old = home.root()
        new = next_root(old, Changes(add=[(f"price/{i}", key(home, f"p{i}"))]), LATER)
        install(path, sign_root(new, [home.key("root-2"), home.key("root-3")], old))
    versions = [archived(path, 1), archived(path, 2), path]
    envelopes = [Envelope.from_bytes(one.read_bytes(), ROOT.payload_type, one.name) for one in versions]
    trust = establish(pinned, envelopes)
    assert [root.version for root in trust.chain] == [1, 2, 3]
    assert "price/3" in trust.roles


def test_what_does_not_follow(home: HomeOf) -> None:
    path, old, roots = home.path / "documents/root.json", home.root(), [home.key("root-1"), home.key("root-2")]
    for new in (
        replace(next_root(old, Changes(), LATER), version=3),
        replace(next_root(old, Changes(), LATER), exchange="other"),
    ):
        with refused(Rejected, "E_BINDING"):
            install(path, sign_root(new, roots, old))
    path.unlink()
    with refused(Rejected, "E_BINDING"):
        install(path, sign_root(next_root(old, Changes(), LATER), roots, old))
    assert install(path, sign_root(old, roots)) == old


def test_the_same_version_may_gain_a_signature(home: HomeOf) -> None:
    path, old = home.path / "documents/root.json", home.root()
    install(path, sign_root(old, [home.key(f"root-{i}") for i in (1, 2, 3)]))
    assert len(Envelope.from_bytes(path.read_bytes(), ROOT.payload_type, "root.json").signatures) == 3
    assert not archived(path, 1).exists()


def test_an_older_exchange_makes_its_first(home: HomeOf) -> None:
    roles = {"root": Threshold((key(home, "root-1"),), 1), "exchange": Threshold((key(home, "signing"),), 1)}
    root = first_root("ex.example", roles, LATER)
    assert missing_signatures(sign_root(root, [home.key("root-1")]), None) == (0, 0)
