"""Options of the form NAME=VALUE, and lengths of time, read with a plain error."""

from __future__ import annotations

import re
from typing import Final

import click

_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "year": 365 * 86400}
_SPAN: Final = re.compile(r"([1-9][0-9]{0,8}) ?(second|minute|hour|day|week|year)s?", re.ASCII)


def pair(text: str, option: str, form: str) -> tuple[str, str]:
    """The two sides of the first ``=``. Raises click.BadParameter."""
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise click.BadParameter(f"{text[:60]!r} is not of the form {form}", param_hint=option)
    return name, value


def number(text: str, option: str) -> int:
    """A whole number. Raises click.BadParameter."""
    if not re.fullmatch("[0-9]{1,15}", text, re.ASCII):
        raise click.BadParameter(f"{text[:40]!r} is not a whole number", param_hint=option)
    return int(text)


def span(text: str, option: str) -> int:
    """Seconds of a text such as ``1 year``. Raises click.BadParameter."""
    found = _SPAN.fullmatch(text)
    if not found:
        raise click.BadParameter(f'{text[:40]!r} is no length of time: write "1 year" or "90 days"', param_hint=option)
    return int(found[1]) * _SECONDS[found[2]]
