"""Words: the catalogues of texts, one per language, and numbers and times as people read them."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from time import gmtime, strftime
from typing import Any, Final

LANGUAGES: Final = {"en": "English", "de": "Deutsch"}
"""The first one stands at the plain addresses, the others under ``/<language>``."""
NARROW: Final = "\u202f"
_SIZES: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60))


@cache
def catalogue(lang: str) -> dict[str, str]:
    """The texts of a language, by key."""
    found: dict[str, str] = json.loads(files("server.pages").joinpath("texts", f"{lang}.json").read_bytes())
    return found


def text(lang: str, key: str, **values: Any) -> str:
    """One text with its values. A key that the catalogue lacks is a fault of ours and raises KeyError."""
    found = catalogue(lang)[key]
    return found.format(**values) if values else found


def prefix(lang: str) -> str:
    """What stands before the addresses of a language."""
    return "" if lang == next(iter(LANGUAGES)) else f"/{lang}"


def place(lang: str, path: str) -> str:
    """The address of a page in a language."""
    return (prefix(lang) + path).rstrip("/") or "/"


def grouped(value: str) -> str:
    """Exact decimal text with its whole part in groups of three: nothing is rounded."""
    whole, point, fraction = value.partition(".")
    if not whole.isdigit():
        return value
    first = len(whole) % 3
    parts = [whole[:first]] if first else []
    parts += [whole[i : i + 3] for i in range(first, len(whole), 3)]
    return NARROW.join(parts) + point + fraction


def moment(seconds: int) -> str:
    """A moment in UTC."""
    return strftime("%Y-%m-%d %H:%M UTC", gmtime(seconds))


def iso(seconds: int) -> str:
    """The same for machines."""
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(seconds))


def day(seconds: int) -> str:
    """Its day."""
    return strftime("%Y-%m-%d", gmtime(seconds))


def age(lang: str, seconds: int) -> str:
    """How long something is ago: the largest unit that fits, in whole numbers."""
    for unit, size in _SIZES:
        count = seconds // size
        if count:
            return text(lang, f"age.{unit}.{'one' if count == 1 else 'many'}", count=count)
    return text(lang, "age.now")


def size(count: int) -> str:
    """Bytes, exactly."""
    return grouped(str(count))
