"""``solvent attest`` in the hands of a busy, suspicious engineer: every ending is a sentence and a remedy."""

from __future__ import annotations

import fcntl
import json
import time
from pathlib import Path

import pytest

from attest.cli import attesting
from tests.support.exchange import Exchange, answer, found, new_exchange, private_files, refusal, solvent

ONE = '[[columns]]\nname = "BTC"\nasset = "BTC"\ndecimals = 8\n'
CSV = '[ledger]\nformat = "csv"\npath = "ledger.csv"\n'


@pytest.fixture
def exchange(tmp_path: Path) -> Exchange:
    return new_exchange(tmp_path / "ex")


def test_an_epoch_as_people_and_as_machines_see_it(exchange: Exchange) -> None:
    done = exchange.run("attest", "--first")
    assert done.exit_code == 0
    assert done.stdout.startswith("Epoch 1 is released, checked as an auditor would check it.\n")
    assert "3 in 3 rows" in done.stdout
    assert exchange.key in done.stdout
    assert done.stderr == ""
    time.sleep(1.1)  # snapshots are told apart by the second
    told = answer(exchange.run("attest", "--json"))
    assert (told["done"], told["epoch"], told["accounts"], told["rows"]) == (True, 2, 3, 3)
    assert told["directory"] == str(exchange.epoch(2))
    assert len(told["seconds"]) == 5


def test_check_writes_nothing(exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    before = found(tmp_path)
    done = exchange.run("attest", "--check")
    assert done.exit_code == 0
    assert "The ledger can be attested: ledger.csv. Nothing was written." in done.stdout
    assert answer(exchange.run("attest", "--check", "--json")) == {
        "done": True, "checked": "ledger.csv", "accounts": 3, "rows": 3, "claims": {}, "notes": [],
    }  # fmt: skip
    refusal(exchange.run("attest", "--check", "--accounts", "2"), 1)
    assert found(tmp_path) == before


def test_check_needs_no_key(exchange: Exchange) -> None:
    (exchange.root / "keys/master.key").unlink()
    (exchange.root / "keys/signing.key").unlink()
    assert exchange.run("attest", "--check").exit_code == 0
    assert "the key cannot be read: no such file" in refusal(exchange.run("attest", "--first"), 2)


def test_a_bad_ledger_is_told_in_full_and_nothing_is_left(exchange: Exchange) -> None:
    (exchange.root / "ledger.csv").write_text("account,BTC,ETH\nalice,-3,1\n\x1b[2J,1,1e5\n")
    for flags in (["--check"], ["--first"]):
        told = refusal(exchange.run("attest", *flags), 1)
        assert told.startswith("error: ledger.csv: 3 problems in the ledger\n")
        assert "ledger.csv, row 2, column BTC: '-3' is negative" in told
    body = json.loads(exchange.run("attest", "--check", "--json").stdout)
    assert (body["done"], body["code"], body["more"], len(body["problems"])) == (False, "E_LEDGER", False, 3)
    one = json.loads(exchange.run("attest", "--check", "--json", "--problems", "1").stdout)
    assert (one["more"], len(one["problems"])) == (True, 1)
    assert [name for name in found(exchange.root) if "run-" in name or "epochs/" in name] == []


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        ([], 1, "say --first to begin a chain"),
        (["--first", "--accounts", "2"], 1, "the book is to have 2 rows and the ledger has 3 accounts"),
        (["--first", "--accounts", "many"], 1, "'many' is not a choice"),
        (["--first", "--taken-at", "99999999999"], 1, "the snapshot lies in the future"),
        (["--first", "--taken-at", "-1"], 2, "--taken-at"),
        (["--first", "--taken-at", "noon"], 2, "not a valid integer"),
        (["--first", "--problems", "0"], 2, "--problems"),
        (["--first", "--chunk-bits", "25"], 1, "25 is outside 0..24"),
        (["--first", "--path", "gone.csv"], 2, "gone.csv: the ledger cannot be read"),
        (["--first", "--path", "."], 2, "the ledger cannot be read"),
        (["--first", "--format", "excel"], 1, "'excel' is not a choice"),
        (["--first", "--format", "parquet"], 1, "Parquet"),
        (["--first", "--format", "sqlite", "--query", "SELECT 1"], 1, "ledger.csv"),
        (["--first", "--encoding", "klingon"], 1, "'klingon' is not known"),
        (["--first", "--account-column", "user"], 1, "the account column is missing"),
        (["--first", "--shape", "long"], 1, "is not a column of a long ledger"),
        (["--first", "--collateral"], 1, "means nothing for the format csv"),
        (["--first", "--column", "BTC"], 2, "--column"),
        (["--first", "--column", 'name = "BTC"'], 1, "columns[0] asset: is missing"),
        (["--first", "--column", 'name = "XX", asset = "XX", decimals = 8'], 1, "is not a column of the book"),
        (["--first", "--rule", 'name = "r", weights = { BTC = 1, none = 1 }'], 1, "none"),
        (["--first", "--valid-for", "soon"], 1, "'soon' is no length of time"),
        (["--first", "--exchange", "a b"], 1, "should be a name"),
        (["--first", "--private", "public/inside"], 1, "must not share a directory"),
        (["--first", "--engine", "abacus"], 2, "--engine"),
        (["--frist"], 2, "No such option"),
        (["--first", "extra"], 2, "unexpected extra argument"),
    ],
)
def test_what_cannot_be_done(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, flags: list[str], code: int, words: str
) -> None:
    monkeypatch.chdir(exchange.root)
    assert words in refusal(solvent("attest", *flags), code)
    body = json.loads(solvent("attest", "--json", *flags).stdout)
    assert body["done"] is False
    assert body["error"]["hint"]
    assert not exchange.epoch(1).exists()
    assert [name for name in found(exchange.root) if "run-" in name] == []


def test_the_chain_goes_forward_only(exchange: Exchange) -> None:
    exchange.attest(1)
    taken_at = str(json.loads((exchange.root / "private/head.json").read_text())["taken_at"])
    assert "this store already has epoch 1" in refusal(exchange.run("attest", "--first"), 1)
    assert "not later than the last one" in refusal(exchange.run("attest", "--taken-at", taken_at), 1)
    assert "this store belongs to ex.example" in refusal(exchange.run("attest", "--exchange", "other"), 1)
    names = ("attestation.json", "book.proof", "leaves.bin", "schema.json", "sealed.bin")
    assert found(exchange.root / "public") == ["epochs", "epochs/1", *(f"epochs/1/{name}" for name in names)]


def test_a_public_total_that_no_document_holds(tmp_path: Path) -> None:
    most = str(2**128 - 1)
    config = f'[book]\ntotals = "public"\n{CSV}[[columns]]\nname = "X"\nasset = "X"\ndecimals = 0\nbits = 128\n'
    exchange = new_exchange(tmp_path / "ex", f"account,X\na,{most}\nb,1\n", config)
    told = refusal(exchange.run("attest", "--first"), 1)
    assert "column X: the total is 2^128 or more" in told
    assert 'set total = "hidden"' in told
    assert exchange.run("attest", "--first", "--totals", "hidden").exit_code == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[exchange", "is not valid TOML"),
        ("\xff", "is not UTF-8"),
        ('[exchange]\nname = "x"\n[ledgre]\n', "'format'"),
        ('[exchange]\nname = 7\n[ledger]\nformat = "csv"\npath = "l.csv"\n' + ONE, "should be a string"),
        ('[exchange]\nname = "x"\n' + CSV + "colour = 1\n" + ONE, "colour is not a known key"),
        (ONE, "format is missing"),
    ],
)
def test_a_configuration_that_says_nothing(exchange: Exchange, text: str, words: str) -> None:
    exchange.config.write_bytes(text.encode("latin-1"))
    told = refusal(exchange.run("attest", "--check"), 1)
    assert told.startswith("error: solvent.toml")
    assert words.replace("'format'", "format") in told.replace(": is", " is")


def test_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (["attest"], ["customer-key", "a"], ["customer-keys"], ["bundle", "a"], ["inspect"]):
        assert "solvent.toml: there is no such configuration" in refusal(solvent(*words), 2)
    assert "is a directory" in refusal(solvent("attest", "--config", tmp_path), 2)
    assert found(tmp_path) == []


def test_flags_alone_are_a_configuration(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange.config.unlink()
    monkeypatch.chdir(exchange.root)
    column = 'name = "BTC", asset = "BTC", decimals = 8'
    flags = ["--exchange", "ex.example", "--format", "csv", "--path", "ledger.csv", "--ignore", "ETH"]
    assert answer(solvent("attest", "--first", *flags, "--column", column, "--json"))["accounts"] == 3


@pytest.mark.parametrize("key", ["master.key", "signing.key"])
def test_keys_that_cannot_be_used(exchange: Exchange, key: str) -> None:
    path = exchange.root / "keys" / key
    path.chmod(0o644)
    assert f"chmod 600 {path}" in refusal(exchange.run("attest", "--first"), 2)
    path.chmod(0o600)
    path.write_text("junk")
    assert "this file does not hold" in refusal(exchange.run("attest", "--first"), 1)
    assert not (exchange.root / "private").exists()


def test_another_run_holds_the_store(exchange: Exchange) -> None:
    exchange.attest(1)
    with (exchange.root / "private/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another run is working on this store" in refusal(exchange.run("attest"), 2)
    exchange.attest(2)


def test_a_database_password_is_never_printed(exchange: Exchange) -> None:
    url = "postgresql://reader:hunter2@127.0.0.1:1/none"
    flags = ["--format", "postgresql", "--url", url, "--query", "SELECT 1"]
    text = exchange.config.read_text().replace('path = "ledger.csv"', "")
    exchange.config.write_text(text)
    for more in (["--check"], ["--first"], ["--check", "--json"], ["--check", "--format", "csv"], ["--query", ""]):
        done = solvent("--debug", "attest", *flags, *more, "--config", exchange.config)
        assert done.exit_code in (1, 2)
        assert "hunter2" not in done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr


def test_private_files_are_private(exchange: Exchange) -> None:
    exchange.attest(1)
    assert len(private_files(exchange.root)) == 13
    assert {path.stat().st_mode & 0o777 for path in private_files(exchange.root)} == {0o600}


def test_a_fault_of_ours_is_a_sentence_too(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(f"secret {10**6}")

    monkeypatch.setattr(attesting, "attest", fail)
    told = refusal(exchange.run("attest", "--first"), 2)
    assert "solvent itself failed (RuntimeError); nothing was released" in told
    shown = solvent("--debug", "attest", "--first", "--config", exchange.config).stderr
    assert "in fail" in shown
    assert "secret 1000000" not in told + shown


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device", "place"), "place: the computer refused: no space left on device"),
        (PermissionError(13, "Permission denied", "place"), "place: the computer refused: permission denied"),
        (MemoryError(), "there is not enough memory"),
        (KeyboardInterrupt(), "interrupted: nothing was released, nothing is left behind"),
    ],
)
def test_the_computer_refuses(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, error: BaseException, words: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("attest.epoch.prove_book", fail)
    assert words in refusal(exchange.run("attest", "--first"), 2)
    assert [name for name in found(exchange.root) if "run-" in name] == []
    monkeypatch.undo()
    exchange.attest(1)


def test_help_is_there_for_everything() -> None:
    done = solvent()
    assert done.exit_code == 2
    for command in ("init", "attest", "customer-key", "customer-keys", "bundle", "inspect"):
        assert command in done.stdout
        told = solvent(command, "--help")
        assert told.exit_code == 0
        assert "Example" in told.stdout
        assert "Exit codes: 0 done" in told.stdout
    assert "No such command" in refusal(solvent("atest"), 2)
    assert solvent("--version").stdout == "solvent, version 0.1.0\n"
