"""The customer's own records against the book, in both directions."""

from __future__ import annotations

import pytest

from tests.support.books import SCHEMA
from tests.support.refusals import refused
from verifier.errors import Malformed, Rejected
from verifier.holdings import Balance, compared_balances, holding_name, read_holdings, require_equal
from verifier.schema import Column, Schema

TWO_BTC = Schema(
    (
        Column("spot", "BTC", 8, 64, "balance"),
        Column("earn", "BTC", 8, 64, "balance"),
        Column("ETH", "ETH", 18, 128, "balance"),
        Column("ETH:flag", "ETH", 0, 8, "flag"),
    )
)


def test_balances_are_the_non_zero_compared_cells() -> None:
    assert compared_balances(SCHEMA, {0: 150, 1: 0, 2: 7, 3: 143}) == (
        Balance("BTC", "BTC", "balance", 150, "0.0000015"),
        Balance("BTC:debt", "BTC", "debt", 7, "0.00000007"),
    )
    assert compared_balances(SCHEMA, {}) == ()


def test_the_customer_states_asset_and_kind() -> None:
    held = {"BTC": "0.000001", "BTC:debt": "0", "ETH:balance": "0.00000001"}
    assert read_holdings(SCHEMA, held) == {0: 100, 2: 0, 1: 10}
    assert read_holdings(TWO_BTC, {"BTC:balance:spot": "1", "BTC:balance:earn": "2"}) == {0: 10**8, 1: 2 * 10**8}
    assert read_holdings(SCHEMA, {"XRP": "0", "ETH:debt": "0.0", "BTC:balance:other": "0"}) == {}


def test_a_debt_column_under_a_balances_name_is_a_debt() -> None:
    """The exchange chooses column names; what the customer says stands."""
    schema = Schema((Column("BTC", "BTC", 8, 64, "debt"),))
    assert read_holdings(schema, {"BTC:debt": "1"}) == {0: 10**8}
    with refused(Rejected, "E_HOLDINGS", step="5.4", where="BTC"):
        read_holdings(schema, {"BTC": "1"})
    with refused(Rejected, "E_HOLDINGS", step="5.4"):
        require_equal(schema, {0: 10**8}, read_holdings(schema, {}))


def test_names_lead_back_to_their_column() -> None:
    for schema in (SCHEMA, TWO_BTC):
        for c, column in enumerate(schema.columns):
            if column.kind in ("balance", "debt"):
                assert read_holdings(schema, {holding_name(schema, column): "1"}) == {c: 10**column.decimals}


@pytest.mark.parametrize("name", ["XRP", "btc", "", "slack", ":slack", "BTC:debt2", "BTC:balance:spot", "spot"])
def test_a_holding_without_a_column(name: str) -> None:
    with refused(Rejected, "E_HOLDINGS", step="5.4", where=name):
        read_holdings(SCHEMA, {name: "1"})


@pytest.mark.parametrize("name", ["BTC", "BTC:balance", "BTC:balance:"])
def test_an_asset_with_two_columns_is_not_guessed(name: str) -> None:
    with refused(Malformed, "E_AMOUNT", where=name):
        read_holdings(TWO_BTC, {name: "1"})


def test_one_column_under_two_names() -> None:
    with refused(Malformed, "E_AMOUNT", where="BTC:balance"):
        read_holdings(SCHEMA, {"BTC": "1", "BTC:balance": "1"})


@pytest.mark.parametrize("text", ["", "-1", "1e3", "abc", "0.000000001"])
def test_what_is_no_amount(text: str) -> None:
    with refused(Malformed, "E_AMOUNT", where="BTC"):
        read_holdings(SCHEMA, {"BTC": text})


def test_what_is_no_amount_of_an_unknown_asset() -> None:
    with refused(Malformed, "E_AMOUNT", where="XRP"):
        read_holdings(SCHEMA, {"XRP": "many"})


def test_equal_records() -> None:
    require_equal(SCHEMA, {0: 150, 2: 7, 3: 143}, {0: 150, 1: 0, 2: 7})
    require_equal(SCHEMA, {}, {})


@pytest.mark.parametrize(
    ("cells", "held"),
    [
        ({0: 150}, {0: 151}),
        ({0: 150}, {0: 149}),
        ({0: 150}, {}),
        ({}, {0: 150}),
        ({2: 7}, {}),
        ({}, {2: 7}),
        ({0: 5, 2: 7}, {0: 7, 2: 5}),
    ],
    ids=["less", "more", "unexpected balance", "missing balance", "unexpected debt", "missing debt", "swapped"],
)
def test_every_difference_is_found(cells: dict[int, int], held: dict[int, int]) -> None:
    with refused(Rejected, "E_HOLDINGS", step="5.4", where="holdings"):
        require_equal(SCHEMA, cells, held)


def test_all_differences_are_named() -> None:
    with pytest.raises(Rejected) as caught:
        require_equal(SCHEMA, {0: 1, 2: 3}, {1: 2})
    for name in ("BTC:", "ETH:", "BTC:debt:"):
        assert name in caught.value.message
