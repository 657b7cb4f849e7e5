"""Collateral tiers in the two forms Binance's proof-of-solvency tool is met with (docs/statement.md, section 4).

``[a-b:r,...]`` is one table: value from a to b counts r percent. The long form is a CSV with one line per tier. In both
a finite last tier ends what counts, and no tier at all means that nothing counts.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from verifier.errors import Malformed
from verifier.markets.tiers import CONCAVE, Table, Tier

PRODUCTS: Final = ("loan", "margin", "portfolio_margin")
NOTHING: Final = Table(CONCAVE, (Tier(0, 0),))
COLUMNS: Final = ("asset", "price_usdt", "product", "tier", "from_usdt", "to_usdt", "ratio_pct")
_TEXT: Final = re.compile(r"([0-9]{1,38})-([0-9]{1,38}):([0-9]{1,4})", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,38}", re.ASCII)

Slice = tuple[int, int | None, int]
"""From, to (None without an end) in whole quote, and percent."""


def from_text(text: str, where: str = "tiers") -> Table:
    """The table of ``[0-10000:100,10000-20000:90]``; of ``""`` or ``[]``, one that counts nothing. Raises Malformed."""
    inner = text.removeprefix("[").removesuffix("]")
    if (text[:1] == "[") != (text[-1:] == "]"):
        raise Malformed("a bracket is missing", where=where, code="E_TYPE")
    matches = [_TEXT.fullmatch(part) for part in inner.split(",")] if inner else []
    if None in matches:
        raise Malformed("should read [from-to:percent,...]", where=where, code="E_TYPE")
    return table([(int(m[1]), int(m[2]), int(m[3])) for m in matches if m], where)


def from_csv(text: str, where: str = "tiers") -> dict[tuple[str, str], Table]:
    """(asset, product) -> table, from the long form; an absent pair of a listed asset counts nothing.

    Raises Malformed for columns, numbers or gaps that do not fit, Rejected (E_TIER_ORDER) for rising rates.
    """
    slices: dict[tuple[str, str], list[Slice]] = {}
    for number, row in enumerate(_rows(text, where), 2):
        line = f"{where}: line {number}"
        if row["product"] not in PRODUCTS:
            raise Malformed(f"product is one of {', '.join(PRODUCTS)}", where=line, code="E_TYPE")
        listed = slices.setdefault((row["asset"], row["product"]), [])
        if row["tier"] != str(len(listed)):
            raise Malformed("the tiers of one asset are numbered 0, 1, 2, ...", where=line, code="E_FIELD")
        end = None if row["to_usdt"] == "" else _number(row["to_usdt"], line)
        listed.append((_number(row["from_usdt"], line), end, _number(row["ratio_pct"], line)))
    assets = sorted({asset for asset, _ in slices})
    return {(a, p): table(slices.get((a, p), ()), f"{where}: {a} {p}") for a in assets for p in PRODUCTS}


def table(slices: Sequence[Slice], where: str) -> Table:
    """Consecutive slices as a concave table; above a finite last slice nothing counts."""
    if not slices:
        return NOTHING
    if any(a[1] != b[0] for a, b in pairwise(slices)):
        raise Malformed("each tier begins where the one before ends", where=where, code="E_FIELD")
    tiers = [Tier(start, 100 * percent) for start, _, percent in slices]
    end = slices[-1][1]
    if any(percent > 100 for _, _, percent in slices):
        raise Malformed("collateral never counts more than 100 percent", where=where, code="E_LIMIT")
    return Table(CONCAVE, tuple(tiers if end is None else [*tiers, Tier(end, 0)]))


def _rows(text: str, where: str) -> Iterable[dict[str, str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = list(reader)
    except csv.Error as error:
        raise Malformed("not a CSV file", where=where, code="E_TYPE") from error
    if not lines or tuple(lines[0]) != COLUMNS:
        raise Malformed(f"its columns should be {', '.join(COLUMNS)}", where=where, code="E_FIELD")
    if any(len(line) != len(COLUMNS) for line in lines):
        raise Malformed("a line has too few or too many cells", where=where, code="E_FIELD")
    return [dict(zip(COLUMNS, line, strict=True)) for line in lines[1:]]


def _number(digits: str, where: str) -> int:
    if not _NUMBER.fullmatch(digits):
        raise Malformed("should be a whole number", where=where, code="E_TYPE")
    return int(digits)
