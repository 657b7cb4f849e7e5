"""The column names of the Binance sample format, and the book they imply.

Per asset ``x`` a file has ``e_x`` (equity), ``d_x`` (debt) and three collateral columns ``vl_x`` (loan), ``m_x``
(margin) and ``pm_x`` (portfolio margin), 8 decimals each. The columns ``x`` and ``total_net_balance_usdt`` are residue
of float arithmetic and ``rn`` is a row number: none of the three is imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verifier import fields
from verifier.schema import Column, Rule

DECIMALS: Final = 8
BITS: Final = 64
ACCOUNT: Final = "id"
_RESIDUE: Final = ("rn", "total_net_balance_usdt")
_PLAIN: Final = {"e_": "", "d_": ":debt"}
_COLLATERAL: Final = {"vl_": ":loan", "m_": ":margin", "pm_": ":portfolio-margin"}


def assets(header: Sequence[str]) -> list[str]:
    """The assets of a file as it spells them, in its order: every ``x`` of a column ``e_x`` or ``d_x``."""
    found = [name[2:] for name in header if name[:2] in _PLAIN and len(name) > 2]
    return list(dict.fromkeys(found))


def book_names(header: Sequence[str], collateral: bool) -> dict[str, str]:
    """Source name -> name of the book's column, "" where the source's column is not imported."""
    names = dict.fromkeys(_RESIDUE, "")
    for asset in assets(header):
        names[asset] = ""
        names |= {prefix + asset: asset.upper() + suffix for prefix, suffix in _PLAIN.items()}
        names |= {
            prefix + asset: asset.upper() + suffix if collateral else "" for prefix, suffix in _COLLATERAL.items()
        }
    return names


def derive(header: Sequence[str], collateral: bool, where: str) -> tuple[tuple[Column, ...], tuple[Rule, ...]]:
    """The columns and rules of a file's book. Raises Malformed when an asset's name is no asset symbol."""
    symbols = [fields.sym(asset.upper(), f"{where}, column e_{asset}") for asset in assets(header)]
    columns = [column for symbol in symbols for column in _columns(symbol, collateral)]
    return tuple(columns), tuple(_pledge(symbol) for symbol in symbols) if collateral else ()


def _columns(symbol: str, collateral: bool) -> list[Column]:
    names = [(symbol, "balance"), (f"{symbol}:debt", "debt")]
    if collateral:
        names += [(symbol + suffix, "collateral") for suffix in _COLLATERAL.values()] + [(f"{symbol}:slack", "slack")]
    return [Column(name, symbol, DECIMALS, BITS, kind) for name, kind in names]


def _pledge(symbol: str) -> Rule:
    """Nobody pledges more than they have: balance - sum(collateral) - slack = 0."""
    minus = [*_COLLATERAL.values(), ":slack"]
    weights = {symbol: 1} | {symbol + suffix: -1 for suffix in minus}
    return Rule(f"pledge:{symbol}", tuple(sorted(weights.items())))
