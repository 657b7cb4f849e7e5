"""Quotes in the making: decimal prices in, one signed document a source out. Exact: no float is ever made."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from verifier import fields
from verifier.amounts import parse_amount
from verifier.errors import Malformed
from verifier.markets.policy import MAX_PRICE_SCALE, Policy
from verifier.markets.quotes import Quote

INDEX: Final = "index"
MARK: Final = "mark"
PRICE: Final = "price"
"""The column for whichever of the two the policy reads."""
_COLUMNS: Final = ("sym", PRICE, INDEX, MARK, "model")
_HINT: Final = "write a header with sym and price (or index, mark), and model where no market made the price"


@dataclass(frozen=True, slots=True)
class Told:
    """One price as text. ``field`` is price, index or mark; ``where`` names the line or option it comes from."""

    sym: str
    field: str
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What a quote needs beside its prices; ``scale`` is how many decimals they may have, None as many as they use."""

    source: str
    quote: str
    at: int
    scale: int | None
    uses: dict[str, str]

    @classmethod
    def of(cls, source: str, at: int, policy: Policy | None, quote: str = "", scale: int | None = None) -> Frame:
        """The policy's currency, scale and choices where there is one. Raises Malformed."""
        uses = {sym: asset.use for sym, asset in policy.assets.items()} if policy else {}
        return cls(
            fields.name(source, "source"),
            quote or (policy.quote if policy else "iso4217:USD"),
            at,
            scale if scale is not None or policy is None else policy.price.scale,
            uses,
        )


def read_prices(text: str, where: str) -> tuple[list[Told], dict[str, str]]:
    """Prices and models of a CSV file. Raises Malformed, naming the line."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise Malformed(f"is not a CSV file: {error}", where=where, code="E_TYPE", hint=_HINT) from error
    head = [cell.strip() for cell in rows[0]] if rows else []
    if "sym" not in head or len(set(head)) != len(head) or not {*head} <= {*_COLUMNS} or len(head) < 2:
        raise Malformed(f"its columns should be among {', '.join(_COLUMNS)}", where=where, code="E_FIELD", hint=_HINT)
    told: list[Told] = []
    models: dict[str, str] = {}
    for number, row in enumerate(rows[1:], 2):
        line = f"{where}: line {number}"
        if not row:
            continue
        if len(row) != len(head):
            raise Malformed(f"has {len(row)} cells, not {len(head)}", where=line, code="E_FIELD", hint=_HINT)
        cells = {name: cell.strip() for name, cell in zip(head, row, strict=True)}
        sym = fields.sym(cells["sym"], line)
        told += [Told(sym, name, cells[name], line) for name in (PRICE, INDEX, MARK) if cells.get(name)]
        if cells.get("model"):
            models[sym] = cells["model"]
    return told, models


def make_quote(frame: Frame, told: Sequence[Told], models: dict[str, str]) -> Quote:
    """The quote. Raises Malformed for a price that is no decimal number, is zero, or is told twice."""
    if not told:
        raise Malformed(
            "there is no price in it", where="quote", code="E_FIELD", hint="give --price SYM=PRICE or a CSV"
        )
    scale = _scale(frame, told)
    found: dict[str, dict[str, int]] = {INDEX: {}, MARK: {}}
    for one in told:
        prices = found[frame.uses.get(one.sym, INDEX) if one.field == PRICE else one.field]
        if one.sym in prices:
            hint = "give each price once"
            raise Malformed(f"{one.sym} has a price already", where=one.where, code="E_FIELD", hint=hint)
        prices[one.sym] = _parse(one, scale)
    quote = Quote(frame.source, frame.quote, frame.at, scale, found[INDEX], found[MARK], models)
    return Quote.from_json(quote.to_json())


def file_name(source: str) -> str:
    """The file of a source's quote: its name, with what a file's name cannot hold replaced."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", source) + ".json"


def quote_path(directory: Path, source: str) -> Path:
    """Where the quote of ``source`` is kept."""
    return directory / file_name(source)


def _scale(frame: Frame, told: Iterable[Told]) -> int:
    if frame.scale is not None:
        return frame.scale
    return min(MAX_PRICE_SCALE, max(len(one.text.partition(".")[2]) for one in told))


def _parse(one: Told, scale: int) -> int:
    try:
        price = parse_amount(one.text, scale, one.where)
    except Malformed as error:
        too_fine = "more than" in error.message
        hint = "raise [price] scale in policy.toml, or quote fewer decimals" if too_fine else "write it as 115770.25"
        raise Malformed(error.message, where=error.where, code=error.code, hint=hint) from None
    if price == 0:
        hint = "leave an asset without a price out; one too cheap needs a finer scale"
        raise Malformed(f"the price of {one.sym} is zero", where=one.where, code="E_PRICE_ZERO", hint=hint)
    return price
