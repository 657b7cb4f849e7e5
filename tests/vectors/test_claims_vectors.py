"""Every vector of claims verifies, and every value on the way is the one that it names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.vectors.run import claims, files_of, run_claims
from verifier.attestation import Attestation
from verifier.engine import Engine
from verifier.group import G, Point, value_commitment
from verifier.hashing import N, tagged
from verifier.transcript import Transcript
from verifier.wire import RowProof, RowShape

NAMES = sorted(claims())
PROVEN = [name for name in NAMES if claims()[name]["expected"]["rows"]]


def point(text: str) -> Point:
    return Point.from_bytes(bytes.fromhex(text))


def proof_of(vector: dict[str, Any]) -> bytes:
    return files_of(vector, {})["claims.proof"]


def test_what_is_asked_for_is_there() -> None:
    rows = {len(claims()[name]["expected"]["rows"]) for name in NAMES}
    assert {0, 1, 4} < rows
    openings = {word for vector in claims().values() for name in vector["openings"] for word in name.split()[:1]}
    assert openings == {"total", "BTC", "ETH", "aux"}


@pytest.mark.parametrize("name", NAMES)
def test_it_verifies(name: str, engine: Engine) -> None:
    run_claims(claims()[name], {}, {}, engine)
    assert ("claims.proof" in claims()[name]["files"]) == (name in PROVEN)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_signed_is_what_is_opened(name: str) -> None:
    vector = claims()[name]
    attestation = Attestation.from_payload(files_of(vector, {})["attestation.payload.json"])
    predicate = json.loads(files_of(vector, {})["attestation.payload.json"])["predicate"]
    canonical = json.dumps(predicate, sort_keys=True, separators=(",", ":")).encode()
    assert tagged("attestation", canonical).hex() == vector["expected"]["context"]
    signed = {t["value"] for t in predicate["totals"].values() if t["mode"] == "hidden"}
    signed |= {held["hidden"] for held in predicate["holdings"] if held["hidden"]} | set(predicate["aux"].values())
    opened = [(int(o["value"]), int(o["blinding"], 16)) for o in vector["openings"].values()]
    assert {value_commitment(*opening).to_bytes().hex() for opening in opened} == signed
    assert attestation.claims_context.hex() == vector["expected"]["context"]


@pytest.mark.parametrize("name", NAMES)
def test_every_row_holds(name: str) -> None:
    vector = claims()[name]
    values = {x: int(opening["value"]) for x, opening in vector["openings"].items()}
    for row in vector["expected"]["rows"]:
        assert 0 <= sum(int(w) * values[x] for x, w in row["weights"].items()) + int(row["constant"]) < 2**128
    assert all(int(constant) >= 0 for constant in vector["expected"]["public_rows"].values())


def test_the_worked_example() -> None:
    """The integers of docs/statement.md, section 9."""
    vector = claims()["claims-totals"]
    values = {x: int(opening["value"]) for x, opening in vector["openings"].items()}
    rows = {row["label"]: row for row in vector["expected"]["rows"]}
    assert rows["coverage"]["weights"] == {
        "total of BTC": "-11577000",
        "total of ETH": "-36984",
        "total of USDT": "-10000",
    }
    left = {
        label: sum(int(w) * values[x] for x, w in row["weights"].items()) + int(row["constant"])
        for label, row in rows.items()
    }
    assert list(left.values()) == [150000000000, 24999999990000, 99999999990000, 52688499953016]


@pytest.mark.parametrize("name", PROVEN)
def test_the_transcript(name: str) -> None:
    vector = claims()[name]
    expected, walk = vector["expected"], Transcript.start("claims")
    for step in expected["transcript"]:
        walk.absorb_bytes(step["absorb"], bytes.fromhex(step["data"]))
        assert walk.state.hex() == step["state"]
    labels = [step["absorb"] for step in expected["transcript"]]
    count = len(expected["rows"])
    assert labels == ["protocol", "generators", "context", "claims", *["slack"] * count, *["row"] * count]
    assert f"{walk.challenge('y'):064x}" == expected["y"]
    assert [f"{walk.challenge('tau'):064x}" for _ in expected["tau"]] == expected["tau"]


@pytest.mark.parametrize("name", PROVEN)
def test_slacks_and_rows(name: str) -> None:
    """S_i by hand from weights and commitments; E_i as they stand at the front of the file."""
    vector = claims()[name]
    expected, data = vector["expected"], proof_of(vector)
    absorbed = [(step["absorb"], step["data"]) for step in expected["transcript"]]
    slacks = [point(item) for label, item in absorbed if label == "slack"]
    for row, slack in zip(expected["rows"], slacks, strict=True):
        total = int(row["constant"]) * G
        for x, weight in row["weights"].items():
            total += int(weight) * point(row["commitments"][x])
        assert total == slack
    rows = [item for label, item in absorbed if label == "row"]
    assert "".join(rows) == data[: 33 * len(rows)].hex()
    assert len(data) == expected["proof_size"]


@pytest.mark.parametrize("name", PROVEN)
def test_the_link_by_hand(name: str) -> None:
    """3.5d, from the printed challenges and sums alone."""
    vector = claims()[name]
    expected, data = vector["expected"], proof_of(vector)
    count = len(expected["rows"])
    proof = RowProof.from_bytes(data[33 * count :], RowShape(len(expected["tau"]), 128, 1))
    number = sum(z << k for k, z in enumerate(proof.z)) % N
    right = int(expected["x"], 16) * point(expected["S_star"]) + proof.DL[0]
    assert value_commitment(number, proof.zl[0]) == right


def test_the_vectors_say_what_they_are() -> None:
    assert all(vector["about"] and Path(f"{name}.json").stem == vector["name"] for name, vector in claims().items())
