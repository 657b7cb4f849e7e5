"""`solvent root` and `solvent reader`: changes of keys, online and offline, and reader files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.exchange import found, refusal, solvent
from tests.support.home import HomeOf, new_home
from verifier.dsse import key_id
from verifier.trust.reader import Reader


@pytest.fixture
def home(tmp_path: Path) -> HomeOf:
    return new_home(tmp_path / "ex")


def key(home: HomeOf, name: str) -> str:
    home.key(name)
    return str(home.path / f"keys/{name}.key")


def take_away(home: HomeOf, place: Path, *names: str) -> None:
    place.mkdir(exist_ok=True)
    for name in names:
        shutil.move(home.path / f"keys/{name}.key", place / f"{name}.key")


def test_what_it_says(home: HomeOf) -> None:
    shown = home.ok("root", "show")
    root = home.root()
    assert shown.startswith("Version 1 of the root document of ex.example\n")
    assert f"{root.digest} (what a reader pins)" in shown
    assert "2 of its own root keys, it needs 2" in shown
    assert all(key_id(k)[:16] in shown and k.hex() in shown for keys in root.roles.values() for k in keys.keys)
    told = home.json("root", "show")
    assert told["document"] == root.to_json()
    assert len(told["signed_by"]) == 2
    assert solvent("root", "show", home.path / "documents/root.json").stdout == shown


def test_a_new_version_at_once(home: HomeOf) -> None:
    first = home.root()
    said = home.ok("root", "new-version", "--add", f"price/one={key(home, 'one')}", "--add", f"observer={'ab' * 31}07")
    assert "Version 2 of the root document is in force" in said
    assert "reader.json pins the new version now." in said
    root = home.root()
    assert (root.version, set(root.roles) - set(first.roles)) == (2, {"price/one", "observer"})
    assert Reader.from_bytes(home.read("reader.json")).root == root.digest
    assert json.loads(home.read("documents/root-1.json"))["payload"]
    assert root.expires_at >= first.expires_at


def test_root_keys_that_are_elsewhere(home: HomeOf, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    take_away(home, stick, "root-1", "root-2", "root-3")
    said = home.ok("root", "new-version", "--rotate", f"log={key(home, 'log-2')}")
    draft = home.path / "documents/root-2.draft.json"
    assert "not in force yet" in said
    assert "2 of version 1, 2 of version 2" in said
    assert str(draft) in said
    assert "needs 2 signatures of the role root of version 1 and has 0" in refusal(
        home.run("root", "install", draft), 1
    )
    for i in (1, 3):
        shown = home.ok("sign", draft, "--role", "root", "--key", stick / f"root-{i}.key")
        assert home.key("log-2").public_key.hex() in shown, "whoever signs sees every key"
    assert home.root().version == 1
    answered = home.json("root", "install", draft)
    assert (answered["in_force"], answered["version"]) == (True, 2)
    assert not draft.exists()
    assert home.root().roles["log"].keys == (home.key("log-2").public_key,)


def test_a_draft_for_machines(home: HomeOf, tmp_path: Path) -> None:
    take_away(home, tmp_path / "stick", "root-1", "root-2")
    told = home.json("root", "new-version")
    assert (told["in_force"], told["missing"]) == (False, {"before": 1, "this": 1})


def test_another_key_cannot_sign_it(home: HomeOf, tmp_path: Path) -> None:
    take_away(home, tmp_path / "stick", "root-1", "root-2", "root-3")
    home.ok("root", "new-version")
    draft = home.path / "documents/root-2.draft.json"
    risk = key(home, "risk")
    for done in (
        home.run("sign", draft, "--role", "root", "--key", risk),
        home.run("root", "new-version", "--key", risk),
    ):
        assert "is no root key of this version" in refusal(done, 1)


def test_a_stolen_key(home: HomeOf) -> None:
    stolen = home.key("risk").public_key
    words = ("--revoke", key(home, "risk"), "--reason", "laptop stolen", "--from-epoch", "7")
    said = home.ok("root", "new-version", *words)
    assert "warning: nobody can sign as risk any more: add a key with --add risk=KEY" in said
    assert [(r.key, r.from_seq, r.reason) for r in home.root().revoked] == [(stolen, 7, "laptop stolen")]
    assert f"revoked from epoch 7 on: {stolen.hex()} (laptop stolen)" in home.ok("root", "show")
    assert "is revoked" in refusal(home.run("policy", "sign"), 1)
    home.ok("root", "new-version", "--add", f"risk={key(home, 'risk-2')}")
    home.ok("policy", "sign", "--risk-key", home.path / "keys/risk-2.key")


def test_a_revocation_begins_with_the_next_epoch(home: HomeOf) -> None:
    home.ok("attest", "--first")
    home.ok("root", "new-version", "--revoke", key(home, "log"))
    assert [r.from_seq for r in home.root().revoked] == [2]


def test_thresholds_and_cadence(home: HomeOf) -> None:
    words = ("--add", f"risk={key(home, 'risk-2')}", "--threshold", "risk=2", "--cadence", "book_s=3600")
    home.ok("root", "new-version", *words, "--expires-in", "90 days")
    root = home.root()
    assert (root.roles["risk"].threshold, root.cadence.book_s, root.cadence.ttl_s) == (2, 3600, 604_800)
    signed = home.ok("policy", "sign")
    assert "1 of 2 that the role risk needs" in signed
    assert f"solvent sign {home.path / 'documents/policy.json'} --role risk --key KEY" in signed
    done = home.ok("sign", home.path / "documents/policy.json", "--role", "risk", "--key", key(home, "risk-2"))
    assert "2 of 2 that the role risk needs" in done


@pytest.mark.parametrize(
    ("words", "message", "code"),
    [
        (("--add", "boss=x"), "there is no such role", 1),
        (("--add", "risk"), "is not of the form ROLE=KEY", 2),
        (("--add", "price/x=no-such-file"), "the key cannot be read", 2),
        (("--threshold", "risk=2"), "2 is outside 1..1", 1),
        (("--threshold", "risk=two"), "'two' is not a whole number", 2),
        (("--cadence", "hour=1"), "is not one of book_s", 2),
        (("--expires-in", "soon"), "is no length of time", 2),
    ],
)
def test_what_is_refused_changes_nothing(home: HomeOf, words: tuple[str, ...], message: str, code: int) -> None:
    before, root = found(home.path), home.root()
    assert message in refusal(home.run("root", "new-version", *words), code)
    assert (found(home.path), home.root()) == (before, root)


def test_a_key_of_another_role(home: HomeOf) -> None:
    told = refusal(home.run("root", "new-version", "--add", f"price/one={key(home, 'risk')}"), 1)
    assert "one key sits in two roles" in told
    assert "give every role keys of its own" in told


def test_a_home_that_is_older_than_root_documents(home: HomeOf) -> None:
    (home.path / "documents/root.json").unlink()
    assert "solvent root new-version" in refusal(home.run("policy", "sign"), 2)
    assert "--add root=keys/root-1.key" in refusal(home.run("root", "new-version"), 2)
    words = [f"--add=root={key(home, f'root-{i}')}" for i in (1, 2, 3)]
    words += [f"--add={role}={key(home, name)}" for role, name in (("exchange", "signing"), ("risk", "risk"))]
    home.ok("root", "new-version", *words, "--threshold", "root=2")
    assert (home.root().version, home.root().roles["root"].threshold) == (1, 2)
    home.ok("policy", "sign")


def test_the_root_document_of_another_exchange(home: HomeOf) -> None:
    home.edit("solvent.toml", '"ex.example"', '"other.example"')
    for words in (("policy", "sign"), ("root", "new-version"), ("prices", "quote", "one", "--price", "BTC=1")):
        told = refusal(home.run(*words), 1)
        assert "'ex.example'" in told
        assert "one exchange has one name everywhere" in told


def test_a_reader_file(home: HomeOf, tmp_path: Path) -> None:
    home.ok("root", "new-version", "--add", f"custodian/vault={key(home, 'vault')}")
    (tmp_path / "log.txt").write_text("log example+1+2\nquorum none\n")
    path = tmp_path / "r.json"
    words = ("--require", "coverage=10500", "--require", "in-kind:*=10000", "--pin", "custodian/vault")
    more = ("--cosign", f"attestation={key(home, 'auditor')}", "--log", tmp_path / "log.txt")
    said = home.ok("reader", "make", "--output", path, *words, *more)
    assert "coverage at 10500 basis points; in-kind of * at 10000 basis points" in said
    reader = Reader.from_bytes(path.read_bytes())
    assert reader.root == home.root().digest
    assert [(r.kind, r.asset, r.min_k) for r in reader.require] == [("coverage", "", 10500), ("in-kind", "*", 10000)]
    assert reader.pins == {"custodian/vault": (key_id(home.key("vault").public_key),)}
    assert reader.cosign["attestation"].keys == (home.key("auditor").public_key,)
    assert reader.log == "log example+1+2\nquorum none\n"
    assert "exists already" in refusal(home.run("reader", "make", "--output", path), 2)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--require", "covrage=1"), "--require covrage=1: should be one of in-kind"),
        (("--require", "in-kind=1"), "name it, or write *"),
        (("--pin", "bank/x"), "the root document has no role bank/x"),
        (("--cosign", f"prices={'ab' * 31}07"), "no document that anybody signs"),
    ],
)
def test_a_reader_file_that_makes_no_sense(home: HomeOf, tmp_path: Path, words: tuple[str, str], message: str) -> None:
    assert message in refusal(home.run("reader", "make", "--output", tmp_path / "r.json", *words), 1)
    assert not (tmp_path / "r.json").exists()
