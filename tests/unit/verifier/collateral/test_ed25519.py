"""Ed25519 accounts: RFC 8032, and no key that everybody can sign for."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.wallets import base58_text
from verifier.collateral import Verdict, ed25519, messages, verify_evidence
from verifier.collateral.okx_units import SOLANA
from verifier.dsse import verify_signature

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
ACCOUNT = f"{SOLANA}:{base58_text(PUBLIC)}"
MESSAGE = "solvent/1 ownership exchange=x epoch=1 owner=y challenge=z"
ORDER = 2**252 + 27742317777372353535851937790883648493

SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
"""The eight points of the small subgroup."""


def test_both_schemes_of_solana() -> None:
    plain = base58_text(KEY.sign(MESSAGE.encode()))
    okx = "0x" + KEY.sign(messages.okx_message(MESSAGE.encode())).hex()
    assert verify_evidence("ed25519", MESSAGE, ACCOUNT, [plain], public_key=PUBLIC.hex()).counts
    assert verify_evidence("okx-ed25519", MESSAGE, ACCOUNT, [okx], public_key=PUBLIC.hex()).counts
    assert verify_evidence("ed25519", MESSAGE, ACCOUNT, ["", plain], public_key=PUBLIC.hex()).counts
    for scheme, text in (("ed25519", okx), ("okx-ed25519", plain)):
        assert not verify_evidence(scheme, MESSAGE, ACCOUNT, [text], public_key=PUBLIC.hex()).counts
    swapped = base58_text(KEY.sign(messages.okx_message(MESSAGE.encode())))
    assert not verify_evidence("ed25519", MESSAGE, ACCOUNT, [swapped], public_key=PUBLIC.hex()).counts


@pytest.mark.parametrize("key", ["", PUBLIC.hex().upper(), "0x" + PUBLIC.hex(), PUBLIC.hex()[:-2], "ab" * 32])
def test_the_public_key_must_be_the_address(key: str) -> None:
    signature = base58_text(KEY.sign(MESSAGE.encode()))
    evidence = verify_evidence("ed25519", MESSAGE, ACCOUNT, [signature], public_key=key)
    assert (evidence.verdict, evidence.code) == (Verdict.INVALID, "E_LINE_KEY")


@pytest.mark.parametrize("key", SMALL_ORDER)
def test_keys_of_small_order_are_recognised(key: str) -> None:
    assert ed25519.has_small_order(bytes.fromhex(key))


def test_encodings_beyond_the_field_are_refused() -> None:
    for extra in range(19):
        assert ed25519.has_small_order((ed25519.FIELD + extra).to_bytes(32, "little"))
    assert not ed25519.has_small_order(PUBLIC)


def test_ordinary_keys_are_not() -> None:
    for seed in range(50):
        key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(bytes([seed])).digest())
        assert not ed25519.has_small_order(key.public_key().public_bytes_raw())


def test_anybody_could_sign_for_the_system_program() -> None:
    """The attack that the rule stops: without any secret, a signature that RFC 8032 accepts under 32 zero bytes."""
    system, forged = bytes(32), None
    for attempt in range(64):
        message = f"{MESSAGE} {attempt}".encode()
        for nonce in (b"\x01" + bytes(31), system):
            if verify_signature(system, message, nonce + bytes(32)):
                forged = message, nonce + bytes(32)
    assert forged, "OpenSSL accepts one within a few attempts"
    message, signature = forged
    account = f"{SOLANA}:{base58_text(system)}"
    assert account.endswith(":11111111111111111111111111111111")
    assert not ed25519.verify(system, message, signature)
    evidence = verify_evidence("ed25519", message.decode(), account, [base58_text(signature)], public_key=system.hex())
    assert (evidence.verdict, evidence.code) == (Verdict.INVALID, "E_LINE_SIGNATURE")


def test_s_must_be_reduced() -> None:
    signature = KEY.sign(b"m")
    s = int.from_bytes(signature[32:], "little")
    assert ed25519.verify(PUBLIC, b"m", signature)
    assert not ed25519.verify(PUBLIC, b"m", signature[:32] + (s + ORDER).to_bytes(32, "little"))


def test_lengths() -> None:
    signature = KEY.sign(b"m")
    for key, text in ((PUBLIC[:-1], signature), (PUBLIC, signature[:-1]), (PUBLIC, signature + b"\0"), (b"", b"")):
        assert not ed25519.verify(key, b"m", text)
