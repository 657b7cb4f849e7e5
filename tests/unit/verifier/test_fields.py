"""Every kind of member: what it takes, and each way to be refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.refusals import refused
from verifier import fields
from verifier.errors import Malformed

WHERE = "file: member"


def test_members() -> None:
    assert fields.members({"a": 1}, WHERE, ("a",)) == {"a": 1}
    assert fields.members({"a": 1, "b": 2}, WHERE, ("a",), optional=("b",)) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("value", "code"),
    [([], "E_TYPE"), ("a", "E_TYPE"), (None, "E_TYPE"), ({}, "E_FIELD"), ({"a": 1, "c": 2}, "E_FIELD")],
)
def test_members_refused(value: Any, code: str) -> None:
    with refused(Malformed, code, where=WHERE):
        fields.members(value, WHERE, ("a",), optional=("b",))


def test_mapping_and_items_at_their_limit() -> None:
    assert fields.mapping({"a": 1}, WHERE, 1) == {"a": 1}
    assert fields.items([1, 2], WHERE, 2) == [1, 2]
    with refused(Malformed, "E_LIMIT", where=WHERE):
        fields.mapping({"a": 1, "b": 1}, WHERE, 1)
    with refused(Malformed, "E_LIMIT", where=WHERE):
        fields.items([1, 2, 3], WHERE, 2)


@pytest.mark.parametrize("value", [None, 1, "text", True])
def test_mapping_and_items_of_another_type(value: Any) -> None:
    with refused(Malformed, "E_TYPE", where=WHERE):
        fields.mapping(value, WHERE, 9)
    with refused(Malformed, "E_TYPE", where=WHERE):
        fields.items(value, WHERE, 9)


def test_integer_limits() -> None:
    assert fields.integer(0, WHERE) == 0
    assert fields.integer(2**53 - 1, WHERE) == 2**53 - 1
    assert fields.integer(5, WHERE, low=5, high=5) == 5
    for value in (-1, 2**53):
        with refused(Malformed, "E_LIMIT", where=WHERE):
            fields.integer(value, WHERE)
    for value in (4, 6):
        with refused(Malformed, "E_LIMIT", where=WHERE):
            fields.integer(value, WHERE, low=5, high=5)


@pytest.mark.parametrize("value", [True, False, "1", 1.0, None, [1]])
def test_integer_of_another_type(value: Any) -> None:
    with refused(Malformed, "E_TYPE", where=WHERE):
        fields.integer(value, WHERE)


def test_text_counts_bytes() -> None:
    assert fields.text("éé", WHERE, 4) == "éé"
    with refused(Malformed, "E_LIMIT", where=WHERE):
        fields.text("éé", WHERE, 3)
    with refused(Malformed, "E_TYPE", where=WHERE):
        fields.text(1, WHERE)


def test_constant() -> None:
    assert fields.constant("a", WHERE, "a") == "a"
    for value in ("b", "", None, 1, ["a"]):
        with refused(Malformed, "E_TYPE", where=WHERE):
            fields.constant(value, WHERE, "a")


ACCEPTED: list[tuple[Callable[[Any, str], Any], Any, Any]] = [
    (fields.name, "a", "a"),
    (fields.name, "Z9._:/#-", "Z9._:/#-"),
    (fields.name, "a" * 96, "a" * 96),
    (fields.sym, "BTC", "BTC"),
    (fields.sym, "A" * 32, "A" * 32),
    (fields.amount, "0", 0),
    (fields.amount, str(2**128 - 1), 2**128 - 1),
    (fields.signed, "0", 0),
    (fields.signed, "-1", -1),
    (fields.signed, "-" + "9" * 78, -(10**78 - 1)),
    (fields.digest, "0a" * 32, "0a" * 32),
    (fields.digest_or_empty, "", ""),
    (fields.digest_or_empty, "ff" * 32, "ff" * 32),
]


@pytest.mark.parametrize(("read", "value", "expected"), ACCEPTED)
def test_accepted(read: Callable[[Any, str], Any], value: Any, expected: Any) -> None:
    assert read(value, WHERE) == expected


REFUSED: list[tuple[Callable[[Any, str], Any], Any]] = [
    *((fields.name, value) for value in ("", "-a", ".a", "a" * 97, "a b", "a\n", "é", "a~", 1, None)),
    *((fields.sym, value) for value in ("", "btc", "-B", "A" * 33, "BTC\n", "B:C", 1)),
    *((fields.amount, value) for value in ("", "00", "01", "-0", "-1", "+1", "1.0", " 1", "1\n", "٣", "1" * 40, 1)),
    *((fields.signed, value) for value in ("", "-0", "--1", "01", "-01", "1.", "\uff11", "1" * 79, 1, None)),
    *((fields.digest, value) for value in ("", "0a" * 31, "0a" * 33, "0A" * 32, "0a" * 31 + "0", "zz" * 32, 1)),
    *((fields.digest_or_empty, value) for value in ("0", "0a" * 31, None, 0)),
]


@pytest.mark.parametrize(("read", "value"), REFUSED, ids=[f"{r.__name__} {v!r}"[:40] for r, v in REFUSED])
def test_refused(read: Callable[[Any, str], Any], value: Any) -> None:
    with refused(Malformed, "E_TYPE", where=WHERE):
        read(value, WHERE)


def test_amount_of_2_to_the_128_is_refused() -> None:
    with refused(Malformed, "E_LIMIT", where=WHERE):
        fields.amount(str(2**128), WHERE)


def test_hexbytes_insists_on_the_length() -> None:
    assert fields.hexbytes("00ff", WHERE, 2) == b"\x00\xff"
    assert fields.hexbytes("", WHERE, 0) == b""
    for length in (1, 3):
        with refused(Malformed, "E_TYPE", where=WHERE):
            fields.hexbytes("00ff", WHERE, length)
