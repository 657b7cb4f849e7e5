"""A generated ledger with the skew of a real exchange: few assets that most hold, many that few do, few large accounts.

Deterministic: the same accounts and amounts at every run. Amounts are whole base units, written as decimal text.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ASSETS = 60
DECIMALS = 8
CUSTOMER = "customer-000007@example.com"
_SCHEMA = pa.schema([(name, pa.string()) for name in ("account", "asset", "amount")])


def asset_names() -> list[str]:
    """The symbols, the most popular first."""
    return ["USDT", "BTC", "ETH", "BNB", *(f"COIN{i:03}" for i in range(5, ASSETS + 1))]


def write_ledger(path: Path, accounts: int) -> dict[str, str]:
    """Write a long Parquet ledger (account, asset, amount); returns what ``CUSTOMER`` holds."""
    generator = np.random.default_rng(2026)
    names = [f"customer-{number:06}@example.com" for number in range(accounts)]
    table = pa.concat_tables(
        [_holdings(generator, asset, rank, names) for rank, asset in enumerate(asset_names(), start=1)]
    )
    pq.write_table(table, path)
    own = table.filter(pc.equal(table["account"], CUSTOMER)).to_pylist()
    return {row["asset"]: row["amount"] for row in own if row["amount"] != "0"}


def write_config(path: Path, ledger: Path) -> None:
    """A solvent.toml for that ledger: one column per asset."""
    columns = "".join(f'[[columns]]\nname = "{n}"\nasset = "{n}"\ndecimals = {DECIMALS}\n\n' for n in asset_names())
    head = '[exchange]\nname = "large.example"\n\n[ledger]\nformat = "parquet"\nshape = "long"\n'
    path.write_text(f'{head}path = "{ledger.name}"\n\n{columns}', "utf-8")


def _holdings(generator: np.random.Generator, asset: str, rank: int, names: list[str]) -> pa.Table:
    """One asset: four in five accounts hold the most popular, the k-th is held by one k-th of those.

    Sizes differ by powers of two, so that few accounts hold most of an asset. Everybody has a row of the first asset.
    """
    holds = generator.integers(0, 5 * rank, len(names)) < 4
    units = generator.integers(1, 1 << generator.integers(12, 44, len(names)))
    rows = [(name, unit if held else 0) for name, unit, held in zip(names, units.tolist(), holds.tolist(), strict=True)]
    kept = [(name, unit) for name, unit in rows if unit or rank == 1]
    amounts = [f"{unit // 10**DECIMALS}.{unit % 10**DECIMALS:0{DECIMALS}}" if unit else "0" for _, unit in kept]
    return pa.table([[name for name, _ in kept], [asset] * len(kept), amounts], schema=_SCHEMA)
