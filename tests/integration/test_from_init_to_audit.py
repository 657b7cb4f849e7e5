"""Everything a new exchange types, from ``solvent init`` to an audit with the reader file it was given.

Only the wallets are played here: they sign what ``solvent collateral challenge`` tells them to.
"""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from tests.support.exchange import refusal
from tests.support.home import HomeOf, new_home, now
from tests.support.wallets import Wallet
from verifier.cli.commands import main as solvent_verify
from verifier.collateral.accounts import BITCOIN
from verifier.collateral.bitcoin import Lock

WALLET = Wallet(987_654_321)
BITCOIN_ACCOUNT = WALLET.address(Lock.P2WPKH)
ETHER_ACCOUNT = WALLET.evm_account()


def begin(path: Path) -> HomeOf:
    """A home whose documents are signed, and named in solvent.toml by taking the comments away."""
    home = new_home(path).with_prices()
    text = home.read("solvent.toml").decode()
    head, _, columns = text.partition("# One table per column of the book.")
    named = [
        line.removeprefix("# ")
        for line in columns[columns.index("# [documents]") :].splitlines()
        if line.startswith(("# [documents]", "# root =", "# policy =", "# quotes =", "# collateral ="))
    ]
    (home.path / "solvent.toml").write_text(head + "\n".join(named) + "\n")
    return home


def pledge(home: HomeOf, bitcoin: str, ether: str) -> None:
    """The owners answer the challenge, and the engineer notes what they hold."""
    home.ok("collateral", "challenge", "--beacon", "drand", "4000000", str(now() - 60), "be" * 32, "--replace")
    challenge = json.loads(home.read("documents/collateral/challenge.json"))
    told = f"solvent/1 ownership exchange=ex.example epoch={challenge['epoch']} owner="
    tail = f" challenge={challenge['challenge']}"
    signed = {
        BITCOIN_ACCOUNT: (WALLET.bitcoin(told + BITCOIN_ACCOUNT + tail, 39), "BTC", bitcoin),
        ETHER_ACCOUNT: (WALLET.evm(told + ETHER_ACCOUNT + tail), "ETH", ether),
    }
    for account, (signature, sym, coins) in signed.items():
        words = ["--account", account, "--signature", signature, "--asset", sym, "--coins", coins, "--pool", "reserve"]
        home.ok("collateral", "add", *words, "--replace")
    for chain in (BITCOIN, "eip155:1"):
        home.ok("collateral", "chain", chain, "--height", "900000", "--hash", "ab" * 32, "--time", str(now() - 60))


def audit(home: HomeOf, number: int) -> str:
    directory = home.path / "public/epochs" / str(number)
    done = CliRunner().invoke(solvent_verify, ["audit", str(directory), "--reader", str(home.path / "reader.json")])
    assert done.exit_code == 0, done.stdout + done.stderr
    return done.stdout


def test_from_init_to_audit(tmp_path: Path) -> None:
    home = begin(tmp_path / "home")
    pledge(home, "4.4", "4")
    told = refusal(home.run("attest", "--check"), 1)
    assert "in-kind:BTC/BTC misses by 0.1 BTC" in told
    assert "BTC: held 4.4, owed 4.5, short of 0.1" in told
    pledge(home, "5", "4")
    assert "The ledger can be attested" in home.ok("attest", "--check")
    shown = home.ok("attest", "--first")
    for claim in ("in-kind:BTC", "in-kind:ETH", "coverage"):
        assert f"{claim} " in shown
    page = audit(home, 1)
    assert "QUALIFIED" in page
    assert "are at least 100 % of what is owed in BTC" in page
    assert "4.5" not in page, "totals are hidden"


def test_the_second_epoch_needs_new_signatures(tmp_path: Path) -> None:
    home = begin(tmp_path / "home")
    pledge(home, "5", "4")
    home.ok("attest", "--first", "--taken-at", str(now() - 30))
    assert "let every owner sign the new messages" in refusal(home.run("attest"), 2)
    pledge(home, "5", "4")
    home.ok("attest")
    assert "QUALIFIED" in audit(home, 2)
