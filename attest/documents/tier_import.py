"""Collateral tiers as Binance publishes them, turned into tables and haircuts of policy.toml."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from attest.config_table import ConfigError
from verifier.markets.binance import PRODUCTS, from_csv
from verifier.markets.tiers import Table

NAMES: Final = {product.replace("_", "-"): product for product in PRODUCTS}
"""As options spell products -> as the file does."""


def import_tables(text: str, product: str, where: str, listed: Collection[str] | None = None) -> dict[str, Table]:
    """Asset -> its table for ``product`` (a key of ``NAMES``), for the assets ``listed`` or all.

    Raises Malformed or Rejected, naming the line.
    """
    found = from_csv(text, where)
    return {
        asset: table
        for (asset, name), table in sorted(found.items())
        if name == NAMES[product] and (listed is None or asset in listed)
    }


def fragment(tables: Mapping[str, Table], product: str, pool: str) -> str:
    """TOML to paste: one haircut per asset, and the tables they name."""
    document = tomlkit.document()
    lay_over(document, tables, product, pool)
    return tomlkit.dumps(document)


def merge(policy: str, tables: Mapping[str, Table], product: str, pool: str) -> str:
    """The text of policy.toml with haircuts and tables laid over what it has; its comments stay. Raises ConfigError."""
    try:
        document = tomlkit.parse(policy)
        lay_over(document, tables, product, pool)
        return tomlkit.dumps(document)
    except (TOMLKitError, TypeError, AttributeError) as error:
        hint = "correct it first: solvent policy lint says where it is wrong"
        raise ConfigError(
            "is not a policy that can be added to", where="policy.toml", code="E_CONFIG", hint=hint
        ) from error


def lay_over(document: tomlkit.TOMLDocument, tables: Mapping[str, Table], product: str, pool: str) -> None:
    """Set the haircut of each asset in ``pool`` to its table."""
    haircuts = _table(_table(document, "haircuts"), pool)
    named = _table(document, "tables")
    for asset, table in tables.items():
        name = f"{product}-{asset}"
        haircuts[asset] = name
        entry = tomlkit.table()
        entry["kind"] = table.kind
        entry["tiers"] = _tiers(table)
        named[name] = entry


def _table(parent: Any, name: str) -> Any:
    if name not in parent:
        parent[name] = tomlkit.table(is_super_table=name in ("haircuts", "tables"))
    return parent[name]


def _tiers(table: Table) -> Any:
    """A list of inline tables, one a line where there are several."""
    tiers = tomlkit.array()
    for tier in table.tiers:
        one: InlineTable = tomlkit.inline_table()
        one["from"], one["bps"] = tier.start, tier.bps
        tiers.append(one)
    tiers.multiline(len(table.tiers) > 1)
    return tiers
