"""The customer's own records: ``--holds BTC=1.5`` and ``--holdings FILE``, as column or asset -> decimal text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from verifier.amounts import parse_amount
from verifier.cli.inputs import WrongUsage, small_file, typed

_MOST_DECIMALS: Final = 80
_EXAMPLE: Final = 'write {"BTC": "1.5", "USD": "200"} or lines such as BTC,1.5'


def read_held(holds: Sequence[str], file: Path | None) -> dict[str, str] | None:
    """Both sources together, no name twice; None when neither was given. Raises WrongUsage."""
    if not holds and file is None:
        return None
    pairs = [_split(item) for item in holds]
    if file is not None:
        pairs += _read_file(small_file(file), file.name)
    return _once(pairs)


def _split(item: str) -> tuple[str, str]:
    name, equals, amount = item.partition("=")
    if not equals:
        raise WrongUsage("this is not NAME=AMOUNT", where=f"--holds {item}", hint="write it as --holds BTC=1.5")
    return name.strip(), amount.strip()


def _read_file(data: bytes, where: str) -> list[tuple[str, str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongUsage("is not UTF-8 text", where=where, hint="save it as UTF-8") from None
    return _from_json(text, where) if text.lstrip().startswith("{") else _from_csv(text, where)


def _from_json(text: str, where: str) -> list[tuple[str, str]]:
    """One flat object; pairs are kept as a list, so that a name that stands twice is seen."""
    if text.count("{") > 1 or "[" in text:
        raise WrongUsage("holds more than names and amounts", where=where, hint=_EXAMPLE)
    try:
        pairs = json.loads(text, object_pairs_hook=list, parse_float=_refuse, parse_int=_refuse, parse_constant=_refuse)
    except ValueError:
        raise WrongUsage("is not JSON", where=where, hint=_EXAMPLE) from None
    return [(name, _require_text(amount, f"{where}: {name}")) for name, amount in pairs]


def _refuse(digits: str) -> None:
    """Numbers outside quotes: other programs may have rounded them. They read as null, which is no text."""


def _require_text(amount: Any, where: str) -> str:
    if not isinstance(amount, str):
        raise WrongUsage("an amount stands in quotes, so that no program rounds it", where=where, hint=_EXAMPLE)
    return amount.strip()


def _from_csv(text: str, where: str) -> list[tuple[str, str]]:
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), strict=True) if row]
    except csv.Error:
        raise WrongUsage("is not CSV", where=where, hint=_EXAMPLE) from None
    if rows and rows[0] == ["column", "amount"]:
        del rows[0]
    for number, row in enumerate(rows, 1):
        if len(row) != 2:
            raise WrongUsage(f"entry {number} is not a name and an amount", where=where, hint=_EXAMPLE)
    return [(row[0], row[1]) for row in rows]


def _once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    held: dict[str, str] = {}
    for name, amount in pairs:
        if not name:
            raise WrongUsage("an amount has no name", where="holdings", hint=_EXAMPLE)
        if name in held:
            raise WrongUsage("is given twice", where=f"holdings: {name}", hint="give each column once")
        typed(lambda: parse_amount(amount, _MOST_DECIMALS, f"holdings: {name}"))  # noqa: B023 (called at once)
        held[name] = amount
    return held
