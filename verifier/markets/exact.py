"""Exact values and the only rounding rule there is (docs/statement.md, section 4).

Prices and rates are rational numbers until the last step; then every weight and every constant of an inequality
``Z >= 0`` is rounded toward minus infinity. As all quantities are >= 0, the proven Z is at most the true one: assets
are rounded down and liabilities up, whatever the signs.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from verifier.errors import Malformed
from verifier.markets.reading import WHOLE


def round_down(q: Fraction) -> int:
    """floor(q), toward minus infinity also below zero."""
    return q.numerator // q.denominator


def unit_value(price: Fraction, price_scale: int, decimals: int, value_scale: int) -> Fraction:
    """v: what one base unit (10^-``decimals``) is worth in money units of 10^-``value_scale`` quote.

    ``price`` counts 10^-``price_scale`` quote per whole unit; it is a fraction where a scenario moved it.
    """
    return price * Fraction(10**value_scale, 10 ** (price_scale + decimals))


def rate(bps: int) -> Fraction:
    """Basis points as a fraction of one."""
    return Fraction(bps, WHOLE)


def percent(bps: int) -> str:
    """Basis points in words: 10500 is ``105 %``, 1050 is ``10.5 %``."""
    whole, part = divmod(bps, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".") + " %"


def money(value: int, value_scale: int, quote: str) -> str:
    """An amount in money units as text in the quoted currency: ``52,688.4 USD``."""
    whole, part = divmod(abs(value), 10**value_scale)
    digits = f"{whole:,}.{part:0{value_scale}d}".rstrip("0").rstrip(".")
    return f"{'-' if value < 0 else ''}{digits} {quote.rpartition(':')[2]}"


def median(values: Iterable[int]) -> int:
    """The middle value; of an even number, the floor of the mean of the middle two. Raises Malformed without any."""
    ordered = sorted(values)
    if not ordered:
        raise Malformed("a median of nothing", code="E_PRICE_SOURCES")
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) // 2
