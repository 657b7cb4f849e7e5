"""The schema: its document, and every limit at its edge and one past it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.books import SCHEMA
from tests.support.refusals import refused
from verifier import canonical
from verifier.errors import Malformed, Rejected
from verifier.schema import ALWAYS_TOTALLED, COMPARED_KINDS, DERIVED_KINDS, MAX_ACCOUNTS, Column, Rule, Schema

BTC = Column("BTC", "BTC", 8, 64, "balance")
COLUMN = {"name": "BTC", "asset": "BTC", "decimals": 8, "bits": 64, "kind": "balance"}
RULE = {"name": "net", "weights": {"BTC": "1"}}


def document(**changes: Any) -> dict[str, Any]:
    base = {"type": "solvent:schema/v1", "columns": [COLUMN], "rules": [], "policy": "", "prices": "", "scenarios": ""}
    return {**base, **changes}


def column(**changes: Any) -> dict[str, Any]:
    return document(columns=[{**COLUMN, **changes}])


def rule(**weights: Any) -> dict[str, Any]:
    return document(rules=[{"name": "net", "weights": weights}])


def columns(count: int, bits: int = 8) -> tuple[Column, ...]:
    return tuple(Column(f"c{i}", "BTC", 0, bits, "balance") for i in range(count))


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in document().items() if key != name}


def test_round_trip() -> None:
    data = SCHEMA.to_bytes()
    assert Schema.from_bytes(data) == SCHEMA
    assert Schema.from_json(SCHEMA.to_json()) == SCHEMA
    assert canonical.digest(SCHEMA.to_json()) == SCHEMA.digest


def test_layout() -> None:
    assert SCHEMA.row_bits == 56
    assert SCHEMA.offsets == (0, 16, 24, 40)
    assert SCHEMA.position == {"BTC": 0, "ETH": 1, "BTC:debt": 2, "slack": 3}


def test_rule_weights_are_sorted_by_name() -> None:
    parts = document(columns=[{**COLUMN, "name": n} for n in ("b", "a")], rules=[{"name": "r", "weights": {}}])
    parts["rules"][0]["weights"] = {"b": "-1", "a": "2"}
    assert Schema.from_json(parts).rules[0].weights == (("a", 2), ("b", -1))


MALFORMED: dict[str, tuple[Any, str]] = {
    "no object": ([], "E_TYPE"),
    "null": (None, "E_TYPE"),
    "another type": (document(type="solvent:schema/v2"), "E_TYPE"),
    "an unknown member": (document(extra=1), "E_FIELD"),
    "columns missing": (without("columns"), "E_FIELD"),
    "columns no list": (document(columns={}), "E_TYPE"),
    "rules no list": (document(rules=""), "E_TYPE"),
    "column no object": (document(columns=["BTC"]), "E_TYPE"),
    "column with an unknown member": (column(scale=1), "E_FIELD"),
    "name empty": (column(name=""), "E_TYPE"),
    "name with a space": (column(name="a b"), "E_TYPE"),
    "name of 97": (column(name="a" * 97), "E_TYPE"),
    "asset in lower case": (column(asset="btc"), "E_TYPE"),
    "decimals 78": (column(decimals=78), "E_LIMIT"),
    "decimals negative": (column(decimals=-1), "E_LIMIT"),
    "decimals a string": (column(decimals="8"), "E_TYPE"),
    "decimals a boolean": (column(decimals=True), "E_TYPE"),
    "bits 0": (column(bits=0), "E_LIMIT"),
    "bits 136": (column(bits=136), "E_LIMIT"),
    "bits a string": (column(bits="64"), "E_TYPE"),
    "kind not text": (column(kind=1), "E_TYPE"),
    "policy no digest": (document(policy="00"), "E_TYPE"),
    "prices no digest": (document(prices="x" * 64), "E_TYPE"),
    "scenarios null": (document(scenarios=None), "E_TYPE"),
    "rule no object": (document(rules=[1]), "E_TYPE"),
    "rule with an unknown member": (document(rules=[{**RULE, "op": "="}]), "E_FIELD"),
    "rule name empty": (document(rules=[{**RULE, "name": ""}]), "E_TYPE"),
    "weights a list": (document(rules=[{"name": "net", "weights": ["1"]}]), "E_TYPE"),
    "weight a number": (rule(BTC=1), "E_TYPE"),
    "weight with a sign": (rule(BTC="+1"), "E_TYPE"),
    "weight minus zero": (rule(BTC="-0"), "E_TYPE"),
    "weight of 79 digits": (rule(BTC="1" * 79), "E_TYPE"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(name: str) -> None:
    parts, code = MALFORMED[name]
    with refused(Malformed, code):
        Schema.from_json(parts)


MALFORMED_BY_SECTION_2 = {
    "bits 12": (column(bits=12), "E_LIMIT"),
    "bits 9": (column(bits=9), "E_LIMIT"),
    "asset missing where it is compared": (column(asset=""), "E_TYPE"),
    "kind unknown": (column(kind="bonus"), "E_TYPE"),
    "no columns": (document(columns=[]), "E_LIMIT"),
    "weight zero": (rule(BTC="0"), "E_LIMIT"),
    "no weights": (rule(), "E_FIELD"),
}


@pytest.mark.parametrize("name", MALFORMED_BY_SECTION_2)
def test_malformed_by_section_2(name: str) -> None:
    parts, code = MALFORMED_BY_SECTION_2[name]
    with refused(Malformed, code, step="2"):
        Schema.from_json(parts)


REJECTED = {
    "two columns of one name": (document(columns=[COLUMN, {**COLUMN, "decimals": 2}]), "E_SCHEMA"),
    "two rules of one name": (document(rules=[RULE, RULE]), "E_SCHEMA"),
    "a rule on no column": (rule(ETH="1"), "E_SCHEMA"),
    "a weight of 2^186 over 64 bits": (rule(BTC=str(2**186)), "E_BOUND"),
    "a weight of -2^186 over 64 bits": (rule(BTC=str(-(2**186))), "E_BOUND"),
}


@pytest.mark.parametrize("name", REJECTED)
def test_rejected(name: str) -> None:
    parts, code = REJECTED[name]
    with refused(Rejected, code, step="2"):
        Schema.from_json(parts)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_weight(sign: int) -> None:
    assert Schema((BTC,), (Rule("net", (("BTC", sign * (2**186 - 1)),)),)).rules
    with refused(Rejected, "E_BOUND", step="2", where="rule net"):
        Schema((BTC,), (Rule("net", (("BTC", sign * 2**186),)),))


def test_weights_add_up_to_the_bound_whatever_their_signs() -> None:
    pair = (BTC, Column("ETH", "ETH", 18, 64, "balance"))
    assert Schema(pair, (Rule("net", (("BTC", 2**185), ("ETH", 1 - 2**185))),)).row_bits == 128
    with refused(Rejected, "E_BOUND", step="2"):
        Schema(pair, (Rule("net", (("BTC", 2**185), ("ETH", -(2**185)))),))


@pytest.mark.parametrize("bits", [8, 16, 120, 128])
def test_allowed_bits(bits: int) -> None:
    assert Schema((Column("BTC", "BTC", 8, bits, "balance"),)).row_bits == bits


@pytest.mark.parametrize("bits", [-8, 0, 1, 7, 9, 127, 129, 136])
def test_refused_bits(bits: int) -> None:
    with refused(Malformed, "E_LIMIT", step="2", where="column BTC"):
        Schema((Column("BTC", "BTC", 8, bits, "balance"),))


def test_number_of_columns() -> None:
    assert Schema(columns(4096)).row_bits == 8 * 4096
    with refused(Malformed, "E_LIMIT", step="2"):
        Schema(columns(4097))
    with refused(Malformed, "E_LIMIT", where="schema: columns"):
        Schema.from_json(document(columns=[COLUMN] * 4097))


def test_number_of_rules() -> None:
    rules = tuple(Rule(f"r{i}", (("BTC", 1),)) for i in range(4097))
    assert len(Schema((BTC,), rules[:4096]).rules) == 4096
    with refused(Malformed, "E_LIMIT", step="2"):
        Schema((BTC,), rules)
    with refused(Malformed, "E_LIMIT", where="schema: rules"):
        Schema.from_json(document(rules=[RULE] * 4097))


def test_number_of_bits_in_a_row() -> None:
    assert Schema(columns(4096, 128)).row_bits == 2**19


def test_kinds() -> None:
    for kind in COMPARED_KINDS:
        with refused(Malformed, "E_TYPE", step="2"):
            Schema((Column("x", "", 0, 8, kind),))
    for kind in DERIVED_KINDS:
        assert Schema((Column("x", "", 0, 8, kind),)).columns[0].kind == kind
    assert not set(COMPARED_KINDS) & set(DERIVED_KINDS)
    assert set(COMPARED_KINDS + DERIVED_KINDS) >= ALWAYS_TOTALLED >= {"balance", "debt"}


@pytest.mark.parametrize("accounts", [1, 2, MAX_ACCOUNTS])
def test_allowed_counts(accounts: int) -> None:
    Schema(columns(1, 128)).check_count(accounts)


@pytest.mark.parametrize("accounts", [-1, 0, MAX_ACCOUNTS + 1])
def test_refused_counts(accounts: int) -> None:
    with refused(Malformed, "E_LIMIT", step="2", where="accounts"):
        SCHEMA.check_count(accounts)


def test_from_bytes_wants_canonical_bytes() -> None:
    with refused(Malformed, "E_JSON", where="schema.json"):
        Schema.from_bytes(SCHEMA.to_bytes() + b"\n")
