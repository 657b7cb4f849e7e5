"""How long the reference engine takes: one command, one table.

    python bench/reference.py [--accounts 2000] [--columns 4]

Attests a random ledger with the installed commands, audits it, and checks one customer's row; the last two lines are
the verification alone, without starting Python. Nothing is left behind.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from verifier import check_account, check_bundle, read_account_key
from verifier.engine import get_engine

BIN = Path(sys.executable).parent
BOOK_LIMIT = 60.0
ROW_LIMIT = 0.3
ACCOUNT = "customer-0"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time the reference engine.")
    parser.add_argument("--accounts", type=int, default=2000, help="accounts of the ledger")
    parser.add_argument("--columns", type=int, default=4, help="64-bit columns; an account fills about half of them")
    typed = parser.parse_args()
    print(f"{typed.accounts:,} accounts, {typed.columns} columns of 64 bits, reference engine")
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}\n")
    with tempfile.TemporaryDirectory(prefix="solvent-bench-") as place:
        measure(Path(place), typed.accounts, typed.columns)


def measure(place: Path, accounts: int, columns: int) -> None:
    """Every line of the table, in the order in which an exchange, an auditor and a customer would do it."""
    prepare(place, accounts, columns)
    attested = timed(lambda: command(place, "solvent", "attest", "--first", "--engine", "reference"))
    command(place, "solvent", "bundle", ACCOUNT, "--output", "bundle.json")
    key = (place / "exchange-key.txt").read_text().strip()
    epoch = place / "public/epochs/1"
    audited = timed(
        lambda: command(place, "solvent-verify", "audit", str(epoch), "--key", key, "--engine", "reference")
    )
    line("solvent attest (its own audit included)", attested)
    line("solvent-verify audit", audited)
    line("both", attested + audited, BOOK_LIMIT)
    measure_row(place, epoch, key)


def measure_row(place: Path, epoch: Path, key: str) -> None:
    """One customer's checks, in this process: the fastest of five, as a machine's other work only adds time."""
    engine = get_engine("reference")
    secret = read_account_key(command(place, "solvent", "customer-key", ACCOUNT).strip())
    data = (place / "bundle.json").read_bytes()
    bundle = min(timed(lambda: check_bundle(data, ACCOUNT, key, engine=engine)) for _ in range(5))
    directory = min(timed(lambda: check_account(epoch, ACCOUNT, secret, key, engine=engine)) for _ in range(5))
    line("verify one row from its bundle", bundle, ROW_LIMIT)
    line("find, open and verify one row in the directory (reads every leaf)", directory)


def prepare(place: Path, accounts: int, columns: int) -> None:
    """Keys, a ledger with seeded random amounts and its description."""
    command(place, "solvent", "init", ".", "--exchange", "bench.example")
    names = [f"A{i}" for i in range(columns)]
    drawn = random.Random(1)  # noqa: S311 (a ledger that is the same every time)
    rows = [",".join([f"customer-{i}", *amounts(drawn, columns)]) for i in range(accounts)]
    (place / "ledger.csv").write_text("\n".join([",".join(["account", *names]), *rows]) + "\n")
    described = '[exchange]\nname = "bench.example"\n[ledger]\nformat = "csv"\npath = "ledger.csv"\n'
    described += "".join(f'[[columns]]\nname = "{name}"\nasset = "{name}"\ndecimals = 8\n' for name in names)
    (place / "solvent.toml").write_text(described)


def amounts(drawn: random.Random, columns: int) -> list[str]:
    """One account's amounts with 8 decimals, about half of them zero."""
    return [
        f"{drawn.randrange(10**5)}.{drawn.randrange(10**8):08}" if drawn.random() < 0.5 else "0" for _ in range(columns)
    ]


def command(place: Path, *words: str) -> str:
    """Run an installed command to its good end; returns what it printed."""
    program = [str(BIN / words[0]), *words[1:]]
    done = subprocess.run(program, cwd=place, capture_output=True, text=True, check=False)  # noqa: S603 (our own)
    if done.returncode:
        sys.exit(f"{words[0]} {words[1]} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def timed(work: Callable[[], object]) -> float:
    """Seconds that ``work`` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def line(what: str, seconds: float, limit: float | None = None) -> None:
    """One line of the table, beside what it may take."""
    wanted = "" if limit is None else f"  limit {limit:g} s, {'met' if seconds < limit else 'NOT MET'}"
    print(f"{what:<68}{seconds:9.3f} s{wanted}", flush=True)


if __name__ == "__main__":
    main()
