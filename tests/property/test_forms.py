"""What is written is read back, and nothing but its one form is read: JSON, sealed texts, amounts, scalars, points."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier import canonical
from verifier.amounts import format_amount, parse_amount
from verifier.errors import Malformed, Rejected
from verifier.group import G, Point, scalar_from_bytes, scalar_to_bytes
from verifier.hashing import N
from verifier.sealed import is_record_size, open_record, plain_text, read_text, record_size, seal

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
DOCUMENTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 2**53 - 1), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(TEXT, inner, max_size=5)),
    max_leaves=20,
)
CELLS = st.dictionaries(st.integers(0, 65535), st.integers(1, 2**128 - 1), max_size=70).map(lambda d: sorted(d.items()))
SCALARS = st.integers(0, N - 1)


@given(document=DOCUMENTS)
def test_canonical_json_round_trip(document: Any) -> None:
    data = canonical.encode(document)
    assert canonical.decode(data, where="") == document
    assert canonical.encode(canonical.decode(data, where="")) == data


@given(document=DOCUMENTS, position=st.integers(0, 10**6), byte=st.sampled_from(b' \n\t0.e-+\\"[]{},:u'))
@settings(max_examples=300)
def test_no_document_has_a_second_form(document: Any, position: int, byte: int) -> None:
    """A byte put in anywhere gives another document or none, never the same one."""
    data = bytearray(canonical.encode(document))
    data.insert(position % (len(data) + 1), byte)
    try:
        other = canonical.decode(bytes(data), where="")
    except Malformed:
        return
    assert canonical.encode(other) == data
    assert canonical.encode(other) != canonical.encode(document)


@given(blinding=SCALARS, cells=CELLS)
def test_sealed_text_round_trip(blinding: int, cells: list[tuple[int, int]]) -> None:
    text = plain_text(scalar_to_bytes(blinding), cells)
    assert is_record_size(len(text) + 16)
    opened = read_text(text, "")
    assert (opened.blinding, list(opened.cells)) == (blinding, cells)


@given(blinding=SCALARS, cells=CELLS, position=st.integers(0, 10**6), change=st.integers(1, 255))
@settings(max_examples=300)
def test_no_row_has_a_second_sealed_text(
    blinding: int, cells: list[tuple[int, int]], position: int, change: int
) -> None:
    text = bytearray(plain_text(scalar_to_bytes(blinding), cells))
    text[position % len(text)] ^= change
    try:
        opened = read_text(bytes(text), "")
    except Rejected:
        return
    assert plain_text(scalar_to_bytes(opened.blinding), list(opened.cells)) == text
    assert (opened.blinding, list(opened.cells)) != (blinding, cells)


@given(key=st.binary(min_size=32, max_size=32), index=st.integers(0, 2**40 - 1), blinding=SCALARS, cells=CELLS)
def test_seal_and_open(key: bytes, index: int, blinding: int, cells: list[tuple[int, int]]) -> None:
    record = seal(key, b"c" * 32, index, G.to_bytes(), scalar_to_bytes(blinding), cells)
    opened = open_record(key, b"c" * 32, index, G.to_bytes(), record)
    assert (opened.blinding, list(opened.cells)) == (blinding, cells)
    with pytest.raises(Rejected):
        open_record(key, b"c" * 32, index ^ 1, G.to_bytes(), record)


@given(size=st.integers(0, 2**40))
def test_a_record_is_the_smallest_that_holds_its_text(size: int) -> None:
    record = record_size(size)
    assert is_record_size(record)
    assert record >= size + 16
    assert record == 256 or record // 4 < size + 16


@given(units=st.integers(0, 10**60 - 1), decimals=st.integers(0, 77))
def test_amounts(units: int, decimals: int) -> None:
    text = format_amount(units, decimals)
    assert parse_amount(text, decimals, "") == units
    if "." in text:
        assert parse_amount(text + "0", decimals, "") == units
    assert not text.startswith("00")


@given(value=st.integers(0, 2**256 - 1))
def test_scalars(value: int) -> None:
    data = value.to_bytes(32, "big")
    if value < N:
        assert scalar_to_bytes(scalar_from_bytes(data)) == data
        return
    with pytest.raises(Malformed):
        scalar_from_bytes(data)


@given(prefix=st.sampled_from([0, 1, 2, 3, 4]), x=st.binary(min_size=32, max_size=32))
def test_a_point_has_one_encoding(prefix: int, x: bytes) -> None:
    data = bytes([prefix]) + x
    try:
        point = Point.from_bytes(data)
    except Malformed:
        return
    assert point.to_bytes() == data
    assert Point.from_xy(point.to_xy()) == point
    assert Point.from_bytes(bytes([prefix ^ 1]) + x) == -point
