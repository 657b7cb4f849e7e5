"""The file that opens hidden amounts: read strictly, and no error or repr tells what is in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from attest.collateral import Opening, Openings
from tests.support.refusals import refused
from verifier.errors import Malformed
from verifier.group import value_commitment
from verifier.hashing import N

DIGEST = "ab" * 32
VALUE, BLINDING = 987_654_321, 123_456_789
GOOD = Openings({(DIGEST, 0): Opening(VALUE, BLINDING), (DIGEST, 7): Opening(0, N - 1)})


def document(**changes: Any) -> dict[str, Any]:
    return {"value": str(VALUE), "blinding": f"{BLINDING:064x}", **changes}


def read(opening: Any, number: str = "0", digest: str = DIGEST) -> Openings:
    return Openings.from_bytes(
        json.dumps({"type": "solvent:openings/v1", "statements": {digest: {number: opening}}}).encode()
    )


def test_round_trip() -> None:
    assert Openings.from_bytes(GOOD.to_bytes()) == GOOD
    assert read(document()).entries[DIGEST, 0].commitment == value_commitment(VALUE, BLINDING)


def test_nothing_shows_what_is_hidden() -> None:
    shown = repr(GOOD) + repr(Opening(VALUE, BLINDING)) + str(GOOD)
    assert str(VALUE) not in shown
    assert str(BLINDING) not in shown


@pytest.mark.parametrize(
    "change",
    [
        {"value": str(2**64)},
        {"value": "-1"},
        {"value": VALUE},
        {"value": "0987654321"},
        {"blinding": "00" * 32},
        {"blinding": f"{N:064x}"},
        {"blinding": f"{BLINDING:x}"},
        {"blinding": f"{N - 1:064X}"},
        {"more": "x"},
    ],
    ids=str,
)
def test_a_wrong_opening_is_refused_and_not_repeated(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as told:
        read(document(**change))
    assert told.value.code in ("E_LIMIT", "E_TYPE", "E_FIELD")
    assert str(VALUE) not in str(told.value)
    assert f"{BLINDING:x}" not in str(told.value)


@pytest.mark.parametrize("number", ["", "00", "-1", "a", "1.0", "\u0661", "123456789"])
def test_entries_are_named_by_their_number(number: str) -> None:
    with refused(Malformed, "E_FIELD"):
        read(document(), number)


def test_statements_are_named_by_their_digest() -> None:
    with refused(Malformed, "E_TYPE"):
        read(document(), digest="vault.json")


def test_newer_openings_win() -> None:
    other = Openings({(DIGEST, 0): Opening(1, 2)})
    assert GOOD.merged(other).entries == {(DIGEST, 0): Opening(1, 2), (DIGEST, 7): Opening(0, N - 1)}
