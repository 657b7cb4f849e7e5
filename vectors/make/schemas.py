"""Negative cases of the schema: alone, and in a directory whose attestation is signed for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from vectors.make.books import MARGIN, books
from vectors.make.build import Made
from vectors.make.documents import Document
from vectors.make.mutate import (
    BINDING,
    LIMIT,
    MALFORMED,
    OTHER_SCHEMA,
    REJECTED,
    ROOT,
    Case,
    Refusal,
    changed,
    dotted,
    encode,
    payload_of,
    resigned,
)
from vectors.make.statements import places
from verifier.hashing import N

SCHEMA_KINDS = {
    "type": "constant",
    "columns[].name": "name",
    "columns[].asset": "symbol",
    "columns[].decimals": "int",
    "columns[].bits": "int",
    "columns[].kind": "text",
    "rules[].name": "name",
    "rules[].weights.BTC": "weight",
    "rules[].weights.BTC:debt": "weight",
    "rules[].weights.slack": "weight",
    "policy": "digest?",
    "prices": "digest?",
    "scenarios": "digest?",
}


def schema() -> Document:
    """The schema alone."""
    bug_two = Refusal(MALFORMED, "E_TYPE", "2")
    return Document(
        "schema",
        "margin",
        "schema",
        MARGIN.to_json(),
        places("schema", SCHEMA_KINDS),
        lambda data: {"schema.json": data},
        frozenset({"schema.rules[].weights"}),
        {
            **{f"schema.rules[].weights.{name}: removed": None for name in ("BTC", "BTC:debt", "slack")},
            "schema.columns[].kind: has 5000 letters": LIMIT,
            "schema.columns[].kind: is empty": bug_two,
        },
    )


def schema_values() -> list[Case]:
    """Well formed, and not allowed."""
    document = schema()
    two = {
        code: Refusal(kind, code, "2")
        for kind, code in (
            (MALFORMED, "E_LIMIT"),
            (MALFORMED, "E_TYPE"),
            (MALFORMED, "E_FIELD"),
            (REJECTED, "E_SCHEMA"),
            (REJECTED, "E_BOUND"),
        )
    }
    base = document.document
    column, rule = base["columns"][0], base["rules"][0]
    weights = ("rules", 0, "weights")
    many = [{**column, "name": f"c{i}"} for i in range(4097)]
    rules = [{"name": f"r{i}", "weights": {"BTC": "1"}} for i in range(4097)]
    return [
        *(
            document.change(("columns", 0, "bits"), f"{bits}", bits, refusal, "cells of odd widths overlap")
            for bits, refusal in {0: LIMIT, 7: LIMIT, 9: two["E_LIMIT"], 129: LIMIT, 136: LIMIT}.items()
        ),
        document.change(("columns", 0, "decimals"), "78", 78, LIMIT, "an amount is shown that nobody can write"),
        document.change(("columns", 0, "kind"), "unknown", "equity", two["E_TYPE"], "a column that nobody compares"),
        document.change(("columns",), "none", [], two["E_LIMIT"], "a book without columns"),
        document.change(("columns",), "4097 of them", many, LIMIT, "memory without bound"),
        document.change(("rules",), "4097 of them", rules, LIMIT, "work without bound"),
        document.change(
            ("columns",),
            "two of one name",
            [column, *base["columns"]],
            two["E_SCHEMA"],
            "a balance counts once of twice",
        ),
        document.change(
            ("columns", 1, "name"), "that of another column", "BTC", two["E_SCHEMA"], "a debt hides behind a balance"
        ),
        document.change(("rules",), "two of one name", [rule, rule], two["E_SCHEMA"], "a rule hides behind another"),
        document.change(
            (*weights, "GOLD"), "of a column that is not there", "1", two["E_SCHEMA"], "a rule about nothing"
        ),
        document.change(weights, "none", {}, two["E_FIELD"], "a rule that says nothing"),
        document.change(
            (*weights, "BTC"), "that wraps around", str(2**235), two["E_BOUND"], "a rule holds mod n and not in fact"
        ),
        document.change(
            (*weights, "BTC"),
            "that wraps around, negative",
            str(-(2**235)),
            two["E_BOUND"],
            "a rule holds mod n and not in fact",
        ),
        document.change(
            (*weights, "BTC"),
            "the group order plus one",
            str(N + 1),
            two["E_BOUND"],
            "a rule holds mod n and not in fact",
        ),
    ]


def signed_schema() -> list[Case]:
    """Other schemas in the signed attestation: each changes what the rows mean."""
    book, document = books()["margin"], MARGIN.to_json()
    changes: dict[str, tuple[tuple[str | int, ...], Any]] = {
        "a column renamed": (("columns", 2, "name"), "ETX"),
        "another asset": (("columns", 0, "asset"), "WBTC"),
        "another number of decimals": (("columns", 0, "decimals"), 9),
        "a debt called collateral": (("columns", 1, "kind"), "collateral"),
        "a weight of two": (("rules", 0, "weights", "BTC"), "2"),
        "a rule renamed": (("rules", 0, "name"), "gross"),
        "without rules": (("rules",), []),
    }
    found = []
    for label, (path, value) in changes.items():
        data = encode(changed(document, path, value))
        files = _with_schema(book, data, path, value)
        found.append(_schema_case(f"{label}, signed", files, ROOT, dotted("schema", path)))
        found.append(_schema_case(f"{label}, not signed", {"schema.json": data}, OTHER_SCHEMA, dotted("schema", path)))
    moved = encode({**document, "columns": _rewidened(document["columns"])})
    found.append(
        _schema_case("eight bits moved, signed", _with_schema(book, moved, (), None), ROOT, "schema.columns[].bits")
    )
    wider = encode(changed(document, ("columns", 2, "bits"), 16))
    size = Refusal(MALFORMED, "E_LENGTH", "4")
    found.append(
        _schema_case("a wider column, signed", _with_schema(book, wider, (), None), size, "schema.columns[].bits")
    )
    for name in ("policy", "prices", "scenarios"):
        data = encode(changed(document, (name,), "ab" * 32))
        found.append(
            _schema_case(f"resting on {name}, signed", _with_schema(book, data, (), None), BINDING, f"schema.{name}")
        )
    return found


def _rewidened(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """ETH takes eight bits from slack: L stays, and with it every size."""
    return [*columns[:2], {**columns[2], "bits": 16}, {**columns[3], "bits": 8}]


def _with_schema(book: Made, data: bytes, path: tuple[str | int, ...], value: Any) -> dict[str, bytes | None]:
    predicate = payload_of(book)["predicate"]
    digests = {**predicate["digests"], "schema": hashlib.sha256(data).hexdigest()}
    totals = dict(predicate["totals"])
    if path[-1:] == ("name",) and path[0] == "columns":
        totals[value] = totals.pop("ETH")
    return resigned(book, {"schema.json": data}, digests=digests, totals=totals)


def _schema_case(label: str, files: Mapping[str, bytes | None], refusal: Refusal, field: str) -> Case:
    bug = "the schema that the rows were made for is not the one that is shown"
    return Case(f"schema.json: {label}", "margin", "audit", field, refusal, bug, files)


def cases() -> dict[str, list[Case]]:
    """By group."""
    return {"schema": [*schema().cases(), *schema_values(), *signed_schema()]}
