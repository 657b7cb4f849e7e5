"""The custodian's side: a table of entries becomes a signed statement, and the openings of what it hides."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from attest.collateral.guard import refuse_secrets
from attest.collateral.openings import VALUE_LIMIT, Opening, Openings
from attest.collateral.units import read_base_units
from attest.signing import Signer, sign_payload
from verifier.collateral import Custody, Entry
from verifier.collateral.custody import PAYLOAD_TYPE
from verifier.dsse import Envelope
from verifier.errors import Malformed
from verifier.group import Point
from verifier.hashing import N

COLUMNS: Final = ("asset", "unit", "amount", "hidden", "encumbered", "reference", "valuation_at", "covers")
"""One entry in a row. Where ``hidden`` is yes, ``amount`` is in the ASSET's base units and only committed to. What has
no ``valuation_at`` was valued at the time that the statement speaks of.
"""
_OPTIONAL: Final = ("hidden", "encumbered", "valuation_at", "covers")
_HIDDEN: Final = {"": False, "no": False, "yes": True}

Blinding = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Header:
    """Everything of a statement but its entries; ``epoch`` 0 with ``challenge`` "" belongs to no epoch."""

    issuer: str
    kind: str
    exchange: str
    epoch: int
    challenge: str
    as_of: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class Vouched:
    """A signed statement and what opens its commitments, which goes to the exchange in secret."""

    envelope: Envelope
    custody: Custody
    openings: Openings


def fresh_blinding() -> int:
    """A scalar that nobody can guess."""
    return 1 + secrets.randbelow(N - 1)


def vouch(header: Header, table: str, signer: Signer, blinding: Blinding = fresh_blinding) -> Vouched:
    """Make and sign the statement of ``table``. Raises Malformed naming row and column, Unavailable (E_SIGNER)."""
    entries, opened = _entries(table, header.as_of, blinding)
    names = ("issuer", "kind", "exchange", "epoch", "challenge", "as_of", "expires_at")
    made = Custody(**{name: getattr(header, name) for name in names}, entries=entries)
    if made.as_of >= made.expires_at:
        raise Malformed(
            "the statement would expire before the time it speaks of",
            where="expires_at",
            code="E_LIMIT",
            hint="give a later --expires-at",
        )
    checked = Custody.from_payload(made.to_payload(), "statement")
    envelope = sign_payload(checked.to_payload(), signer, PAYLOAD_TYPE)
    digest = envelope.digest
    return Vouched(envelope, checked, Openings({(digest, number): opening for number, opening in opened.items()}))


def _entries(table: str, as_of: int, blinding: Blinding) -> tuple[tuple[Entry, ...], dict[int, Opening]]:
    reader = csv.reader(io.StringIO(table.removeprefix("\ufeff"), newline=""), strict=True)
    entries: list[Entry] = []
    opened: dict[int, Opening] = {}
    try:
        header = _header(next(reader, []))
        for cells in reader:
            if any(cells):
                row = _cells(header, cells, reader.line_num)
                row["valuation_at"] = row["valuation_at"] or str(as_of)
                value = _value(row, f"row {reader.line_num}", blinding)
                if isinstance(value, Opening):
                    opened[len(entries)] = value
                entries.append(_entry(row, value, f"row {reader.line_num}"))
    except csv.Error:
        where = f"row {reader.line_num}"
        raise Malformed(
            "not a table of comma-separated values", where=where, code="E_TYPE", hint="save as CSV"
        ) from None
    if not entries:
        raise Malformed("there is no entry", where="entries", code="E_FIELD", hint="add a row below the first")
    return tuple(entries), opened


def _entry(row: Mapping[str, str], value: int | Opening, where: str) -> Entry:
    """The entry through the strict parser."""
    told: dict[str, object] = {name: row[name] for name in ("asset", "unit", "reference")}
    told["encumbered"] = str(read_base_units(row["encumbered"] or "0", f"{where}: encumbered"))
    told["valuation_at"] = _time(row["valuation_at"], f"{where}: valuation_at")
    told["covers"] = row["covers"].split()
    if isinstance(value, Opening):
        if told["encumbered"] != "0":
            raise Malformed(
                "a hidden amount has nothing encumbered", where=where, code="E_LINE_ENCUMBERED", hint="deduct it first"
            )
        point: Point = value.commitment
        return Entry.from_json({**told, "commitment": point.to_bytes().hex()}, where)
    return Entry.from_json({**told, "amount": str(value)}, where)


def _value(row: Mapping[str, str], where: str, blinding: Blinding) -> int | Opening:
    amount = read_base_units(row["amount"], f"{where}: amount")
    hidden = _HIDDEN.get(row["hidden"])
    if hidden is None:
        raise Malformed("should be yes, no or empty", where=f"{where}: hidden", code="E_TYPE", hint="write yes")
    if not hidden:
        return amount
    if amount >= VALUE_LIMIT:
        raise Malformed(
            "a hidden amount is below 2^64 base units of the asset",
            where=f"{where}: amount",
            code="E_LIMIT",
            hint="split it into several entries",
        )
    return Opening(amount, blinding())


def _time(text: str, where: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise Malformed("should be a time in POSIX seconds", where=where, code="E_TYPE", hint="for example 1800000000")
    return int(text)


def _header(cells: list[str]) -> list[str]:
    missing = [name for name in COLUMNS if name not in cells and name not in _OPTIONAL]
    unknown = [cell for cell in cells if cell not in COLUMNS]
    if missing or unknown or len(set(cells)) != len(cells):
        wrong = f"has no column {missing[0]!r}" if missing else f"has a column {unknown[0][:40]!r}" if unknown else ""
        hint = f"columns are {', '.join(COLUMNS)}"
        raise Malformed(wrong or "has a column twice", where="row 1", code="E_FIELD", hint=hint)
    return cells


def _cells(header: list[str], cells: list[str], number: int) -> dict[str, str]:
    if len(cells) != len(header):
        raise Malformed(
            f"has {len(cells)} cells, and the first row has {len(header)}",
            where=f"row {number}",
            code="E_FIELD",
            hint="put quotes around cells that contain a comma",
        )
    row = {**dict.fromkeys(COLUMNS, ""), **dict(zip(header, (cell.strip() for cell in cells), strict=True))}
    refuse_secrets(row.items(), f"row {number}")
    return row
