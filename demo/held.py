"""Chapter 3: what is held, line by line, each with the evidence of somebody else's key; and what it is worth."""

from __future__ import annotations

import hashlib
import time

from demo.owed import CONFIG
from demo.rules import SOURCES
from demo.stage import DATA, Stage

BITCOIN = "bip122:000000000019d6689c085ae165831e93"
CHAINS = (
    BITCOIN, "eip155:1", "eip155:10", "eip155:56", "tron:728126428", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
)  # fmt: skip
PRICES = {
    "alpha": {"BTC": "115770.00", "ETH": "3698.40", "BNB": "783.13", "SHIB": "0.00001245", "USDT": "1.0000"},
    "beta": {"BTC": "115801.20", "ETH": "3697.95", "BNB": "783.40", "SHIB": "0.00001246", "USDT": "1.0001"},
    "gamma": {"BTC": "115749.90", "ETH": "3699.10", "BNB": "782.95", "SHIB": "0.00001244", "USDT": "0.9999"},
}
ENTRIES = """\
asset,unit,amount,hidden,reference,valuation_at
BTC,{bitcoin}/slip44:0,800000000000,yes,segregated account 7,{now}
ETH,eip155:1/slip44:60,20000000000000000000000,no,segregated account 7,{now}
"""
PUBLISHED = ("okx_por_2026-08-11_first25.csv", "okx_por_example_2022-11-22.csv")


def play(stage: Stage) -> None:
    """Collateral, then prices."""
    stage.chapter(
        "3. What is held",
        "Owners sign one line of text that contains the challenge of this epoch. Private keys stay in their wallets:",
        "demo/wallets.py plays the owners, and solvent sees signatures alone.",
    )
    _ask(stage)
    _answer(stage)
    _vouch(stage)
    _publish(stage)
    stage.run("Every line is judged as a verifier will judge it", "solvent", "collateral", "check", *CONFIG)
    stage.run_each("Each price source signs its prices of now", *quotes(PRICES, CONFIG))
    stage.run("What they come to", "solvent", "prices", "show", *CONFIG)


def quotes(prices: dict[str, dict[str, str]], config: tuple[str, ...], *more: str) -> list[tuple[str, ...]]:
    """A command for each source."""
    told = {source: [f"--price={sym}={price}" for sym, price in prices[source].items()] for source in SOURCES}
    keys = {source: ("--key", f"others/{source}.key") for source in SOURCES}
    return [("solvent", "prices", "quote", s, *told[s], *keys[s], *config, *more) for s in SOURCES]


def _ask(stage: Stage) -> None:
    wallets = ("python", "-m", "demo.wallets", "new", "wallets-PRIVATE.json", "accounts.txt")
    stage.run("Owners have wallets of seven kinds", *wallets)
    at = str(int(time.time()) - 600)
    value = hashlib.sha256(f"the demo's own beacon of {at}".encode()).hexdigest()
    stage.say(
        "A real beacon is a block's hash or a round of drand, which nobody could know before; the demo draws its own."
    )
    beacon = ("--beacon", "drand", "4000000", at, value)
    asked = ("--accounts", "accounts.txt", "--evm-once", "--csv", "ask.csv")
    stage.run("What every owner must sign", "solvent", "collateral", "challenge", *CONFIG, *beacon, *asked)


def _answer(stage: Stage) -> None:
    blocks = [
        f"{chain},{1000 + n},{hashlib.sha256(chain.encode()).hexdigest()},{int(time.time())}"
        for n, chain in enumerate(CHAINS)
    ]
    stage.write(
        "blocks.csv", "\n".join(["chain,height,hash,time", *blocks, ""]), "At which blocks the balances were read"
    )
    stage.run("They are noted", "solvent", "collateral", "chain", *CONFIG, "--csv", "blocks.csv")
    answer = ("python", "-m", "demo.wallets", "answer", "wallets-PRIVATE.json", "ask.csv", "answers.csv")
    stage.run("The owners sign, each in its wallet's way", *answer)
    stage.run("The exchange imports the answers", "solvent", "collateral", "import", "answers.csv", *CONFIG)


def _vouch(stage: Stage) -> None:
    text = ENTRIES.format(bitcoin=BITCOIN, now=int(time.time()))
    stage.write("others/entries.csv", text, "The custodian lists what it holds; how many bitcoin, stays hidden")
    said = ("--kind", "custody", "--issuer", "vault", "--key", "others/vault.key")
    challenge = ("--challenge", "exchange/documents/collateral/challenge.json")
    files = ("--output", "vault.json", "--openings", "vault-openings-PRIVATE.json")
    stage.run("It signs", "solvent", "collateral", "vouch", "others/entries.csv", *said, *challenge, *files)
    given = ("--statement", "vault.json", "--openings", "vault-openings-PRIVATE.json", "--pool", "reserve")
    stage.run("The exchange adds the statement", "solvent", "collateral", "add", *given, *CONFIG)


def _publish(stage: Stage) -> None:
    stage.say(
        "58 rows that another exchange really published. Every signature is right, and every one is of a fixed text",
        "that anybody can copy, as here. So the policy says that such lines are shown and count nothing.",
    )
    for name in PUBLISHED:
        stage.copy(DATA / name, name)
    rows = [("solvent", "collateral", "import", name, "--pool", "reserve", *CONFIG) for name in PUBLISHED]
    stage.run_each("Published rows are imported as legacy evidence", *rows, lines=2)
