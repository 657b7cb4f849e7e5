"""Every row of the statement's tables has a test that names it: ``statement_rows.json`` says which.

The rows of collateral (lines, schemes, statements, codes) stand with their tests in docs/collateral.md itself.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import pytest

from tests.docs.pages import ROOT, cited, read
from tests.docs.test_references import stands
from verifier.collateral.schemes import SCHEMES
from verifier.markets.descriptors import KINDS
from verifier.predicate import NO_DIGESTS
from verifier.trust.names import SIGNED_TAGS

ROWS: Final[dict[str, dict[str, list[str]]]] = json.loads(
    Path(__file__).with_name("statement_rows.json").read_text(encoding="ascii")
)
TABLES: Final = {
    "docs/statement.md: tag": "| tag | signed by role |",
    "docs/statement.md: member of the reader's file": "| member | meaning |",
    "docs/protocol.md: predicate member": "| predicate member |",
    "docs/statement.md: member of the policy": "| member | rule |",
    "docs/statement.md: kind with its formula": "| kind | parameters | Z >= 0 |",
    "docs/statement.md: kind of a later version": "| kind | parameters | sentence |",
}
PRICES: Final = "docs/statement.md: numbered rule of prices"
NAMED: Final = [(table, row, test) for table, rows in ROWS.items() for row, tests in rows.items() for test in tests]


def first_cells(page: str, head: str) -> list[str]:
    """What stands first in each row of the table that begins with ``head``."""
    text = read(ROOT / page)
    (start,) = [match.end() for match in re.finditer(rf"^{re.escape(head)}.*\n\|[-|]+\n", text, re.MULTILINE)]
    rows = re.match(r"(?:\|.*\n)+", text[start:])
    assert rows is not None
    return [line.split("|")[1].strip() for line in rows[0].splitlines()]


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_listed(table: str) -> None:
    assert list(ROWS[table]) == first_cells(table.partition(": ")[0], TABLES[table])


def test_every_rule_of_prices_is_listed() -> None:
    section = read(ROOT / "docs" / "statement.md").partition("\n## 3. Prices")[2].partition("\n## ")[0]
    assert list(ROWS[PRICES]) == re.findall(r"^([0-9])\. ", section, re.MULTILINE)


def test_no_table_is_listed_that_is_not_looked_at() -> None:
    assert set(ROWS) == {*TABLES, PRICES}
    assert all(tests for rows in ROWS.values() for tests in rows.values())


@pytest.mark.parametrize(("table", "row", "test"), NAMED)
def test_the_test_of_a_row_exists(table: str, row: str, test: str) -> None:
    path, _, name = test.partition("::")
    assert name.startswith("test_")
    assert stands(path, name), f"{table}, {row}"


def test_every_member_of_the_code_is_in_a_row() -> None:
    """The tables themselves leave nothing out."""
    for names, table in (
        (KINDS, "docs/statement.md: kind"), (SIGNED_TAGS, "docs/statement.md: tag"),
        (NO_DIGESTS, "docs/protocol.md: predicate member"),
    ):  # fmt: skip
        told = " ".join(row for title, rows in ROWS.items() if title.startswith(table) for row in rows)
        assert [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", told)] == []


def test_every_scheme_of_collateral_names_a_test() -> None:
    page = read(ROOT / "docs" / "collateral.md").partition("## Where each rule is tested")[2]
    rows = {line.split("|")[1]: line for line in page.splitlines() if line.startswith("|")}
    for scheme, _ in SCHEMES:
        (row,) = [line for first, line in rows.items() if f"`{scheme}`" in first]
        assert any(test and stands(path, test) for path, test in cited(row)), scheme
