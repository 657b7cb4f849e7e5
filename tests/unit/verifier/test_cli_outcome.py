"""How commands end: exit codes, one sentence, a remedy; no traceback and no secret, whatever goes wrong inside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

import click
import pytest
from click.testing import CliRunner, Result

from verifier import Malformed, Rejected, SolventError, Unavailable
from verifier.cli import main, outcome
from verifier.cli.inputs import WrongUsage

KEY = "9f" * 32
SECRET = "slv_k_" + "5a" * 32
BUNDLE = ["--account", "alice", "--key", KEY]


@pytest.fixture
def bundle_file(tmp_path: Path) -> str:
    path = tmp_path / "bundle-PRIVATE.json"
    path.write_bytes(b"{}")
    return str(path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def check(*_: Any, **__: Any) -> NoReturn:
        raise error

    for name in ("check_bundle", "check_account", "audit"):
        monkeypatch.setattr(f"verifier.cli.commands.{name}", check)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Rejected("no"), 1),
        (Malformed("no", code="E_JSON"), 1),
        (Malformed("no", code="E_ACCOUNT"), 1),
        (Malformed("no", code="E_AMOUNT"), 2),
        (Unavailable("no"), 2),
        (WrongUsage("no"), 2),
        (KeyError(SECRET), 2),
        (RecursionError(), 2),
        (MemoryError(), 2),
        (OSError(28, "No space left on device"), 2),
        (BrokenPipeError(32, "Broken pipe"), 2),
        (SystemExit(1), 2),
        (KeyboardInterrupt(), 2),
        (click.Abort(), 2),
    ],
)
def test_every_end_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, bundle_file: str, error: BaseException, code: int
) -> None:
    failing(monkeypatch, error)
    for extra in ([], ["--json"], ["--debug"]):
        result = run("bundle", bundle_file, *BUNDLE, *extra)
        assert result.exit_code == code
        assert "5a5a" not in result.output


@pytest.mark.parametrize("arguments", [[], ["me"], ["bundle"], ["audit"]])
def test_no_arguments_show_the_help_and_succeed_at_nothing(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout.startswith("Usage: solvent-verify")
    assert "Exit codes:" in result.stdout


@pytest.mark.parametrize("command", ["me", "bundle", "audit"])
def test_the_help_teaches(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    for words in ("Example:", "Exit codes:", "somewhere you trust", f"solvent-verify {command} "):
        assert words in result.stdout.replace("\n  ", " ") or words in result.stdout


def test_the_version() -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, "solvent-verify, version 0.1.0\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["bundle", "a", "b"],
        ["bundle", "--nonsense"],
        ["bundle", "a", "--key"],
        ["bundle", "a", "--engine", "quantum"],
        ["me", "d", "--account-key", SECRET],
        ["me", "d", f"--account-key={SECRET}"],
        ["me", "d", SECRET],
        ["me", SECRET, "--account", "alice", "--key", KEY],
        ["me", "d", "--account", SECRET, "--key", KEY],
        ["audit", "--key", KEY],
        ["--json"],
    ],
)
def test_wrong_usage_is_one_line_and_a_hint(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "5a5a" not in result.output
    if "--json" not in arguments:
        first, second = result.stderr.splitlines()
        assert first.startswith("could not check: ")
        assert second.startswith("hint: ")
        assert result.stdout == ""


def test_an_account_key_on_the_command_line_is_explained() -> None:
    assert "never typed in a command" in run("me", "d", "--account-key", SECRET).stderr


@pytest.mark.parametrize("command", ["me", "bundle"])
def test_without_a_key_the_answer_is_whose_this_is(command: str, bundle_file: str) -> None:
    result = run(command, bundle_file, "--account", "alice")
    assert result.exit_code == 2
    assert result.stderr.startswith("could not check whose this is: ")
    assert "\nhint: add --key" in result.stderr


@pytest.mark.parametrize("command", ["me", "bundle"])
def test_without_an_account_the_answer_says_so(command: str, bundle_file: str) -> None:
    result = run(command, bundle_file, "--key", KEY)
    assert result.exit_code == 2
    assert result.stderr.startswith("could not check: no account id was given\nhint: add --account")


def test_a_refusal_is_an_answer(monkeypatch: pytest.MonkeyPatch, bundle_file: str) -> None:
    failing(monkeypatch, Rejected("no row is yours", where="leaves.bin", code="E_NOT_IN_BOOK", step="5.5", hint="look"))
    result = run("bundle", bundle_file, *BUNDLE)
    assert result.stdout == (
        "REFUSED: leaves.bin: no row is yours\ndetails: step 5.5, code E_NOT_IN_BOOK\nhint: look\n"
    )
    assert result.stderr == ""


def test_each_difference_has_its_own_line() -> None:
    message = "the book differs from your own records: BTC: a; USD: b"
    error = Rejected(message, where="holdings", code="E_HOLDINGS", details=("BTC: a", "USD: b"))
    lines = outcome.refusal_text(error, "REFUSED")
    assert lines[:3] == ["REFUSED: the book differs from your own records:", "  BTC: a", "  USD: b"]
    assert outcome.error_json(error, audited=False)["differences"] == ["BTC: a", "USD: b"]


def test_a_name_with_a_semicolon_makes_no_difference() -> None:
    error = Rejected("you hold 1 A; B: c, and the book has no column for it", where="A; B: c", code="E_HOLDINGS")
    assert error.details == ()


def test_hostile_text_in_an_error_stays_on_its_line(monkeypatch: pytest.MonkeyPatch, bundle_file: str) -> None:
    failing(monkeypatch, Rejected("a\nVERIFIED: b\x1b[2J", where="c\u202ed", hint="e\rf"))
    result = run("bundle", bundle_file, *BUNDLE)
    assert len(result.stdout.splitlines()) == 2
    assert all(line.isprintable() for line in result.stdout.split("\n"))


def test_json_for_a_customer(monkeypatch: pytest.MonkeyPatch, bundle_file: str) -> None:
    failing(monkeypatch, Rejected("m", where="w", code="E_ROOT", step="4", hint="h"))
    result = run("bundle", bundle_file, *BUNDLE, "--json")
    assert json.loads(result.stdout) == {
        "verdict": "refused",
        "codes": ["E_ROOT"],
        "error": {"message": "m", "where": "w", "step": "4", "hint": "h"},
        "differences": [],
    }
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("error", "overall"), [(Rejected("m", code="E_ROOT"), "FAILED"), (Unavailable("m"), "COULD NOT CHECK")]
)
def test_json_for_an_auditor(error: SolventError, overall: str) -> None:
    document = outcome.error_json(error, audited=True)
    assert document["overall"] == overall
    assert document["codes"] == ([error.code] if error.code else [])


def test_json_when_nothing_was_decided(bundle_file: str) -> None:
    document = json.loads(run("bundle", bundle_file, "--json").stdout)
    assert document["verdict"] == "could not check"
    assert document["codes"] == ["E_KEY"]


def test_a_fault_says_how_to_report_it(monkeypatch: pytest.MonkeyPatch, bundle_file: str) -> None:
    failing(monkeypatch, KeyError(SECRET))
    result = run("bundle", bundle_file, *BUNDLE)
    assert result.stderr.startswith("could not check: the verifier itself failed (KeyError)\nhint: this is a fault of")
    assert "--debug shows where" in result.stderr
    assert "Traceback" not in result.output


def test_debug_shows_where_and_not_what(monkeypatch: pytest.MonkeyPatch, bundle_file: str) -> None:
    try:
        try:
            raise ValueError(f"cause {'5a' * 32}")
        except ValueError as cause:
            raise KeyError(bytes.fromhex("5a" * 32)) from cause
    except KeyError as error:
        failing(monkeypatch, error)
    result = run("bundle", bundle_file, *BUNDLE, "--debug")
    assert result.exit_code == 2
    assert result.stderr.count("Traceback (most recent call last):") == 2
    assert "check_bundle(" in result.stderr
    assert "ValueError (its message is left out" in result.stderr
    assert "5a5a" not in result.output
    assert "ZZZZ" not in result.output
    assert result.stderr.splitlines()[-1].startswith("hint: ")


def test_interruption_decides_nothing(monkeypatch: pytest.MonkeyPatch, bundle_file: str) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    result = run("bundle", bundle_file, *BUNDLE)
    assert result.exit_code == 2
    assert result.stderr.strip() == "could not check: interrupted, nothing was decided"


@pytest.mark.parametrize(("end", "code"), [(0, 0), (1, 1), (2, 2), (None, 2), ("0", 2), (0.0, 2)])
def test_only_an_explicit_zero_is_success(end: object, code: int) -> None:
    assert outcome.attempt(lambda: end, []) == code


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["me", "{file}", *BUNDLE], "this is a file, not a directory"),
        (["me", "{missing}", *BUNDLE], "there is no such directory"),
        (["me", "{empty}", *BUNDLE], "this directory holds no attestation.json"),
        (["audit", "{empty}", "--key", KEY], "this directory holds no attestation.json"),
        (["audit", "{empty}", "--key", KEY, "--at", "never"], "--at: this is not a time"),
        (["bundle", "{empty}", *BUNDLE], "this is a directory, not a file"),
        (["bundle", "{missing}", *BUNDLE], "there is no such file"),
        (["bundle", "{file}", *BUNDLE, "--schema", "{missing}"], "there is no such file"),
        (["bundle", "{file}", *BUNDLE, "--attestation", "{empty}"], "this is a directory, not a file"),
        (["bundle", "{file}", *BUNDLE, "--holdings", "{missing}"], "cannot be read: No such file or directory"),
        (["bundle", "{file}", *BUNDLE, "--holds", "BTC"], "this is not NAME=AMOUNT"),
        (["bundle", "{file}", *BUNDLE, "--holds", "BTC=1e5"], "is not a decimal number"),
        (["bundle", "{file}", "--account", "alice", "--key", "xyz"], "an exchange key is 64 hex digits"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, bundle_file: str, arguments: list[str], words: str) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    places = {"{file}": bundle_file, "{empty}": str(empty), "{missing}": str(tmp_path / "missing")}
    result = run(*(places.get(argument, argument) for argument in arguments))
    assert result.exit_code == 2, result.output
    assert words in result.stderr.splitlines()[0]
    assert result.stdout == ""


def test_what_is_no_bundle_is_refused(bundle_file: str) -> None:
    result = run("bundle", bundle_file, *BUNDLE)
    assert result.exit_code == 1
    assert result.stdout.startswith("REFUSED: bundle: ")
