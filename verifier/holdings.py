"""What the customer says they hold and owe, compared with what the book says (docs/protocol.md, section 5 step 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.amounts import format_amount, parse_amount
from verifier.errors import Malformed, Rejected
from verifier.schema import COMPARED_KINDS, Column, Schema


@dataclass(frozen=True, slots=True)
class Balance:
    """One cell that a customer compares: ``units`` base units, which is ``amount`` of ``asset``."""

    column: str
    asset: str
    kind: str
    units: int
    amount: str


def compared_balances(schema: Schema, cells: Mapping[int, int]) -> tuple[Balance, ...]:
    """The non-zero cells that a customer is meant to compare, in column order."""
    found = []
    for c, column in enumerate(schema.columns):
        if column.kind in COMPARED_KINDS and cells.get(c):
            amount = format_amount(cells[c], column.decimals)
            found.append(Balance(column.name, column.asset, column.kind, cells[c], amount))
    return tuple(found)


def read_holdings(schema: Schema, holdings: Mapping[str, str]) -> dict[int, int]:
    """Column index -> base units, from ``{"BTC": "1.5", "BTC:debt": "0.2"}``.

    A name is a column's name, or an asset that has exactly one balance column. Raises Rejected (E_HOLDINGS) when the
    book has no column for a holding that is not zero, Malformed (E_AMOUNT) for what is not a number.
    """
    units: dict[int, int] = {}
    for name, text in holdings.items():
        position = _column_for(schema, name)
        if position is None:
            if parse_amount(text, 80, name) == 0:
                continue
            raise Rejected(
                f"you hold {text} {name}, and the book has no column for it",
                where=name,
                code="E_HOLDINGS",
                step="5.4",
                hint="compared columns: " + ", ".join(c.name for c in schema.columns if c.kind in COMPARED_KINDS),
            )
        if position in units:
            raise Malformed(f"{name} is given twice", where=name, code="E_AMOUNT")
        units[position] = parse_amount(text, schema.columns[position].decimals, name)
    return units


def require_equal(schema: Schema, cells: Mapping[int, int], held: Mapping[int, int]) -> None:
    """Raises Rejected (E_HOLDINGS) naming every difference, in both directions."""
    differences = [
        f"{column.name}: the book says {format_amount(cells.get(c, 0), column.decimals)}, "
        f"you say {format_amount(held.get(c, 0), column.decimals)}"
        for c, column in enumerate(schema.columns)
        if column.kind in COMPARED_KINDS and cells.get(c, 0) != held.get(c, 0)
    ]
    if differences:
        raise Rejected(
            "the book differs from your own records: " + "; ".join(differences),
            where="holdings",
            code="E_HOLDINGS",
            step="5.4",
            hint="compare with your statement at the time of the snapshot; debts count too",
        )


def _column_for(schema: Schema, name: str) -> int | None:
    if name in schema.position and schema.columns[schema.position[name]].kind in COMPARED_KINDS:
        return schema.position[name]
    matching = [c for c, column in enumerate(schema.columns) if _is_balance_of(column, name)]
    return matching[0] if len(matching) == 1 else None


def _is_balance_of(column: Column, asset: str) -> bool:
    return column.kind == "balance" and column.asset == asset
