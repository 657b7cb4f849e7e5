"""Chapter 5: the same exchange, had it cheated. Its own program refuses; a patched one signs; the auditor finds out."""

from __future__ import annotations

import csv
import shutil

from demo.held import PRICES, quotes
from demo.proven import audit
from demo.stage import Stage

LOST = "cold-store"
COINS = "12000"
DAY = 86_400
FALLEN = "1800.00"
INVENTED = "f" * 64


def play(stage: Stage) -> None:
    """Three ways to lie, each caught by the auditor of chapter 4 with the same reader file."""
    stage.chapter(
        "5. Had it cheated",
        "The exchange begins again, with the same ledger, keys and documents, and lies. First its own program refuses;",
        "then demo/cheats.py, the same program without conscience, signs; then the auditor of chapter 4 looks.",
    )
    _lose(stage)
    _negative_account(stage)
    _missing_coin(stage)
    _stale_price(stage)


def _lose(stage: Stage) -> None:
    """A wallet is lost, and solvent will not sign."""
    stage.say(f"The key of the wallet {LOST} is lost, and {COINS} BTC with it.")
    config = _begin_again(stage, "short", "exchange")
    stage.run(f"The line of {LOST} is gone", "solvent", "collateral", "remove", LOST, *config)
    what = "solvent says by which assets a claim misses, and how much"
    stage.run(what, "solvent", "attest", "--first", *config, expect=1)


def _negative_account(stage: Stage) -> None:
    """An invented account below zero hides what is missing."""
    stage.say("(a) A negative account: what is owed is made less.")
    config = _begin_again(stage, "negative", "short")
    _invent(stage, "negative/ledger.csv")
    what = "An invented account owes the missing coins: refused"
    stage.run(what, "solvent", "attest", "--first", *config, expect=1)
    stage.run("The patched prover commits to it and signs", *_cheat("negative-account", config))
    stage.run("CAUGHT: a negative account", *audit("negative/public/epochs/1"), expect=1, lines=12)


def _missing_coin(stage: Stage) -> None:
    """The attestation says that the coins are still there; then that what is left is enough."""
    stage.say("(b) A missing coin: the holding is stated as it was.")
    config = _begin_again(stage, "missing", "short")
    stage.run("The patched program states it and signs", *_cheat("missing-coin", config, "--more", f"BTC={COINS}"))
    stage.run("CAUGHT: a missing coin", *audit("missing/public/epochs/1"), expect=1, lines=12)
    config = _begin_again(stage, "false", "short")
    stage.run("Or it states what is left, and proves that it is enough", *_cheat("false-claim", config))
    stage.run("CAUGHT: a false claim", *audit("false/public/epochs/1"), expect=1, lines=12)


def _stale_price(stage: Stage) -> None:
    """Ether has fallen, so the quotes of yesterday are used."""
    stage.say(f"(c) A stale price. Ether fell overnight to {FALLEN} USD, and the exchange holds much of it.")
    config = _begin_again(stage, "stale", "exchange")
    fallen = {source: {**prices, "ETH": FALLEN} for source, prices in PRICES.items()}
    stage.run_each("The sources sign today's prices", *quotes(fallen, config))
    attest = ("solvent", "attest", "--first", *config)
    stage.run("solvent says by how much coverage misses today", *attest, expect=1)
    at = ("--at", str(_taken_at(stage) - DAY))
    stage.run_each("It takes yesterday's quotes instead", *quotes(PRICES, config, *at))
    stage.run("Without quotes of today there is no price: refused", *attest, expect=1)
    stage.run("The patched program dates them today and signs", *_cheat("stale-price", config))
    stage.run("CAUGHT: a stale price", *audit("stale/public/epochs/1"), expect=1, lines=12)


def _begin_again(stage: Stage, name: str, like: str) -> tuple[str, ...]:
    """A copy of an exchange before its first epoch."""
    kept = shutil.ignore_patterns("public", "private")
    shutil.copytree(stage.output / like, stage.output / name, ignore=kept)
    return ("--config", f"{name}/solvent.toml")


def _invent(stage: Stage, name: str) -> None:
    """A row of the ledger for a customer that nobody knows."""
    path = stage.output / name
    with path.open(newline="") as file:
        header = next(csv.reader(file))
    row = {**dict.fromkeys(header, "0"), "rn": "100", "id": INVENTED, "e_btc": f"-{COINS}"}
    with path.open("a", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(row[name] for name in header)


def _cheat(name: str, config: tuple[str, ...], *more: str) -> tuple[str, ...]:
    return ("python", "-m", "demo.cheats", name, *config, *more)


def _taken_at(stage: Stage) -> int:
    """About now: when the last quotes were signed."""
    return int((stage.output / "stale/documents/quotes/alpha.json").stat().st_mtime)
