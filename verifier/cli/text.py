"""Plain text for terminals: hostile characters made harmless, secrets left out, tables, times."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Final

from verifier.inclusion import ACCOUNT_KEY_PREFIX

_ACCOUNT_KEY: Final = re.compile(re.escape(ACCOUNT_KEY_PREFIX) + r"\w+", re.IGNORECASE)


def without_secrets(text: str) -> str:
    """Account keys typed in the wrong place (as an id, as a file name) are not repeated."""
    return _ACCOUNT_KEY.sub(ACCOUNT_KEY_PREFIX + "(hidden)", text)


def harmless(text: str) -> str:
    r"""Text from a file or a keyboard, fit for one line of a terminal.

    Control characters, line ends and the invisible ones that turn text around are written out as ``\u{202e}``.
    """
    shown = (c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in without_secrets(text))
    return "".join(shown)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: int | Collection[int]) -> list[str]:
    """Aligned columns, those numbered ``right`` flush right."""
    flush = {right} if isinstance(right, int) else set(right)
    lines = [list(map(harmless, row)) for row in (heads, *rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    return ["  " + "  ".join(_cells(line, widths, flush)).rstrip() for line in lines]


def _cells(line: Sequence[str], widths: Sequence[int], right: Collection[int]) -> list[str]:
    pairs = enumerate(zip(line, widths, strict=True))
    return [cell.rjust(width) if i in right else cell.ljust(width) for i, (cell, width) in pairs]


def facts(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Names and values, one per line; the value stands last, so that nothing in it can be taken for another fact."""
    shown = [(harmless(name), harmless(value)) for name, value in pairs]
    width = max(len(name) for name, _ in shown)
    return [f"  {name.ljust(width)}  {value}" for name, value in shown]


def utc(seconds: int) -> str:
    """POSIX seconds as ``2026-01-31 12:00:00 UTC``."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"POSIX second {seconds}"


def age(seconds: int) -> str:
    """How long ago: ``3 hours ago``."""
    return "in the future: check this computer's clock" if seconds < 0 else f"{elapsed(seconds)} ago"


def elapsed(seconds: int) -> str:
    """``3 hours``, in the largest unit that fits, rounded down."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count = seconds // size
        if count:
            return f"{count:,} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"
