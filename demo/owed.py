"""Chapter 1: keys, and a ledger that is checked before anything is made of it."""

from __future__ import annotations

from demo.stage import DATA, DEMO, Stage

CONFIG = ("--config", "exchange/solvent.toml")


def play(stage: Stage) -> None:
    """The exchange describes what it owes."""
    stage.chapter(
        "1. What is owed",
        "The ledger is the sample book of a production proof-of-solvency tool: 100 accounts, four coins, and for each",
        "what a customer has and what a customer has borrowed.",
    )
    stage.run(
        "The exchange makes keys and a configuration", "solvent", "init", "exchange", "--exchange", "demo.example"
    )
    stage.copy(DATA / "binance_sample_users0.csv", "exchange/ledger.csv")
    stage.write("exchange/solvent.toml", (DEMO / "solvent.toml").read_text("utf-8"), "It describes its ledger")
    check = ("solvent", "attest", "--check", *CONFIG)
    stage.say(
        "The file also has three columns of pledged collateral for each coin. In 20 cells more is pledged than the",
        "account has, so a book with them would be false: it is refused, and every one of the 20 is named.",
    )
    stage.run("With the pledges the ledger is refused, cell by cell", *check, "--collateral", expect=1)
    stage.run("Without them it can be attested; nothing is written", *check)
