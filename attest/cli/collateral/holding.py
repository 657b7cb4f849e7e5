"""``solvent collateral add``, ``import``, ``list`` and ``remove``: the working list of lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attest.cli import show
from attest.cli.collateral.home import Home
from attest.collateral.files import STATEMENTS, CollateralFiles, load_collateral
from attest.collateral.imports import Imported, read_table
from attest.collateral.register import Added, add_lines, remove_lines, save_lines
from attest.collateral.typed import read_line
from attest.collateral.units import UnitBook
from attest.collateral.vouched import entry_lines, keep_statement, save_openings, save_statement, take_openings
from verifier.collateral import EntryBacking, Line
from verifier.errors import Malformed, Unavailable

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Vouched:
    """What was typed of a line that a statement backs."""

    statement: Path
    entries: tuple[int, ...]
    openings: Path | None
    pool: str
    name: str


def add_typed(home: Home, cells: Mapping[str, str], *, replacing: bool, as_json: bool) -> None:
    """One line of an owner. Raises SolventError."""
    files = _files(home)
    line = read_line(cells, "line", UnitBook.of(home.policy()), files.challenge)
    added = add_lines(files, [line], replacing=replacing)
    save_lines(files, added.lines)
    _tell(added, as_json)


def add_vouched(home: Home, typed: Vouched, *, as_json: bool) -> None:
    """The lines of a statement's entries. Raises SolventError."""
    files, place = keep_statement(_files(home), typed.statement)
    files = take_openings(files, typed.openings)
    added = add_lines(files, entry_lines(files, place, typed.entries, typed.pool, typed.name))
    save_statement(files, place)
    if typed.openings is not None:
        save_openings(files.directory, files.openings)
    save_lines(files, added.lines)
    _tell(added, as_json)


def take_openings_alone(home: Home, openings: Path, as_json: bool) -> None:
    """The openings of statements that are there already."""
    files = take_openings(_files(home), openings)
    save_openings(files.directory, files.openings)
    if as_json:
        show.as_json({"done": True, "openings": len(files.openings.entries)})
        return
    show.say(f"{len(files.openings.entries):,} hidden amounts can be opened now; {files.directory} is private.")


def import_table(home: Home, path: Path, pool: str, *, replacing: bool, as_json: bool) -> None:
    """The lines of a table. Raises SolventError; then nothing has changed."""
    files = _files(home)
    found = read_table(path, UnitBook.of(home.policy()), files.challenge, pool)
    added = add_lines(files, found.lines, replacing=replacing)
    save_lines(files, added.lines)
    if not as_json:
        show.say(f"{path.name}: {found.kind}.")
        _tell_refused(found)
    _tell(added, as_json, {"kind": found.kind, "not_imported": [list(row) for row in found.refused]})


def list_lines(home: Home, as_json: bool) -> None:
    """Every line as it stands in the list; nothing is checked."""
    files = load_collateral(home.directory)
    if as_json:
        show.as_json({"directory": str(home.directory), "lines": [line.to_json() for line in files.lines]})
        return
    if not files.lines:
        show.say("There is no line yet: solvent collateral add, or solvent collateral import.")
        return
    heads = ["id", "kind", "asset", "pool", "base units", "backed by"]
    show.table(heads, [_row(files, line) for line in files.lines], right=(4,))


def remove(home: Home, names: Sequence[str], statement: str, as_json: bool) -> None:
    """Take lines off the list, by id or all of one statement with its file. Raises Malformed for what is not there."""
    files = load_collateral(home.directory, distinct=False)
    if statement and statement not in files.names:
        raise Malformed("there is no statement of this name", where=statement, code="E_FIELD", hint=_look())
    unknown = set(names) - {line.id for line in files.lines}
    if unknown:
        raise Malformed("there is no line of this id", where=min(unknown), code="E_FIELD", hint=_look())
    place = files.names.index(statement) if statement else -1
    left = remove_lines(files, lambda line: line.id in names or _rests_on(line, place))
    save_lines(files, left)
    if statement:
        (files.directory / STATEMENTS / statement).unlink()
    gone = len(files.lines) - len(left)
    if as_json:
        show.as_json({"done": True, "removed": gone, "lines": len(left)})
        return
    show.say(f"{gone:,} removed, {len(left):,} left.")


def _files(home: Home) -> CollateralFiles:
    home.directory.mkdir(parents=True, exist_ok=True)
    return load_collateral(home.directory)


def _look() -> str:
    return "see solvent collateral list"


def _rests_on(line: Line, place: int) -> bool:
    return isinstance(line.backing, EntryBacking) and line.backing.statement == place


def _tell(added: Added, as_json: bool, more: Mapping[str, Any] | None = None) -> None:
    if as_json:
        counts = {"added": added.added, "replaced": added.replaced, "lines": len(added.lines)}
        show.as_json({"done": True, **counts, **(more or {})})
        return
    replaced = f", {added.replaced:,} replaced" if added.replaced else ""
    show.say(f"{added.added:,} added{replaced}; {len(added.lines):,} lines. Next: solvent collateral check.")


def _tell_refused(found: Imported) -> None:
    """Rows that are no lines count nothing, and are said aloud."""
    if found.refused:
        show.say(f"{sum(count for *_, count in found.refused):,} rows were not imported; they count nothing:")
        rows = [(code, str(count), reason) for code, reason, count in found.refused[:SHOWN]]
        show.table(["code", "rows", "reason"], rows, right=(1,))


def _row(files: CollateralFiles, line: Line) -> tuple[str, ...]:
    amount = "hidden" if line.hidden else str(line.value)
    return line.id, line.kind, line.asset, line.pool, amount, _backed_by(files, line)


def _backed_by(files: CollateralFiles, line: Line) -> str:
    backing = line.backing
    if isinstance(backing, EntryBacking):
        return f"{files.names[backing.statement]}, entry {backing.entry}"
    return str(backing.to_json()["scheme"])


def require_plain(typed: Mapping[str, object]) -> None:
    """Raises Unavailable (E_USAGE) where an owner's members stand beside a statement, which says them itself."""
    mixed = [name for name, value in typed.items() if value and name not in ("pool", "id")]
    if mixed:
        raise Unavailable(
            f"a statement says this itself: {mixed[0]}",
            code="E_USAGE",
            hint="give --statement, --entry, --pool, --id and --openings, or an owner's line without --statement",
        )


def require_something(given: Sequence[object]) -> None:
    """Raises Unavailable (E_USAGE) unless something was typed."""
    if not any(given):
        raise Unavailable(
            "nothing was named",
            code="E_USAGE",
            hint="an owner's line needs --account, a vouched one --statement; see solvent collateral add --help",
        )
