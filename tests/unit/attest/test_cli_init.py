"""``solvent init``: everything or nothing, never over anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from attest import config, keys
from attest.documents import home
from tests.support.exchange import answer, found, refusal, solvent

MADE = sorted(["documents", "keys", *map(str, home.MADE)])
PASSPHRASE = "correct horse battery"


def test_everything_is_there_and_the_last_words_are_about_the_backup(tmp_path: Path) -> None:
    done = solvent("init", tmp_path / "ex", "--exchange", "ex.example")
    assert done.exit_code == 0
    assert found(tmp_path / "ex") == MADE
    assert all(f"  {name}" in done.stdout for name in ("policy.toml", "reader.json", "documents/root.json"))
    assert "Move root-1.key, root-2.key, root-3.key off this machine" in done.stdout
    last = done.stdout.splitlines()[-2:]
    assert last[0].startswith(f"Back up {tmp_path / 'ex/keys/master.key'} now, in two offline places.")
    assert config.load(tmp_path / "ex/solvent.toml").exchange == "ex.example"


def test_keys_are_private_and_fit_together(tmp_path: Path) -> None:
    told = answer(solvent("init", tmp_path, "--exchange", "ex.example", "--json"))
    signer = keys.load_signer(tmp_path / "keys/signing.key")
    master = keys.load_master_key(tmp_path / "keys/master.key")
    assert signer.public_key.hex() == told["exchange_key"] == (tmp_path / "exchange-key.txt").read_text().strip()
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert master.secret.hex() not in str(told)


def test_machines_are_told_the_root_document(tmp_path: Path) -> None:
    told = answer(solvent("init", tmp_path, "--exchange", "ex.example", "--json"))
    assert told["root"] in (tmp_path / "reader.json").read_text()
    assert told["encrypted"] is False


def test_a_passphrase_file_means_encrypt(tmp_path: Path) -> None:
    (tmp_path / "pass").touch(mode=0o600)
    (tmp_path / "pass").write_text(PASSPHRASE)
    told = answer(
        solvent("init", tmp_path / "ex", "--exchange", "ex", "--passphrase-file", tmp_path / "pass", "--json")
    )
    assert told["encrypted"] is True
    (tmp_path / "pass").write_text("short")
    told_off = refusal(solvent("init", tmp_path / "b", "--exchange", "b", "--passphrase-file", tmp_path / "pass"), 2)
    assert "too short: 12 characters" in told_off
    assert "short\n" not in told_off
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("name", [str(path) for path in home.MADE])
def test_what_exists_is_not_overwritten(tmp_path: Path, name: str) -> None:
    for place in ("keys", "documents"):
        (tmp_path / place).mkdir()
    (tmp_path / name).write_text("mine")
    before = found(tmp_path)
    told = refusal(solvent("init", tmp_path, "--exchange", "ex.example"), 2)
    assert f"{tmp_path / name}: this exists already; nothing was written" in told
    assert found(tmp_path) == before
    assert (tmp_path / name).read_text() == "mine"


def test_a_link_to_nowhere_counts_as_something(tmp_path: Path) -> None:
    (tmp_path / "solvent.toml").symlink_to(tmp_path / "gone")
    refusal(solvent("init", tmp_path, "--exchange", "ex.example"), 2)
    assert found(tmp_path) == ["solvent.toml"]


@pytest.mark.parametrize("name", ["a b", "", "x" * 97, "\x1b[31m", "-x", "é"])
def test_a_name_that_no_attestation_can_hold(tmp_path: Path, name: str) -> None:
    assert "should be a name" in refusal(solvent("init", tmp_path / "ex", f"--exchange={name}"), 1)
    assert found(tmp_path) == []


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "this is not a directory" in refusal(solvent("init", tmp_path / "file", "--exchange", "x"), 2)
    assert "not a directory" in refusal(solvent("init", tmp_path / "file/below", "--exchange", "x"), 2)


def test_the_name_is_asked_for() -> None:
    told = refusal(solvent("init"), 2)
    assert "--exchange" in told
    assert "solvent init --help" in told


@pytest.mark.parametrize("failing", ["create_master_key", "create_signing_key", "sign_root", "write_new", "template"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(home, failing, fail)
    told = refusal(solvent("init", tmp_path / "ex", "--exchange", "x"), 2)
    assert ("interrupted" if isinstance(error, KeyboardInterrupt) else "no space left on device") in told
    assert found(tmp_path) == []


def test_a_key_that_cannot_be_written_whole_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "free some space" in refusal(solvent("init", tmp_path / "ex", "--exchange", "x"), 2)
    assert found(tmp_path) == []
