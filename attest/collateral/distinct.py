"""No line twice in the working list: one account and unit, validator, entry and reference each, one id each."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.collateral import Line, Statement
from verifier.collateral.duplicates import find_duplicates
from verifier.errors import Malformed


def require_distinct(lines: Sequence[Line], statements: Sequence[Statement], where: str) -> None:
    """Raises Malformed (E_LINE_DUPLICATE) naming the two lines that say the same, or have one id."""
    places: dict[str, int] = {}
    for index, line in enumerate(lines):
        other = places.setdefault(line.id, index)
        if other != index:
            raise Malformed(
                f"lines[{other}] and lines[{index}] have the same id, {line.id}",
                where=where,
                code="E_LINE_DUPLICATE",
                hint="give one of them another id",
            )
    for index, other in find_duplicates(lines, statements).items():
        raise said_twice(f"line {lines[index].id}", f"line {lines[other].id}")


def said_twice(one: str, other: str) -> Malformed:
    """The refusal of ``one``, which says what ``other`` says."""
    return Malformed(
        f"says the same as {other}: one account, validator or entry is in one line",
        where=one,
        code="E_LINE_DUPLICATE",
        hint="remove one of the two; --replace lets a new signature take the place of an old line",
    )
