"""The installed commands, as the three users type them one after the other; nothing secret where it should not be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.exchange import found, private_files

BIN = Path(sys.executable).parent
ACCOUNTS = {
    "alice@example.com": ("1.23456789", "500.25"),
    "bob~x7Kq2mPz9Lw4Vt8R": ("0", "1000000.01"),
    "éva": ("7", "0"),
}
COLUMNS = (
    'name = "BTC", asset = "BTC", decimals = 8',
    'name = "USD", asset = "USD", decimals = 2, total = "public"',
)


@dataclass
class Shell:
    """Types commands in a directory and keeps everything that was printed."""

    place: Path
    printed: str = ""

    def __call__(self, *words: str, code: int = 0, keep: bool = True) -> str:
        done = subprocess.run(
            [str(BIN / words[0]), *words[1:]], cwd=self.place, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        if keep:
            self.printed += done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """An exchange after two epochs, by typed commands alone."""
    place = tmp_path_factory.mktemp("typed")
    run = Shell(place)
    run("solvent", "init", ".", "--exchange", "ex.example")
    lines = [f"{account},{btc},{usd}" for account, (btc, usd) in ACCOUNTS.items()]
    (place / "ledger.csv").write_text("\n".join(["account,BTC,USD", *lines]) + "\n")
    columns = "".join("[[columns]]\n" + text.replace(", ", "\n") + "\n" for text in COLUMNS)
    (place / "solvent.toml").write_text(
        '[exchange]\nname = "ex.example"\n[book]\naccounts = 6\n[ledger]\nformat = "csv"\npath = "ledger.csv"\n'
        + columns
    )
    run("solvent", "attest", "--check")
    taken_at = int((place / "ledger.csv").stat().st_mtime) - 100
    run("solvent", "attest", "--first", "--taken-at", str(taken_at))
    run("solvent", "attest", "--json", "--taken-at", str(taken_at + 60))
    return run


def exchange_key(shell: Shell) -> str:
    return (shell.place / "exchange-key.txt").read_text().strip()


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("epoch", ["1", "2"])
def test_a_customer_from_key_to_verdict(shell: Shell, tmp_path: Path, account: str, epoch: str) -> None:
    btc, usd = ACCOUNTS[account]
    file = tmp_path / "key.txt"
    shell("solvent", "customer-key", account, "--output", str(file))
    me = ["solvent-verify", "me", f"public/epochs/{epoch}", "--account", account, "--account-key-file", str(file)]
    asked = [*me, "--key", exchange_key(shell), "--holds", f"BTC={btc}", "--holds", f"USD={usd}"]
    assert shell(*asked).startswith("VERIFIED: your balances are in the book of ex.example")
    shell(*me, "--key", exchange_key(shell), "--holds", f"BTC={btc}", code=1 if usd != "0" else 0)
    shell(*me, code=2)
    shell(*me, "--key", "ab" * 32, code=1)


def test_a_customer_with_a_bundle_alone(shell: Shell, tmp_path: Path) -> None:
    for account, (btc, usd) in ACCOUNTS.items():
        file = str(tmp_path / f"{len(account)}.json")
        told = json.loads(shell("solvent", "bundle", account, "--output", file, "--json"))
        assert told["epoch"] == 2
        check = ["solvent-verify", "bundle", file, "--account", account, "--key", exchange_key(shell)]
        shell(*check, "--holds", f"BTC={btc}", "--holds", f"USD={usd}")
        shell(*[word if word != account else "mallory" for word in check], code=1)


def test_an_auditor_follows_the_chain(shell: Shell) -> None:
    for epoch in ("1", "2"):
        told = shell("solvent-verify", "audit", f"public/epochs/{epoch}", "--key", exchange_key(shell), "--json")
        figures = {figure["id"]: figure for figure in json.loads(told)["figures"]}
        assert figures["total:USD"]["value"] == "1000500.26"


def test_what_is_published_can_be_read_and_the_rest_cannot(shell: Shell) -> None:
    for path in (shell.place / "public").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path
    assert private_files(shell.place)
    for path in private_files(shell.place):
        assert path.stat().st_mode & 0o777 == 0o600, path
    for name in ("private", "private/epochs", "private/epochs/1", "keys"):
        assert (shell.place / name).stat().st_mode & 0o777 == 0o700, name


def secrets_of(shell: Shell) -> list[bytes]:
    """Everything that only the exchange or one customer may know, as text and as bytes."""
    master = (shell.place / "keys/master.key").read_text().strip().removeprefix("slv_m_")
    signing = (shell.place / "keys/signing.key").read_text().splitlines()[1]
    rows = shell("solvent", "customer-keys", keep=False).splitlines()[1:]
    keys = [row.rpartition("slv_k_")[2] for row in rows]
    totals = [json.loads((shell.place / f"private/epochs/{n}/totals.json").read_text())["BTC"] for n in (1, 2)]
    blindings = [int(total["gamma"]) for total in totals]
    hexadecimal = [master, *keys, *(f"{gamma:064x}" for gamma in blindings)]
    return [
        signing.encode(),
        *(text.encode() for text in hexadecimal),
        *(bytes.fromhex(text) for text in hexadecimal),
        *(str(gamma).encode() for gamma in blindings),
    ]


def test_no_secret_is_published_or_printed(shell: Shell) -> None:
    wrong = secrets_of(shell)
    assert len(wrong) == 15
    shell("solvent", "inspect")
    shell("solvent", "inspect", "public/epochs/1")
    shell("solvent", "--debug", "bundle", "nobody", "--output", "none.json", code=2)
    published = [path.read_bytes() for path in (shell.place / "public").rglob("*") if path.is_file()]
    assert len(published) == 10
    kept = b"".join(path.read_bytes() for path in private_files(shell.place))
    assert sum(secret in kept for secret in wrong) == 4, "signing key, master key, two blindings: the search finds them"
    for secret in wrong:
        assert secret not in shell.printed.encode()
        assert not any(secret in data for data in published)


def test_no_customer_is_named_in_public(shell: Shell) -> None:
    for path in (shell.place / "public").rglob("*"):
        for account in ACCOUNTS:
            assert path.is_dir() or account.encode() not in path.read_bytes()
            assert account not in path.name


def test_nothing_else_lies_about(shell: Shell) -> None:
    top = {name.partition(os.sep)[0] for name in found(shell.place)}
    made = {"solvent.toml", "policy.toml", "reader.json", "exchange-key.txt", "keys", "documents"}
    assert top == {*made, "ledger.csv", "public", "private"}
    assert not any(".run-" in name or ".part" in name for name in found(shell.place))
