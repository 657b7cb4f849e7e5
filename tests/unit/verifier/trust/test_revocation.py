"""From when on a revoked key no longer counts."""

from __future__ import annotations

import pytest

from tests.support.trust import key, revocation
from verifier.trust.revocation import UNDATED, Occasion, Revocation

STOLEN = Revocation(key(12), 7, 1_750_000_000, "stolen")


def test_round_trip() -> None:
    assert Revocation.from_json(revocation(12), "revoked[0]") == STOLEN
    assert STOLEN.to_json() == revocation(12)


@pytest.mark.parametrize(
    ("occasion", "cut"),
    [
        (Occasion(seq=6), False),
        (Occasion(seq=7), True),
        (Occasion(seq=8), True),
        (Occasion(issued_at=1_750_000_000), False),
        (Occasion(issued_at=1_750_000_001), True),
        (UNDATED, True),
        (Occasion(seq=7, issued_at=0), True),
    ],
    ids=[
        "logged before",
        "logged at",
        "logged after",
        "statement then",
        "statement after",
        "undated",
        "old by its word",
    ],
)
def test_cuts(occasion: Occasion, cut: bool) -> None:
    assert STOLEN.cuts(occasion) is cut


def test_occasions_that_are_zero_are_known() -> None:
    from_the_start = Revocation(key(12), 0, 0, "")
    assert from_the_start.cuts(Occasion(seq=0))
    assert not from_the_start.cuts(Occasion(issued_at=0))
