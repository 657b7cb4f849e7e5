"""The list of lines as it changes: added, replaced, removed, and never with one line said twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from attest.collateral.distinct import require_distinct, said_twice
from attest.collateral.files import CollateralFiles
from attest.collateral.guard import refuse_secrets
from attest.collateral.lines_file import NAME, write_lines
from verifier.collateral import AddressBacking, EntryBacking, Line, Statement, ValidatorBacking
from verifier.collateral.duplicates import find_duplicates
from verifier.collateral.quantities import MAX_LINES, MAX_POOLS
from verifier.errors import Malformed

MAX_ID: Final = 96


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line to add, and where it came from (``row 12``); ``named``: somebody chose its id."""

    line: Line
    origin: str
    named: bool = False


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the list: all its lines, and how many are new or stand in for an older one."""

    lines: tuple[Line, ...]
    added: int
    replaced: int


def add_lines(files: CollateralFiles, new: Sequence[NewLine], *, replacing: bool = False) -> Added:
    """The list with ``new`` in it. Nothing is written.

    With ``replacing``, a line that says the same as an older one takes its place and its id. Raises Malformed:
    E_LINE_DUPLICATE naming both lines, E_SECRET, E_LIMIT.
    """
    for item in new:
        refuse_line_secrets(item.line, item.origin)
    _require_new_among_themselves(files.statements, new)
    old = list(files.lines)
    found = find_duplicates((*old, *(item.line for item in new)), files.statements)
    fresh: list[NewLine] = []
    for number, item in enumerate(new, len(old)):
        other = found.get(number)
        if other is None:
            fresh.append(item)
        elif replacing and other < len(old) and _same_kind(old[other], item.line):
            old[other] = replace(item.line, id=old[other].id)
        else:
            raise said_twice(item.origin, f"line {old[other].id}" if other < len(old) else new[other - len(old)].origin)
    lines = (*old, *_named(fresh, {line.id for line in old}))
    _require_limits(lines)
    require_distinct(lines, files.statements, NAME)  # an old statement may cover the account of a new line
    return Added(lines, len(fresh), len(new) - len(fresh))


def remove_lines(files: CollateralFiles, wanted: Callable[[Line], bool]) -> tuple[Line, ...]:
    """The lines that stay."""
    return tuple(line for line in files.lines if not wanted(line))


def save_lines(files: CollateralFiles, lines: Iterable[Line]) -> None:
    """Write ``lines.json``, whole or not at all."""
    write_lines(files.directory / NAME, lines, files.names)


def refuse_line_secrets(line: Line, where: str) -> None:
    """Raises Malformed (E_SECRET) when a member that somebody typed looks like a private key."""
    backing = line.backing
    typed = [("id", line.id), ("unit", line.unit)]
    account = ""
    if isinstance(backing, AddressBacking):
        account = backing.account
        typed += [("account", account.rpartition(":")[2]), ("scheme", backing.scheme), ("script", backing.script)]
        typed += [("public_key", backing.public_key), ("message", backing.message or "")]
    if isinstance(backing, ValidatorBacking):
        typed += [("scheme", backing.scheme), ("withdrawal", backing.withdrawal)]
    if not isinstance(backing, EntryBacking):
        typed += [("signatures", signature) for signature in backing.signatures]
    refuse_secrets(typed, where, account)


def default_id(line: Line, statement: str = "") -> str:
    """A name that says what the line is: asset, chain and address, or the statement and its entry."""
    backing = line.backing
    if isinstance(backing, EntryBacking):
        text = f"{line.asset}:{statement.removesuffix('.json')}:{backing.entry}"
    elif isinstance(backing, ValidatorBacking):
        text = f"{line.asset}:validator:{backing.public_key[:24]}"
    else:
        namespace, _, rest = backing.account.partition(":")
        reference, _, address = rest.partition(":")
        text = f"{line.asset}:{namespace}:{reference[:8]}:{address}"
    return "".join(c if c.isascii() and (c.isalnum() or c in "._:/#-") else "-" for c in text)[:MAX_ID]


def _named(new: Iterable[NewLine], taken: set[str]) -> list[Line]:
    """The lines with ids of their own: one that was chosen must be free, one that was not gets a number if need be."""
    named = []
    numbers: dict[str, int] = {}
    for item in new:
        line = item.line
        if line.id in taken and item.named:
            raise Malformed(
                f"there is a line {line.id} already",
                where=item.origin,
                code="E_LINE_DUPLICATE",
                hint="choose another id",
            )
        if line.id in taken:
            line = replace(line, id=_numbered(line.id, taken, numbers))
        taken.add(line.id)
        named.append(line)
    return named


def _numbered(name: str, taken: set[str], numbers: dict[str, int]) -> str:
    """``name#2`` or the next that is free; ``numbers`` remembers how far each name has come."""
    stem = name[: MAX_ID - 8]
    number = numbers.get(stem, 1) + 1
    while f"{stem}#{number}" in taken:
        number += 1
    numbers[stem] = number
    return f"{stem}#{number}"


def _require_new_among_themselves(statements: Sequence[Statement], new: Sequence[NewLine]) -> None:
    for index, other in find_duplicates([item.line for item in new], statements).items():
        raise said_twice(new[index].origin, new[other].origin)


def _same_kind(old: Line, new: Line) -> bool:
    """Whether one may stand in for the other; an address never does for a statement that covers it."""
    return type(old.backing) is type(new.backing)


def _require_limits(lines: Sequence[Line]) -> None:
    if len(lines) > MAX_LINES:
        raise Malformed(f"there would be more than {MAX_LINES} lines", where=NAME, code="E_LIMIT", hint="join some")
    if len({line.pool for line in lines}) > MAX_POOLS:
        raise Malformed(f"there would be more than {MAX_POOLS} pools", where=NAME, code="E_LIMIT", hint="join some")
