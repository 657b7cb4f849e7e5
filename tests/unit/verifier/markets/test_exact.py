"""The one rounding rule, and numbers as people read them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.refusals import refused
from verifier.errors import Malformed
from verifier.markets.exact import median, money, percent, round_down, unit_value
from verifier.markets.linear import Reference, Total, at_least_zero

RATIONALS = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6)


@pytest.mark.parametrize(("q", "expected"), [("1/2", 0), ("-1/2", -1), ("3", 3), ("-3", -3), ("-7/3", -3), ("0", 0)])
def test_toward_minus_infinity(q: str, expected: int) -> None:
    assert round_down(Fraction(q)) == expected


@given(st.lists(st.tuples(RATIONALS, st.integers(0, 2**64 - 1)), min_size=1, max_size=8), RATIONALS)
def test_a_statement_and_its_negation_never_both_hold(terms: list[tuple[Fraction, int]], constant: Fraction) -> None:
    """The negation of Z >= 0 is -Z - 1 >= 0, with every weight floored afresh."""
    amounts: dict[Reference, int] = {Total(f"c{i}"): amount for i, (_, amount) in enumerate(terms)}
    q: dict[Reference, Fraction] = {Total(f"c{i}"): weight for i, (weight, _) in enumerate(terms)}
    yes = at_least_zero("z", q, constant)
    no = at_least_zero("not z", {x: -weight for x, weight in q.items()}, -constant - 1)
    exact = sum((q[x] * amounts[x] for x in q), constant)
    z, not_z = (sum(w * amounts[x] for x, w in i.terms) + i.constant for i in (yes, no))
    assert z <= exact
    assert not (z >= 0 and not_z >= 0)


def test_terms_that_become_zero_are_dropped() -> None:
    found = at_least_zero("z", {Total("a"): Fraction(1, 2), Total("b"): Fraction(-1, 2)}, Fraction(-1, 2))
    assert (found.terms, found.constant) == (((Total("b"), -1),), -1)


def test_the_value_of_a_base_unit() -> None:
    assert unit_value(Fraction(369840), 2, 9, 10) == 36984
    assert unit_value(Fraction(1797), 8, 8, 10) == Fraction(1797, 10**6)


@pytest.mark.parametrize(
    ("bps", "text"), [(10000, "100 %"), (10500, "105 %"), (1050, "10.5 %"), (1, "0.01 %"), (0, "0 %")]
)
def test_percent(bps: int, text: str) -> None:
    assert percent(bps) == text


def test_money() -> None:
    assert money(52688499953016, 10, "iso4217:USD") == "5,268.8499953016 USD"
    assert money(-230735250049334, 10, "iso4217:USD") == "-23,073.5250049334 USD"
    assert money(0, 2, "iso4217:EUR") == "0 EUR"


def test_a_median_of_nothing() -> None:
    with refused(Malformed, "E_PRICE_SOURCES"):
        median([])
