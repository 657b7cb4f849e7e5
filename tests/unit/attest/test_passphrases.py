"""Passphrases and PINs: where they come from, and that nobody sees them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from attest.passphrases import passphrase_source, pin_source
from tests.support.asked import Asked
from tests.support.refusals import refused
from verifier.errors import Unavailable

SECRET = "correct horse battery"


def secret_file(path: Path, text: str = SECRET + "\n", mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_the_first_line_of_a_file(tmp_path: Path) -> None:
    for text in (SECRET, f"{SECRET}\n", f"{SECRET}\r\nmore\n"):
        assert passphrase_source(secret_file(tmp_path / "p", text)).get("key") == SECRET.encode()


def test_an_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASS", SECRET)
    assert passphrase_source(env="PASS").get("key") == SECRET.encode()


def test_whoever_runs_the_command_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, source = Asked(monkeypatch, SECRET), passphrase_source()
    assert [source.get("a.key"), source.get("b.key")] == [SECRET.encode()] * 2
    assert asked.questions == ["passphrase of a.key: "]
    assert source.remembers()
    assert source.forget()
    assert not source.remembers()


def test_a_pin_is_remembered_for_its_token_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, source = Asked(monkeypatch, "1234", "5678"), pin_source()
    assert source.get("k", scope="one") == source.get("l", scope="one") == b"1234"
    assert source.get("k", scope="two") == b"5678"
    assert len(asked.questions) == 2


def test_nothing_shows_a_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Asked(monkeypatch, SECRET)
    source = passphrase_source()
    source.get("a.key")
    assert SECRET not in repr(source)


def test_nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(Unavailable) as caught:
        pin_source().get("pkcs11:token=t")
    assert (caught.value.code, caught.value.where) == ("E_KEY", "pkcs11:token=t")
    assert "--pin-file or --pin-env" in caught.value.hint


@pytest.mark.parametrize(("text", "mode"), [(SECRET, 0o644), (SECRET, 0o640), ("", 0o600), ("\nlater\n", 0o600)])
def test_files_that_are_refused(tmp_path: Path, text: str, mode: int) -> None:
    with refused(Unavailable, "E_KEY", where=str(tmp_path / "p")):
        passphrase_source(secret_file(tmp_path / "p", text, mode)).get("key")


def test_a_file_or_variable_that_is_not_there(tmp_path: Path) -> None:
    with refused(Unavailable, "E_KEY", where=str(tmp_path / "p")):
        passphrase_source(tmp_path / "p").get("key")
    with refused(Unavailable, "E_KEY"):
        passphrase_source(env="SOLVENT_NO_SUCH").get("key")


def test_something_new_is_typed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    Asked(monkeypatch, SECRET, SECRET)
    assert passphrase_source().new("all") == SECRET.encode()
    Asked(monkeypatch, SECRET, SECRET + "x")
    with refused(Unavailable, "E_KEY"):
        passphrase_source().new("all")


@pytest.mark.parametrize(("text", "good"), [("twelve bytes", True), ("eleven byte", False)])
def test_something_new_is_long_enough(tmp_path: Path, text: str, good: bool) -> None:
    source = passphrase_source(secret_file(tmp_path / "p", text))
    if good:
        assert source.new("all") == text.encode()
        return
    with pytest.raises(Unavailable, match="too short") as caught:
        source.new("all")
    assert text not in str(caught.value)
