"""Prices: the median and every reason why there is none (docs/statement.md, section 3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.markets import policy, policy_json
from tests.support.refusals import refused
from verifier import canonical
from verifier.dsse import Envelope
from verifier.errors import Malformed, Rejected
from verifier.markets.exact import median
from verifier.markets.policy import Policy
from verifier.markets.prices import Price, Prices, PriceSet, build, compute
from verifier.markets.quotes import PAYLOAD_TYPE, Quote

AT = 1_700_000_000
POLICY = policy()


def quote_json(source: str = "a", **changes: Any) -> dict[str, Any]:
    base = {
        "type": "solvent:quote/v1", "source": source, "quote": "iso4217:USD", "at": AT, "scale": 2,
        "index": {"BTC": "10000"}, "mark": {}, "models": {},
    }  # fmt: skip
    return {**base, **changes}


def signed(source: str = "a", **changes: Any) -> Envelope:
    return Envelope(PAYLOAD_TYPE, canonical.encode(quote_json(source, **changes)), ())


def btc(source: str, price: int, **changes: Any) -> Envelope:
    return signed(source, index={"BTC": str(price)}, **changes)


def everybody(role: str, envelope: Envelope) -> bool:
    return role.startswith("price/")


def computed(*envelopes: Envelope, told: Policy = POLICY) -> Prices:
    return compute(told, AT, envelopes, everybody)


def failed(*envelopes: Envelope, told: Policy = POLICY) -> str:
    """The code that leaves BTC without a price; whoever reads it meets E_PRICE_MISSING."""
    found = computed(*envelopes, told=told)
    with refused(Rejected, "E_PRICE_MISSING", where="prices: BTC"):
        found.require("BTC")
    return found.failures["BTC"].code


@pytest.mark.parametrize(
    ("quoted", "expected"),
    [((10000, 10001), 10000), ((10000, 10003), 10001), ((9999, 10000, 10050), 10000), ((1, 1, 1, 1), 1)],
)
def test_the_median(quoted: tuple[int, ...], expected: int) -> None:
    found = computed(*(btc(f"s{i}", price) for i, price in enumerate(quoted)))
    assert found.prices["BTC"] == Price(expected, len(quoted), min(quoted), max(quoted))
    assert found.require("BTC") == expected


@given(st.lists(st.integers(0, 2**100), min_size=1, max_size=9))
def test_the_median_has_as_many_below_as_above(values: list[int]) -> None:
    middle = median(values)
    assert 2 * sum(v < middle for v in values) <= len(values)
    assert 2 * sum(v > middle + 1 for v in values) <= len(values)
    assert median(reversed(values)) == middle


def test_coarser_quotes_are_scaled_up() -> None:
    assert computed(btc("a", 100, scale=0), btc("b", 10002)).prices["BTC"] == Price(10001, 2, 10000, 10002)


@pytest.mark.parametrize(
    "dropped",
    [btc("c", 1, at=AT - 61), btc("c", 1, at=AT + 61), btc("c", 1, scale=3)],
    ids=["too old", "too new", "too fine"],
)
def test_dropped_quotes(dropped: Envelope) -> None:
    assert computed(btc("a", 10000), btc("b", 10000), dropped).prices["BTC"].n == 2
    assert failed(btc("a", 10000), dropped) == "E_PRICE_SOURCES"


def test_quotes_at_the_edge_of_the_window_count() -> None:
    assert computed(btc("a", 10000, at=AT - 60), btc("b", 10000, at=AT + 60)).prices["BTC"].n == 2


def test_unsigned_quotes_are_dropped() -> None:
    asked = []

    def only_a(role: str, envelope: Envelope) -> bool:
        asked.append(role)
        return role == "price/a"

    found = compute(POLICY, AT, [btc("a", 10000), btc("b", 10000)], only_a)
    assert found.failures["BTC"].code == "E_PRICE_SOURCES"
    assert asked == ["price/a", "price/b"]


def test_one_source_quotes_once() -> None:
    assert failed(btc("a", 10000), btc("a", 10000), btc("b", 10000)) == "E_PRICE_SOURCES"


def test_deviation_at_its_edge() -> None:
    """100 basis points of the median, 10000: 9900 and 10100 are in, 10101 is out."""
    assert computed(btc("a", 9900), btc("b", 10000), btc("c", 10100)).require("BTC") == 10000
    assert failed(btc("a", 9900), btc("b", 10000), btc("c", 10101)) == "E_PRICE_DEVIATION"


def test_basis_at_its_edge() -> None:
    both = [signed(s, mark={"BTC": "10050"}) for s in "ab"]
    assert computed(*both).require("BTC") == 10000
    assert failed(both[0], signed("b", mark={"BTC": "10051"})) == "E_PRICE_BASIS"
    assert failed(signed("a", index={"BTC": "0"}, mark={"BTC": "1"}), btc("b", 0)) == "E_PRICE_BASIS"


def test_a_price_of_zero_or_too_large() -> None:
    assert failed(btc("a", 0), btc("b", 0)) == "E_PRICE_ZERO"
    assert failed(btc("a", 2**96), btc("b", 2**96)) == "E_PRICE_ZERO"
    assert computed(btc("a", 2**96 - 1), btc("b", 2**96 - 1)).require("BTC") == 2**96 - 1


def test_index_or_mark_as_the_policy_says() -> None:
    assets = {"BTC": {**policy_json()["assets"]["BTC"], "use": "mark"}}
    told = policy(assets=assets, columns=[], haircuts={})
    assert computed(*(signed(s, mark={"BTC": "10001"}) for s in "ab"), told=told).require("BTC") == 10001
    assert failed(btc("a", 10000), btc("b", 10000), told=told) == "E_PRICE_SOURCES"


def test_a_sym_nobody_quotes() -> None:
    found = computed(btc("a", 10000), btc("b", 10000))
    for sym in ("ETH", "DOGE"):
        with refused(Rejected, "E_PRICE_MISSING"):
            found.require(sym)


def test_models_are_flagged() -> None:
    found = computed(signed("a", models={"BTC": "curve 7", "ETH": "x"}), btc("b", 10000))
    assert found.models == {"BTC": "a: curve 7"}


def test_another_currency_or_order_refuses_the_set() -> None:
    with refused(Rejected, "E_PRICE_SOURCES"):
        computed(btc("a", 1, quote="iso4217:EUR"))
    with refused(Rejected, "E_PRICE_SOURCES"):
        computed(btc("b", 1), btc("a", 1))


def test_too_many_quotes() -> None:
    with refused(Malformed, "E_LIMIT"):
        computed(*(btc(f"s{i:02}", 1) for i in range(65)))


def test_the_document() -> None:
    built = build(POLICY, AT, [btc("b", 10001), btc("a", 10000)], everybody)
    assert [Quote.from_envelope(e, "q").source for e in built.quotes] == ["a", "b"]
    assert PriceSet.from_bytes(built.to_bytes()) == built
    assert built.verify(POLICY, AT, everybody).require("BTC") == 10000
    assert len(built.digest) == 64


@pytest.mark.parametrize(
    "changes",
    [
        {"prices": {}},
        {"prices": {"BTC": Price(10001, 2, 10000, 10001)}},
        {"prices": {"BTC": Price(10000, 3, 10000, 10001)}},
        {"prices": {"BTC": Price(10000, 2, 9999, 10001)}},
        {"prices": {"BTC": Price(10000, 2, 10000, 10002)}},
        {"prices": {"BTC": Price(10000, 2, 10000, 10001), "ETH": Price(1, 2, 1, 1)}},
        {"quote": "iso4217:EUR"},
        {"scale": 3},
        {"at": AT + 1},
        {"policy": "00" * 32},
    ],
    ids=str,
)
def test_a_document_that_says_something_else(changes: dict[str, Any]) -> None:
    built = build(POLICY, AT, [btc("a", 10000), btc("b", 10001)], everybody)
    with refused(Rejected, "E_BINDING"):
        replace(built, **changes).verify(POLICY, AT, everybody)


def test_stale_prices_are_no_prices() -> None:
    built = build(POLICY, AT, [btc("a", 10000), btc("b", 10001)], everybody)
    with refused(Rejected, "E_BINDING", where="prices: at") as told:
        built.verify(POLICY, AT + 3600, everybody)
    assert f"of another at: {AT} instead of {AT + 3600}" in str(told.value)


def test_old_quotes_under_a_new_date_are_named() -> None:
    later = AT + POLICY.price.window_s + 1
    built = replace(build(POLICY, AT, [btc("a", 10000), btc("b", 10001)], everybody), at=later)
    with refused(Rejected, "E_BINDING", where="prices: BTC") as told:
        built.verify(POLICY, later, everybody)
    assert "only 0 of its sources count" in str(told.value)
    window = POLICY.price.window_s
    assert told.value.details == tuple(
        f"the quote of {source} is {window + 1:,} seconds older than the snapshot; the policy allows {window:,}"
        for source in "ab"
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "x"}, "E_TYPE"),
        ({"source": ""}, "E_TYPE"),
        ({"at": -1}, "E_JSON"),
        ({"at": "1"}, "E_TYPE"),
        ({"scale": 39}, "E_LIMIT"),
        ({"index": {"BTC": 1}}, "E_TYPE"),
        ({"mark": {"btc": "1"}}, "E_TYPE"),
        ({"models": {"BTC": "m" * 1025}}, "E_LIMIT"),
        ({"more": ""}, "E_FIELD"),
    ],
)
def test_malformed_quotes(changes: dict[str, Any], code: str) -> None:
    assert Quote.from_json(quote_json()).to_json() == quote_json()
    with refused(Malformed, code):
        computed(signed(**changes))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "x"}, "E_TYPE"),
        ({"quotes": [{}]}, "E_FIELD"),
        ({"prices": {"BTC": {"price": "1", "n": 1, "low": "1"}}}, "E_FIELD"),
        ({"prices": {"BTC": {"price": "1", "n": 0, "low": "1", "high": "1"}}}, "E_LIMIT"),
        ({"prices": {"BTC": {"price": 1, "n": 1, "low": "1", "high": "1"}}}, "E_TYPE"),
        ({"more": ""}, "E_FIELD"),
    ],
)
def test_malformed_price_sets(changes: dict[str, Any], code: str) -> None:
    document = build(POLICY, AT, [btc("a", 10000), btc("b", 10001)], everybody).to_json()
    with refused(Malformed, code):
        PriceSet.from_json({**document, **changes})
