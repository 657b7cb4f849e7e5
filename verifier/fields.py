"""Typed, closed reading of decoded JSON (docs/protocol.md, section 1): one function per kind of member.

Every function takes the value and ``where``, a readable path for the error, and returns a plain Python value.
"""

from __future__ import annotations

import re
from typing import Any, Final

from verifier.canonical import MAX_INT
from verifier.errors import Malformed

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,95}", re.ASCII)
_SYM: Final = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,31}", re.ASCII)
_SIGNED: Final = re.compile(r"0|-?[1-9][0-9]{0,77}", re.ASCII)
_AMOUNT: Final = re.compile(r"0|[1-9][0-9]{0,38}", re.ASCII)
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*", re.ASCII)


def members(value: Any, where: str, names: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """``value`` as an object with exactly ``names``, and any of ``optional``."""
    if not isinstance(value, dict):
        raise Malformed("should be an object", where=where, code="E_TYPE")
    missing = [name for name in names if name not in value]
    unknown = [name for name in value if name not in names and name not in optional]
    if missing or unknown:
        what = f"member {missing[0]!r} is missing" if missing else f"member {unknown[0][:40]!r} is not known"
        raise Malformed(what, where=where, code="E_FIELD")
    return value


def mapping(value: Any, where: str, limit: int) -> dict[str, Any]:
    """``value`` as an object whose member names are data, at most ``limit`` of them."""
    if not isinstance(value, dict):
        raise Malformed("should be an object", where=where, code="E_TYPE")
    if len(value) > limit:
        raise Malformed(f"has more than {limit} members", where=where, code="E_LIMIT")
    return value


def items(value: Any, where: str, limit: int) -> list[Any]:
    """``value`` as a list of at most ``limit`` items."""
    if not isinstance(value, list):
        raise Malformed("should be a list", where=where, code="E_TYPE")
    if len(value) > limit:
        raise Malformed(f"has more than {limit} items", where=where, code="E_LIMIT")
    return value


def integer(value: Any, where: str, low: int = 0, high: int = MAX_INT) -> int:
    """A JSON number, whole, within low..high."""
    if type(value) is not int:
        raise Malformed("should be a whole number", where=where, code="E_TYPE")
    if not low <= value <= high:
        raise Malformed(f"{value} is outside {low}..{high}", where=where, code="E_LIMIT")
    return value


def text(value: Any, where: str, limit: int = 1024) -> str:
    """A string of at most ``limit`` bytes of UTF-8."""
    if not isinstance(value, str):
        raise Malformed("should be a string", where=where, code="E_TYPE")
    if len(value.encode()) > limit:
        raise Malformed(f"is longer than {limit} bytes", where=where, code="E_LIMIT")
    return value


def constant(value: Any, where: str, expected: str) -> str:
    """Exactly the string ``expected``."""
    if value != expected:
        raise Malformed(f"should be {expected!r}", where=where, code="E_TYPE")
    return expected


def _pattern(value: Any, where: str, pattern: re.Pattern[str], what: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Malformed(f"should be {what}", where=where, code="E_TYPE")
    return value


def name(value: Any, where: str) -> str:
    """A name: letters, digits and ``._:/#-``, at most 96 characters."""
    return _pattern(value, where, NAME, "a name (letters, digits and ._:/#-, at most 96 characters)")


def sym(value: Any, where: str) -> str:
    """An asset symbol: capitals, digits and ``._-``, at most 32 characters."""
    return _pattern(value, where, _SYM, "an asset symbol (capitals, digits and ._-, at most 32 characters)")


def amount(value: Any, where: str) -> int:
    """A string of digits below 2^128, converted after its form was checked."""
    digits = _pattern(value, where, _AMOUNT, "a whole number in a string, without leading zeros")
    if int(digits) >= 2**128:
        raise Malformed("is 2^128 or more", where=where, code="E_LIMIT")
    return int(digits)


def signed(value: Any, where: str) -> int:
    """A string ``(0|-?[1-9][0-9]{0,77})``, converted after its form was checked."""
    return int(_pattern(value, where, _SIGNED, "a whole number in a string, without leading zeros"))


def hexbytes(value: Any, where: str, length: int) -> bytes:
    """``length`` bytes in lower-case hex."""
    digits = _pattern(value, where, _HEX, "lower-case hex")
    if len(digits) != 2 * length:
        raise Malformed(f"should be {length} bytes in hex, found {len(digits) // 2}", where=where, code="E_TYPE")
    return bytes.fromhex(digits)


def digest(value: Any, where: str) -> str:
    """32 bytes in lower-case hex, kept as hex."""
    return hexbytes(value, where, 32).hex()


def digest_or_empty(value: Any, where: str) -> str:
    """A digest, or "" where there is none."""
    return "" if value == "" else digest(value, where)
