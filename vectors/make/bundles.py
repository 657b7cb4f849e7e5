"""Negative cases of bundles: broken place by place, of another row, epoch or exchange, and without what they need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from vectors.make.books import account, books
from vectors.make.build import STRANGER, Made
from vectors.make.customers import GONE, holdings_cases, inclusion
from vectors.make.describe import bundle_of, leaves_of
from vectors.make.documents import Document
from vectors.make.kinds import SCALAR
from vectors.make.mutate import (
    LIMIT,
    MALFORMED,
    REJECTED,
    SIGNATURE,
    TYPE,
    Case,
    Refusal,
    encode,
    envelope_of,
)
from vectors.make.schemas import SCHEMA_KINDS
from vectors.make.statements import ENVELOPE_KINDS, places
from vectors.make.text import node
from verifier.epoch import ATTESTATION
from verifier.group import G
from verifier.hashing import N
from verifier.tree import join

BASE: Final = "margin-next"


def bundle() -> Document:
    """A bundle that stands alone, broken place by place."""
    made = books()[BASE]
    document = json.loads(bundle_of(made, 0, True).to_bytes())
    kinds = {
        "bundle.type": "constant",
        "bundle.payload": "digest",
        "bundle.index": "int",
        "bundle.account_id": "text",
        "bundle.blinding": "digest",
        "bundle.salt": "digest",
        "bundle.path[].C": "point",
        "bundle.path[].h": "digest",
        **{f"bundle.cells.{name}": "amount" for name in document["cells"]},
        **places("bundle.attestation", ENVELOPE_KINDS),
        **places("bundle.schema", SCHEMA_KINDS),
    }
    salt = inclusion("5.2")
    return Document(
        "bundle",
        BASE,
        "bundle",
        document,
        kinds,
        lambda data: {"bundle.json": data},
        frozenset({"bundle.cells", "bundle.schema.rules[].weights"}),
        {
            "bundle.attestation: removed": GONE,
            "bundle.schema: removed": GONE,
            "bundle.salt: one byte short": salt,
            "bundle.salt: one byte long": salt,
            "bundle.salt: is empty": salt,
            **{f"bundle.cells.{name}: removed": inclusion("5.6") for name in document["cells"]},
            **{
                f"bundle.schema.rules[].weights.{name}: removed": Refusal(REJECTED, "E_BINDING", "4")
                for name in ("BTC", "BTC:debt", "slack")
            },
        },
        ("bundle.attestation.", "bundle.schema."),
    )


def bundle_values() -> list[Case]:
    """Well formed, and not this customer's row."""
    document, made = bundle(), books()[BASE]
    inner: dict[str, Any] = document.document
    payload, other = Refusal(REJECTED, "E_BINDING", "5.1"), bundle_of(books()["margin"], 0, True)
    cells, elsewhere = inner["cells"], inclusion("5.6")
    blinding = int(inner["blinding"], 16)
    found = [
        document.change(
            ("payload",), "another", "ab" * 32, payload, "a bundle of another epoch is shown as this one's"
        ),
        document.change(("payload",), "that of the epoch before", other.payload, payload, "a bundle of another epoch"),
        document.change(("index",), "the next row", 1, elsewhere, "a leaf is not bound to its position"),
        document.change(("index",), "the last row", 4, elsewhere, "a leaf is not bound to its position"),
        document.change(("index",), "one beyond the last", 5, inclusion("5.1"), "a row that is not there"),
        document.change(("index",), "2^53 - 1", 2**53 - 1, inclusion("5.1"), "a row that is not there"),
        document.change(
            ("account_id",),
            "another customer's",
            made.rows[1][0].decode(),
            inclusion("5.5"),
            "the file names its reader",
        ),
        document.change(("account_id",), "is empty", "", Refusal(MALFORMED, "E_ACCOUNT"), "a row of nobody is shown"),
        document.change(
            ("account_id",), "with a control character", "a\u0001", Refusal(MALFORMED, "E_ACCOUNT"), "an id hides"
        ),
        document.change(
            ("account_id",), "not in NFC", "e\u0301", Refusal(MALFORMED, "E_ACCOUNT"), "an id has two spellings"
        ),
        document.change(
            ("blinding",), "one more", f"{(blinding + 1) % N:064x}", elsewhere, "the commitment is not recomputed"
        ),
        document.change(("blinding",), "zero", "00" * 32, elsewhere, "the commitment is not recomputed"),
        document.change(("blinding",), "the group order", f"{N:064x}", SCALAR, "a scalar has two spellings"),
        document.change(("blinding",), "2^256 - 1", "ff" * 32, SCALAR, "a scalar has two spellings"),
        document.change(("salt",), "another", "ab" * 32, elsewhere, "the id is not recomputed"),
        document.change(
            ("salt",),
            "of 34 bytes",
            inner["salt"] + "0000",
            inclusion("5.2"),
            "salt and account id run into each other: one row answers for two customers",
        ),
    ]
    return [*found, _shared_row(document), *_cells(document, cells), *_paths(document, made), *_parts(document, made)]


def _shared_row(document: Document) -> Case:
    """A salt that swallows the first two letters of the id: the row then answers for whoever is called by the rest."""
    salt, account_id = document.document["salt"], document.document["account_id"]
    inner = {**document.document, "salt": salt + account_id[:2].encode().hex(), "account_id": account_id[2:]}
    bug = "salt and account id run into each other: one row answers for two customers"
    files, given = {"bundle.json": encode(inner)}, {"account_id": account_id[2:]}
    name = "bundle.salt: that swallows two letters of the id"
    return Case(name, BASE, "bundle", "bundle.salt", inclusion("5.2"), bug, files, given)


def _cells(document: Document, cells: Mapping[str, str]) -> list[Case]:
    elsewhere, bad = inclusion("5.6"), inclusion("5.3")
    balance = int(cells["BTC"])
    bug = "the commitment is not recomputed from the cells that are shown"
    return [
        document.change(("cells", "BTC"), "one more", str(balance + 1), elsewhere, bug),
        document.change(("cells", "BTC"), "one less", str(balance - 1), elsewhere, bug),
        document.change(("cells", "BTC"), "too wide", str(2**16), bad, "a cell runs over into the next column"),
        document.change(
            ("cells", "BTC"), "plus 2^16", str(balance + 2**16), bad, "a cell runs over into the next column"
        ),
        document.change(("cells", "BTC"), "zero", "0", Refusal(MALFORMED, "E_FIELD"), "one bundle has two spellings"),
        document.change(
            ("cells", "DOGE"), "of a column that is not there", "1", bad, "a holding without a column is shown"
        ),
        document.change(("cells",), "none", {}, elsewhere, bug),
        document.change(
            ("cells",), "of two columns swapped", _swapped(cells), elsewhere, "cells are read without their names"
        ),
    ]


def _swapped(cells: Mapping[str, str]) -> dict[str, str]:
    return {**cells, "BTC": cells["slack"], "slack": cells["BTC"]}


def _paths(document: Document, made: Made) -> list[Case]:
    path, elsewhere = document.document["path"], inclusion("5.6")
    leaves = leaves_of(made)
    inner = node(join(leaves[0], leaves[1]))
    bug = "a path of any length is followed: an inner node passes as a leaf"
    order = "the sides of the path come from the file"
    return [
        document.change(("path",), "one step short", path[:-1], elsewhere, bug),
        document.change(("path",), "without its first step", path[1:], elsewhere, bug),
        document.change(("path",), "empty", [], elsewhere, bug),
        document.change(("path",), "one step more", [*path, path[-1]], elsewhere, bug),
        document.change(("path",), "41 steps", path[:1] * 41, LIMIT, "work without bound"),
        document.change(("path",), "in reverse", path[::-1], elsewhere, order),
        document.change(("path",), "two steps swapped", [path[1], path[0], *path[2:]], elsewhere, order),
        document.change(("path",), "an inner node as its first step", [inner, *path[1:]], elsewhere, bug),
        document.change(
            ("path", 0, "C"), "another point", G.to_bytes().hex(), elsewhere, "only hashes are followed, not sums"
        ),
        document.change(
            ("path", 0, "C"), "negated", _negated(path[0]["C"]), elsewhere, "only hashes are followed, not sums"
        ),
        document.change(("path", 0, "h"), "another hash", "ab" * 32, elsewhere, "only sums are followed, not hashes"),
        document.change(
            ("path", len(path) - 1, "C"),
            "another point in the last step",
            G.to_bytes().hex(),
            elsewhere,
            "only hashes are followed, not sums",
        ),
        document.change(
            ("path", len(path) - 1, "h"),
            "another hash in the last step",
            "ab" * 32,
            elsewhere,
            "only sums are followed, not hashes",
        ),
        document.change(
            ("path", 0, "C"),
            "minus the row itself",
            _negated(node(leaves[0])["C"]),
            Refusal(REJECTED, "E_IDENTITY", "5.6"),
            "a sum of rows vanishes",
        ),
    ]


def _negated(point: str) -> str:
    return ("03" if point[:2] == "02" else "02") + point[2:]


def _parts(document: Document, made: Made) -> list[Case]:
    """Attestation and schema inside, and beside, the bundle."""
    before, elsewhere = books()["margin"], books()["margin-elsewhere"]
    at, unsigned = ("attestation",), "anyone can write this attestation"
    payload = Refusal(REJECTED, "E_BINDING", "5.1")
    schema = document.document["schema"]
    other_schema = {**schema, "rules": []}
    beside = {"bundle.json": bundle_of(made, 0, False).to_bytes()}
    both = {"attestation.json": made.files[ATTESTATION], "schema.json": made.files["schema.json"]}
    wrong = encode(other_schema)
    signature = {**envelope_of(made), "signatures": []}
    given = {"exchange_key": STRANGER.public_key.hex()}
    return [
        document.change(at, "that of the epoch before", envelope_of(before), payload, "a bundle of another epoch"),
        document.change(
            at, "that of another exchange", envelope_of(elsewhere), payload, "a bundle of another exchange"
        ),
        document.change(at, "without signatures", signature, SIGNATURE, unsigned),
        document.change(
            ("schema",), "another", other_schema, Refusal(REJECTED, "E_BINDING", "4"), "the schema is not bound"
        ),
        _given("for another exchange's key", {}, SIGNATURE, "any key counts", given),
        _given(
            "typed by another customer",
            {},
            inclusion("5.5"),
            "the file names its reader",
            {"account_id": account("nobody")},
        ),
        _given("nothing beside it", beside, GONE, "nothing to check against reads as verified"),
        _given(
            "the schema alone beside it",
            {**beside, "schema.json": both["schema.json"]},
            GONE,
            "unsigned figures are shown",
        ),
        _given(
            "the attestation alone beside it",
            {**beside, "attestation.json": both["attestation.json"]},
            GONE,
            "a row without columns",
        ),
        _given(
            "another epoch's attestation beside it",
            {**beside, **both, "attestation.json": before.files[ATTESTATION]},
            payload,
            "a bundle of another epoch",
        ),
        _given(
            "another schema beside it",
            {**beside, **both, "schema.json": wrong},
            Refusal(REJECTED, "E_BINDING", "4"),
            "the schema is not bound",
        ),
        _given(
            "a schema beside it that is none",
            {**beside, **both, "schema.json": b"[]"},
            TYPE,
            "something else is read as a schema",
        ),
    ]


def _given(
    label: str, files: Mapping[str, bytes], refusal: Refusal, bug: str, more: Mapping[str, Any] | None = None
) -> Case:
    """A case of what stands beside a bundle, or of what its reader gives."""
    return Case(f"bundle: {label}", BASE, "bundle", "bundle.attestation", refusal, bug, files, more or {})


def cases() -> dict[str, list[Case]]:
    """By group."""
    return {"bundle": [*bundle().cases(), *bundle_values(), *holdings_cases("bundle")]}
