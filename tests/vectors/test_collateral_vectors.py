"""Other projects' vectors for the schemes of collateral, and a table of what does not apply and why.

Nothing is skipped: each vector is run, its outcome is put into a class, and the classes are counted. A class that is
not "as published" says why the rule here is another.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from verifier.collateral import Evidence, Verdict, bip322, ecdsa, ed25519, schnorr, verify_evidence
from verifier.collateral.accounts import BITCOIN
from verifier.collateral.bitcoin import parse_address
from verifier.collateral.messages import eip191_digest
from verifier.dsse import verify_signature
from verifier.errors import Malformed
from verifier.group import Point
from verifier.hashing import N

DATA = Path(__file__).parents[1] / "data" / "vectors"

AS_PUBLISHED = {
    "bip-0322 hashes": 3,
    "bip-0322 simple": 5,
    "bip-0322 error": 8,
    "bip-0340": 19,
    "eip-191": 3,
    "ecdsa valid": 96,
    "ecdsa invalid": 308,
    "ed25519": 151,
    "signatures": 11,
}
NOT_AS_PUBLISHED = {
    "bip-0322 simple: P2WSH": (1, "scripts other than single keys are UNSUPPORTED (section 2); never counted"),
    "bip-0322 error: UNSUPPORTED": (3, "refused as published, before trying: two P2WSH addresses, one full variant"),
    "bip-0340: signing half": (8, "secret keys and aux_rand are for signers; only the signature is checked"),
    "ecdsa valid, high S": (72, "ECDSA is low-S (section 2): of two valid forms of a signature one is refused"),
}
"""What differs from the published expectation: how many, and why."""


def load(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def bip322_evidence(message: str, address: str, signature: str) -> Evidence:
    return verify_evidence("bip322-simple", message, f"{BITCOIN}:{address}", [signature])


BIP322 = load("bip-0322_basic-test-vectors.json")


def test_bip322_transactions() -> None:
    for vector in BIP322["tx_hashes"]:
        message, script = vector["message"].encode(), parse_address(vector["address"]).script_pub_key
        assert bip322.message_hash(message).hex() == vector["message_hash"]
        assert bip322.to_spend_id(script, message)[::-1].hex() == vector["to_spend_tx_hash"]
        assert bip322.to_sign_id(script, message)[::-1].hex() == vector["to_sign_tx_hash"]
    assert len(BIP322["tx_hashes"]) == AS_PUBLISHED["bip-0322 hashes"]


def test_bip322_simple() -> None:
    verdicts: Counter[tuple[str, Verdict]] = Counter()
    for vector in BIP322["simple"]:
        for signature in vector["bip322_signatures"]:
            evidence = bip322_evidence(vector["message"], vector["address"], signature)
            verdicts[vector["type"], evidence.verdict] += 1
    assert verdicts == {
        ("p2wpkh", Verdict.VALID): 4,
        ("p2tr", Verdict.VALID): 1,
        ("p2wsh-multisig-3of3", Verdict.UNSUPPORTED): NOT_AS_PUBLISHED["bip-0322 simple: P2WSH"][0],
    }
    assert sum(n for (_, verdict), n in verdicts.items() if verdict is Verdict.VALID) == AS_PUBLISHED["bip-0322 simple"]


def test_bip322_errors() -> None:
    found = {
        vector["description"]: bip322_evidence(vector["message"], vector["address"], vector["signature"]).verdict
        for vector in BIP322["error"]
    }
    outcomes = Counter(found.values())
    assert outcomes[Verdict.VALID] == 0
    assert outcomes[Verdict.UNSUPPORTED] == NOT_AS_PUBLISHED["bip-0322 error: UNSUPPORTED"][0]
    assert found["incorrect prefix type"] is Verdict.UNSUPPORTED
    assert outcomes.total() == AS_PUBLISHED["bip-0322 error"] == len(BIP322["error"])


def test_bip340() -> None:
    rows = list(csv.DictReader((DATA / "bip-0340_test-vectors.csv").read_text(encoding="utf-8").splitlines()))
    for row in rows:
        key, message, signature = (bytes.fromhex(row[name]) for name in ("public key", "message", "signature"))
        assert schnorr.verify(key, message, signature) == (row["verification result"] == "TRUE"), row["comment"]
    assert len(rows) == AS_PUBLISHED["bip-0340"]


def test_eip191() -> None:
    vectors = load("eip191_hashMessage_ethers.json")
    for vector in vectors:
        text = vector.get("message_utf8")
        message = bytes.fromhex(vector["message_hex"]) if text is None else text.encode()
        assert "0x" + eip191_digest(message).hex() == vector["hash"], vector["test"]
    assert len(vectors) == AS_PUBLISHED["eip-191"]


def test_wycheproof_ecdsa() -> None:
    outcomes: Counter[str] = Counter()
    for group in load("wycheproof_ecdsa_secp256k1_sha256_test.json")["testGroups"]:
        key = bytes.fromhex(group["publicKey"]["uncompressed"])
        for case in group["tests"]:
            digest = hashlib.sha256(bytes.fromhex(case["msg"])).digest()
            accepted = ecdsa.verify_der(key, digest, bytes.fromhex(case["sig"]))
            outcomes[f"{case['result']}, {'accepted' if accepted else reason(case['sig'])}"] += 1
    high = NOT_AS_PUBLISHED["ecdsa valid, high S"][0]
    assert {k: n for k, n in outcomes.items() if k.startswith("valid")} == {
        "valid, accepted": AS_PUBLISHED["ecdsa valid"],
        "valid, high S": high,
    }
    assert outcomes["invalid, accepted"] == 0
    assert sum(n for k, n in outcomes.items() if k.startswith("invalid")) == AS_PUBLISHED["ecdsa invalid"]
    assert outcomes["invalid, not DER"] > 100


def reason(signature: str) -> str:
    try:
        r, s = ecdsa.parse_der(bytes.fromhex(signature))
    except Malformed:
        return "not DER"
    if r and s > ecdsa.HALF_N and ecdsa.in_range(r, N - s):
        return "high S"
    return "refused"


def test_wycheproof_ecdsa_by_recovery() -> None:
    """The same vectors through recovery: the key is among those recovered exactly where verification accepts."""
    digests, signatures, cases = [], [], []
    for group in load("wycheproof_ecdsa_secp256k1_sha256_test.json")["testGroups"]:
        for case in group["tests"]:
            if reason(case["sig"]) == "not DER":
                continue
            r, s = ecdsa.parse_der(bytes.fromhex(case["sig"]))
            digests += [hashlib.sha256(bytes.fromhex(case["msg"])).digest()] * 4
            signatures += [ecdsa.RecoverableSignature(i, r, s) for i in range(4)]
            cases.append((Point.from_xy(bytes.fromhex(group["publicKey"]["uncompressed"])[1:]), case["result"], r, s))
    keys = ecdsa.recover_many(digests, signatures)
    found = [key in keys[4 * i : 4 * i + 4] for i, (key, *_) in enumerate(cases)]
    expected = [result == "valid" and ecdsa.in_range(r, s) for _, result, r, s in cases]
    assert found == expected
    assert sum(found) == AS_PUBLISHED["ecdsa valid"]


def test_wycheproof_ed25519() -> None:
    count = 0
    for group in load("wycheproof_ed25519_test.json")["testGroups"]:
        key = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
            expected = case["result"] == "valid"
            assert ed25519.verify(key, message, signature) == expected, case["tcId"]
            assert verify_signature(key, message, signature) == expected, case["tcId"]
            count += 1
    assert count == AS_PUBLISHED["ed25519"]


SIGNATURES = load("signatures.json")


@pytest.mark.parametrize("vector", SIGNATURES, ids=lambda vector: f"{vector['scheme']}-{vector['name']}")
def test_signatures_of_other_implementations(vector: dict[str, Any]) -> None:
    claim = {name: value for name, value in vector.items() if name not in ("name", "source")}
    assert verify_evidence(**claim).verdict is Verdict.VALID
    forged = verify_evidence(**{**claim, "message": claim["message"] + "!"})
    assert (forged.verdict, forged.code) == (Verdict.INVALID, "E_LINE_SIGNATURE")


def test_the_table_is_complete() -> None:
    assert len(SIGNATURES) == AS_PUBLISHED["signatures"]
    ecdsa_cases = load("wycheproof_ecdsa_secp256k1_sha256_test.json")["numberOfTests"]
    assert (
        AS_PUBLISHED["ecdsa valid"] + AS_PUBLISHED["ecdsa invalid"] + NOT_AS_PUBLISHED["ecdsa valid, high S"][0]
        == ecdsa_cases
    )
    rows = list(csv.DictReader((DATA / "bip-0340_test-vectors.csv").read_text(encoding="utf-8").splitlines()))
    assert sum(bool(row["secret key"]) for row in rows) == NOT_AS_PUBLISHED["bip-0340: signing half"][0]
    assert all(count and why for count, why in NOT_AS_PUBLISHED.values())
