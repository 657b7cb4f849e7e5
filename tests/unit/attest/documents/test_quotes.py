"""Quotes: decimal text to exact integers, and errors that name the line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.documents.policy_template import policy_template
from attest.documents.policy_toml import read_policy
from attest.documents.quotes import Frame, Told, file_name, make_quote, read_prices
from tests.support.refusals import refused
from verifier.amounts import format_amount
from verifier.errors import Malformed

DRAFT = policy_template("ex.example")
POLICY = read_policy(DRAFT)
FRAME = Frame.of("one", 1_700_000_000, POLICY)
FREE = Frame.of("one", 1_700_000_000, None)


def told(*pairs: tuple[str, str], field: str = "price") -> list[Told]:
    return [Told(sym, field, text, f"--{field} {sym}") for sym, text in pairs]


def test_a_quote_of_the_policys_form() -> None:
    quote = make_quote(FRAME, told(("BTC", "115770.25"), ("ETH", "3698")), {"ETH": "a model"})
    assert (quote.source, quote.quote, quote.at, quote.scale) == ("one", "iso4217:USD", 1_700_000_000, 8)
    assert quote.index == {"BTC": 11_577_025_000_000, "ETH": 369_800_000_000}
    assert (quote.mark, quote.models) == ({}, {"ETH": "a model"})


def test_price_is_what_the_policy_reads() -> None:
    frame = Frame.of("one", 1, read_policy(DRAFT.replace('use = "index"', 'use = "mark"', 1)))
    quote = make_quote(frame, told(("BTC", "2"), ("ETH", "3")), {})
    assert (quote.mark, quote.index) == ({"BTC": 200_000_000}, {"ETH": 300_000_000})
    both = [*told(("BTC", "2"), field="index"), *told(("BTC", "3"), field="mark")]
    assert make_quote(frame, both, {}).index == {"BTC": 200_000_000}


def test_without_a_policy_the_scale_is_what_the_prices_use() -> None:
    quote = make_quote(FREE, told(("SHIB", "0.00001797"), ("BTC", "115770.25")), {})
    assert (quote.scale, quote.index) == (8, {"SHIB": 1797, "BTC": 11_577_025_000_000})
    assert make_quote(Frame.of("one", 1, None, "iso4217:EUR", 2), told(("BTC", "1.5")), {}).index == {"BTC": 150}


@given(st.integers(1, 2**96 - 1), st.integers(0, 38))
def test_every_decimal_is_exact(price: int, scale: int) -> None:
    frame = Frame("one", "iso4217:USD", 1, scale, {})
    assert make_quote(frame, told(("X", format_amount(price, scale))), {}).index == {"X": price}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1e5", "E_AMOUNT"), ("-1", "E_AMOUNT"), ("1,5", "E_AMOUNT"), ("1_0", "E_AMOUNT"), ("", "E_AMOUNT"),
        ("NaN", "E_AMOUNT"), ("0x10", "E_AMOUNT"), ("\uff11", "E_AMOUNT"), (" 1", "E_AMOUNT"), (".5", "E_AMOUNT"),
        ("0.000000001", "E_AMOUNT"), ("0", "E_PRICE_ZERO"), ("0.0", "E_PRICE_ZERO"),
    ],
)  # fmt: skip
def test_what_is_no_price(text: str, code: str) -> None:
    with refused(Malformed, code, where="--price BTC"):
        make_quote(FRAME, told(("BTC", text)), {})


def test_too_many_decimals_say_what_to_do() -> None:
    with pytest.raises(Malformed) as caught:
        make_quote(FRAME, told(("BTC", "0.000000001")), {})
    assert "raise [price] scale in policy.toml" in caught.value.hint


def test_a_price_told_twice_or_not_at_all() -> None:
    with refused(Malformed, "E_FIELD"):
        make_quote(FRAME, told(("BTC", "1"), ("BTC", "1")), {})
    with refused(Malformed, "E_FIELD"):
        make_quote(FRAME, [], {})


def test_a_table_of_prices() -> None:
    text = "sym,price,mark,model\nBTC,1.5,1.6,\nETH,2,,appraisal\n\n"
    found, models = read_prices(text, "p.csv")
    assert [(one.sym, one.field, one.text, one.where) for one in found] == [
        ("BTC", "price", "1.5", "p.csv: line 2"),
        ("BTC", "mark", "1.6", "p.csv: line 2"),
        ("ETH", "price", "2", "p.csv: line 3"),
    ]
    assert models == {"ETH": "appraisal"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E_FIELD"), ("sym\nBTC\n", "E_FIELD"), ("price\n1\n", "E_FIELD"), ("sym,preis\nBTC,1\n", "E_FIELD"),
        ("sym,price,price\nBTC,1,1\n", "E_FIELD"), ("sym,price\nBTC\n", "E_FIELD"), ("sym,price\nbtc,1\n", "E_TYPE"),
        ('sym,price\n"BTC,1\n', "E_TYPE"),
    ],
)  # fmt: skip
def test_tables_that_are_refused(text: str, code: str) -> None:
    with refused(Malformed, code):
        read_prices(text, "p.csv")


def test_a_source_is_a_name_and_its_file_too() -> None:
    with refused(Malformed, "E_TYPE"):
        Frame.of("../x", 1, None)
    assert [file_name(name) for name in ("one", "a/b:c#d", "x..y")] == ["one.json", "a_b_c_d.json", "x..y.json"]
