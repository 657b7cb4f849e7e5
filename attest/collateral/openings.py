"""What is behind hidden amounts: value and blinding of each commitment in the custodians' statements, kept private.

One form serves the file that a custodian hands over and the exchange's own ``openings.json``, which collects them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from verifier import canonical, fields
from verifier.collateral import Statement
from verifier.collateral.quantities import MAX_LINES, MAX_STATEMENTS
from verifier.errors import Malformed, Unavailable
from verifier.group import Point, value_commitment
from verifier.hashing import N

NAME: Final = "openings.json"
TYPE: Final = "solvent:openings/v1"
VALUE_LIMIT: Final = 2**64
MAX_BYTES: Final = 2**28
_HINT: Final = "ask the custodian for the file again"


@dataclass(frozen=True, slots=True)
class Opening:
    """``value`` base units of the asset, and the blinding of the commitment to them."""

    value: int = field(repr=False)
    blinding: int = field(repr=False)

    @classmethod
    def from_json(cls, document: Any, where: str) -> Opening:
        """Parse ``{value, blinding}``. Raises Malformed; no error repeats a number."""
        parts = fields.members(document, where, ("value", "blinding"))
        value = fields.amount(parts["value"], f"{where}.value")
        blinding = int.from_bytes(fields.hexbytes(parts["blinding"], f"{where}.blinding", 32), "big")
        if value >= VALUE_LIMIT or not 0 < blinding < N:
            raise Malformed("value or blinding is out of range", where=where, code="E_LIMIT", hint=_HINT)
        return cls(value, blinding)

    def to_json(self) -> dict[str, str]:
        """The document's form."""
        return {"value": str(self.value), "blinding": self.blinding.to_bytes(32, "big").hex()}

    @property
    def commitment(self) -> Point:
        """``value*G + blinding*H``, what the statement shows."""
        return value_commitment(self.value, self.blinding)


@dataclass(frozen=True, slots=True)
class Openings:
    """Openings by (digest of the statement's payload, number of the entry)."""

    entries: Mapping[tuple[str, int], Opening] = field(default_factory=dict, repr=False)

    @classmethod
    def from_bytes(cls, data: bytes, where: str = NAME) -> Openings:
        """Parse a file. Raises Malformed."""
        parts = fields.members(
            canonical.read(data, where=where, limit=MAX_BYTES, hint=_HINT), where, ("type", "statements")
        )
        fields.constant(parts["type"], f"{where}: type", TYPE)
        return cls(dict(_entries(fields.mapping(parts["statements"], f"{where}: statements", MAX_STATEMENTS), where)))

    def to_bytes(self) -> bytes:
        """The file; whoever reads it knows every hidden amount."""
        statements: dict[str, dict[str, Any]] = {}
        for (digest, entry), opening in self.entries.items():
            statements.setdefault(digest, {})[str(entry)] = opening.to_json()
        return canonical.encode({"type": TYPE, "statements": statements})

    def merged(self, more: Openings) -> Openings:
        """These and ``more``, which win."""
        return Openings({**self.entries, **more.entries})

    def require_fits(self, statement: Statement, where: str) -> None:
        """Raises Malformed (E_LINE_ENTRY) unless every opening of ``statement`` opens its commitment."""
        for number, entry in enumerate(statement.custody.entries):
            opening = self.entries.get((statement.envelope.digest, number))
            if opening is not None and opening.commitment != entry.value:
                raise Malformed(
                    f"the opening of entry {number} does not open what the statement shows",
                    where=where,
                    code="E_LINE_ENTRY",
                    hint=_HINT,
                )


def read_openings(path: Path) -> Openings:
    """The openings in ``path``, none where there is no file. Raises Unavailable (E_KEY) when others can read it."""
    if not path.exists():
        return Openings()
    if path.stat().st_mode & 0o077:
        raise Unavailable(
            "other users of this machine can read this file, which opens hidden amounts",
            where=str(path),
            code="E_KEY",
            hint=f"run: chmod 600 {path}",
        )
    return Openings.from_bytes(path.read_bytes(), str(path))


def _entries(statements: Mapping[str, Any], where: str) -> Iterator[tuple[tuple[str, int], Opening]]:
    for digest, entries in statements.items():
        place = f"{where}: statement {digest[:16]}"
        fields.digest(digest, place)
        for number, opening in fields.mapping(entries, place, MAX_LINES).items():
            if not number.isascii() or not number.isdecimal() or number != str(int(number[:8])):
                raise Malformed("an entry is named by its number", where=place, code="E_FIELD")
            yield (digest, int(number)), Opening.from_json(opening, f"{place}, entry {number}")
