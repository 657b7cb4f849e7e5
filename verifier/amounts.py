"""Amounts as people write them, exactly: decimal text in, whole base units out, and back. No floats."""

from __future__ import annotations

import re

from verifier.errors import Malformed

_DECIMAL = re.compile(r"([0-9]{1,60})(?:\.([0-9]{1,80}))?", re.ASCII)


def parse_amount(text: str, decimals: int, where: str) -> int:
    """Base units of a non-negative decimal number such as ``1.50``. Raises Malformed (E_AMOUNT)."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise Malformed(
            f"{text[:40]!r} is not a decimal number",
            where=where,
            code="E_AMOUNT",
            hint="write digits with at most one point, for example 1.50",
        )
    whole, fraction = match[1], (match[2] or "").rstrip("0")
    if len(fraction) > decimals:
        raise Malformed(
            f"{text[:40]} has more than {decimals} decimals",
            where=where,
            code="E_AMOUNT",
            hint=f"{decimals} decimals are all that is counted here: write the amount as the exchange shows it",
        )
    return int(whole + fraction.ljust(decimals, "0"))


def format_amount(value: int, decimals: int) -> str:
    """``value`` base units as a decimal number, without trailing zeros: 150000000 at 8 decimals is ``1.5``."""
    digits = str(value).rjust(decimals + 1, "0")
    whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :].rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole
