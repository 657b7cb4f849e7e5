"""The collateral document: closed at every depth, one form, exactly the members of section 2's table."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.refusals import refused
from tests.support.snapshots import STATIC, V, bitcoin, custody, entry, legacy, sample, sign
from verifier import canonical
from verifier.collateral import Custody, Line, Snapshot, snapshot
from verifier.collateral.custody import PAYLOAD_TYPE
from verifier.dsse import Envelope, encode_base64
from verifier.epoch import read_document
from verifier.errors import Malformed
from verifier.statement import published

DOCUMENT = sample().to_json()
STATEMENT = custody(entry(), entry(V)).to_json()
COMMON = {"id", "kind", "asset", "unit", "pool", "encumbered"}
TABLE = {
    "address": COMMON | {"amount", "account", "scheme", "signatures", "script", "public_key"},
    "validator": COMMON | {"amount", "chain", "public_key", "withdrawal", "scheme", "signatures"},
    **dict.fromkeys(("custody", "bank", "rwa", "backstop"), COMMON | {"amount", "statement", "entry"}),
}
LINES: dict[str, dict[str, Any]] = {line["kind"]: line for line in reversed(DOCUMENT["lines"])}
LINES["backstop"] = {**LINES["custody"], "kind": "backstop"}


def objects(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every object in it."""
    if isinstance(document, dict):
        yield path
    pairs = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in pairs:
        if isinstance(value, (dict, list)):
            yield from objects(value, (*path, key))


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


def changed(document: Any, path: tuple[Any, ...], change: Callable[[Any], object]) -> Any:
    copied = copy.deepcopy(document)
    change(at(copied, path))
    return copied


def without(name: str, found: dict[str, Any]) -> None:
    del found[name]


def parse(document: Any) -> Snapshot:
    return Snapshot.from_payload(canonical.encode(document))


def parse_statement(document: Any) -> Custody:
    return Custody.from_payload(canonical.encode(document))


def test_round_trip() -> None:
    data = sample().to_payload()
    again = Snapshot.from_payload(data)
    assert again == sample()
    assert again.to_payload() == data
    assert again.challenge == sample().challenge
    assert parse_statement(STATEMENT).to_json() == STATEMENT


@pytest.mark.parametrize(
    ("document", "read"), [(DOCUMENT, parse), (STATEMENT, parse_statement)], ids=["collateral", "custody"]
)
def test_every_schema_is_closed(document: Any, read: Callable[[Any], object]) -> None:
    """An unknown member, a missing one, or null in place of any member is refused, at every depth."""
    read(document)
    tried = 0
    for path in objects(document):
        if path[-1:] == ("chains",):
            continue  # its member names are data
        with refused(Malformed, "E_FIELD"):
            read(changed(document, path, lambda found: found.update(extra="x")))
        for name in at(document, path):
            with refused(Malformed, "E_TYPE"):
                read(changed(document, path, partial(dict.update, **{name: None})))
            if name != "message":
                with refused(Malformed, "E_FIELD"):
                    read(changed(document, path, partial(without, name)))
            tried += 1
    assert tried > 20


@pytest.mark.parametrize("kind", TABLE)
def test_members_of_each_kind_of_line(kind: str) -> None:
    assert {name for name in LINES[kind] if name != "message"} == TABLE[kind]
    foreign = set().union(*TABLE.values()) - TABLE[kind]
    for name in foreign:
        with refused(Malformed, "E_FIELD"):
            Line.from_json({**LINES[kind], name: "0"})


def test_message_stands_only_in_address_lines() -> None:
    assert legacy().to_json()["message"] == STATIC
    assert "message" not in bitcoin().to_json()
    for kind in set(TABLE) - {"address"}:
        with refused(Malformed, "E_FIELD"):
            Line.from_json({**LINES[kind], "message": STATIC})


@pytest.mark.parametrize("kind", TABLE)
def test_a_commitment_replaces_the_amount_only_in_the_last_four_kinds(kind: str) -> None:
    hidden = {**LINES[kind], "commitment": V.to_bytes().hex()}
    with refused(Malformed, "E_FIELD"):
        Line.from_json(hidden)  # both
    del hidden["amount"]
    if kind in ("address", "validator"):
        with refused(Malformed, "E_FIELD"):
            Line.from_json(hidden)
    else:
        assert Line.from_json(hidden).value == V
        assert Line.from_json(hidden).to_json() == hidden


WRONG = {
    "unknown kind": ("kind", "loan", "E_TYPE"),
    "kind is a list": ("kind", [], "E_TYPE"),
    "asset is no sym": ("asset", "btc", "E_TYPE"),
    "unit is no name": ("unit", "a b", "E_TYPE"),
    "amount is a number": ("amount", 5, "E_TYPE"),
    "amount is negative": ("amount", "-5", "E_TYPE"),
    "amount is 2^128": ("amount", str(2**128), "E_LIMIT"),
    "encumbered has a leading zero": ("encumbered", "00", "E_TYPE"),
    "too many signatures": ("signatures", ["x"] * 33, "E_LIMIT"),
    "a long signature": ("signatures", ["x" * 4097], "E_LIMIT"),
    "a long script": ("script", "0" * 4097, "E_LIMIT"),
    "a long message": ("message", "0" * 1025, "E_LIMIT"),
    "a long account": ("account", "0" * 1025, "E_LIMIT"),
}


@pytest.mark.parametrize(("member", "value", "code"), WRONG.values(), ids=WRONG)
def test_wrong_values_of_an_address_line(member: str, value: object, code: str) -> None:
    with refused(Malformed, code, where=None):
        Line.from_json({**LINES["address"], member: value})


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("public_key", "ab" * 47, "E_TYPE"),
        ("public_key", "0x" + "ab" * 47, "E_TYPE"),
        ("withdrawal", "0", "E_TYPE"),
        ("withdrawal", "AB", "E_TYPE"),
        ("withdrawal", "ab" * 65, "E_LIMIT"),
        ("chain", "eip155", "E_TYPE"),
    ],
)
def test_wrong_values_of_a_validator_line(member: str, value: object, code: str) -> None:
    with refused(Malformed, code, where=f"line.{member}"):
        Line.from_json({**LINES["validator"], member: value})


def test_a_commitment_is_a_point() -> None:
    line = {**LINES["custody"], "commitment": "02" + "ff" * 32}
    del line["amount"]
    with refused(Malformed, "E_POINT"):
        Line.from_json(line)


def test_chains_are_named_as_caip_2() -> None:
    with refused(Malformed, "E_TYPE"):
        parse(changed(DOCUMENT, ("chains",), lambda found: found.update(bitcoin=found["eip155:1"])))


def test_a_statement_is_an_envelope_of_its_type_with_a_custody_document() -> None:
    other = changed(DOCUMENT, ("statements", 0), lambda found: found.update(payloadType="application/json"))
    with refused(Malformed, "E_TYPE"):
        parse(other)
    signed = sign(custody()).envelope
    assert signed.payload_type == PAYLOAD_TYPE
    inner = canonical.encode({**custody().to_json(), "type": "solvent:collateral/v1"})
    import base64

    wrong = {**signed.to_json(), "payload": base64.b64encode(inner).decode()}
    with refused(Malformed, "E_TYPE", where="collateral: statements[0]: type"):
        parse({**DOCUMENT, "statements": [wrong]})


@pytest.mark.parametrize("account", ["bitcoin:x", "eip155:1:0x" + "AB" * 20, "", "eip155:01:0x" + "ab" * 20])
def test_covers_are_accounts(account: str) -> None:
    with refused(Malformed, "E_TYPE"):
        parse_statement(changed(STATEMENT, ("entries", 0), lambda found: found.update(covers=[account])))


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """2^20 lines, 64 pools; the first is tried with a smaller number."""
    from verifier.collateral import quantities

    assert (quantities.MAX_LINES, quantities.MAX_POOLS) == (2**20, 64)
    line = bitcoin().to_json()
    pools = [{**line, "pool": f"pool{n}"} for n in range(65)]
    assert len(parse({**DOCUMENT, "lines": pools[:64]}).lines) == 64
    with refused(Malformed, "E_LIMIT"):
        parse({**DOCUMENT, "lines": pools})
    monkeypatch.setattr(snapshot, "MAX_LINES", 8)
    with refused(Malformed, "E_LIMIT"):
        parse(DOCUMENT)


def test_a_snapshot_may_be_larger_than_other_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its 2^20 lines do not fit into what is enough for every other document."""
    monkeypatch.setattr(canonical, "MAX_BYTES", 100)
    monkeypatch.setattr("verifier.epoch.MAX_DOCUMENT", 100)
    data = sample().to_payload()
    assert Snapshot.from_payload(data) == sample()
    envelope = Envelope(snapshot.PAYLOAD_TYPE, data, ()).to_bytes()
    path = tmp_path / "collateral.json"
    path.write_bytes(envelope)
    assert read_document(path, snapshot.MAX_ENVELOPE) == envelope
    read = Envelope.from_bytes(envelope, snapshot.PAYLOAD_TYPE, path.name, snapshot.MAX_ENVELOPE)
    assert read.payload == data
    assert {path.name: snapshot.MAX_ENVELOPE} == published.LIMITS
    monkeypatch.setattr(snapshot, "MAX_BYTES", len(data) - 1)
    with refused(Malformed, "E_LIMIT", where="collateral"):
        Snapshot.from_payload(data)
    with refused(Malformed, "E_LIMIT", where="collateral.json"):
        read_document(path, len(envelope) - 1)


def test_the_largest_snapshot_fits_into_its_envelope() -> None:
    assert len(encode_base64(bytes(300))) * snapshot.MAX_BYTES // 300 < snapshot.MAX_ENVELOPE
