"""The commands that docs/collateral.md shows are run, in an order that makes sense, and end well."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import Result

from tests.docs.pages import ROOT, blocks, read
from tests.support.answers import DATA, bitcoin, ether, okx_desk, table
from tests.support.collateral import Desk
from tests.support.exchange import answer, solvent
from tests.support.snapshots import EPOCH, TAKEN_AT, WALLET
from tests.support.wallets import Wallet
from tests.unit.attest.collateral.test_cli_vouching import HIDDEN, key
from tests.unit.attest.collateral.test_cli_vouching import table as entries

PAGE = read(ROOT / "docs" / "collateral.md")
COMMANDS = [
    line
    for block in blocks(PAGE, "")
    for line in block.replace("\\\n", " ").splitlines()
    if line.startswith("solvent collateral")
]


def test_the_page_shows_these_commands() -> None:
    shown = [shlex.split(line)[2] for line in COMMANDS]
    assert shown == ["challenge", "challenge", "add", "add", "import", "import", "vouch"]


def test_they_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A custodian vouches once there is a challenge; the files that the page names lie in the current directory."""
    desk = okx_desk(tmp_path)
    monkeypatch.chdir(tmp_path)
    account = WALLET.evm_account()
    asked = COMMANDS[0].replace("HEX", "be" * 32).replace("eip155:1:0x...", account)
    assert run(desk, f"{asked} --epoch {EPOCH}").exit_code == 0
    prepare(desk)
    vouched = shlex.split(COMMANDS[6].replace("challenge.json", str(desk.directory / "challenge.json")))
    assert solvent(*vouched[1:], "--as-of", str(TAKEN_AT), "--expires-at", str(TAKEN_AT + 60)).exit_code == 0
    signature = ether()["signatures"]
    typed = COMMANDS[2].replace("eip155:1:0x...", account).replace("--signature 0x...", f"--signature {signature}")
    for line in (COMMANDS[1], typed, *COMMANDS[3:6]):
        done = run(desk, line)
        assert done.exit_code == 0, (line, done.stderr)
    assert (tmp_path / "ask.csv").is_file()
    assert (tmp_path / "pictures").is_dir()
    report = answer(desk.check("--json"))
    assert report["verdicts"] == {"VALID": 28}


def prepare(desk: Desk) -> None:
    """What the page takes for granted: answers, a published file, a custodian's table and key."""
    table(desk.root / "answers.csv", bitcoin(Wallet(9)))
    shutil.copy(DATA / "okx_por_2026-08-11_first25.csv", desk.root / "okx_por.csv")
    entries(desk.root / "entries.csv", HIDDEN)
    key(desk.root / "vault.key", "custodian/vault")


def run(desk: Desk, line: str) -> Result:
    command, *words = shlex.split(line)[2:]
    return desk.run(command, *words)
