"""The ownership message and the bytes that wallets make of it."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.support.refusals import refused
from verifier.collateral import challenge, messages, ownership_message
from verifier.collateral.hashes import hash160, keccak256
from verifier.errors import Malformed

BEACON = {"source": "bip122:000000000019d6689c085ae165831e93", "round": 800000, "time": 1690168629, "value": "ab" * 32}
CHALLENGE = "cd" * 32


def test_the_challenge_is_a_tagged_hash_of_canonical_json() -> None:
    prefix = hashlib.sha256(b"solvent/1/ownership").digest() * 2
    document = json.dumps(
        {"beacon": dict(sorted(BEACON.items())), "epoch": 7, "exchange": "okx"}, separators=(",", ":")
    )
    assert challenge("okx", 7, BEACON) == hashlib.sha256(prefix + document.encode()).hexdigest()


@pytest.mark.parametrize(
    "other",
    [("kox", 7, BEACON), ("okx", 8, BEACON), *[("okx", 7, {**BEACON, key: "x"}) for key in BEACON]],
    ids=["exchange", "epoch", *BEACON],
)
def test_every_part_changes_the_challenge(other: tuple[str, int, dict[str, object]]) -> None:
    assert challenge(*other) != challenge("okx", 7, BEACON)


def test_the_message_is_one_line() -> None:
    assert ownership_message("okx", 7, "eip155:1:0xab", CHALLENGE) == (
        f"solvent/1 ownership exchange=okx epoch=7 owner=eip155:1:0xab challenge={CHALLENGE}"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "where"),
    [
        (("o kx", 7, "a", CHALLENGE), "E_TYPE", "exchange"),
        (("", 7, "a", CHALLENGE), "E_TYPE", "exchange"),
        (("okx", -1, "a", CHALLENGE), "E_LIMIT", "epoch"),
        (("okx", 2**53, "a", CHALLENGE), "E_LIMIT", "epoch"),
        (("okx", True, "a", CHALLENGE), "E_TYPE", "epoch"),
        (("okx", 7, "a epoch=8", CHALLENGE), "E_LINE_ACCOUNT", "owner"),
        (("okx", 7, "a\nb", CHALLENGE), "E_LINE_ACCOUNT", "owner"),
        (("okx", 7, "", CHALLENGE), "E_LINE_ACCOUNT", "owner"),
        (("okx", 7, "\u0430", CHALLENGE), "E_LINE_ACCOUNT", "owner"),
        (("okx", 7, "a", CHALLENGE.upper()), "E_TYPE", "challenge"),
        (("okx", 7, "a", CHALLENGE[:-2]), "E_TYPE", "challenge"),
    ],
)
def test_a_message_that_could_be_read_twice_is_refused(
    arguments: tuple[str, int, str, str], code: str, where: str
) -> None:
    with refused(Malformed, code, where=where):
        ownership_message(*arguments)


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, "00"),
        (252, "fc"),
        (253, "fdfd00"),
        (0xFFFF, "fdffff"),
        (0x10000, "fe00000100"),
        (2**32, "ff" + "0000000001"),
    ],
)
def test_compact_size(size: int, head: str) -> None:
    assert messages.compact_size(size).hex() == head.ljust(18, "0") if size >= 2**32 else head


def test_known_hashes() -> None:
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert hash160(b"").hex() == "b472a266d0bd89c13706a4132ccfb16f7c3b9fcb"


MESSAGE = b"I am an OKX address"


def test_what_each_scheme_hashes_is_what_section_2_says() -> None:
    """Each digest, put together here from the table's own words."""
    twice = hashlib.sha256(hashlib.sha256(b"\x18Bitcoin Signed Message:\n\x13" + MESSAGE).digest()).digest()
    inner = keccak256(MESSAGE)
    assert messages.bitcoin_digest(MESSAGE) == twice
    assert messages.eip191_digest(MESSAGE) == keccak256(b"\x19Ethereum Signed Message:\n19" + MESSAGE)
    assert messages.okx_eip191_digest(MESSAGE) == keccak256(b"\x19Ethereum Signed Message:\n32" + inner)
    assert messages.tron_v2_digest(MESSAGE) == keccak256(b"\x19TRON Signed Message:\n19" + MESSAGE)
    assert messages.tron_v1_digest(MESSAGE) == keccak256(b"\x19TRON Signed Message:\n32" + inner)
    assert messages.okx_message(MESSAGE) == b"\x14OKX Signed Message:\n\x13" + MESSAGE
    assert messages.okx_ecdsa_digest(MESSAGE) == keccak256(b"\x14OKX Signed Message:\n\x13" + MESSAGE)


def test_no_two_schemes_share_a_digest() -> None:
    digests = [
        messages.bitcoin_digest,
        messages.eip191_digest,
        messages.okx_eip191_digest,
        messages.tron_v1_digest,
        messages.tron_v2_digest,
        messages.okx_ecdsa_digest,
    ]
    assert len({digest(MESSAGE) for digest in digests}) == len(digests)
