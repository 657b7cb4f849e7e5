"""Chapter 4: the attestation, and what a customer and an auditor make of it."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from demo.owed import CONFIG
from demo.stage import DATA, Stage

EPOCH = "exchange/public/epochs/1"
CUSTOMER_ROW = 7
READER = "auditor.json"


def play(stage: Stage) -> None:
    """Attest, check, refuse."""
    stage.chapter(
        "4. The attestation",
        "Totals are hidden. Every claim is derived before a row is committed, and proven afterwards.",
    )
    stage.run("Everything is checked; nothing is written", "solvent", "attest", "--check", *CONFIG)
    stage.run("The exchange attests", "solvent", "attest", "--first", *CONFIG)
    account, held = customer()
    key = (stage.output / "exchange/exchange-key.txt").read_text().strip()
    _customer(stage, account, held, key)
    _auditor(stage)


def audit(directory: str, *more: str) -> tuple[str, ...]:
    """What the auditor types."""
    return ("solvent-verify", "audit", directory, "--reader", READER, *more)


def customer() -> tuple[str, list[str]]:
    """One account of the ledger and what it holds and owes, as its owner would write it down."""
    with (DATA / "binance_sample_users0.csv").open(newline="") as file:
        row = list(csv.DictReader(file))[CUSTOMER_ROW]
    names = {"btc": "BTC", "eth": "ETH", "bnb": "BNB", "shib": "SHIB"}
    holds = [f"{name}={row[f'e_{asset}']}" for asset, name in names.items()]
    owes = [f"{name}:debt={row[f'd_{asset}']}" for asset, name in names.items()]
    return row["id"], [word for amount in holds + owes for word in ("--holds", amount)]


def _customer(stage: Stage, account: str, held: list[str], key: str) -> None:
    """The exchange gives a customer a key and a bundle; the customer checks."""
    stage.run("A customer is given a key", "solvent", "customer-key", account, *CONFIG, "--output", "account-key.txt")
    stage.run("... or one file for keeping", "solvent", "bundle", account, *CONFIG, "--output", "bundle-PRIVATE.json")
    trusted = ("--key", key)
    me = ("solvent-verify", "me", EPOCH, "--account", account, "--account-key-file", "account-key.txt", *trusted)
    bundle = ("solvent-verify", "bundle", "bundle-PRIVATE.json", "--account", account, *trusted)
    stage.run("The customer finds the right balances in the book", *me, *held)
    stage.run("The same from the file alone", *bundle)
    stage.run("A customer with other records is told so", *me, "--holds", "BTC=1000000", expect=1)


def _auditor(stage: Stage) -> None:
    """The auditor's own demands, the audit, and a file that was altered."""
    asked = ("--require", "coverage=10000", "--require", "in-kind:*=10000", "--pin", "custodian/vault")
    stage.run(
        "What the auditor asks for and whom it trusts", "solvent", "reader", "make", *asked, "--output", READER, *CONFIG
    )
    stage.run("The auditor recomputes everything public", *audit(EPOCH, "--html", "report.html"), lines=100)
    alter(stage.output / EPOCH, stage.output / "altered")
    stage.run("One altered byte is caught", *audit("altered"), expect=1)


def alter(source: Path, target: Path) -> None:
    """A copy of an epoch in which one byte of one row was changed."""
    shutil.copytree(source, target)
    data = bytearray((target / "leaves.bin").read_bytes())
    data[200] ^= 1
    (target / "leaves.bin").write_bytes(data)
