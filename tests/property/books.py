"""Random books: columns of every kind that a customer compares, rules with slack, dummies, any chunk size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from attest.plan import Plan
from tests.support.books import plan
from verifier.schema import ALWAYS_TOTALLED, Column, Rule, Schema

Draw = Callable[[st.SearchStrategy[Any]], Any]
KINDS = ("balance", "debt", "collateral", "long", "short")


@dataclass(frozen=True)
class RandomBook:
    """A plan and the accounts it attests."""

    plan: Plan
    accounts: dict[str, dict[str, int]]


def amounts(bits: int) -> st.SearchStrategy[int]:
    """Zero often, the edges now and then, anything else."""
    top = (1 << bits) - 1
    return st.one_of(st.just(0), st.sampled_from([1, top, top // 2 + 1]), st.integers(0, top))


@st.composite
def books(draw: Draw) -> RandomBook:
    """1 to 12 rows, 1 to 4 columns, perhaps a rule balance - debt - slack = 0."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3))
    columns = [
        Column(f"{kind}/{i}", f"A{i}", draw(st.sampled_from([0, 8, 18])), draw(st.sampled_from([8, 16, 24])), kind)
        for i, kind in enumerate(kinds)
    ]
    ruled = draw(st.booleans())
    rules: tuple[Rule, ...] = ()
    if ruled:
        columns += [Column("debt", "A0", 0, 8, "debt"), Column("slack", "", 0, columns[0].bits, "slack")]
        weights = ((columns[0].name, 1), ("debt", -1), ("slack", -1))
        rules = (Rule("covered", tuple(sorted(weights))),)
    ids = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=12)
    names = draw(st.lists(ids, min_size=1, max_size=12, unique_by=normalised))
    accounts = {name: draw_cells(draw, columns, ruled) for name in names}
    modes = tuple(draw(st.sampled_from(allowed(column))) for column in columns)
    rows = draw(st.sampled_from(["exact", "next power of two", len(names), min(len(names) + 2, 12 + 2)]))
    chunk_bits, sealed = draw(st.integers(0, 4)), True
    schema = Schema(tuple(columns), rules)
    return RandomBook(plan(schema=schema, modes=modes, rows=rows, chunk_bits=chunk_bits, sealed=sealed), accounts)


def normalised(name: str) -> str:
    """Ids that differ only in their Unicode form are one account."""
    import unicodedata

    return unicodedata.normalize("NFC", name)


def allowed(column: Column) -> list[str]:
    """The modes a column's total may have."""
    return ["public", "hidden"] if column.kind in ALWAYS_TOTALLED else ["public", "hidden", "none"]


def draw_cells(draw: Draw, columns: list[Column], ruled: bool) -> dict[str, int]:
    """Cells that fit their columns and obey the rule."""
    own = columns[:-2] if ruled else columns
    cells = {column.name: draw(amounts(column.bits)) for column in own}
    if ruled:
        first = cells[columns[0].name]
        cells["debt"] = min(draw(amounts(8)), first)
        cells["slack"] = first - cells["debt"]
    return cells
