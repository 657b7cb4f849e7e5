"""The demo: a real ledger becomes an attestation; a customer and an auditor check it, and an altered file is caught.

Every step is a command that a reader could type. Nothing is left behind but the folder ``demo-output``, or another that
is named as the only argument and does not exist yet.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo import large
from verifier.engine import get_engine

ROOT = Path(__file__).resolve().parent.parent
LEDGER = ROOT / "demo" / "data" / "binance_sample_users0.csv"
BIN = Path(sys.executable).parent
EPOCH = "exchange/public/epochs/1"
CUSTOMER_ROW = 7


@dataclass(frozen=True)
class Step:
    """One line of the closing table."""

    what: str
    seconds: float


class Demo:
    """Runs commands, shows them, and keeps the time."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.steps: list[Step] = []

    def run(self, what: str, *command: str, expect: int = 0, lines: int = 60) -> None:
        """Run one command in the output folder and show its first ``lines`` lines.

        The demo ends where the exit code is not ``expect``.
        """
        print(f"\n== {what}\n$ {shlex.join(command)}", flush=True)
        started = time.perf_counter()
        program = [str(BIN / command[0]), *command[1:]]
        done = subprocess.run(program, cwd=self.output, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        printed = done.stdout.decode()
        self.steps.append(Step(what, time.perf_counter() - started))
        shown = printed.rstrip().splitlines()
        print("\n".join(shown[:lines]))
        if len(shown) > lines:
            print(f"  ... and {len(shown) - lines} more lines")
        if done.returncode != expect:
            sys.exit(f"the demo stops here: exit code {done.returncode}, expected {expect}")

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Book the time of something that is not a command."""
        print(f"\n== {what}", flush=True)
        started = time.perf_counter()
        yield
        self.steps.append(Step(what, time.perf_counter() - started))

    def table(self) -> None:
        """What happened and how long it took."""
        width = max(len(step.what) for step in self.steps)
        print("\nWhat happened" + " " * (width - 10) + "seconds")
        for step in self.steps:
            print(f"{step.what:<{width}}  {step.seconds:8.2f}")
        print(f"{'in all':<{width}}  {sum(step.seconds for step in self.steps):8.2f}")


def customer() -> tuple[str, list[str]]:
    """One account of the ledger and what it holds and owes, as its owner would write it down."""
    with LEDGER.open(newline="") as file:
        row = list(csv.DictReader(file))[CUSTOMER_ROW]
    names = {"btc": "BTC", "eth": "ETH", "bnb": "BNB", "shib": "SHIB"}
    holds = [f"{name}={row[f'e_{asset}']}" for asset, name in names.items()]
    owes = [f"{name}:debt={row[f'd_{asset}']}" for asset, name in names.items()]
    return row["id"], [word for amount in holds + owes for word in ("--holds", amount)]


def main() -> None:
    """The whole story."""
    parser = argparse.ArgumentParser(description="A ledger becomes an attestation, and is checked.")
    parser.add_argument("folder", nargs="?", type=Path, help="a new folder; else demo-output, made anew")
    parser.add_argument("--accounts", type=int, help="accounts of the larger book; default: as many as is quick here")
    typed = parser.parse_args()
    demo = Demo(new_folder(typed.folder))
    account, held = customer()
    exchange_side(demo, account)
    key = (demo.output / "exchange" / "exchange-key.txt").read_text().strip()
    everybody_else(demo, account, held, key)
    large_book(demo, typed.accounts)
    demo.table()
    print(f"\nThe attestation is in {demo.output.name}/{EPOCH}: look around, and try solvent-verify --help")


def new_folder(folder: Path | None) -> Path:
    """The folder named as the argument, which must be new; else ours, whose last content is thrown away."""
    if folder is None:
        shutil.rmtree(ROOT / "demo-output", ignore_errors=True)
    output = ROOT / "demo-output" if folder is None else folder.absolute()
    try:
        output.mkdir()
    except OSError as error:
        sys.exit(f"error: {output}: the demo needs a new folder ({error.strerror})\nhint: name one that does not exist")
    return output


def exchange_side(demo: Demo, account: str) -> None:
    """Keys, a checked ledger, an epoch, and what one customer is given."""
    solvent = ("--config", "exchange/solvent.toml")
    demo.run("The exchange makes keys and a configuration", "solvent", "init", "exchange", "--exchange", "demo.example")
    describe_ledger(demo.output / "exchange")
    demo.run("It checks its ledger; nothing is written", "solvent", "attest", *solvent, "--check")
    demo.run("It attests what it owes, without showing it", "solvent", "attest", *solvent, "--first")
    demo.run(
        "It gives a customer their key", "solvent", "customer-key", account, *solvent, "--output", "account-key.txt"
    )
    demo.run("... or one file for keeping", "solvent", "bundle", account, *solvent, "--output", "bundle-PRIVATE.json")


def describe_ledger(exchange: Path) -> None:
    """What an engineer does by hand: put the ledger there and describe it in solvent.toml."""
    shutil.copy(LEDGER, exchange / "ledger.csv")
    described = (ROOT / "demo" / "solvent.toml").read_text("utf-8")
    (exchange / "solvent.toml").write_text(described, "utf-8")
    print(f"\n== It describes its ledger in exchange/solvent.toml\n{described.rstrip()}")


def everybody_else(demo: Demo, account: str, held: list[str], key: str) -> None:
    """A customer, an auditor, and two things that must be refused."""
    trusted = ("--key", key)
    me = ("solvent-verify", "me", EPOCH, "--account", account, "--account-key-file", "account-key.txt", *trusted)
    bundle = ("solvent-verify", "bundle", "bundle-PRIVATE.json", "--account", account, *trusted)
    demo.run("The customer finds the right balances in the book", *me, *held)
    demo.run("The same from the file alone", *bundle)
    demo.run("An auditor recomputes everything public", "solvent-verify", "audit", EPOCH, *trusted)
    demo.run("A customer with other records is told so", *me, "--holds", "BTC=1000000", expect=1)
    alter(demo.output / EPOCH, demo.output / "altered")
    demo.run("One altered byte is caught", "solvent-verify", "audit", "altered", *trusted, expect=1)


def large_book(demo: Demo, accounts: int | None) -> None:
    """The same at scale: a generated ledger of 60 assets, its stages timed by the command itself."""
    if get_engine().name == "reference":
        print("\n== No compute core here (it needs Rust): the larger book has 500 accounts instead of 100,000")
    accounts = accounts or (100_000 if get_engine().name != "reference" else 500)
    folder = demo.output / "large"
    solvent = ("--config", "large/solvent.toml")
    demo.run("A second exchange makes its keys", "solvent", "init", "large", "--exchange", "large.example")
    with demo.timed(f"Generating its ledger: {accounts:,} accounts, {large.ASSETS} assets"):
        held = large.write_ledger(folder / "ledger.parquet", accounts)
        large.write_config(folder / "solvent.toml", folder / "ledger.parquet")
    trusted = ("--key", (folder / "exchange-key.txt").read_text().strip())
    demo.run("It attests the large book", "solvent", "attest", *solvent, "--first")
    name = large.CUSTOMER
    demo.run("One of its customers gets a key", "solvent", "customer-key", name, *solvent, "--output", "large-key.txt")
    me = ("solvent-verify", "me", "large/public/epochs/1", "--account", name, "--account-key-file", "large-key.txt")
    holds = [word for asset, amount in held.items() for word in ("--holds", f"{asset}={amount}")]
    demo.run("... and finds the right balances among all rows", *me, *trusted, *holds)
    demo.run("The auditor of the large book", "solvent-verify", "audit", "large/public/epochs/1", *trusted, lines=18)


def alter(source: Path, target: Path) -> None:
    """A copy of an epoch in which one byte of one row was changed."""
    shutil.copytree(source, target)
    data = bytearray((target / "leaves.bin").read_bytes())
    data[200] ^= 1
    (target / "leaves.bin").write_bytes(data)


if __name__ == "__main__":
    main()
