"""Validator keys: the proof-of-possession ciphersuite, validated keys, and no consensus roots."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from py_ecc.bls.ciphersuites import G2Basic, G2ProofOfPossession

from verifier.collateral import Evidence, Verdict, bls, messages, verify_evidence

SECRET = 20240607
PUBLIC = bytes(G2ProofOfPossession.SkToPk(SECRET))
ACCOUNT = f"eip155:1:0x{PUBLIC.hex()}"
MESSAGE = "solvent/1 ownership exchange=x epoch=1 owner=y challenge=z"
SIGNATURE = bytes(G2ProofOfPossession.Sign(SECRET, MESSAGE.encode()))
IDENTITY_KEY, IDENTITY_SIGNATURE = b"\xc0" + bytes(47), b"\xc0" + bytes(95)


def check(signature: bytes, scheme: str = "bls12381", message: str = MESSAGE, key: bytes = PUBLIC) -> Evidence:
    return verify_evidence(scheme, message, f"eip155:1:0x{key.hex()}", ["0x" + signature.hex()], public_key=key.hex())


def test_both_schemes() -> None:
    okx = bytes(G2ProofOfPossession.Sign(SECRET, messages.okx_eip191_digest(MESSAGE.encode())))
    assert check(SIGNATURE).counts
    assert check(okx, "okx-bls").counts
    assert not check(okx).counts
    assert not check(SIGNATURE, "okx-bls").counts


def test_another_ciphersuite_is_refused() -> None:
    assert not check(bytes(G2Basic.Sign(SECRET, MESSAGE.encode()))).counts


WRONG = {
    "identity": IDENTITY_SIGNATURE,
    "cut": SIGNATURE[:-1],
    "longer": SIGNATURE + b"\0",
    "no point": b"\x80" + bytes(94) + b"\x01",
    "uncompressed flag": bytes([SIGNATURE[0] & 0x7F]) + SIGNATURE[1:],
    "all ones": b"\xff" * 96,
    "negated": bytes([SIGNATURE[0] ^ 0x20]) + SIGNATURE[1:],
}


@pytest.mark.parametrize("signature", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_signature_is_refused(signature: bytes) -> None:
    evidence = check(signature)
    assert (evidence.verdict, evidence.code) == (Verdict.INVALID, "E_LINE_SIGNATURE")


def test_the_identity_is_no_key() -> None:
    """Under the identity every message has the identity as its signature."""
    assert not check(IDENTITY_SIGNATURE, key=IDENTITY_KEY).counts
    for key in (b"\xff" * 48, bytes(48), PUBLIC[:-1] + bytes([PUBLIC[-1] ^ 1])):
        assert not check(SIGNATURE, key=key).counts
    assert not bls.verify(PUBLIC[:-1], b"m", SIGNATURE)


def test_a_key_outside_the_subgroup_is_refused() -> None:
    """x = 4 is on the curve y^2 = x^3 + 4 of BLS12-381, and not in its subgroup."""
    outside = b"\x80" + bytes(46) + b"\x04"
    assert not bls.verify(outside, b"m", IDENTITY_SIGNATURE)
    assert not check(SIGNATURE, key=outside).counts


def test_32_bytes_may_be_a_consensus_root() -> None:
    message = "x" * 32
    signature = bytes(G2ProofOfPossession.Sign(SECRET, message.encode()))
    evidence = check(signature, message=message)
    assert (evidence.verdict, evidence.code) == (Verdict.INVALID, "E_LINE_SIGNATURE")
    assert "consensus root" in evidence.reason


def test_the_public_key_must_be_the_account() -> None:
    evidence = verify_evidence("bls12381", MESSAGE, ACCOUNT, ["0x" + SIGNATURE.hex()], public_key="ab" * 48)
    assert (evidence.verdict, evidence.code) == (Verdict.INVALID, "E_LINE_KEY")
    address = f"eip155:1:0x{'ab' * 20}"
    assert verify_evidence("bls12381", MESSAGE, address, ["0x"], public_key=PUBLIC.hex()).code == "E_LINE_KEY"


def test_the_library_is_loaded_only_when_met(root: Path) -> None:
    script = "import sys, verifier.collateral; sys.exit('py_ecc.bls.ciphersuites' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60, cwd=root)
