"""Canonical JSON: one form in, the same form out."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.support.refusals import refused
from verifier import canonical
from verifier.errors import Malformed

GOOD: list[tuple[bytes, Any]] = [
    (b"{}", {}),
    (b"[]", []),
    (b"0", 0),
    (b"9007199254740991", 2**53 - 1),
    (b'""', ""),
    (b'"\\u0000\\u001f\\"\\\\\\n"', '\x00\x1f"\\\n'),
    ('"é€\U0001f600"'.encode(), "é€\U0001f600"),
    (b'{"a":[1,"2",{}],"b":null}', {"a": [1, "2", {}], "b": None}),
]

BAD = {
    "empty": b"",
    "not UTF-8": b'"\xff"',
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "truncated": b'{"a":1',
    "trailing garbage": b"{}x",
    "trailing newline": b"{}\n",
    "leading space": b" {}",
    "space after colon": b'{"a": 1}',
    "members out of order": b'{"b":1,"a":2}',
    "duplicate member": b'{"a":1,"a":1}',
    "duplicate member, nested": b'[{"a":1,"a":2}]',
    "float": b"1.5",
    "float that is whole": b"1.0",
    "exponent": b"1e2",
    "capital exponent": b"1E2",
    "negative": b"-1",
    "minus zero": b"-0",
    "leading zero": b"01",
    "plus sign": b"+1",
    "2^53": b"9007199254740992",
    "huge number": b"9" * 5000,
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "minus Infinity": b"-Infinity",
    "needless escape": b'"\\u0041"',
    "escaped solidus": b'"\\/"',
    "capital hex escape": b'"\\u001F"',
    "escaped control with short form": b'"\\u000a"',
    "lone surrogate": b'"\\ud800"',
    "encoded surrogate": b'"\xed\xa0\x80"',
    "raw control character": b'"\x01"',
    "single quotes": b"{'a':1}",
    "trailing comma": b"[1,]",
    "comment": b"{}//",
}


@pytest.mark.parametrize(("data", "document"), GOOD, ids=[data.decode()[:20] for data, _ in GOOD])
def test_canonical_bytes_are_read_and_written_back(data: bytes, document: Any) -> None:
    assert canonical.decode(data, where="file") == document
    assert canonical.encode(document) == data
    assert canonical.digest(document) == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("name", BAD)
def test_anything_else_is_refused(name: str) -> None:
    with refused(Malformed, "E_JSON", where="file"):
        canonical.decode(BAD[name], where="file")


def test_members_are_sorted_by_utf_16_units() -> None:
    data = '{"\U0001f600":1,"\ufb33":2}'.encode()
    assert canonical.decode(data, where="file") == {"\U0001f600": 1, "\ufb33": 2}
    with refused(Malformed, "E_JSON"):
        canonical.decode('{"\ufb33":2,"\U0001f600":1}'.encode(), where="file")


def test_a_document_over_the_limit_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "MAX_BYTES", 100)
    data = b'"' + b"a" * 98 + b'"'
    assert len(canonical.decode(data, where="file")) == 98
    with refused(Malformed, "E_LIMIT", where="file"):
        canonical.decode(data + b" ", where="file")


def test_nesting_has_a_limit() -> None:
    """Without one, 100 kB of brackets would overflow the parser's stack and end the process."""
    deepest = b"[" * canonical.MAX_DEPTH + b"]" * canonical.MAX_DEPTH
    assert canonical.encode(canonical.decode(deepest, where="file")) == deepest
    for data in (b"[" + deepest + b"]", b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000, b"[" * 1_000_000):
        with refused(Malformed, "E_LIMIT", where="file"):
            canonical.decode(data, where="file")


def test_brackets_in_strings_are_no_nesting() -> None:
    for text in ("[" * 1000, '\\"[' * 100, "\\" * 99 + "{" * 99):
        assert canonical.decode(canonical.encode([text]), where="file") == [text]


@pytest.mark.parametrize("document", [2**53, -(2**53), "\ud800", float("nan"), object(), {1: 2}, b"bytes"])
def test_what_has_no_canonical_form_is_not_written(document: Any) -> None:
    with refused(Malformed, "E_JSON"):
        canonical.encode(document)


def test_nesting_without_end_is_not_written() -> None:
    document: list[Any] = []
    document.append(document)
    with refused(Malformed, "E_JSON"):
        canonical.encode(document)


def test_a_limit_may_be_another() -> None:
    data = b'"' + b"a" * 98 + b'"'
    for reader in (canonical.decode, canonical.read):
        assert len(reader(data, where="file", limit=100)) == 98
        with refused(Malformed, "E_LIMIT", where="file"):
            reader(data, where="file", limit=99)


@pytest.mark.parametrize("data", [b'"\\ud800"', b'["\\uDFFF"]', b'{"a":1,"a":2}', b"1.5", b"[", b"\xff"])
def test_any_layout_is_read_as_strictly(data: bytes) -> None:
    with refused(Malformed, "E_JSON", where="file") as told:
        canonical.read(data, where="file", hint="do this")
    assert told.value.hint == "do this"
    assert canonical.read(b' {"b": 1,\n"a": "\\ud83d\\ude00"}', where="file") == {"a": "\U0001f600", "b": 1}
