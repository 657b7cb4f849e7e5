"""Members that only market documents have, read as verifier.fields reads the others (docs/statement.md, section 1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from verifier import fields
from verifier.errors import Malformed

MAX_ASSETS: Final = 4096
MAX_CLAIMS: Final = 4096
MAX_POOLS: Final = 64
MAX_TIERS: Final = 32
MAX_SCENARIOS: Final = 1024
MAX_DECIMALS: Final = 77
MAX_BPS: Final = 1_000_000
WHOLE: Final = 10_000
"""Basis points in one."""

_QUOTE: Final = re.compile(r"iso4217:[A-Z]{3}", re.ASCII)
_CHAIN: Final = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}", re.ASCII)

T = TypeVar("T")
Reader = Callable[[Any, str], T]


def bps(value: Any, where: str) -> int:
    """A rate in basis points, 0 to 1,000,000."""
    return fields.integer(value, where, high=MAX_BPS)


def share(value: Any, where: str) -> int:
    """A rate that is at most one, in basis points."""
    return fields.integer(value, where, high=WHOLE)


def choice(value: Any, where: str, options: Iterable[str]) -> str:
    """One of ``options``."""
    known = tuple(options)
    if not isinstance(value, str) or value not in known:
        raise Malformed(f"should be one of {', '.join(known)}", where=where, code="E_TYPE")
    return value


def listed(value: Any, where: str, limit: int, read: Reader[T]) -> tuple[T, ...]:
    """A list of items that ``read`` understands, none of them twice: an asset counted twice would be a lie."""
    found = tuple(read(item, f"{where}[{i}]") for i, item in enumerate(fields.items(value, where, limit)))
    if len(set(found)) != len(found):
        raise Malformed("an item stands twice in this list", where=where, code="E_FIELD")
    return found


def by_sym(value: Any, where: str, read: Reader[T]) -> dict[str, T]:
    """An object from asset symbols to what ``read`` understands."""
    return mapped(value, where, MAX_ASSETS, fields.sym, read)


def by_name(value: Any, where: str, limit: int, read: Reader[T]) -> dict[str, T]:
    """An object from names to what ``read`` understands."""
    return mapped(value, where, limit, fields.name, read)


def mapped(value: Any, where: str, limit: int, key: Reader[str], read: Reader[T]) -> dict[str, T]:
    """An object whose member names ``key`` checks and whose values ``read`` understands."""
    entries = fields.mapping(value, where, limit)
    return {key(name, f"{where}.{name[:96]}"): read(item, f"{where}.{name[:96]}") for name, item in entries.items()}


def quote(value: Any, where: str) -> str:
    """The money everything is valued in: ``iso4217:`` and three capitals."""
    return _matching(value, where, _QUOTE, "a currency such as iso4217:USD")


def chain(value: Any, where: str) -> str:
    """A CAIP-2 chain identifier."""
    return _matching(value, where, _CHAIN, "a chain such as eip155:1 (CAIP-2)")


def _matching(value: Any, where: str, pattern: re.Pattern[str], what: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Malformed(f"should be {what}", where=where, code="E_TYPE")
    return value
