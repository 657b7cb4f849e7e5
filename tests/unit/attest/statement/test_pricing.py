"""Prices of an epoch: only quotes that count are published, and every other one is explained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from attest.statement.pricing import Priced, price
from tests.support.refusals import refused
from tests.support.signed_home import Home, make_home, signed, signer_of
from verifier import canonical
from verifier.errors import Malformed, Rejected
from verifier.markets.prices import PriceSet
from verifier.trust.root import Root


def priced(home: Home) -> Priced:
    inputs = home.inputs()
    return price(home.parsed_policy, home.taken_at, inputs.quotes, Root.from_envelope(inputs.root))


DROPPED: dict[str, tuple[dict[str, Any], str]] = {
    "too old": ({"at": 1_700_000_000 - 61}, "61 seconds away, and window_s is 60"),
    "of the future": ({"at": 1_700_000_000 + 61}, "61 seconds away"),
    "too fine": ({"scale": 3}, "it has 3 decimals, and the policy's scale is 2"),
    "of another source": ({"source": "alpha"}, "price/alpha"),
    "of nobody": ({"source": "delta"}, "price/delta"),
}


@pytest.mark.parametrize("name", DROPPED)
def test_a_quote_that_does_not_count(tmp_path: Path, name: str) -> None:
    change, words = DROPPED[name]
    found = priced(make_home(tmp_path, quotes={"gamma": change}))
    assert [note for note in found.notes if words in note and "gamma.json" in note], found.notes
    assert len(found.document.quotes) == 2
    assert set(found.prices.prices) == {"BTC", "ETH", "USDT"}


def test_what_is_published_is_what_the_verifier_recomputes(tmp_path: Path) -> None:
    home = make_home(tmp_path, quotes={"beta": {"index": {"BTC": "11580000", "ETH": "369840", "USDT": "100"}}})
    document = priced(home).document
    assert PriceSet.from_bytes(document.to_bytes()) == document
    assert (document.at, document.policy) == (home.taken_at, home.parsed_policy.digest)
    assert document.prices["BTC"].price == 11577000
    assert document.prices["BTC"].high == 11580000


FAILED: dict[str, tuple[dict[str, Any], str]] = {
    "E_PRICE_SOURCES": ({"beta": None, "gamma": None}, "only 1 of its sources count"),
    "E_PRICE_DEVIATION": ({"beta": {"index": {"BTC": "9000000", "ETH": "369840", "USDT": "100"}}}, "too far"),
}


@pytest.mark.parametrize("code", FAILED)
def test_an_asset_without_a_price_is_named(tmp_path: Path, code: str) -> None:
    quotes, words = FAILED[code]
    found = priced(make_home(tmp_path, quotes=quotes))
    assert "BTC" not in found.prices.prices
    assert any(note.startswith("BTC has no price") and code in note and words in note for note in found.notes)


def test_one_source_that_quotes_twice(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    again = signed(canonical.encode(home.quote("alpha")), "quote", signer_of("price/alpha"))
    (home.documents / "quotes/zeta.json").write_bytes(again.to_bytes())
    assert any("E_PRICE_SOURCES" in note for note in priced(home).notes)


def test_a_quote_in_another_currency(tmp_path: Path) -> None:
    with refused(Rejected, "E_PRICE_SOURCES", where="prices: quotes[1]"):
        priced(make_home(tmp_path, quotes={"beta": {"quote": "iso4217:EUR"}}))


def test_a_file_that_is_no_quote(tmp_path: Path) -> None:
    with refused(Malformed, "E_TYPE", where="beta.json: at"):
        priced(make_home(tmp_path, quotes={"beta": {"at": "now"}}))
