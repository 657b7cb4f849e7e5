"""Our own table of signed answers: made by ``solvent collateral challenge --csv``, filled in by owners, read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from attest.collateral.challenge import Challenge
from attest.collateral.register import NewLine
from attest.collateral.typed import COLUMNS, read_line
from attest.collateral.units import UnitBook
from verifier.collateral import AddressBacking, EntryBacking, Line, ValidatorBacking
from verifier.collateral.quantities import MAX_LINES
from verifier.errors import Malformed

_SIGNED: Final = ("scheme", "signatures", "script", "public_key", "message")
_NEEDED: Final = ("account", "signatures")


def is_answers(text: str) -> bool:
    """Whether the first row names our columns, at least those that are needed."""
    return set(_NEEDED) <= set(_first_row(text))


def read_answers(text: str, units: UnitBook, challenge: Challenge | None, pool: str = "") -> list[NewLine]:
    """The lines of a table. ``pool`` is that of rows that name none.

    Rows of one account may leave the signature to one of them. Raises Malformed or Rejected naming row and column.
    """
    rows = list(_rows(text))
    signed: dict[str, dict[str, str]] = {}
    for _, cells in rows:
        if cells.get("signatures"):
            signed.setdefault(cells["account"], {name: cells[name] for name in _SIGNED if cells.get(name)})
    lines = []
    for number, cells in rows:
        if not cells.get("signatures"):
            cells = {**cells, **signed.get(cells["account"], {})}
        lines.append(read_line({**cells, "pool": cells.get("pool") or pool}, f"row {number}", units, challenge))
    return lines


def write_answers(messages: Mapping[str, str], lines: Iterable[Line]) -> str:
    """The table for the owners to fill in: what is known stands there, signatures do not.

    ``messages`` is what each owner signs.
    """
    told = io.StringIO()
    table = csv.DictWriter(told, COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    known: dict[str, list[dict[str, str]]] = {}
    for line in lines:
        for owner, row in _known(line):
            known.setdefault(owner, []).append(row)
    for owner, message in messages.items():
        for row in known.get(owner, [{}]):
            table.writerow({**row, "account": owner, "message": message})
    return told.getvalue()


def owner_of(line: Line) -> str:
    """Who must sign for ``line``, as the message names it; "" where a statement vouches."""
    backing = line.backing
    if isinstance(backing, ValidatorBacking):
        return f"{backing.chain}:0x{backing.public_key}"
    return "" if isinstance(backing, EntryBacking) else backing.account


def _known(line: Line) -> Iterator[tuple[str, dict[str, str]]]:
    owner = owner_of(line)
    if not owner:
        return
    row = {"asset": line.asset, "unit": line.unit, "pool": line.pool, "amount": str(line.value), "id": line.id}
    row |= {"encumbered": str(line.encumbered), "scheme": line.backing.to_json()["scheme"]}
    if isinstance(line.backing, AddressBacking):
        row |= {"script": line.backing.script, "public_key": line.backing.public_key}
    if isinstance(line.backing, ValidatorBacking):
        row["withdrawal"] = line.backing.withdrawal
    yield owner, row


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(line number, cells by column) of every row that is not empty."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = _header(next(reader, []))
        for count, cells in enumerate(reader):
            if count >= MAX_LINES:
                raise Malformed(f"more than {MAX_LINES} rows", where="file", code="E_LIMIT", hint="join some accounts")
            if any(cells):
                yield reader.line_num, _named(header, cells, reader.line_num)
    except csv.Error:
        where = f"row {reader.line_num}"
        raise Malformed(
            "not a table of comma-separated values", where=where, code="E_TYPE", hint="save it as CSV in UTF-8"
        ) from None


def _first_row(text: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True), [])
    except csv.Error:
        return []


def _header(cells: list[str]) -> list[str]:
    unknown = [cell for cell in cells if cell not in COLUMNS]
    missing = [name for name in _NEEDED if name not in cells]
    if unknown or missing or len(set(cells)) != len(cells):
        wrong = f"has a column {unknown[0][:40]!r}" if unknown else f"has no column {missing[0]!r}" if missing else ""
        raise Malformed(
            wrong or "has a column twice", where="row 1", code="E_FIELD", hint=f"columns are {', '.join(COLUMNS)}"
        )
    return cells


def _named(header: list[str], cells: list[str], number: int) -> dict[str, str]:
    if len(cells) != len(header):
        raise Malformed(
            f"has {len(cells)} cells, and the first row has {len(header)}",
            where=f"row {number}",
            code="E_FIELD",
            hint="put quotes around cells that contain a comma",
        )
    return dict(zip(header, cells, strict=True))
