"""Chapter 6: the same at scale, a generated ledger of 60 assets whose stages are timed by the command itself."""

from __future__ import annotations

from demo import large
from demo.stage import Stage
from verifier.engine import get_engine

FULL = 100_000
WITHOUT_CORE = 500


def play(stage: Stage, accounts: int | None) -> None:
    """A second exchange, which attests what it owes."""
    stage.chapter("6. A large book", "What is owed alone: claims do not depend on how many accounts there are.")
    if get_engine().name == "reference":
        stage.say(f"No compute core here (it needs Rust): the larger book has {WITHOUT_CORE} accounts, not {FULL:,}.")
    accounts = accounts or (FULL if get_engine().name != "reference" else WITHOUT_CORE)
    folder, config = stage.output / "large", ("--config", "large/solvent.toml")
    stage.run("A second exchange makes its keys", "solvent", "init", "large", "--exchange", "large.example", lines=1)
    with stage.timed(f"Generating its ledger: {accounts:,} accounts, {large.ASSETS} assets"):
        held = large.write_ledger(folder / "ledger.parquet", accounts)
        large.write_config(folder / "solvent.toml", folder / "ledger.parquet")
    trusted = ("--key", (folder / "exchange-key.txt").read_text().strip())
    stage.run("It attests the large book", "solvent", "attest", *config, "--first")
    name, epoch = large.CUSTOMER, "large/public/epochs/1"
    stage.run("One of its customers gets a key", "solvent", "customer-key", name, *config, "--output", "large-key.txt")
    me = ("solvent-verify", "me", epoch, "--account", name, "--account-key-file", "large-key.txt")
    holds = [word for asset, amount in held.items() for word in ("--holds", f"{asset}={amount}")]
    stage.run("... and finds the right balances among all rows", *me, *trusted, *holds)
    stage.run("The auditor of the large book", "solvent-verify", "audit", epoch, *trusted, lines=18)
