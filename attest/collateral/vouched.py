"""Lines that rest on another party's statement: the file is kept, its entries become lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from attest.collateral.files import STATEMENTS, CollateralFiles, read_statement
from attest.collateral.openings import NAME as OPENINGS
from attest.collateral.openings import Openings, read_openings
from attest.collateral.register import NewLine
from attest.collateral.typed import named
from attest.store import write_private
from verifier.collateral import EntryBacking, Line, Statement
from verifier.errors import Malformed, Unavailable


def keep_statement(files: CollateralFiles, path: Path) -> tuple[CollateralFiles, int]:
    """``files`` with the statement in ``path``, and its place among them; nothing is written yet.

    Raises Unavailable (E_FILE) where another statement has its name.
    """
    statement = read_statement(path)
    if path.name in files.names:
        place = files.names.index(path.name)
        if files.statements[place].envelope != statement.envelope:
            raise Unavailable(
                "another statement of this name is in use",
                where=path.name,
                code="E_FILE",
                hint="rename the file, or remove the old one: solvent collateral remove --statement NAME",
            )
        return files, place
    if path.suffix != ".json" or path.name.startswith("."):
        raise Unavailable("a statement's file ends in .json", where=path.name, code="E_FILE", hint="rename the file")
    names, statements = (*files.names, path.name), (*files.statements, statement)
    return replace(files, names=names, statements=statements), len(files.names)


def entry_lines(files: CollateralFiles, place: int, entries: Sequence[int], pool: str, name: str) -> list[NewLine]:
    """A line for each of ``entries``, all of them where none is named. Raises Malformed (E_LINE_ENTRY)."""
    statement = files.statements[place]
    count = len(statement.custody.entries)
    lines = []
    for number in entries or range(count):
        where = f"{files.names[place]}, entry {number}"
        if number >= count:
            raise Malformed(
                f"the statement has {count} entries, counted from 0",
                where=where,
                code="E_LINE_ENTRY",
                hint="name another",
            )
        lines.append(NewLine(_line(statement, place, number, pool, name or files.names[place]), where, bool(name)))
    return lines


def take_openings(files: CollateralFiles, path: Path | None) -> CollateralFiles:
    """``files`` with the openings in ``path``. Raises Malformed where one does not open its commitment."""
    if path is None:
        return files
    if not path.exists():
        raise Unavailable("there is no such file", where=str(path), code="E_FILE", hint="check the path")
    merged = files.openings.merged(read_openings(path))
    for name, statement in zip(files.names, files.statements, strict=True):
        merged.require_fits(statement, name)
    return replace(files, openings=merged)


def save_statement(files: CollateralFiles, place: int) -> None:
    """Write the statement into the directory, byte for byte as it was signed."""
    directory = files.directory / STATEMENTS
    directory.mkdir(parents=True, exist_ok=True)
    write_private(directory / files.names[place], files.statements[place].envelope.to_bytes())


def save_openings(directory: Path, openings: Openings) -> None:
    """Write ``openings.json``, readable by its owner alone."""
    write_private(directory / OPENINGS, openings.to_bytes())


def _line(statement: Statement, place: int, number: int, pool: str, name: str) -> Line:
    entry = statement.custody.entries[number]
    line = Line(
        id=name,
        kind=statement.custody.kind,
        asset=entry.asset,
        unit=entry.unit,
        pool=pool,
        value=entry.value,
        encumbered=entry.encumbered,
        backing=EntryBacking(place, number),
    )
    return Line.from_json((line if not name.endswith(".json") else named(line, name)).to_json(), name)
