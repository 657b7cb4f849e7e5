"""Scalars and hashes in bulk."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parity.both import CORE, packed, same, scalars
from verifier.engine import Packed
from verifier.hashing import N
from verifier.reference.arithmetic import records

messages = st.lists(st.binary(max_size=150), max_size=8)


def pack(items: list[bytes]) -> Packed:
    ends = array("Q")
    for item in items:
        ends.append((ends[-1] if ends else 0) + len(item))
    return Packed(b"".join(items), ends)


@given(st.lists(scalars, max_size=6), st.data())
def test_eq_tables(challenges: list[int], data: st.DataObject) -> None:
    count = data.draw(st.integers(0, 1 << len(challenges)))
    scale = data.draw(scalars)
    assert same(lambda engine: engine.eq_table(challenges, count)) == CORE.eq_table(challenges, count, 1)
    scaled = same(lambda engine: engine.eq_table(challenges, count, scale))
    plain = [int.from_bytes(entry, "big") for entry in records(CORE.eq_table(challenges, count), 32)]
    assert scaled == packed([scale * entry % N for entry in plain])


def test_a_large_eq_table() -> None:
    challenges = [(7 * i + 3) ** 40 for i in range(12)]
    same(lambda engine: engine.eq_table(challenges, 4096))
    same(lambda engine: engine.eq_table(challenges, 2500))


@given(st.lists(st.tuples(scalars, scalars), max_size=20))
def test_dot(pairs: list[tuple[int, int]]) -> None:
    same(lambda engine: engine.dot(packed([a for a, _ in pairs]), packed([b for _, b in pairs])))


def test_a_long_dot() -> None:
    values = packed([pow(3, i + 200, 2**255) for i in range(3000)])
    same(lambda engine: engine.dot(values, values[::-1]))


@given(st.text("abc-/", max_size=12), st.binary(max_size=90), st.integers(0, 2**63), st.integers(0, 20))
def test_wide_each(tag: str, prefix: bytes, start: int, count: int) -> None:
    same(lambda engine: engine.wide_each(tag, prefix, start, count))


@given(st.binary(max_size=100), messages, st.binary(max_size=70))
def test_hmac_each(key: bytes, items: list[bytes], prefix: bytes) -> None:
    same(lambda engine: engine.hmac_each(key, pack(items), prefix))
    same(lambda engine: engine.hmac_each(key, pack(items)))


@given(messages, st.binary(max_size=100))
def test_tagged_each(items: list[bytes], tail: bytes) -> None:
    heads = bytes(range(32)) * len(items)
    same(lambda engine: engine.tagged_each("account", heads, pack(items)))
    same(lambda engine: engine.tagged_each("salt", heads, tail))


@pytest.mark.parametrize("count", [1023, 1024, 1025, 2500])
def test_more_than_one_block(count: int) -> None:
    same(lambda engine: engine.wide_each("blind", b"key", 5, count))
    same(lambda engine: engine.tagged_each("salt", bytes(32) * count, b"ctx"))
    same(lambda engine: engine.hmac_each(b"key", pack([b"m%d" % i for i in range(count)])))
