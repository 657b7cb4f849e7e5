"""The attestation's payload: strict reading, times, totals, and what later versions may add."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.support.books import SCHEMA, Epoch
from tests.support.refusals import refused
from verifier import canonical
from verifier.attestation import Attestation, Identity, Total
from verifier.errors import Malformed, Rejected, SolventError, Unavailable
from verifier.group import G
from verifier.hashing import tagged
from verifier.predicate import NO_DIGESTS
from verifier.schema import MAX_ACCOUNTS, Column, Schema

Change = Callable[[dict[str, Any]], Any]
POINT = G.to_bytes().hex()
KIND = {"assets": ["BTC"], "pools": ["reserve"], "k": 10_000}
"""The parameters of a claim in kind."""
DOCUMENTS = ("policy", "prices", "collateral", "scenarios")


@pytest.fixture(scope="module")
def payload(sample: Epoch) -> bytes:
    return sample.envelope().payload


def changed(payload: bytes, change: Change) -> bytes:
    document = canonical.decode(payload, where="")
    change(document)
    return canonical.encode(document)


def predicate(name: str, value: Any) -> Change:
    return lambda d: d["predicate"].update({name: value})


def within(member: str, name: str, value: Any) -> Change:
    return lambda d: d["predicate"][member].update({name: value})


def total(value: Any) -> Change:
    return lambda d: d["predicate"]["totals"].update({"ETH": value})


def subject(change: Callable[[list[dict[str, Any]]], Any]) -> Change:
    return lambda d: change(d["subject"])


def entry(name: str) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": "00" * 32}}


def held(**changes: Any) -> dict[str, Any]:
    """A holding, as the document has it."""
    return {"pool": "reserve", "asset": "BTC", "public": "5", "hidden": "", **changes}


def claim(**changes: Any) -> dict[str, Any]:
    """A claim, as the document has it."""
    return {"name": "c", "kind": "in-kind", "parameters": KIND, **changes}


def without(document: dict[str, Any], name: str) -> dict[str, Any]:
    return {member: value for member, value in document.items() if member != name}


def test_round_trip(payload: bytes) -> None:
    attestation = Attestation.from_payload(payload)
    assert attestation.to_payload() == payload
    assert sorted(attestation.files) == ["book.proof", "leaves.bin", "schema.json", "sealed.bin"]


def test_context_binds_every_part_of_the_run() -> None:
    identity = Identity("ex.example", 3, "ab" * 32, 1_700_000_000, "")
    preimage = {"accounts": 8, "epoch": 3, "exchange": "ex.example", "nonce": "ab" * 32, "previous": ""}
    preimage |= {"protocol": "solvent/1", "schema": SCHEMA.digest, "taken_at": 1_700_000_000}
    base = identity.context(SCHEMA.digest, 8)
    assert base == tagged("context", canonical.encode(preimage))
    others = [
        replace(identity, exchange="other.example").context(SCHEMA.digest, 8),
        replace(identity, epoch=4).context(SCHEMA.digest, 8),
        replace(identity, nonce="ac" * 32).context(SCHEMA.digest, 8),
        replace(identity, taken_at=1_700_000_001).context(SCHEMA.digest, 8),
        replace(identity, previous="00" * 32).context(SCHEMA.digest, 8),
        identity.context("00" * 32, 8),
        identity.context(SCHEMA.digest, 9),
    ]
    assert len({base, *others}) == 8


MALFORMED: dict[str, tuple[Change, str]] = {
    "unknown member": (lambda d: d.update(extra=1), "E_FIELD"),
    "predicate missing": (lambda d: d.pop("predicate"), "E_FIELD"),
    "predicate null": (lambda d: d.update(predicate=None), "E_TYPE"),
    "another statement type": (lambda d: d.update(_type="https://in-toto.io/Statement/v0.1"), "E_TYPE"),
    "another predicate type": (lambda d: d.update(predicateType="solvent:attestation/v2"), "E_TYPE"),
    "another protocol": (predicate("protocol", "solvent/2"), "E_TYPE"),
    "unknown member of the predicate": (predicate("extra", 1), "E_FIELD"),
    "nonce missing": (lambda d: d["predicate"].pop("nonce"), "E_FIELD"),
    "nonce empty": (predicate("nonce", ""), "E_TYPE"),
    "nonce of 31 bytes": (predicate("nonce", "00" * 31), "E_TYPE"),
    "previous of 31 bytes": (predicate("previous", "00" * 31), "E_TYPE"),
    "exchange empty": (predicate("exchange", ""), "E_TYPE"),
    "epoch text": (predicate("epoch", "1"), "E_TYPE"),
    "epoch true": (predicate("epoch", True), "E_TYPE"),
    "taken_at text": (predicate("taken_at", "0"), "E_TYPE"),
    "issued_at null": (predicate("issued_at", None), "E_TYPE"),
    "expires_at list": (predicate("expires_at", []), "E_TYPE"),
    "no accounts": (predicate("accounts", 0), "E_LIMIT"),
    "too many accounts": (predicate("accounts", MAX_ACCOUNTS + 1), "E_LIMIT"),
    "chunk_bits 25": (predicate("chunk_bits", 25), "E_LIMIT"),
    "root no object": (predicate("root", ""), "E_TYPE"),
    "root with an unknown member": (within("root", "size", 8), "E_FIELD"),
    "root hash of 31 bytes": (within("root", "hash", "00" * 31), "E_TYPE"),
    "root off the curve": (within("root", "commitment", "02" + "ff" * 32), "E_POINT"),
    "root the identity": (within("root", "commitment", "00" * 33), "E_POINT"),
    "root uncompressed": (within("root", "commitment", "04" + "00" * 64), "E_TYPE"),
    "digests no object": (predicate("digests", []), "E_TYPE"),
    "unknown digest": (within("digests", "extra", ""), "E_FIELD"),
    "schema digest short": (within("digests", "schema", "00"), "E_TYPE"),
    "totals a list": (predicate("totals", []), "E_TYPE"),
    "total of unknown mode": (total({"mode": "secret", "value": ""}), "E_TYPE"),
    "total without a value": (total({"mode": "public"}), "E_FIELD"),
    "public total negative": (total({"mode": "public", "value": "-1"}), "E_TYPE"),
    "public total a number": (total({"mode": "public", "value": 1}), "E_TYPE"),
    "public total 2^128": (total({"mode": "public", "value": str(2**128)}), "E_LIMIT"),
    "hidden total a number": (total({"mode": "hidden", "value": "5"}), "E_TYPE"),
    "hidden total off the curve": (total({"mode": "hidden", "value": "02" + "ff" * 32}), "E_POINT"),
    "hidden total the identity": (total({"mode": "hidden", "value": "00" * 33}), "E_POINT"),
    "left-out total with a value": (total({"mode": "none", "value": "0"}), "E_TYPE"),
    "digest missing": (lambda d: d["predicate"]["digests"].pop("events"), "E_FIELD"),
    "holdings an object": (predicate("holdings", {}), "E_TYPE"),
    "holding a list": (predicate("holdings", [[]]), "E_TYPE"),
    "holding without its hidden part": (predicate("holdings", [without(held(), "hidden")]), "E_FIELD"),
    "holding with an unknown member": (predicate("holdings", [held(note="")]), "E_FIELD"),
    "holding in no pool": (predicate("holdings", [held(pool="")]), "E_TYPE"),
    "holding of no asset": (predicate("holdings", [held(asset="btc")]), "E_TYPE"),
    "holding a number": (predicate("holdings", [held(public=5)]), "E_TYPE"),
    "holding below zero": (predicate("holdings", [held(public="-5")]), "E_TYPE"),
    "holding of 2^128": (predicate("holdings", [held(public=str(2**128))]), "E_LIMIT"),
    "holding off the curve": (predicate("holdings", [held(hidden="02" + "ff" * 32)]), "E_POINT"),
    "holding the identity": (predicate("holdings", [held(hidden="00" * 33)]), "E_POINT"),
    "holding uncompressed": (predicate("holdings", [held(hidden="04" + "00" * 64)]), "E_TYPE"),
    "holding with a hidden number": (predicate("holdings", [held(hidden="5")]), "E_TYPE"),
    "aux a list": (predicate("aux", []), "E_TYPE"),
    "aux a number": (predicate("aux", {"c/BTC/y0": 5}), "E_TYPE"),
    "aux empty": (predicate("aux", {"c/BTC/y0": ""}), "E_TYPE"),
    "aux off the curve": (predicate("aux", {"c/BTC/y0": "02" + "ff" * 32}), "E_POINT"),
    "aux the identity": (predicate("aux", {"c/BTC/y0": "00" * 33}), "E_POINT"),
    "claim a name": (predicate("claims", ["coverage"]), "E_TYPE"),
    "claim without parameters": (predicate("claims", [without(claim(), "parameters")]), "E_FIELD"),
    "claim with an unknown member": (predicate("claims", [claim(status="proven")]), "E_FIELD"),
    "claim of unknown kind": (predicate("claims", [claim(kind="solvency")]), "E_TYPE"),
    "claim with an open parameter": (predicate("claims", [claim(parameters={**KIND, "extra": 1})]), "E_FIELD"),
    "claim without a parameter": (predicate("claims", [claim(parameters=without(KIND, "k"))]), "E_FIELD"),
    "claim named by nothing": (predicate("claims", [claim(name="")]), "E_TYPE"),
    "4097 claims": (predicate("claims", [claim()] * 4097), "E_LIMIT"),
    "claims an object": (predicate("claims", {}), "E_TYPE"),
    "subject an object": (lambda d: d.update(subject={}), "E_TYPE"),
    "subject without a digest": (subject(lambda s: s[0].pop("digest")), "E_FIELD"),
    "subject with another hash": (subject(lambda s: s[0]["digest"].update(sha512="00")), "E_FIELD"),
    "subject digest short": (subject(lambda s: s[0]["digest"].update(sha256="00")), "E_TYPE"),
    "subject unsorted": (subject(lambda s: s.reverse()), "E_FIELD"),
    "subject twice": (subject(lambda s: s.append(s[-1])), "E_FIELD"),
    "subject with a path": (subject(lambda s: s.append(entry("../schema.json"))), "E_TYPE"),
    "65 subjects": (subject(lambda s: s.extend([s[0]] * 65)), "E_LIMIT"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(payload: bytes, name: str) -> None:
    change, code = MALFORMED[name]
    with refused(Malformed, code):
        Attestation.from_payload(changed(payload, change))


REFUSED: dict[str, tuple[Change, type[SolventError], str]] = {
    "leaves.bin not signed": (subject(lambda s: s.pop(1)), Rejected, "E_BINDING"),
    "book.proof not signed": (subject(lambda s: s.pop(0)), Rejected, "E_BINDING"),
    "schema.json not signed": (subject(lambda s: s.pop(2)), Rejected, "E_BINDING"),
    "nothing signed": (subject(lambda s: s.clear()), Rejected, "E_BINDING"),
    "a file of no part": (subject(lambda s: s.append(entry("zzz.bin"))), Rejected, "E_BINDING"),
    "claims.proof without claims": (subject(lambda s: s.insert(1, entry("claims.proof"))), Rejected, "E_BINDING"),
    "schema not bound": (within("digests", "schema", ""), Rejected, "E_BINDING"),
    "a policy that is not published": (within("digests", "policy", "00" * 32), Rejected, "E_BINDING"),
    "prices without a policy": (within("digests", "prices", "00" * 32), Rejected, "E_BINDING"),
    "collateral without a policy": (within("digests", "collateral", "00" * 32), Rejected, "E_BINDING"),
    "scenarios without a policy": (within("digests", "scenarios", "00" * 32), Rejected, "E_BINDING"),
    "events": (within("digests", "events", "00" * 32), Unavailable, "E_UNSUPPORTED"),
    "holdings without a snapshot": (predicate("holdings", [held()]), Rejected, "E_HOLDING"),
    "aux without claims": (predicate("aux", {"c/BTC/y0": POINT}), Rejected, "E_AUX"),
    "claims without a policy": (predicate("claims", [claim()]), Rejected, "E_CLAIM"),
    "signed before the snapshot": (predicate("taken_at", 1_700_000_061), Rejected, "E_FUTURE"),
    "expired when signed": (predicate("expires_at", 1_700_000_060), Rejected, "E_EXPIRED"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(payload: bytes, name: str) -> None:
    change, kind, code = REFUSED[name]
    with refused(kind, code):
        Attestation.from_payload(changed(payload, change))


def test_times_at_their_edge(payload: bytes) -> None:
    late = Attestation.from_payload(changed(payload, predicate("taken_at", 1_700_000_060)))
    assert late.identity.taken_at == late.issued_at
    brief = Attestation.from_payload(changed(payload, predicate("expires_at", 1_700_000_061)))
    assert brief.expires_at == brief.issued_at + 1


def test_sealed_records_are_optional(payload: bytes) -> None:
    assert "sealed.bin" not in Attestation.from_payload(changed(payload, subject(lambda s: s.pop()))).files


def attestation(payload: bytes, schema: Schema = SCHEMA, **totals: Total) -> Attestation:
    parsed = Attestation.from_payload(payload)
    return replace(parsed, digests={**NO_DIGESTS, "schema": schema.digest}, totals={**parsed.totals, **totals})


def test_totals_in_column_order(payload: bytes) -> None:
    modes = [item.mode for item in attestation(payload).totals_for(SCHEMA)]
    assert modes == ["hidden", "public", "hidden", "none"]


def test_totals_of_another_schema(payload: bytes) -> None:
    other = Schema((Column("BTC", "BTC", 8, 16, "balance"),))
    with refused(Rejected, "E_BINDING", step="4", where="schema.json"):
        attestation(payload).totals_for(other)


@pytest.mark.parametrize("name", ["policy", "prices", "scenarios"])
def test_a_schema_that_rests_on_documents(payload: bytes, name: str) -> None:
    changes: dict[str, Any] = {name: "00" * 32}
    other = replace(SCHEMA, **changes)
    with refused(Rejected, "E_BINDING", where=f"schema.json: {name}"):
        attestation(payload, other).totals_for(other)


def test_a_total_without_a_column(payload: bytes) -> None:
    with refused(Rejected, "E_TOTAL", step="4", where="totals"):
        attestation(payload, XRP=Total("none")).totals_for(SCHEMA)


def test_a_column_without_a_total(payload: bytes) -> None:
    parsed = attestation(payload)
    with refused(Rejected, "E_TOTAL", step="4", where="totals"):
        replace(parsed, totals={k: v for k, v in parsed.totals.items() if k != "ETH"}).totals_for(SCHEMA)


@pytest.mark.parametrize("name", ["BTC", "ETH", "BTC:debt"])
def test_a_total_that_may_not_be_left_out(payload: bytes, name: str) -> None:
    with refused(Rejected, "E_TOTAL", step="4", where=f"totals: {name}"):
        attestation(payload, SCHEMA, **{name: Total("none")}).totals_for(SCHEMA)


def test_a_public_total_is_at_most_full_rows(payload: bytes) -> None:
    assert attestation(payload, ETH=Total("public", 8 * 255)).totals_for(SCHEMA)
    with refused(Rejected, "E_TOTAL", step="4", where="totals: ETH"):
        attestation(payload, ETH=Total("public", 8 * 255 + 1)).totals_for(SCHEMA)


@pytest.mark.parametrize(
    ("total_", "good"),
    [(Total("public", 8), True), (Total("public", 7), False), (Total("hidden", G), False), (Total("none"), False)],
)
def test_a_unit_column_counts_the_rows(payload: bytes, total_: Total, good: bool) -> None:
    schema = Schema((Column("unit", "", 0, 8, "unit"),))
    subject_ = replace(attestation(payload, schema), totals={"unit": total_})
    if good:
        assert subject_.totals_for(schema) == (total_,)
        return
    with refused(Rejected, "E_TOTAL", step="4", where="totals: unit"):
        subject_.totals_for(schema)
