"""Members that lines and the entries they repeat have in common (docs/collateral.md)."""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias

from verifier import fields
from verifier.errors import Malformed
from verifier.group import Point

MAX_LINES: Final = 2**20
MAX_POOLS: Final = 64
MAX_STATEMENTS: Final = 4096
MAX_CHAINS: Final = 4096

Value: TypeAlias = int | Point
"""An amount in base units of the unit, or the commitment V of one in base units of the ASSET."""

_CHAIN: Final = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}", re.ASCII)


def chain(value: Any, where: str) -> str:
    """A chain as CAIP-2 names it. Raises Malformed (E_TYPE)."""
    if not isinstance(value, str) or not _CHAIN.fullmatch(value):
        raise Malformed("should be a chain: namespace:reference", where=where, code="E_TYPE")
    return value


def unit_chain(unit: str) -> str:
    """The CAIP-2 chain of a CAIP-19 unit; "" for ``iso4217:USD``, ``isin:..`` and ``inst:..``, which are on none."""
    head, slash, _ = unit.partition("/")
    return head if slash and _CHAIN.fullmatch(head) else ""


def one_of(value: Any, where: str, options: tuple[str, ...]) -> str:
    """A string out of ``options``. Raises Malformed (E_TYPE)."""
    if not isinstance(value, str) or value not in options:
        raise Malformed(f"should be one of {', '.join(options)}", where=where, code="E_TYPE")
    return value


def value_member(document: Any) -> str:
    """Which of the two members tells how much: a document with both, or with neither, is refused as closed schemas do.

    The answer is the name to require.
    """
    return "commitment" if isinstance(document, dict) and "commitment" in document else "amount"


def read_value(parts: dict[str, Any], where: str) -> Value:
    """The amount or the commitment of ``parts``, which has exactly one of them. Raises Malformed."""
    if "commitment" in parts:
        encoded = fields.hexbytes(parts["commitment"], f"{where}.commitment", 33)
        return Point.from_bytes(encoded, f"{where}.commitment")
    return fields.amount(parts["amount"], f"{where}.amount")


def value_to_json(value: Value) -> dict[str, str]:
    """The member, as the document has it."""
    return {"commitment": value.to_bytes().hex()} if isinstance(value, Point) else {"amount": str(value)}
