"""Tables of collateral read from outside: OKX's published files, and our own table of signed answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attest.collateral.answers import is_answers, read_answers
from attest.collateral.challenge import Challenge
from attest.collateral.register import NewLine
from attest.collateral.typed import named
from attest.collateral.units import UnitBook
from attest.collateral.unsigned import refuse_unsigned
from verifier.collateral import AddressBacking, LegacyLine, Line, import_okx
from verifier.collateral.okx import MAX_CHARS
from verifier.errors import Malformed, Unavailable

MAX_BYTES: Final = MAX_CHARS


@dataclass(frozen=True, slots=True)
class Imported:
    """The lines of a table; ``kind`` says whose, and ``refused`` counts rows that are no lines, by code and reason."""

    kind: str
    lines: tuple[NewLine, ...]
    refused: tuple[tuple[str, str, int], ...] = ()


def read_table(path: Path, units: UnitBook, challenge: Challenge | None, pool: str) -> Imported:
    """Read ``path``. Raises Malformed, Rejected (E_LINE_UNSIGNED) or Unavailable (E_FILE)."""
    text = _text(path)
    if is_answers(text):
        return Imported("signed answers", tuple(read_answers(text, units, challenge, pool)))
    refuse_unsigned(text, path.name)
    return _okx(text, path.name, units, pool)


def _okx(text: str, name: str, units: UnitBook, pool: str) -> Imported:
    try:
        found = import_okx(text, units.for_okx())
    except Malformed as error:
        hint = error.hint or "import takes OKX's CSV files, and the table that solvent collateral challenge writes"
        raise Malformed(error.message, where=f"{name}: {error.where}", code=error.code, hint=hint) from None
    if not pool:
        raise Unavailable(
            "this file does not say in which pool its coins are", where=name, code="E_USAGE", hint="add --pool NAME"
        )
    counts = Counter((row.code, row.reason) for row in found.refused)
    refused = tuple((code, reason, count) for (code, reason), count in sorted(counts.items()))
    lines = tuple(NewLine(_legacy(line, pool), f"row {line.row}") for line in found.lines)
    return Imported("OKX's published rows", lines, refused)


def _legacy(row: LegacyLine, pool: str) -> Line:
    """An address line of legacy evidence; it goes through the strict parser like every other."""
    backing = AddressBacking(row.account, row.scheme, row.signatures, row.script, row.public_key, row.message)
    line = Line("line", "address", row.asset, row.unit, pool, row.amount, 0, backing)
    return Line.from_json(named(line).to_json(), f"row {row.row}")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Malformed(f"larger than {MAX_BYTES} bytes", where=path.name, code="E_LIMIT", hint="split the file")
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise Unavailable(
            f"the file cannot be read: {reason}", where=str(path), code="E_FILE", hint="check the path"
        ) from None
    except UnicodeDecodeError:
        raise Malformed("is not UTF-8", where=path.name, code="E_TYPE", hint="save the file as UTF-8") from None
