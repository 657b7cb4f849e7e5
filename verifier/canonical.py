"""Canonical JSON (RFC 8785) in, canonical JSON out, nothing else accepted (docs/protocol.md, section 1).

A document is decoded once, strictly, then encoded again and compared byte by byte: that comparison is what refuses
``1.0``, ``1e2``, reordered members and stray white space.
"""

from __future__ import annotations

import hashlib
import json
import re
from codecs import BOM_UTF8
from itertools import accumulate
from typing import Any, Final, NoReturn

import rfc8785

from verifier.errors import Malformed

MAX_INT: Final = 2**53 - 1
MAX_BYTES: Final = 16 * 2**20
MAX_DEPTH: Final = 64
_HINT: Final = "download it again and do not save it from an editor: one changed space or line end is enough"
_TEXT_HINT: Final = "write it as JSON: double quotes, whole numbers, no comma after the last member, no comments"
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_ESCAPE: Final = re.compile(rb"\\.", re.DOTALL)
_STRING: Final = re.compile(rb'"[^"]*+"?')
_OTHERS: Final = bytes(set(range(256)) - set(b'"[]{}'))
_STEP: Final = [{"[": 1, "{": 1, "]": -1, "}": -1}.get(chr(byte), 0) for byte in range(256)]


def encode(document: Any) -> bytes:
    """The canonical bytes of ``document`` (made of dict, list, str and int only)."""
    try:
        return rfc8785.dumps(document)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        raise Malformed("this document has no canonical form", code="E_JSON") from error


def digest(document: Any) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(encode(document)).hexdigest()


def decode(data: bytes, *, where: str, limit: int | None = None) -> Any:
    """The document in ``data``. Raises Malformed (E_JSON) unless ``data`` is exactly its canonical form.

    ``limit`` is how many bytes there may be, MAX_BYTES where nothing is said.
    """
    document = _parse(data, where, limit, _HINT)
    if _encoded(document, where, _HINT) != data:
        raise Malformed(
            "saved again by another program, or altered: its bytes are not the canonical ones (RFC 8785)",
            where=where,
            code="E_JSON",
            hint=_HINT,
        )
    return document


def read(data: bytes, *, where: str, limit: int | None = None, hint: str = _HINT) -> Any:
    """The document in ``data``, in any layout, and otherwise as strictly: for drafts, never for what is published."""
    document = _parse(data, where, limit, hint)
    if _SURROGATE.search(data):
        _encoded(document, where, hint)  # an escape may stand for half a character, which has no canonical form
    return document


def decode_text(data: bytes, *, where: str) -> Any:
    """The document in ``data``, whatever its layout: for files that people write, never for files that were signed.

    As strict as ``decode`` about everything else. Raises Malformed (E_JSON, E_LIMIT).
    """
    return read(data.removeprefix(BOM_UTF8), where=where, hint=_TEXT_HINT)


def _parse(data: bytes, where: str, limit: int | None, hint: str) -> Any:
    most = MAX_BYTES if limit is None else limit
    if len(data) > most:
        raise Malformed(f"larger than {most} bytes", where=where, code="E_LIMIT")
    if _depth(data) > MAX_DEPTH:
        raise Malformed(f"nested deeper than {MAX_DEPTH} levels", where=where, code="E_LIMIT")
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique_members,
            parse_int=_integer,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except (ValueError, RecursionError, Malformed) as error:
        raise Malformed(_reason(error), where=where, code="E_JSON", hint=hint) from error


def _reason(error: Exception) -> str:
    if isinstance(error, Malformed):
        return error.message
    place = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
    return f"not valid JSON in UTF-8{place}"


def _encoded(document: Any, where: str, hint: str) -> bytes:
    try:
        return encode(document)
    except Malformed as error:
        raise Malformed(error.message, where=where, code="E_JSON", hint=hint) from error


def _depth(data: bytes) -> int:
    """How deep brackets nest, counted before parsing: the parser's recursion could exhaust the stack.

    Linear in time, and light in memory, for any bytes at all.
    """
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return 0
    quotes_and_brackets = _ESCAPE.sub(b"", data).translate(None, _OTHERS)
    brackets = _STRING.sub(b"", quotes_and_brackets)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("a member stands twice in one object")
    return members


def _integer(digits: str) -> int:
    if len(digits) > 16 or not 0 <= int(digits) <= MAX_INT or digits == "-0":
        raise Malformed("a number outside 0..2^53-1")
    return int(digits)


def _refuse_number(text: str) -> NoReturn:
    raise Malformed(f"{text[:20]} is not a whole number; amounts are strings of digits")
