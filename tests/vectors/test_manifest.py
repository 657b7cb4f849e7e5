"""Whatever can be changed is changed in some vector: fields of every type, places of every document, steps, codes."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.vectors.run import books, claims, negative_cases, read_file
from vectors.make.books import books as made_books
from vectors.make.build import SIGNER
from vectors.make.mutate import resigned
from verifier import audit
from verifier.attestation import Attestation, Identity, Total
from verifier.bundle import Bundle
from verifier.claims_proof import ClaimsStatement
from verifier.dsse import Envelope, decode_base64
from verifier.engine import Engine
from verifier.markets.claims import Market
from verifier.markets.descriptors import Claim, InKind
from verifier.predicate import SignedHolding
from verifier.schema import Column, Rule, Schema
from verifier.sealed import OpenedRow
from verifier.wire import RowProof, TotalsProof

CASES = negative_cases()
PLACES: Final = {case["field"] for case in CASES}
VERIFIER = Path(__file__).resolve().parents[2] / "verifier"
PREDICATE = "attestation.predicate"
CLAIMING = "statement.predicate"
FIELDS: Final[dict[type, dict[str, str]]] = {
    Schema: {name: f"schema.{name}" for name in ("columns", "rules", "policy", "prices", "scenarios")},
    Column: {name: f"schema.columns[].{name}" for name in ("name", "asset", "decimals", "bits", "kind")},
    Rule: {"name": "schema.rules[].name", "weights": "schema.rules[].weights"},
    Identity: {name: f"{PREDICATE}.{name}" for name in ("exchange", "epoch", "nonce", "taken_at", "previous")},
    Total: {"mode": f"{PREDICATE}.totals.BTC.mode", "value": f"{PREDICATE}.totals.BTC.value"},
    Attestation: {
        "identity": f"{PREDICATE}.nonce",
        "root_commitment": f"{PREDICATE}.root.commitment",
        "root_hash": f"{PREDICATE}.root.hash",
        "digests": f"{PREDICATE}.digests",
        "files": "attestation.subject",
        **{
            name: f"{PREDICATE}.{name}"
            for name in ("accounts", "issued_at", "expires_at", "chunk_bits", "totals", "holdings", "aux", "claims")
        },
    },
    Envelope: {
        "payload_type": "envelope.payloadType",
        "payload": "envelope.payload",
        "signatures": "envelope.signatures",
    },
    Bundle: {
        name: f"bundle.{name}"
        for name in ("payload", "index", "account_id", "cells", "blinding", "salt", "path", "attestation", "schema")
    },
    OpenedRow: {"blinding": "sealed.text", "cells": "sealed.text"},
    SignedHolding: {name: f"{CLAIMING}.holdings[].{name}" for name in ("pool", "asset", "public", "hidden")},
    Claim: {"name": f"{CLAIMING}.claims[].name", "parameters": f"{CLAIMING}.claims[].parameters"},
    InKind: {
        "assets": f"{CLAIMING}.claims[].parameters.assets[]",
        "pools": f"{CLAIMING}.claims[].parameters.pools[]",
        "k": f"{CLAIMING}.claims[].parameters.k",
    },
    ClaimsStatement: {
        "context": f"{CLAIMING}.nonce",
        "claims": f"{CLAIMING}.claims",
        "rows": "statement.rows",
        "commitments": f"{CLAIMING}.totals.BTC.value",
    },
    Market: {
        "policy": "statement.policy",
        "prices": "statement.prices",
        "scenarios": "statement.scenarios",
    },
    RowProof: {field.name: f"RowProof.{field.name}" for field in dataclasses.fields(RowProof)},
    TotalsProof: {field.name: f"TotalsProof.{field.name}" for field in dataclasses.fields(TotalsProof)},
}
CONSTANT = "has one valid value, so there is no other that is well formed"
VALUES_EXEMPT: Final = {
    "attestation._type": CONSTANT,
    "attestation.predicateType": CONSTANT,
    "attestation.predicate.protocol": CONSTANT,
    "attestation.predicate.totals.slack.value": CONSTANT,
    "attestation.predicate.totals.ETH.mode": "as totals.BTC.mode, which is of the same mode",
    "attestation.predicate.totals.ETH.value": "as totals.BTC.value, which is of the same mode",
    "attestation.predicate.totals.BTC.mode": "the value must fit the mode: see totals.BTC, where both change",
    "attestation.predicate.totals.BTC:debt.mode": "as totals.BTC.mode",
    "attestation.predicate.totals.slack.mode": "the value must fit the mode: see totals.slack, where both change",
    "envelope.payloadType": CONSTANT,
    "schema.type": CONSTANT,
    "schema.rules[].weights.BTC:debt": "as weights.BTC",
    "schema.rules[].weights.slack": "as weights.BTC",
    "bundle.type": CONSTANT,
    "statement.predicate.claims[].kind": "the parameters must fit the kind, and no other kind has those of this one",
}
CODES_EXEMPT: Final = {
    "E_ENGINE": "names a program that is not installed; no document can cause it",
    "E_USAGE": "says that the reader asked for two things at once; no document can cause it",
}
HARMLESS: Final = {
    "attestation.predicate.issued_at": "any time from taken_at to expires_at; the signature alone vouches for it",
    "attestation.predicate.expires_at": "may be any time after issued_at; the signature alone vouches for it",
}


def documents() -> dict[str, Any]:
    """One document of each kind, as the vectors break them."""
    files = {name: read_file(entry) for name, entry in books()["margin-next"]["files"].items()}
    envelope = json.loads(files["attestation.json"])
    bundle = json.loads(read_file(books()["margin-next"]["bundles"][0]["file"]))
    inside = ("attestation", "schema")
    claiming = json.loads(read_file(claims()["claims-portions"]["files"]["attestation.payload.json"]))["predicate"]
    only_there = {name: claiming[name] for name in ("holdings", "aux", "claims")}
    return {
        "attestation": json.loads(decode_base64(envelope["payload"], "payload")),
        "envelope": envelope,
        "schema": json.loads(files["schema.json"]),
        "bundle": {name: value for name, value in bundle.items() if name not in inside},
        "statement": {"predicate": only_there},
    }


def walk(value: Any, place: str) -> list[tuple[str, Any]]:
    found = [(place, value)]
    if isinstance(value, dict):
        return found + [item for name in value for item in walk(value[name], f"{place}.{name}")]
    return found + walk(value[0], f"{place}[]") if isinstance(value, list) and value else found


ALL_PLACES = [(place, value) for name, document in documents().items() for place, value in walk(document, name)]
MEMBERS = [(place, value) for place, value in ALL_PLACES if "." in place and not place.endswith("[]")]
OBJECTS = [place for place, value in ALL_PLACES if isinstance(value, dict)]
LEAVES = [place for place, value in ALL_PLACES if not isinstance(value, (dict, list))]


def of_place(place: str) -> list[dict[str, Any]]:
    return [case for case in CASES if case["field"] == place]


def covered(place: str) -> bool:
    return any(found == place or found.startswith((f"{place}.", f"{place}[")) for found in PLACES)


@pytest.mark.parametrize("kind", FIELDS, ids=lambda kind: kind.__name__)
def test_every_field_of_every_type_is_changed(kind: type) -> None:
    names = {field.name for field in dataclasses.fields(kind)}
    assert names == set(FIELDS[kind]), "a field without a place in the vectors"
    missing = {f"{kind.__name__}.{name}" for name, place in FIELDS[kind].items() if not covered(place)}
    assert missing == set()


@pytest.mark.parametrize("part", ["xy", "id", "length"])
def test_every_part_of_a_leaf_record_is_changed(part: str) -> None:
    assert of_place(f"leaves.{part}")


@pytest.mark.parametrize("part", ["offsets", "record", "text"])
def test_every_part_of_the_sealed_file_is_changed(part: str) -> None:
    assert of_place(f"sealed.{part}")


@pytest.mark.parametrize("place", [place for place, _ in MEMBERS])
def test_every_member_is_removed(place: str) -> None:
    assert any(case["name"] == f"{place}: removed" for case in CASES) or place.startswith("schema.rules[].weights.")


@pytest.mark.parametrize("place", OBJECTS)
def test_every_object_is_joined_by_a_stranger(place: str) -> None:
    assert any(case["name"] == f"{place}: joined by an unknown member" for case in CASES)


@pytest.mark.parametrize("place", [place for place, _ in ALL_PLACES])
def test_every_place_is_given_another_type(place: str) -> None:
    assert any(case["name"] == f"{place}: is null" for case in CASES)


@pytest.mark.parametrize("place", [place for place, value in MEMBERS if isinstance(value, int)])
def test_every_number_is_spelled_otherwise(place: str) -> None:
    for label in (
        "as 1.0",
        "with an exponent",
        "with a leading zero",
        "as -0",
        "below zero",
        "is a boolean",
        "as 2^53",
    ):
        assert any(case["name"] == f"{place}: {label}" for case in CASES), label


@pytest.mark.parametrize("place", LEAVES)
def test_every_value_is_replaced_by_another_that_is_well_formed(place: str) -> None:
    deep = [case for case in of_place(place) if case["error"] != "Malformed"]
    assert bool(deep) != (place in VALUES_EXEMPT), VALUES_EXEMPT.get(place, "no vector replaces it")


@pytest.mark.parametrize("name", documents())
def test_every_document_is_spelled_otherwise(name: str) -> None:
    labels = {case["name"].partition(": ")[2] for case in of_place(name)}
    assert labels >= {
        "with a space in front", "with a line end behind", "with members in another order", "with a member twice",
        "with a byte order mark", "with an escaped letter", "with a byte that is not UTF-8", "empty",
    }  # fmt: skip


def test_exempt_places_are_still_there() -> None:
    assert set(VALUES_EXEMPT) <= set(LEAVES)
    assert set(HARMLESS) <= set(LEAVES)


def test_every_step_refuses_something() -> None:
    sources = [path.read_text(encoding="utf-8") for path in VERIFIER.glob("*.py")]
    named = {step for text in sources for step in re.findall(r'(?:step=|require\()"([0-9][0-9.a-d]*)"', text)}
    assert named - {case["step"] for case in CASES} == set()


def test_every_code_is_raised_by_some_vector() -> None:
    sources = [path.read_text(encoding="utf-8") for path in VERIFIER.glob("*.py")]
    named = {code for text in sources for code in re.findall(r'code="(E_[A-Z_]+)"', text)}
    assert named - {case["code"] for case in CASES} == set(CODES_EXEMPT)


def test_most_cases_are_refusals() -> None:
    accepted = sum(1 + len(book["openings"]) + len(book["bundles"]) for book in books().values())
    assert len(CASES) >= 0.85 * (len(CASES) + accepted)
    assert len(CASES) >= 1000


def test_every_case_is_named_once_and_explained() -> None:
    names = [case["name"] for case in CASES]
    assert len(names) == len(set(names))
    for case in CASES:
        assert case["result"] == "reject"
        assert case["bug"]
        assert case["error"] in ("Malformed", "Rejected", "Unavailable")
        assert case["code"].startswith("E_")


def test_every_book_has_rows_that_are_checked() -> None:
    assert all(book["openings"] and book["bundles"] for book in books().values())


@pytest.mark.parametrize("place", HARMLESS)
def test_what_is_called_harmless_is(place: str, engine: Engine, tmp_path: Path) -> None:
    made = made_books()["margin"]
    member = place.rpartition(".")[2]
    files = resigned(made, {}, **{member: getattr(made.attestation, member) + 1})
    for name, data in {**made.files, **files}.items():
        assert data is not None
        (tmp_path / name).write_bytes(data)
    assert audit(tmp_path, SIGNER.public_key, now=made.now, engine=engine).overall == "QUALIFIED"
