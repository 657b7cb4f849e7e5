"""An exchange in a directory of its own, worked with its commands as an engineer would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from attest.cli.commands import main

ROOT = Path(__file__).resolve().parents[2]
LEDGER = "account,BTC,ETH\nalice,1.5,2\nbob,0,0.000000000000000001\ncarol,3,0\n"


def solvent(*words: str | Path) -> Result:
    """Run a command in this process; both streams are in the result."""
    return CliRunner().invoke(main, list(map(str, words)))


def process(program: str, *words: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own: ``attest.cli`` or ``verifier.cli``."""
    command = [sys.executable, "-m", program, *map(str, words)]
    settings: dict[str, Any] = {"capture_output": True, "cwd": ROOT, **options}
    return subprocess.run(command, text=True, timeout=120, check=False, **settings)


@dataclass(frozen=True)
class Exchange:
    """Its directory; ``private`` and ``public`` lie in it."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "solvent.toml"

    @property
    def key(self) -> str:
        """The public key, in hex."""
        return (self.root / "exchange-key.txt").read_text().strip()

    def epoch(self, number: int) -> Path:
        return self.root / "public/epochs" / str(number)

    def run(self, command: str, *words: str | Path) -> Result:
        """A command with this exchange's configuration."""
        return solvent(command, *words, "--config", self.config)

    def attest(self, number: int, *words: str) -> Path:
        """Release epoch ``number``; snapshots lie a minute apart in the past. Returns its directory."""
        first = ["--first"] if number == 1 else []
        taken_at = int(time.time()) - 3600 + 60 * number
        done = self.run("attest", *first, "--taken-at", str(taken_at), *words)
        assert done.exit_code == 0, done.stderr
        return self.epoch(number)

    def account_key(self, account: str) -> str:
        done = self.run("customer-key", account)
        assert done.exit_code == 0, done.stderr
        return done.stdout.strip()


def found(root: Path) -> list[str]:
    """Every file and directory below ``root``."""
    return sorted(
        os.path.relpath(Path(place) / name, root)
        for place, directories, files in os.walk(root)
        for name in [*directories, *files]
    )


def new_exchange(root: Path, ledger: str = LEDGER, config: str = "") -> Exchange:
    """Keys, a ledger and its description; ``config`` replaces what ``init`` wrote after the exchange's name."""
    done = solvent("init", root, "--exchange", "ex.example")
    assert done.exit_code == 0, done.stderr
    (root / "ledger.csv").write_text(ledger, "utf-8")
    exchange = Exchange(root)
    if config:
        exchange.config.write_text(f'[exchange]\nname = "ex.example"\n{config}', "utf-8")
    return exchange


def refusal(done: Result | subprocess.CompletedProcess[str], code: int) -> str:
    """What a command said when it ended with ``code``: one sentence and a remedy on the error stream, no more."""
    ended = done.exit_code if isinstance(done, Result) else done.returncode
    told: str = done.stderr
    assert ended == code, f"{ended}: {told}{done.stdout}"
    lines = told.strip().splitlines()
    assert lines[0].startswith("error: "), told
    assert lines[-1].startswith("hint: "), told
    assert "Traceback" not in told + done.stdout
    assert all(character.isprintable() for line in lines for character in line), "an escape sequence got through"
    return told


def answer(done: Result) -> dict[str, Any]:
    """The JSON object that a command printed."""
    assert done.exit_code == 0, done.stdout + done.stderr
    found_: dict[str, Any] = json.loads(done.stdout)
    return found_


def private_files(root: Path) -> Sequence[Path]:
    """Every file that must be readable by its owner alone."""
    return [path for part in ("private", "keys") for path in (root / part).rglob("*") if path.is_file()]
