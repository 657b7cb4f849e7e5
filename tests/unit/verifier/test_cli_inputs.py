"""What people type: every mistake is wrong usage, named, with a remedy, and no secret is repeated."""

from __future__ import annotations

import getpass
import io
import warnings
from pathlib import Path

import pytest

from verifier import Malformed
from verifier.cli import inputs
from verifier.cli.held import read_held
from verifier.cli.inputs import WrongUsage

KEY = "slv_k_" + "5a" * 32


def test_keys_are_read() -> None:
    assert inputs.exchange_key("AB" * 32) == b"\xab" * 32


@pytest.mark.parametrize("text", ["", "ab", "zz" * 32, "ab" * 33, KEY])
def test_a_key_that_is_none_is_wrong_usage(text: str) -> None:
    with pytest.raises(WrongUsage, match="64 hex digits") as caught:
        inputs.exchange_key(text)
    assert caught.value.code == "E_KEY"
    assert caught.value.hint


def test_without_a_key_nobody_knows_whose_this_is() -> None:
    with pytest.raises(WrongUsage, match=r"^could not check whose this is") as caught:
        inputs.exchange_key(None)
    assert "never from the files" in caught.value.hint


@pytest.mark.parametrize("text", [None, "", "a\x00", "x" * 257, "\udcff"])
def test_an_account_id_is_needed(text: str | None) -> None:
    with pytest.raises(WrongUsage) as caught:
        inputs.account(text)
    assert caught.value.code == "E_ACCOUNT"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("1750000000", 1_750_000_000),
        ("2025-06-15", 1_749_945_600),
        ("2025-06-15T15:06:40", 1_750_000_000),
        ("2025-06-15T15:06:40Z", 1_750_000_000),
        ("2025-06-15T17:06:40+02:00", 1_750_000_000),
    ],
)
def test_times_are_seconds_or_dates(text: str, seconds: int) -> None:
    assert inputs.moment(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "yesterday", "-1", "1.5", "2025-13-01", "\u0661", "1" * 17, "1" * 5000, "1900-01-01", "20 June"]
)
def test_other_times_are_wrong_usage(text: str) -> None:
    with pytest.raises(WrongUsage, match="this is not a time"):
        inputs.moment(text)


def test_the_account_key_comes_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "key"
    path.write_text(f"\ufeff{KEY}\n", "utf-8")
    path.chmod(0o600)
    assert inputs.account_key(str(path)) == b"\x5a" * 32
    assert capsys.readouterr().err == ""


def test_a_file_that_others_can_read_is_mentioned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "key"
    path.write_text(KEY)
    path.chmod(0o644)
    assert inputs.account_key(str(path)) == b"\x5a" * 32
    warning = capsys.readouterr().err
    assert warning.startswith("warning: other users of this computer can read 'key'")
    assert KEY not in warning


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"slv_k_5A", b"5a" * 32, KEY.upper().encode(), b"x" * 2**21])
def test_a_file_without_a_key_is_wrong_usage(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(WrongUsage) as caught:
        inputs.account_key(str(path))
    assert "5a5a" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize("name", ["missing", "", "a\x00b"])
def test_a_missing_file_is_wrong_usage(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongUsage):
        inputs.account_key(str(tmp_path / name))


def test_a_key_given_as_a_file_name_is_not_repeated() -> None:
    with pytest.raises(WrongUsage, match="takes the name of a file") as caught:
        inputs.account_key(KEY)
    assert KEY not in str(caught.value) + caught.value.hint + caught.value.where
    assert "history" in caught.value.hint


class Keyboard(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_account_key_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Keyboard())
    monkeypatch.setattr(getpass, "getpass", lambda prompt, stream: KEY)
    assert inputs.account_key(None) == b"\x5a" * 32


def test_a_terminal_that_shows_what_is_typed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def show(prompt: str, stream: object) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=1)
        return KEY

    monkeypatch.setattr("sys.stdin", Keyboard())
    monkeypatch.setattr(getpass, "getpass", show)
    with pytest.raises(WrongUsage, match="cannot hide"):
        inputs.account_key(None)


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(KEY))
    with pytest.raises(WrongUsage, match="no terminal"):
        inputs.account_key(None)


def test_nothing_typed_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(prompt: str, stream: object) -> str:
        raise EOFError

    monkeypatch.setattr("sys.stdin", Keyboard())
    monkeypatch.setattr(getpass, "getpass", end)
    with pytest.raises(WrongUsage, match="no account key"):
        inputs.account_key(None)


def test_holdings_from_the_command_line() -> None:
    assert read_held([], None) is None
    assert read_held(["BTC=1.5", "BTC:debt = 0"], None) == {"BTC": "1.5", "BTC:debt": "0"}


@pytest.mark.parametrize(
    "content",
    [
        '{"BTC": "1.5", "USD": "200"}',
        '\ufeff{\n  "BTC": "1.5",\n  "USD": " 200 "\n}\n',
        "column,amount\nBTC,1.5\nUSD,200\n",
        'BTC, 1.5\r\n\r\n"USD","200"',
    ],
)
def test_holdings_from_a_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "mine"
    path.write_bytes(content.encode())
    assert read_held([], path) == {"BTC": "1.5", "USD": "200"}
    assert read_held(["EUR=1"], path) == {"EUR": "1", "BTC": "1.5", "USD": "200"}


@pytest.mark.parametrize("content", ["{}", "", "column,amount\n"])
def test_an_empty_file_says_that_nothing_is_held(tmp_path: Path, content: str) -> None:
    path = tmp_path / "mine"
    path.write_text(content)
    assert read_held([], path) == {}


@pytest.mark.parametrize(
    "holds",
    [["BTC"], ["=1"], ["BTC="], ["BTC=-1"], ["BTC=1e5"], ["BTC=1,5"], ["BTC=nan"], ["BTC=1", "BTC=1"], ["BTC=1=2"]],
)
def test_what_is_no_holding_is_wrong_usage(holds: list[str]) -> None:
    with pytest.raises(WrongUsage) as caught:
        read_held(holds, None)
    assert caught.value.hint


@pytest.mark.parametrize(
    "content",
    [
        b'{"BTC": 1.5}',
        b'{"BTC": 1}',
        b'{"BTC": NaN}',
        b'{"BTC": null}',
        b'{"BTC": {"a": "1"}}',
        b'{"BTC": ["1"]}',
        b'{"BTC": "1", "BTC": "1"}',
        b'{"BTC": "1"',
        b'{"": "1"}',
        b'{"BTC": "1"} x',
        b'{"a":' * 100_000,
        b"BTC",
        b"BTC,1,2",
        b"BTC,1\nBTC,1",
        b'BTC,"1',
        b",1",
        b"BTC;1",
        b"\xff\xfe",
        b"x" * (2**20 + 1),
    ],
)
def test_what_is_no_file_of_holdings_is_wrong_usage(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine"
    path.write_bytes(content)
    with pytest.raises(WrongUsage):
        read_held([], path)


def test_one_name_in_both_places_is_wrong_usage(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.write_text("BTC,1")
    with pytest.raises(WrongUsage, match="holdings: BTC: is given twice"):
        read_held(["BTC=1"], path)


def test_what_was_typed_wrongly_keeps_its_remedy() -> None:
    def read() -> int:
        raise Malformed("m", where="w", code="E_X", hint="h")

    with pytest.raises(WrongUsage) as caught:
        inputs.typed(read)
    error = caught.value
    assert (error.message, error.where, error.code, error.hint) == ("m", "w", "E_X", "h")
