"""Negative cases of the signed documents: envelope and attestation, properly signed but where said."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from vectors.make.books import books
from vectors.make.build import SIGNER, STRANGER, sign
from vectors.make.documents import Document
from vectors.make.kinds import POINT
from vectors.make.mutate import (
    BINDING,
    FIELD,
    LIMIT,
    MALFORMED,
    OTHER_SCHEMA,
    REJECTED,
    ROOT,
    SIGNATURE,
    TOTAL,
    TYPE,
    UNAVAILABLE,
    Case,
    Refusal,
    envelope_of,
    payload_of,
    resigned,
)
from verifier.attestation import PAYLOAD_TYPE
from verifier.dsse import key_id, pre_authentication_encoding
from verifier.epoch import ATTESTATION
from verifier.group import G

ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
PREDICATE_KINDS = {
    "protocol": "constant",
    "exchange": "name",
    "epoch": "int",
    "nonce": "digest",
    "previous": "digest?",
    "taken_at": "int",
    "accounts": "int",
    "issued_at": "int",
    "expires_at": "int",
    "chunk_bits": "int",
    "root.commitment": "point",
    "root.hash": "digest",
    **{f"digests.{name}": "digest?" for name in ("policy", "prices", "schema", "collateral", "scenarios", "events")},
    **{f"totals.{name}.mode": "choice" for name in ("BTC", "BTC:debt", "ETH", "slack")},
    "totals.BTC.value": "point",
    "totals.BTC:debt.value": "amount",
    "totals.ETH.value": "point",
    "totals.slack.value": "constant",
}
ENVELOPE_KINDS = {
    "payload": "base64",
    "payloadType": "constant",
    "signatures[].keyid": "digest",
    "signatures[].sig": "base64",
}
CHAIN_BUG = "figures of one run, epoch or exchange are shown as those of another"


def places(name: str, kinds: Mapping[str, str]) -> dict[str, str]:
    """Kinds by full place."""
    return {f"{name}.{place}": kind for place, kind in kinds.items()}


def attestation() -> Document:
    """The payload, signed again after every change."""
    book = books()["margin-next"]
    kinds = {
        "_type": "constant",
        "predicateType": "constant",
        "subject[].name": "name",
        "subject[].digest.sha256": "digest",
        **{f"predicate.{p}": k for p, k in PREDICATE_KINDS.items()},
    }
    return Document(
        "attestation",
        book.spec.name,
        "audit",
        payload_of(book),
        places("attestation", kinds),
        lambda data: {ATTESTATION: sign(data)},
        frozenset({"attestation.predicate.totals", "attestation.predicate.aux"}),
        {
            **{f"attestation.predicate.totals.{name}: removed": TOTAL for name in ("BTC", "BTC:debt", "ETH", "slack")},
            "attestation.predicate.aux: joined by an unknown member": Refusal(REJECTED, "E_AUX"),
        },
    )


def attestation_values() -> list[Case]:
    """Well formed, signed, and untrue."""
    document, book = attestation(), books()["margin-next"]
    predicate: dict[str, Any] = payload_of(book)["predicate"]
    at = ("predicate",)
    found = [
        document.change((*at, name), "another value", value, ROOT, CHAIN_BUG)
        for name, value in {
            "exchange": "other.example",
            "epoch": 3,
            "nonce": "ab" * 32,
            "previous": "cd" * 32,
            "taken_at": predicate["taken_at"] - 1,
        }.items()
    ]
    found += [document.change((*at, "previous"), "is empty", "", ROOT, "a chain is begun twice under one key")]
    found += _counts(document, predicate["accounts"])
    found += _times(document, predicate)
    found += [
        document.change(
            (*at, "root", "commitment"), "another point", G.to_bytes().hex(), ROOT, "the root is not recomputed"
        ),
        document.change((*at, "root", "hash"), "another hash", "00" * 32, ROOT, "the root is not recomputed"),
        document.change(
            (*at, "digests", "schema"), "another schema", "ab" * 32, OTHER_SCHEMA, "the schema is not bound"
        ),
        document.change((*at, "digests", "schema"), "is empty", "", BINDING, "the schema is not bound"),
        *_same_size(),
        *_unit_totals(),
        *_later_parts(document),
        *_subjects(document, payload_of(book)["subject"]),
        *_totals(document, predicate["totals"]),
    ]
    return found


def _counts(document: Document, accounts: int) -> list[Case]:
    at, sealed = ("predicate",), Refusal(REJECTED, "E_SEALED", "8")
    length = Refusal(MALFORMED, "E_LENGTH", "4")
    bug = "the number of rows comes from the file instead of the statement"
    chunks = "the shape of a proof comes from the proof instead of the statement"
    return [
        document.change((*at, "accounts"), "one more", accounts + 1, sealed, bug),
        document.change((*at, "accounts"), "one less", accounts - 1, sealed, bug),
        document.change((*at, "accounts"), "zero", 0, LIMIT, "a book without rows is attested"),
        document.change((*at, "accounts"), "2^40 + 1", 2**40 + 1, LIMIT, "totals overflow"),
        document.change((*at, "chunk_bits"), "one more", 3, length, chunks),
        document.change((*at, "chunk_bits"), "one less", 1, length, chunks),
        document.change((*at, "chunk_bits"), "zero", 0, length, chunks),
        document.change((*at, "chunk_bits"), "25", 25, LIMIT, "memory is asked for without bound"),
    ]


def _same_size() -> list[Case]:
    """chunk_bits that would give a proof of the same size."""
    book, place = books()["eight-rows"], "attestation.predicate.chunk_bits"
    refusal, bug = Refusal(REJECTED, "E_PROOF", "3.5a"), "chunk_bits is not bound by the transcript"
    return [
        Case(
            f"{place}: {bits} where one chunk holds all",
            "eight-rows",
            "audit",
            place,
            refusal,
            bug,
            resigned(book, {}, chunk_bits=bits),
        )
        for bits in (4, 24)
    ]


def _unit_totals() -> list[Case]:
    """The column that counts rows: its total is public and is their number."""
    book, place = books()["unit-column"], "attestation.predicate.totals"
    totals, bug = (
        payload_of(book)["predicate"]["totals"],
        "a book claims another number of rows in its sums than it has",
    )
    others = {
        "one less than the rows": {"mode": "public", "value": "1"},
        "one more than the rows": {"mode": "public", "value": "3"},
        "hidden": {"mode": "hidden", "value": G.to_bytes().hex()},
        "none": {"mode": "none", "value": ""},
    }
    return [
        Case(
            f"{place}: of a unit column, {label}",
            "unit-column",
            "audit",
            place,
            TOTAL,
            bug,
            resigned(book, {}, totals={**totals, "one": total}),
        )
        for label, total in others.items()
    ]


def _times(document: Document, predicate: Mapping[str, Any]) -> list[Case]:
    at, taken, issued = ("predicate",), predicate["taken_at"], predicate["issued_at"]
    future, expired = Refusal(REJECTED, "E_FUTURE"), Refusal(REJECTED, "E_EXPIRED")
    return [
        document.change((*at, "issued_at"), "before taken_at", taken - 1, future, "a book is signed before it exists"),
        document.change((*at, "issued_at"), "at expires_at", predicate["expires_at"], expired, "it never was valid"),
        document.change((*at, "expires_at"), "at issued_at", issued, expired, "it never was valid"),
        document.change((*at, "expires_at"), "before issued_at", issued - 1, expired, "it never was valid"),
        document.change((*at, "taken_at"), "after issued_at", issued + 1, future, "a book is signed before it exists"),
    ]


def _later_parts(document: Document) -> list[Case]:
    """Parts of the statement layer that do not belong in a book alone, or that this version does not know."""
    at, bug = ("predicate",), "a claim that nobody checked stands in a verified attestation"
    unsupported = Refusal(UNAVAILABLE, "E_UNSUPPORTED")
    holding = {"asset": "BTC", "hidden": "", "pool": "reserve", "public": "100"}
    claim = {"name": "c", "kind": "in-kind", "parameters": {"assets": ["BTC"], "pools": ["reserve"], "k": 10000}}
    found = [
        document.change((*at, "digests", name), "a document that is not published", "ab" * 32, BINDING, bug)
        for name in ("policy", "prices", "collateral", "scenarios")
    ]
    aux = {"c/BTC/y0": G.to_bytes().hex()}
    return [
        *found,
        document.change((*at, "digests", "events"), "a later document", "ab" * 32, unsupported, bug),
        document.change((*at, "holdings"), "one holding", [holding], Refusal(REJECTED, "E_HOLDING"), bug),
        document.change((*at, "aux"), "one value", aux, Refusal(REJECTED, "E_AUX"), bug),
        document.change((*at, "claims"), "one claim", [claim], Refusal(REJECTED, "E_CLAIM"), bug),
    ]


def _subjects(document: Document, subject: list[dict[str, Any]]) -> list[Case]:
    at, bug = ("subject",), "a published file is not the one that was signed"
    digests: list[tuple[int, str]] = [(i, item["name"]) for i, item in enumerate(subject)]
    refused = {"book.proof": BINDING, "leaves.bin": BINDING, "schema.json": BINDING, "sealed.bin": BINDING}
    found = [
        document.change((*at, i, "digest", "sha256"), f"of {name} changed", "ab" * 32, refused[name], bug)
        for i, name in digests
    ]
    found += [
        document.change(at, f"without {name}", [item for item in subject if item["name"] != name], BINDING, bug)
        for _, name in digests[:3]
    ]
    unknown = [*subject, {"name": "zzz.bin", "digest": {"sha256": "ab" * 32}}]
    absent = [{"name": "claims.proof", "digest": {"sha256": "ab" * 32}}]
    return [
        *found,
        document.change(at, "with an unknown file", unknown, BINDING, "a file that nobody checks looks verified"),
        document.change(at, "with a file of a later part", [subject[0], *absent, *subject[1:]], BINDING, bug),
        document.change(at, "in another order", subject[::-1], FIELD, "one statement has two spellings"),
        document.change(at, "with a file twice", [subject[0], *subject], FIELD, "two digests for one file"),
        document.change(at, "empty", [], BINDING, bug),
        document.change((*at, 0, "name"), "with capitals", "Book.proof", BINDING, bug),
        document.change((*at, 0, "digest"), "with another hash", {"sha1": "ab" * 20}, FIELD, "a weak hash is accepted"),
    ]


def _totals(document: Document, totals: Mapping[str, Any]) -> list[Case]:
    at = ("predicate", "totals")
    debt = int(totals["BTC:debt"]["value"])
    moved = Refusal(REJECTED, "E_PROOF", "3.5a")
    length = Refusal(MALFORMED, "E_LENGTH", "4")
    other, none = {"mode": "hidden", "value": G.to_bytes().hex()}, {"mode": "none", "value": ""}
    sums = "the published total is not the sum of the rows"
    return [
        document.change((*at, "BTC:debt", "value"), "one more", str(debt + 1), moved, sums),
        document.change((*at, "BTC:debt", "value"), "one less", str(debt - 1), moved, sums),
        document.change((*at, "BTC:debt", "value"), "zero", "0", moved, sums),
        document.change((*at, "BTC:debt", "value"), "more than the rows can hold", str(5 * 255 + 1), TOTAL, sums),
        document.change((*at, "BTC:debt", "value"), "2^128 - 1", str(2**128 - 1), TOTAL, sums),
        document.change((*at, "BTC"), "another commitment", other, moved, sums),
        document.change((*at, "BTC", "value"), "another point", other["value"], moved, sums),
        document.change((*at, "BTC"), "that of another column", totals["ETH"], moved, sums),
        document.change((*at, "BTC"), "none on a balance", none, TOTAL, "what is owed is left unsaid"),
        document.change((*at, "BTC:debt"), "none on a debt", none, TOTAL, "what is owed is left unsaid"),
        document.change((*at, "BTC"), "public as hidden was proven", {"mode": "public", "value": "1"}, length, sums),
        document.change((*at, "slack"), "hidden as none was proven", other, length, sums),
        document.change((*at, "BTC", "mode"), "public with a point", "public", TYPE, "a point is read as a number"),
        document.change(
            (*at, "BTC:debt", "mode"), "hidden with a number", "hidden", TYPE, "a number is read as a point"
        ),
        document.change((*at, "BTC:debt", "mode"), "none with a number", "none", TYPE, "an unproven number is shown"),
        document.change((*at, "zz"), "of a column that is not there", none, TOTAL, "a figure without rows is shown"),
        document.change(
            (*at, "BTC", "value"), "identity written with 02", "02" + "00" * 32, POINT, "0 is no coordinate"
        ),
    ]


def envelope() -> Document:
    """The envelope itself; its payload is untouched but where said."""
    return Document(
        "envelope",
        "margin",
        "audit",
        envelope_of(books()["margin"]),
        places("envelope", ENVELOPE_KINDS),
        lambda data: {ATTESTATION: data},
    )


def envelope_values() -> list[Case]:
    """Signatures that are wrong, missing, someone else's, or of something else."""
    document, book = envelope(), books()["margin"]
    outer, payload = envelope_of(book), book.attestation.to_payload()
    signature = base64.b64decode(outer["signatures"][0]["sig"])
    mine = outer["signatures"][0]
    message = pre_authentication_encoding(PAYLOAD_TYPE, payload)
    stranger = {"keyid": key_id(STRANGER.public_key), "sig": _b64(STRANGER.sign(message))}
    later = int.from_bytes(signature[32:], "little") + ED25519_ORDER
    at, unsigned = ("signatures",), "anyone can write this attestation"
    pair = sorted([mine, stranger], key=lambda item: item["keyid"])
    wrong = {
        "of the payload alone": SIGNER.sign(payload),
        "of another payload type": SIGNER.sign(pre_authentication_encoding("text/plain", payload)),
        "of another payload": SIGNER.sign(pre_authentication_encoding(PAYLOAD_TYPE, payload + b" ")),
        "of a stranger under the exchange's keyid": STRANGER.sign(message),
        "with R flipped": bytes([signature[0] ^ 1]) + signature[1:],
        "with S flipped": signature[:40] + bytes([signature[40] ^ 1]) + signature[41:],
        "with S plus the group order": signature[:32] + later.to_bytes(32, "little"),
        "all zeros": bytes(64),
    }
    other = _b64(payload.replace(b'"epoch":1,', b'"epoch":2,'))
    return [
        document.change(("payload",), "of another epoch, not signed again", other, SIGNATURE, unsigned),
        document.change(("payload",), "empty", "", SIGNATURE, unsigned),
        document.change(at, "none", [], SIGNATURE, unsigned),
        document.change(at, "a stranger's alone", [stranger], SIGNATURE, "any key counts"),
        document.change(at, "twice the same", [mine, mine], FIELD, "one key counts twice"),
        document.change(at, "in another order", pair[::-1], FIELD, "one envelope has two spellings"),
        document.change(at, "65 of them", [mine] * 65, LIMIT, "work without bound"),
        document.change((*at, 0, "keyid"), "another key's", "ab" * 32, SIGNATURE, "a signature is tried under any key"),
        *(document.change((*at, 0, "sig"), label, _b64(data), SIGNATURE, unsigned) for label, data in wrong.items()),
        document.change((*at, 0, "sig"), "one byte short", _b64(signature[:-1]), TYPE, "a length is not checked"),
        document.change((*at, 0, "sig"), "one byte long", _b64(signature + b"\0"), TYPE, "a length is not checked"),
        document.change((*at, 0, "sig"), "empty", "", TYPE, "a length is not checked"),
    ]


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def cases() -> dict[str, list[Case]]:
    """By group."""
    return {
        "attestation": [*attestation().cases(), *attestation_values()],
        "envelope": [*envelope().cases(), *envelope_values()],
    }
