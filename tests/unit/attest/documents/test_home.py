"""`solvent init`: what is made fits together, and a run that fails or is killed leaves nothing in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from attest.config import load
from attest.documents import home as module
from attest.documents.home import MADE, make_home
from attest.documents.kinds import ROOT
from attest.documents.policy_toml import load_policy
from attest.keys import load_master_key, load_signer
from attest.passphrases import passphrase_source
from tests.support.exchange import found
from verifier.dsse import Envelope
from verifier.trust.reader import Reader
from verifier.trust.requirement import Requirement
from verifier.trust.roles import establish

FILES = sorted(["keys", "documents", *map(str, MADE)])


def test_everything_fits_together(tmp_path: Path) -> None:
    made = make_home(tmp_path / "ex", "ex.example")
    assert found(tmp_path / "ex") == FILES
    reader = Reader.from_bytes((tmp_path / "ex/reader.json").read_bytes())
    envelope = Envelope.from_bytes((tmp_path / "ex/documents/root.json").read_bytes(), ROOT.payload_type, "root.json")
    trust = establish(reader, [envelope])
    assert (trust.exchange, reader.root, trust.first_contact) == ("ex.example", made.root_digest, False)
    assert reader.require == (Requirement("coverage", "", 10_000),)
    assert (reader.cosign, reader.pins, reader.log) == ({}, {}, None)
    config = load(tmp_path / "ex/solvent.toml")
    for role in ("risk", "statement", "log"):
        path = getattr(config.keys, role)
        assert trust.roles[role].keys == (load_signer(path).public_key,)
    assert trust.roles["exchange"].keys == (bytes.fromhex(made.exchange_key),)
    assert load_policy(tmp_path / "ex/policy.toml").columns == config.schema().columns
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "ex/keys").iterdir()} == {0o600}


def test_every_key_is_encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_home(tmp_path, "ex.example", b"correct horse battery")
    monkeypatch.setenv("PASS", "correct horse battery")
    source = passphrase_source(env="PASS")
    for path in (tmp_path / "keys").iterdir():
        assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
        load_master_key(path, source) if path.name == "master.key" else load_signer(path, source)


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".solvent-init-00ff/keys").mkdir(parents=True)
    (tmp_path / ".solvent-init-00ff/keys/master.key").write_text("half")
    make_home(tmp_path, "ex.example")
    assert found(tmp_path) == FILES


def test_other_files_stay(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    (tmp_path / "keys/other.key").write_text("mine")
    (tmp_path / "ledger.csv").write_text("mine")
    make_home(tmp_path, "ex.example")
    assert found(tmp_path) == sorted([*FILES, "keys/other.key", "ledger.csv"])


@pytest.mark.parametrize("number", range(len(MADE)))
def test_a_failure_while_files_are_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    (tmp_path / "ledger.csv").write_text("mine")
    left, rename = [number], Path.rename

    def fail_once(path: Path, target: Path) -> Path:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail_once)
    with pytest.raises(KeyboardInterrupt):
        make_home(tmp_path, "ex.example")
    assert found(tmp_path) == ["ledger.csv"]


def test_the_configuration_comes_last(tmp_path: Path) -> None:
    """So that a home with a solvent.toml is complete."""
    assert str(MADE[-1]) == "solvent.toml"
    assert MADE[-1] == module.CONFIG
