"""A page for terminals."""

from __future__ import annotations

import textwrap
from typing import Final

from verifier.cli.page import Facts, Listing, Outcomes, Page, Part, Table
from verifier.cli.text import facts, harmless, table

WIDTH: Final = 100
"""Where sentences are broken; tables are as wide as they are."""


def text_lines(page: Page) -> list[str]:
    """The verdict first, then why, then every part."""
    lines = [f"{page.word}: {page.lead}"]
    lines += [line for reason in page.reasons for line in _wrapped("  - ", reason)]
    for part in page.parts:
        lines += ["", f"{part.caption}:", *_part(part)]
    return lines


def _part(part: Part) -> list[str]:
    if isinstance(part, Table):
        return [*table(part.heads, part.rows, part.right), *_note(part.note)]
    if isinstance(part, Facts):
        return facts(part.pairs)
    if isinstance(part, Listing):
        return [line for item in part.items for line in _wrapped("  - ", item)]
    return _outcomes(part)


def _outcomes(part: Outcomes) -> list[str]:
    statuses = [harmless(item.status) for item in part.items]
    width = max(map(len, statuses))
    lines = []
    for item, status in zip(part.items, statuses, strict=True):
        named = ", ".join(filter(None, (item.name, item.margin)))
        lines += _wrapped(f"  {status.ljust(width)}  ", f"{item.sentence} [{named}]")
        lines += _wrapped(f"  {' ' * width}  because: ", item.reason) if item.reason else []
    return [*lines, *_note(part.note)]


def _note(note: str) -> list[str]:
    return _wrapped("  ", note) if note else []


def _wrapped(first: str, text: str) -> list[str]:
    """``text`` behind ``first``, broken at words; later lines stand under the first one's text."""
    later = " " * len(first)
    wrapper = textwrap.TextWrapper(
        WIDTH, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )
    return wrapper.wrap(harmless(text)) or [first.rstrip()]
