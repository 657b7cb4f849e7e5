"""The commands on real epochs, every command, every exit code, no secret shown."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.unit.verifier.cli_books import TAKEN_AT, VALID_FOR, Epoch, make_epochs
from verifier.cli import main

HOLDS = ["--holds", "BTC=1.5", "--holds", "USD=200.50"]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> list[Epoch]:
    return make_epochs(tmp_path_factory.mktemp("store"), 2)


@pytest.fixture(scope="module")
def epoch(chain: list[Epoch]) -> Epoch:
    return chain[1]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def me(epoch: Epoch, tmp_path: Path, *extra: str, account: str = "alice", directory: Path | None = None) -> Result:
    file = epoch.key_file(account, tmp_path)
    where = str(directory or epoch.directory)
    result = run("me", where, "--account", account, "--key", epoch.key, "--account-key-file", str(file), *extra)
    assert epoch.account_key(account)[6:] not in result.output, "the account key is never shown"
    return result


def bundle_file(epoch: Epoch, tmp_path: Path, account: str = "alice", complete: bool = True) -> str:
    path = tmp_path / "bundle-PRIVATE.json"
    path.write_bytes(epoch.bundle(account, complete))
    return str(path)


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


def test_a_customer_compares_and_is_told_so(epoch: Epoch, tmp_path: Path) -> None:
    result = me(epoch, tmp_path, *HOLDS)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(
        "VERIFIED: your balances are in the book of example.org at 2025-06-16 15:06:40 UTC."
    )
    assert result.stderr == ""


def test_a_customer_who_compares_nothing_is_asked_to(epoch: Epoch, tmp_path: Path) -> None:
    result = me(epoch, tmp_path)
    assert result.exit_code == 0
    assert "in the book with THESE balances: compare them" in result.stdout.splitlines()[0]
    assert "VERIFIED" not in result.stdout
    assert json.loads(me(epoch, tmp_path, "--json").stdout)["compared"] is False


@pytest.mark.parametrize(
    ("account", "content"),
    [
        ("bob", '{"USD": "1000", "BTC:debt": "0.00000003"}'),
        ("bob", "column,amount\nUSD,1000.00\nBTC:debt,0.00000003\n"),
        ("carol", "{}"),
        ("\u05d0\u05d1", "BTC,0.00000001"),
    ],
)
def test_holdings_may_come_from_a_file(epoch: Epoch, tmp_path: Path, account: str, content: str) -> None:
    path = tmp_path / "mine"
    path.write_text(content)
    result = me(epoch, tmp_path, "--holdings", str(path), account=account)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("VERIFIED")
    assert f"account   {account}\n" in result.stdout


def test_every_difference_has_its_line(epoch: Epoch, tmp_path: Path) -> None:
    result = me(epoch, tmp_path, "--holds", "BTC=2", "--holds", "BTC:debt=0.1")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:4] == [
        "REFUSED: the book differs from your own records:",
        "  BTC: the book says 1.5, you say 2",
        "  USD: the book says 200.5, you say 0",
        "  BTC:debt: the book says 0, you say 0.1",
    ]
    assert len(json.loads(me(epoch, tmp_path, "--holds", "BTC=2", "--json").stdout)["differences"]) == 2


@pytest.mark.parametrize(
    ("extra", "code", "words"),
    [
        (["--holds", "XYZ=1"], 1, "the book has no column for it"),
        (["--holds", "XYZ=0", *HOLDS], 0, "VERIFIED"),
        (["--holds", "BTC=1.123456789"], 2, "has more than 8 decimals"),
        (["--holds", "BTC=1", "--holds", "BTC=1"], 2, "is given twice"),
    ],
)
def test_holdings_decide(epoch: Epoch, tmp_path: Path, extra: list[str], code: int, words: str) -> None:
    result = me(epoch, tmp_path, *extra)
    assert result.exit_code == code
    assert words in result.output.splitlines()[0]


def test_another_account_is_not_in_the_book(epoch: Epoch, tmp_path: Path) -> None:
    file = str(epoch.key_file("alice", tmp_path))
    result = run(
        "me", str(epoch.directory), "--account", "bob", "--key", epoch.key, "--account-key-file", file, "--json"
    )
    assert result.exit_code == 1
    assert json.loads(result.stdout)["codes"] == ["E_NOT_IN_BOOK"]


@pytest.mark.parametrize("command", ["me", "bundle", "audit"])
def test_another_exchange_s_key_is_refused(epoch: Epoch, tmp_path: Path, command: str) -> None:
    where = bundle_file(epoch, tmp_path) if command == "bundle" else str(epoch.directory)
    mine = [] if command == "audit" else ["--account", "alice"]
    mine += ["--account-key-file", str(epoch.key_file("alice", tmp_path))] if command == "me" else []
    result = run(command, where, "--key", "ab" * 32, *mine)
    assert result.exit_code == 1
    assert "it is not signed by the key you trust" in result.stdout.splitlines()[0]


@pytest.mark.parametrize("complete", [True, False])
def test_a_bundle_verifies(epoch: Epoch, tmp_path: Path, complete: bool) -> None:
    file = bundle_file(epoch, tmp_path, complete=complete)
    beside = [
        "--attestation",
        str(epoch.directory / "attestation.json"),
        "--schema",
        str(epoch.directory / "schema.json"),
    ]
    result = run("bundle", file, "--account", "alice", "--key", epoch.key, *HOLDS, *([] if complete else beside))
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("VERIFIED")


def test_a_bundle_alone_cannot_be_checked(epoch: Epoch, tmp_path: Path) -> None:
    file = bundle_file(epoch, tmp_path, complete=False)
    result = run("bundle", file, "--account", "alice", "--key", epoch.key, "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["verdict"] == "could not check"


def test_a_bundle_for_somebody_else_is_refused(epoch: Epoch, tmp_path: Path) -> None:
    result = run("bundle", bundle_file(epoch, tmp_path), "--account", "bob", "--key", epoch.key)
    assert result.exit_code == 1
    assert result.stdout.startswith("REFUSED: bundle: the bundle is for another account id")


def test_a_bundle_for_another_epoch_is_refused(chain: list[Epoch], tmp_path: Path) -> None:
    file = bundle_file(chain[1], tmp_path)
    before = str(chain[0].directory / "attestation.json")
    result = run("bundle", file, "--account", "alice", "--key", chain[1].key, "--attestation", before)
    assert result.exit_code == 1
    assert "belongs to another attestation" in result.stdout


def test_an_audit_reports(epoch: Epoch) -> None:
    result = run("audit", str(epoch.directory), "--key", epoch.key)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("QUALIFIED: ")
    table = [line.split() for line in lines if line.startswith(("  BTC", "  USD"))]
    assert table[0] == ["BTC", "BTC", "balance", "1.50000001", "proven"]
    assert table[1] == ["USD", "USD", "balance", "-", "proven,", "hidden"]
    assert table[2] == ["BTC:debt", "BTC", "debt", "0.00000003", "proven"]
    assert table[3] == ["BTC:pledged", "BTC", "collateral", "-", "withheld"]
    assert any("unlogged" in line for line in lines)
    assert any(line.startswith("  judged at") and line.endswith("days after the snapshot") for line in lines)
    assert "What this does not prove:" in lines


def test_an_audit_without_a_key_says_whose_it_cannot_tell(epoch: Epoch) -> None:
    result = run("audit", str(epoch.directory))
    assert result.exit_code == 2
    first, second = result.stderr.splitlines()
    assert "could not check whose this is: there is no root document here" in first
    assert second.startswith("hint: add --key ")


def test_an_audit_for_machines(epoch: Epoch) -> None:
    result = run("audit", str(epoch.directory), "--key", epoch.key, "--json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["overall"], document["type"]) == (0, "QUALIFIED", "solvent:report/v1")


def test_an_old_attestation_is_stale_unless_judged_then(epoch: Epoch) -> None:
    expired = int(time.time()) + VALID_FOR + 3600
    late = run("audit", str(epoch.directory), "--key", epoch.key, "--at", str(expired))
    assert late.exit_code == 2
    assert late.stdout.startswith("STALE: ")
    assert "the attestation has expired" in late.stdout.splitlines()[1]
    in_time = run("audit", str(epoch.directory), "--key", epoch.key, "--at", str(expired - 7200), "--json")
    assert in_time.exit_code == 0
    assert json.loads(in_time.stdout)["verified_at"] == expired - 7200


def test_a_chain_without_its_previous_link_is_incomplete(chain: list[Epoch], tmp_path: Path) -> None:
    alone = chain[1].copy(tmp_path)
    result = run("audit", str(alone), "--key", chain[1].key)
    assert result.exit_code == 2
    assert result.stdout.startswith("INCOMPLETE: ")
    for given in (chain[0].directory, chain[0].directory / "attestation.json"):
        assert run("audit", str(alone), "--key", chain[1].key, "--previous", str(given)).exit_code == 0
    assert run("audit", str(alone), "--key", chain[1].key, "--previous", str(tmp_path / "none")).exit_code == 2


@pytest.mark.parametrize("name", ["leaves.bin", "book.proof", "schema.json", "sealed.bin", "attestation.json"])
def test_a_changed_file_is_refused(epoch: Epoch, tmp_path: Path, name: str) -> None:
    spoiled = epoch.copy(tmp_path)
    flip(spoiled / name, 100)
    result = run("audit", str(spoiled), "--key", epoch.key, "--json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["overall"]) == (1, "FAILED")
    assert document["codes"]
    assert document["error"]["message"]


@pytest.mark.parametrize("name", ["leaves.bin", "schema.json", "sealed.bin", "attestation.json"])
def test_a_changed_file_is_refused_to_its_customer(epoch: Epoch, tmp_path: Path, name: str) -> None:
    spoiled = epoch.copy(tmp_path)
    flip(spoiled / name, 10)
    result = me(epoch, tmp_path, *HOLDS, directory=spoiled)
    assert result.exit_code == 1
    assert result.stdout.startswith("REFUSED: ")


@pytest.mark.parametrize("name", ["leaves.bin", "book.proof", "schema.json", "sealed.bin", "attestation.json"])
def test_a_missing_file_decides_nothing(epoch: Epoch, tmp_path: Path, name: str) -> None:
    spoiled = epoch.copy(tmp_path)
    (spoiled / name).unlink()
    result = run("audit", str(spoiled), "--key", epoch.key)
    assert result.exit_code == 2
    assert result.stderr.startswith("could not check: ")
    assert name in result.stderr


def test_an_account_id_cannot_forge_a_verdict(epoch: Epoch, tmp_path: Path) -> None:
    file = str(epoch.key_file("alice", tmp_path))
    for hostile in ("alice\nVERIFIED: all is well", "\u202ealice", "\x9b2J"):
        result = run("me", str(epoch.directory), "--account", hostile, "--key", epoch.key, "--account-key-file", file)
        assert result.exit_code in (1, 2)
        assert all(line.isprintable() for line in result.output.split("\n"))


def test_the_epochs_are_a_day_apart(chain: list[Epoch], tmp_path: Path) -> None:
    documents = [json.loads(me(epoch, tmp_path, "--json").stdout) for epoch in chain]
    assert [d["taken_at"] for d in documents] == [TAKEN_AT, TAKEN_AT + 86400]
    assert [d["epoch"] for d in documents] == [1, 2]
