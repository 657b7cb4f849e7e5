"""Books that do not say what the customer holds and owes: each fools a lax comparison, and step 5.4 refuses it.

Verifier: verifier/holdings.py.  The customer says asset and kind; the exchange only ever chose the columns' names.
"""

from __future__ import annotations

from unittest.mock import patch

import pytest

from tests.support.refusals import refused
from tests.support.shown import PLAIN, Row, Shown
from tests.support.weak import mutated
from verifier import holdings
from verifier.errors import Rejected
from verifier.holdings import read_holdings, require_equal
from verifier.schema import COMPARED_KINDS, Column, Schema

BTC, DEBT = Column("BTC", "BTC", 8, 64, "balance"), Column("BTC:debt", "BTC", 8, 64, "debt")
SCHEMA = Schema((BTC, DEBT, Column("ETH", "ETH", 9, 64, "balance")))
ONE_AND_A_HALF = 150_000_000
DIFFERENCE = "cells.get(c, 0) != held.get(c, 0)"
SKIP = ("raise _no_column(schema, name, text)", "continue")


def test_what_the_customer_holds_is_accepted() -> None:
    book = Shown([Row("alice", {"BTC": ONE_AND_A_HALF, "BTC:debt": 7})], SCHEMA)
    assert book.check("alice", 0, {"BTC": "1.5", "BTC:debt": "0.00000007", "DOGE": "0"}).compared
    assert not book.check("alice", 0).compared


def test_an_unexpected_debt() -> None:
    """The balance is right, and a debt beside it eats it up: comparing what the customer lists is not enough."""
    book = Shown([Row("alice", {"BTC": ONE_AND_A_HALF, "BTC:debt": ONE_AND_A_HALF})], SCHEMA)
    with mutated(require_equal, DIFFERENCE, f"c in held and {DIFFERENCE}"):
        book.check("alice", 0, {"BTC": "1.5"})
    with refused(Rejected, "E_HOLDINGS", step="5.4", where="holdings"):
        book.check("alice", 0, {"BTC": "1.5"})


@pytest.mark.parametrize("shown", [ONE_AND_A_HALF - 1, 0, 15])
def test_a_smaller_balance(shown: int) -> None:
    book = Shown([Row("alice", {"BTC": shown})], SCHEMA)
    with mutated(require_equal, DIFFERENCE, "cells.get(c, 0) > held.get(c, 0)"):
        book.check("alice", 0, {"BTC": "1.5"})
    with refused(Rejected, "E_HOLDINGS", step="5.4", where="holdings"):
        book.check("alice", 0, {"BTC": "1.5"})


def test_a_balance_that_the_customer_does_not_have() -> None:
    """Somebody else's balance in a row that two would accept: differences count in both directions."""
    book = Shown([Row("alice", {"BTC": ONE_AND_A_HALF, "ETH": 5})], SCHEMA)
    with mutated(require_equal, DIFFERENCE, "cells.get(c, 0) < held.get(c, 0)"):
        book.check("alice", 0, {"BTC": "1.5"})
    with refused(Rejected, "E_HOLDINGS", step="5.4", where="holdings"):
        book.check("alice", 0, {"BTC": "1.5"})


def test_a_holding_without_a_column() -> None:
    book = Shown([Row("alice", {"BTC": ONE_AND_A_HALF})], SCHEMA)
    with mutated(read_holdings, *SKIP):
        book.check("alice", 0, {"BTC": "1.5", "DOGE": "1000000"})
    with refused(Rejected, "E_HOLDINGS", step="5.4", where="DOGE"):
        book.check("alice", 0, {"BTC": "1.5", "DOGE": "1000000"})


def by_name(schema: Schema, name: str) -> int | None:
    """How the comparison once found its columns: by a name that the exchange chose."""
    names = [c.name if c.kind in COMPARED_KINDS else None for c in schema.columns]
    return names.index(name) if name in names else None


@pytest.mark.parametrize(
    "column",
    [
        Column("BTC", "BTC", 8, 64, "debt"),
        Column("BTC", "DOGE", 8, 64, "balance"),
        Column("BTC", "BTC", 8, 64, "short"),
        Column("BTC", "BTC", 8, 64, "collateral"),
    ],
    ids=lambda column: f"{column.kind} in {column.asset}",
)
def test_a_column_named_like_a_balance(column: Column) -> None:
    """Alice's 1.5 BTC stand in the book as a debt, or as 1.5 DOGE, in a column called BTC."""
    book = Shown([Row("alice", {"BTC": ONE_AND_A_HALF})], Schema((column,)))
    with patch.object(holdings, "_column_for", by_name):
        book.check("alice", 0, {"BTC": "1.5"})
    with refused(Rejected, "E_HOLDINGS", step="5.4", where="BTC"):
        book.check("alice", 0, {"BTC": "1.5"})


def test_a_column_of_other_decimals() -> None:
    """The unit is the schema's: what is 1.5 at 8 decimals is 0.015 at 10."""
    schema = Schema((Column("BTC", "BTC", 10, 64, "balance"),))
    book = Shown([Row("alice", {"BTC": ONE_AND_A_HALF})], schema)
    with mutated(read_holdings, "schema.columns[position].decimals", "8"):
        book.check("alice", 0, {"BTC": "1.5"})
    with refused(Rejected, "E_HOLDINGS", step="5.4", where="holdings"):
        book.check("alice", 0, {"BTC": "1.5"})


def test_a_balance_moved_into_a_column_nobody_compares() -> None:
    """Customers do not see derived columns; a balance put there is missing where they look."""
    schema = Schema((*PLAIN.columns, Column("slack", "BTC", 0, 8, "slack")))
    book = Shown([Row("alice", {"slack": 30})], schema)
    with mutated(require_equal, DIFFERENCE, "sum(cells.values()) != sum(held.values())"):
        book.check("alice", 0, {"BTC": "30"})
    with refused(Rejected, "E_HOLDINGS", step="5.4", where="holdings"):
        book.check("alice", 0, {"BTC": "30"})
