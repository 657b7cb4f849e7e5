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

    The customer says what they mean, never the exchange: ``BTC`` is a balance in BTC, ``BTC:debt`` a debt in BTC, and
    ``BTC:collateral:NAME`` the column NAME among several of one asset and kind. A column's name alone means nothing,
    because the exchange chose it. Raises Rejected (E_HOLDINGS) when the book has no column for a holding that is not
    zero, Malformed (E_AMOUNT) for what is not a number or fits several columns.
    """
    units: dict[int, int] = {}
    for name, text in holdings.items():
        position = _column_for(schema, name)
        if position is None:
            if parse_amount(text, 80, name) == 0:
                continue
            raise _no_column(schema, name, text)
        if position in units:
            raise Malformed(f"{name} is given twice", where=name, code="E_AMOUNT")
        units[position] = parse_amount(text, schema.columns[position].decimals, name)
    return units


def require_equal(schema: Schema, cells: Mapping[int, int], held: Mapping[int, int]) -> None:
    """Raises Rejected (E_HOLDINGS) naming every difference, in both directions; ``details`` lists them."""
    differences = [
        f"{holding_name(schema, column)}: the book says {format_amount(cells.get(c, 0), column.decimals)}, "
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
            hint="compare with your statement of that moment; debts count too, and what you left out counts as 0",
            details=tuple(differences),
        )


def holding_name(schema: Schema, column: Column) -> str:
    """How a customer names this column: ``BTC``, ``BTC:debt``, or ``BTC:collateral:NAME`` where that is not enough."""
    alike = [c for c in schema.columns if (c.asset, c.kind) == (column.asset, column.kind)]
    if len(alike) > 1:
        return f"{column.asset}:{column.kind}:{column.name}"
    return column.asset if column.kind == "balance" else f"{column.asset}:{column.kind}"


def _column_for(schema: Schema, name: str) -> int | None:
    asset, kind, column_name = (*name.split(":", 2), "", "")[:3]
    kind = kind or "balance"
    matching = [
        c
        for c, column in enumerate(schema.columns)
        if column.kind in COMPARED_KINDS
        and (column.asset, column.kind) == (asset, kind)
        and column_name in ("", column.name)
    ]
    if len(matching) > 1:
        names = ", ".join(holding_name(schema, schema.columns[c]) for c in matching)
        raise Malformed(f"{name} could be several columns", where=name, code="E_AMOUNT", hint=f"say which: {names}")
    return matching[0] if matching else None


def _no_column(schema: Schema, name: str, text: str) -> Rejected:
    names = ", ".join(holding_name(schema, c) for c in schema.columns if c.kind in COMPARED_KINDS)
    return Rejected(
        f"you hold or owe {text} {name}, and the book has no column for it",
        where=name,
        code="E_HOLDINGS",
        step="5.4",
        hint=f"write names exactly as this book does: {names}",
    )
