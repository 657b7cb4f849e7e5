"""Exact decimal text to whole base units: by text operations in DuckDB, never through a float.

An amount is digits, or digits, a point and digits. Zeros beyond the declared decimals change nothing and are accepted.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.schema import Column

PATTERN: Final = r"[0-9]+(\.[0-9]+)?"
_ZERO: Final = r"0+(\.0+)?"
_PLAIN: Final = re.compile(PATTERN, re.ASCII)
_EXPONENT: Final = re.compile(r"[+-]?[0-9]*\.?[0-9]+[eE][+-]?[0-9]+", re.ASCII)
_NOT_NUMBERS: Final = ("nan", "inf", "infinity", "null", "none", "n/a", "-")
_PLAINLY: Final = "write digits and at most one point between digits, for example 0.5"
_DEBT: Final = 'what a customer owes belongs in a column of kind "debt", as a positive amount'


def units_sql(keys: str, text: str, decimals: str, highest: str, table: str) -> str:
    """A query of ``keys`` and ``value``: the base units (UHUGEINT) of the VARCHAR expression ``text``.

    ``decimals`` and ``highest`` are SQL expressions too: how many decimals count, and the largest amount that fits. The
    value of an amount that :func:`explain` has something to say about is NULL; a zero amount gives no row.
    """
    # Most cells of most ledgers are zero: they leave before the costly part.
    # "1.50" becomes "1.5" and "7" becomes "7."; without its point and filled up with zeros that is the number of units.
    short = "CASE WHEN contains(text, '.') THEN rtrim(text, '0') ELSE text || '.' END"
    fraction = "(length(short) - strpos(short, '.'))"
    digits = "rpad(replace(short, '.', ''), (strpos(short, '.') - 1 + places)::INTEGER, '0')"
    exact = f"{fraction} <= places AND regexp_full_match(text, '{PATTERN}')"
    nonzero = f"NOT coalesce(regexp_full_match(text, '{_ZERO}'), false)"
    texts = f"SELECT {keys}, {text} AS text, {decimals}::INTEGER AS places, {highest}::UHUGEINT AS highest FROM {table}"
    shorts = f"SELECT *, {short} AS short FROM ({texts}) WHERE {nonzero}"
    units = f"SELECT *, CASE WHEN {exact} THEN TRY_CAST({digits} AS UHUGEINT) END AS units FROM ({shorts})"
    value = "CASE WHEN units <= highest THEN units END AS value"
    return f"SELECT * EXCLUDE (text, short, places, highest, units), {value} FROM ({units})"


def format_units(units: int, decimals: int) -> str:
    """``units`` as exact decimal text, without trailing zeros: 150000000 at 8 decimals is 1.5."""
    whole, fraction = divmod(abs(units), 10**decimals)
    tail = f".{fraction:0{decimals}d}".rstrip("0") if fraction else ""
    return f"{'-' if units < 0 else ''}{whole}{tail}"


def explain(text: str | None, column: Column) -> tuple[str, str]:
    """(message, remedy) for an amount that :func:`units_sql` refused."""
    if not text:
        return "the amount is empty", 'write 0, or set empty = "zero" in the [ledger] section'
    if _PLAIN.fullmatch(text):
        return _explain_size(text, column)
    return _explain_form(text, column)


def _explain_size(text: str, column: Column) -> tuple[str, str]:
    places = len(text.partition(".")[2].rstrip("0"))
    if places > column.decimals:
        message = f"has {places} decimals, {column.name} has {column.decimals}"
        return message, f"round it in the ledger, or set decimals = {places} for column {column.name}"
    highest = format_units(2**column.bits - 1, column.decimals)
    message = f"is more than a column of {column.bits} bits holds ({highest})"
    return message, f"set more bits for column {column.name} (a multiple of 8, at most 128)"


def _explain_form(text: str, column: Column) -> tuple[str, str]:
    if text.startswith("-") and _PLAIN.fullmatch(text[1:]):
        return "is negative", _DEBT if column.kind == "balance" else "amounts are zero or more"
    if text.strip("+- ").lower() in _NOT_NUMBERS:
        return "is not a number", "write the amount in digits; no amount is 0"
    if _EXPONENT.fullmatch(text):
        return (
            "is in scientific notation",
            "write every digit, for example 100000 for 1e5; such text often comes from a float",
        )
    if text.startswith("+"):
        return "starts with a plus sign", "write the digits alone"
    if any(c.isspace() for c in text):
        return "contains white space", "write the digits alone, without spaces"
    if text.startswith(".") or text.endswith("."):
        return "is not a plain decimal number", _PLAINLY
    if _PLAIN.fullmatch(re.sub("[,_']", "", text)) or _PLAIN.fullmatch(text.replace(".", "").replace(",", ".")):
        return "has a separator in it", "write digits and one decimal point, for example 1234567.89"
    return "is not a plain decimal number", _PLAINLY
