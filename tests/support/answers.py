"""Lines as owners hand them in: cells of a table, flags of a command, and a desk that knows OKX's rows."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from tests.support import markets, snapshots
from tests.support.collateral import Desk, new_desk, policy
from tests.support.exchange import answer
from tests.support.snapshots import WALLET, message
from tests.support.wallets import Wallet
from verifier.collateral.bitcoin import Lock
from verifier.collateral.okx_units import UNITS

DATA = Path(__file__).parents[1] / "data" / "collateral"
OKX = {"okx_por_2026-08-11_first25.csv": 25, "okx_por_example_2022-11-22.csv": 33}
ACCOUNT = WALLET.address(Lock.P2WPKH)


def bitcoin(wallet: Wallet = WALLET, lock: Lock = Lock.P2WPKH, header: int = 39, **cells: str) -> dict[str, str]:
    account = wallet.address(lock)
    signed = wallet.bitcoin(message(account), header)
    return {"account": account, "signatures": signed, "asset": "BTC", "amount": "5", "pool": "hot", **cells}


def ether(chain: int = 1, wallet: Wallet = WALLET, **cells: str) -> dict[str, str]:
    account = wallet.evm_account(chain)
    signed = wallet.evm(message(account))
    return {"account": account, "signatures": signed, "asset": "ETH", "coins": "1.5", "pool": "cold", **cells}


def flags(cells: dict[str, str]) -> list[str]:
    words = []
    for name, value in cells.items():
        for text in value.split() if name == "signatures" else [value]:
            words += [f"--{name.replace('_', '-').replace('signatures', 'signature')}", text]
    return words


def table(path: Path, *rows: dict[str, str]) -> Path:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue())
    return path


def lines(desk: Desk) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = answer(desk.run("list", "--json"))["lines"]
    return listed


def checked(desk: Desk) -> dict[str, str]:
    """Verdict or code of each line, by id."""
    report = json.loads(desk.check("--json").stdout)
    return {line["id"]: line["code"] or line["verdict"] for line in report["lines"]}


def okx_desk(root: Path) -> Desk:
    """A desk whose policy knows OKX's units and its message."""
    rules = {**policy().collateral.to_json(), "legacy_messages": ["I am an OKX address"]}
    return new_desk(root, **okx_assets(), collateral=rules)


def okx_assets() -> dict[str, Any]:
    """The members of a policy that name the units OKX uses."""
    units: dict[str, dict[str, int]] = {}
    for (sym, _), unit in UNITS.items():
        units.setdefault(sym, {})[unit.unit] = unit.decimals
    assets = {sym: markets.asset(min(found.values()), units=found) for sym, found in units.items()}
    haircuts = {pool: dict.fromkeys(assets, 0) for pool in snapshots.RULES.pools}
    return {"assets": assets, "haircuts": haircuts, "columns": []}
