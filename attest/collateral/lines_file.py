"""``lines.json``: the working list of collateral lines, one row of the file per line.

A line is what the snapshot's is, but for its statement, which it names by file instead of by number. The file is read
as strictly as a signed document, in any layout; it is written whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from attest.store import write_private
from verifier import canonical, fields
from verifier.collateral import EntryBacking, Line
from verifier.collateral.quantities import MAX_LINES
from verifier.errors import Malformed

NAME: Final = "lines.json"
TYPE: Final = "solvent:lines/v1"
MAX_BYTES: Final = 2**30
_HINT: Final = "restore the file from a copy, or correct what was changed by hand"


def read_lines(path: Path, statements: Sequence[str]) -> tuple[Line, ...]:
    """The lines; the statements of vouched ones become places in ``statements``. Raises Malformed."""
    if not path.exists():
        return ()
    where = path.name
    document = canonical.read(path.read_bytes(), where=where, limit=MAX_BYTES, hint=_HINT)
    parts = fields.members(document, where, ("type", "lines"))
    fields.constant(parts["type"], f"{where}: type", TYPE)
    places = {name: place for place, name in enumerate(statements)}
    listed = fields.items(parts["lines"], f"{where}: lines", MAX_LINES)
    return tuple(_line(item, f"{where}: lines[{i}]", places) for i, item in enumerate(listed))


def write_lines(path: Path, lines: Iterable[Line], statements: Sequence[str]) -> None:
    """Write the file, whole or not at all, readable by its owner alone."""
    rows = ",\n".join(_row(line, statements) for line in lines)
    write_private(path, f'{{"type":"{TYPE}","lines":[\n{rows}\n]}}\n'.encode())


def _line(item: Any, where: str, places: dict[str, int]) -> Line:
    if not isinstance(item, dict) or "statement" not in item:
        return Line.from_json(item, where)
    name = fields.text(item["statement"], f"{where}.statement", 255)
    if name not in places:
        raise Malformed(
            f"there is no statement {name[:80]!r}",
            where=f"{where}.statement",
            code="E_LINE_ENTRY",
            hint="put the file back into statements/, or remove the line with solvent collateral remove",
        )
    return Line.from_json({**item, "statement": places[name]}, where)


def _row(line: Line, statements: Sequence[str]) -> str:
    document = line.to_json()
    if isinstance(line.backing, EntryBacking):
        document["statement"] = statements[line.backing.statement]
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def moved(line: Line, places: Mapping[int, int]) -> Line:
    """The line, its statement now at ``places[statement]``."""
    backing = line.backing
    if not isinstance(backing, EntryBacking):
        return line
    return replace(line, backing=replace(backing, statement=places[backing.statement]))
