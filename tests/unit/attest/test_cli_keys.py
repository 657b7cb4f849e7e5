"""`solvent key` and `solvent sign`: keys in every form, signatures beside others, and no secret on the screen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attest.documents.kinds import CUSTODY, open_document
from attest.keys import load_signer
from tests.support.exchange import answer, found, refusal, solvent
from tests.support.home import HomeOf, new_home
from tests.unit.attest.documents.test_kinds import CUSTODIAN
from verifier.dsse import key_id

PASSPHRASE = "correct horse battery"


@pytest.fixture
def home(tmp_path: Path) -> HomeOf:
    return new_home(tmp_path / "ex")


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    path = tmp_path / "pass"
    path.touch(mode=0o600)
    path.write_text(PASSPHRASE + "\n")
    return path


def test_a_new_key_and_its_public_half(tmp_path: Path) -> None:
    told = answer(solvent("key", "new", tmp_path / "k.key", "--json"))
    public = load_signer(tmp_path / "k.key").public_key
    assert (told["public_key"], told["key_id"]) == (public.hex(), key_id(public))
    for name in (str(tmp_path / "k.key"), public.hex()):
        assert answer(solvent("key", "show", name, "--json")) == told
    shown = solvent("key", "show", tmp_path / "k.key").stdout
    assert public.hex() in shown
    assert key_id(public) in shown
    assert (tmp_path / "k.key").read_text().splitlines()[1] not in shown


def test_an_encrypted_key(tmp_path: Path, passphrase: Path) -> None:
    told = answer(solvent("key", "new", tmp_path / "k.key", "--passphrase-file", passphrase, "--json"))
    assert (tmp_path / "k.key").read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert answer(solvent("key", "show", tmp_path / "k.key", "--passphrase-file", passphrase, "--json")) == told
    assert "nobody to ask" in refusal(solvent("key", "show", tmp_path / "k.key"), 2)
    assert "nobody to ask" in refusal(solvent("key", "new", tmp_path / "l.key", "--encrypt"), 2)
    assert found(tmp_path) == ["k.key", "pass"]


def test_a_key_is_not_overwritten(tmp_path: Path) -> None:
    solvent("key", "new", tmp_path / "k.key")
    before = (tmp_path / "k.key").read_bytes()
    assert "exists already and is not overwritten" in refusal(solvent("key", "new", tmp_path / "k.key"), 2)
    assert (tmp_path / "k.key").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pkcs11:token=t", "names no token, or no key in it"),
        ("pkcs11:token=t;object=o", "the PKCS#11 library of the token is not named"),
        ("no/such.key", "the key cannot be read: no such file"),
        ("f" * 64, "is not a key that can sign"),
    ],
)
def test_names_that_lead_nowhere(name: str, message: str) -> None:
    done = solvent("key", "show", name)
    assert message in refusal(done, done.exit_code)
    assert done.exit_code in (1, 2)


def test_a_custodian_signs_without_a_solvent_toml(
    home: HomeOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    vault = home.key("vault")
    Path("statement.json").write_text(json.dumps(CUSTODIAN, indent=2))
    done = solvent("sign", "statement.json", "--role", "custodian/vault", "--key", home.path / "keys/vault.key")
    assert done.exit_code == 0, done.stderr
    assert "entries   BTC 5" in done.stdout
    assert "1; no root document was there to compare with" in done.stdout
    kind, envelope = open_document(Path("statement.json").read_bytes(), "statement.json")
    assert kind is CUSTODY
    envelope.require_signatures([vault.public_key], 1, "test")


def test_a_key_that_is_not_in_the_role_is_refused(home: HomeOf, tmp_path: Path) -> None:
    home.key("vault")
    path = tmp_path / "statement.json"
    path.write_text(json.dumps(CUSTODIAN))
    words = ("sign", path, "--role", "custodian/vault", "--key", home.path / "keys/vault.key")
    assert "has no such role" in refusal(home.run(*words), 1)
    assert path.read_text() == json.dumps(CUSTODIAN)
    home.ok("root", "new-version", "--add", f"custodian/vault={home.path / 'keys/vault.key'}")
    assert "1 of 1 that the role custodian/vault needs" in home.ok(*words)
    other = ("sign", path, "--role", "risk", "--key", home.path / "keys/risk.key")
    assert "a custody is not signed by the role risk" in refusal(home.run(*other), 1)
    assert "there is no such role" in refusal(home.run("sign", path, "--role", "boss", "--key", "k"), 1)


def test_output_leaves_the_draft(home: HomeOf, tmp_path: Path) -> None:
    path = tmp_path / "statement.json"
    path.write_text(json.dumps(CUSTODIAN))
    home.key("vault")
    key = home.path / "keys/vault.key"
    told = answer(
        solvent("sign", path, "--role", "custodian/vault", "--key", key, "--output", tmp_path / "out.json", "--json")
    )
    assert (told["kind"], told["file"]) == ("custody", str(tmp_path / "out.json"))
    assert path.read_text() == json.dumps(CUSTODIAN)


def test_a_damaged_document_is_never_signed(home: HomeOf, tmp_path: Path) -> None:
    for text in ('{"type":"solvent:custody/v1"}', "no json", json.dumps({**CUSTODIAN, "epoch": 1.5})):
        (tmp_path / "s.json").write_text(text)
        words = ("sign", tmp_path / "s.json", "--role", "custodian/vault", "--key", home.path / "keys/risk.key")
        refusal(solvent(*words), 1)
        assert (tmp_path / "s.json").read_text() == text
