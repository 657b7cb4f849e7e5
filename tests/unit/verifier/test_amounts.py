"""Decimal text to base units and back."""

from __future__ import annotations

import pytest

from tests.support.refusals import refused
from verifier.amounts import format_amount, parse_amount
from verifier.errors import Malformed


@pytest.mark.parametrize(
    ("text", "decimals", "units", "back"),
    [
        ("0", 0, 0, "0"),
        ("0", 8, 0, "0"),
        ("1", 0, 1, "1"),
        ("1.5", 8, 150_000_000, "1.5"),
        ("1.50", 1, 15, "1.5"),
        ("1.000", 0, 1, "1"),
        ("0.00000001", 8, 1, "0.00000001"),
        ("007", 2, 700, "7"),
        ("0.10", 2, 10, "0.1"),
        ("100", 2, 10_000, "100"),
        ("9" * 60, 77, int("9" * 60) * 10**77, "9" * 60),
        ("0." + "0" * 76 + "1", 77, 1, "0." + "0" * 76 + "1"),
        ("1." + "0" * 80, 0, 1, "1"),
    ],
)
def test_round_trip(text: str, decimals: int, units: int, back: str) -> None:
    assert parse_amount(text, decimals, "BTC") == units
    assert format_amount(units, decimals) == back


@pytest.mark.parametrize(
    ("text", "decimals"),
    [
        *((text, 8) for text in ("", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "1 000", " 1", "1\n", "0x1", "NaN")),
        *((text, 8) for text in ("٣", "\uff11", "1.5.0", "1_000", "inf", "9" * 61, "1." + "0" * 81)),
        ("1.5", 0),
        ("0.000000001", 8),
    ],
)
def test_refused(text: str, decimals: int) -> None:
    with refused(Malformed, "E_AMOUNT", where="BTC"):
        parse_amount(text, decimals, "BTC")


def test_a_long_text_is_not_quoted_whole() -> None:
    with pytest.raises(Malformed) as caught:
        parse_amount("x" * 1000, 8, "BTC")
    assert len(caught.value.message) < 100


@pytest.mark.parametrize("decimals", [0, 1, 8, 18])
def test_every_small_number_comes_back(decimals: int) -> None:
    for units in range(0, 2000, 7):
        assert parse_amount(format_amount(units, decimals), decimals, "") == units
