"""The reader's file: one form, closed at every depth; what a reader without one asks for."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.support.refusals import refused
from tests.support.trust import broken_forms, key, keyid, keys, reader_document
from verifier import canonical
from verifier.errors import Malformed, Rejected, SolventError
from verifier.trust.names import SIGNED_TAGS
from verifier.trust.reader import MAX_LOG_TEXT, MAX_REQUIRED, Reader
from verifier.trust.requirement import Requirement

BROKEN = dict(broken_forms(reader_document(), open_maps=frozenset({"cosign", "pins"}), optional=frozenset({"log"})))


def without_log(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in reader_document(**changes).items() if name != "log"}


ACCEPTED: dict[str, dict[str, Any]] = {
    "everything": reader_document(),
    "no log": without_log(),
    "an empty log policy": reader_document(log=""),
    "public keys": reader_document(root=keys(10, 11)),
    "first contact": reader_document(root=""),
    "nothing asked": without_log(require=[], cosign={}, pins={}),
    "every tag": reader_document(cosign={tag: {"keys": keys(200), "threshold": 1} for tag in SIGNED_TAGS}),
    "a role without pins": reader_document(pins={"observer": []}),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_round_trip(name: str) -> None:
    data = canonical.encode(ACCEPTED[name])
    reader = Reader.from_bytes(data)
    assert reader.to_bytes() == data
    assert reader.digest == canonical.digest(ACCEPTED[name])


def test_root_is_a_digest_or_keys() -> None:
    assert Reader.from_json(reader_document(root="ab" * 32)).root == "ab" * 32
    assert Reader.from_json(reader_document(root=keys(11, 10))).root == (key(11), key(10))
    assert Reader.from_json(reader_document(root="")).root == ""


def test_no_log_is_not_an_empty_log_policy() -> None:
    assert Reader.from_json(without_log()).log is None
    assert Reader.from_json(reader_document(log="")).log == ""


@pytest.mark.parametrize("name", BROKEN)
def test_closed_at_every_depth(name: str) -> None:
    with pytest.raises(Malformed) as caught:
        Reader.from_json(BROKEN[name])
    assert caught.value.code == ("E_FIELD" if name.endswith(("one more", "missing")) else caught.value.code)
    assert caught.value.code in {"E_FIELD", "E_TYPE"}


@pytest.mark.parametrize("kind", [Reader, Requirement])
def test_every_field_is_broken_and_left_out(kind: type[Reader | Requirement]) -> None:
    for field in dataclasses.fields(kind):
        place = ("require[0]." if kind is Requirement else "") + field.name
        assert {f"{place} is None", f"{place} is True"} <= set(BROKEN)
        assert (f"{place} is missing" in BROKEN) is (place != "log")


def cosign(**changes: Any) -> dict[str, Any]:
    return {"cosign": {"policy": {"keys": keys(200, 201), "threshold": 2, **changes}}}


COVERAGE = {"kind": "coverage", "asset": "", "min_k": 10_000}
REFUSED: dict[str, tuple[dict[str, Any], type[SolventError], str]] = {
    "another type": ({"type": "solvent:root/v1"}, Malformed, "E_TYPE"),
    "exchange empty": ({"exchange": ""}, Malformed, "E_TYPE"),
    "a short digest": ({"root": "ab" * 31}, Malformed, "E_TYPE"),
    "a digest in capitals": ({"root": "AB" * 32}, Malformed, "E_TYPE"),
    "no keys": ({"root": []}, Malformed, "E_LIMIT"),
    "one key twice": ({"root": keys(10, 10)}, Malformed, "E_FIELD"),
    "a digest in a list": ({"root": ["ab" * 31]}, Malformed, "E_TYPE"),
    "a key of small order": ({"root": ["01" + "00" * 31]}, Malformed, "E_TYPE"),
    "65 keys": ({"root": keys(*range(65))}, Malformed, "E_LIMIT"),
    "one claim asked for twice": ({"require": [COVERAGE, {**COVERAGE, "min_k": 1}]}, Malformed, "E_FIELD"),
    "too many claims": ({"require": [{}] * (MAX_REQUIRED + 1)}, Malformed, "E_LIMIT"),
    "cosigned prices, which nobody signs": ({"cosign": {"prices": {}}}, Malformed, "E_FIELD"),
    "cosigned by too few": (cosign(threshold=3), Malformed, "E_LIMIT"),
    "cosigned by nobody": (cosign(threshold=0), Malformed, "E_LIMIT"),
    "cosigned by one key twice": (cosign(keys=keys(200, 200)), Malformed, "E_FIELD"),
    "cosign by more tags than there are": ({"cosign": {f"t{i}": {} for i in range(14)}}, Malformed, "E_LIMIT"),
    "pins of no role": ({"pins": {"admin": []}}, Malformed, "E_FIELD"),
    "pins of a custodian without a name": ({"pins": {"custodian": []}}, Malformed, "E_FIELD"),
    "a pin that is short": ({"pins": {"observer": ["00"]}}, Malformed, "E_TYPE"),
    "one pin twice": ({"pins": {"observer": [keyid(100)] * 2}}, Malformed, "E_FIELD"),
    "65 pins": ({"pins": {"observer": [keyid(1)] * 65}}, Malformed, "E_LIMIT"),
    "one key pinned in two roles": (
        {"pins": {"observer": [keyid(100)], "bank/1": [keyid(70), keyid(100)]}}, Rejected, "E_TRUST_ROLE",
    ),
    "a log policy that is too long": ({"log": "#" * (MAX_LOG_TEXT + 1)}, Malformed, "E_LIMIT"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    changes, kind, code = REFUSED[name]
    Reader.from_json(reader_document())
    with refused(kind, code):
        Reader.from_json(reader_document(**changes))


def test_only_canonical_bytes() -> None:
    with refused(Malformed, "E_JSON", where="reader file"):
        Reader.from_bytes(canonical.encode(reader_document()) + b"\n")


def test_the_reader_without_a_file() -> None:
    reader = Reader.default("ex.example", policy=True)
    assert reader == Reader("ex.example", "", (Requirement("coverage", "", 10_000),), {}, {}, None)
    assert Reader.default("ex.example", policy=False).require == ()
    assert Reader.from_bytes(reader.to_bytes()) == reader


def test_a_lone_key_is_a_reader_file_of_that_key() -> None:
    reader = Reader.default("ex.example", policy=False, key=key(10))
    assert reader.root == (key(10),)
    assert Reader.from_bytes(reader.to_bytes()) == reader
