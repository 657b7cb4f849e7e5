"""Tagged hashes and byte layouts against their definitions."""

from __future__ import annotations

import hashlib

import pytest

from verifier.hashing import N, lp, tag_prefix, tagged, u16, u32, u64, wide


@pytest.mark.parametrize(("encode", "size"), [(u16, 2), (u32, 4), (u64, 8)])
def test_counts_are_big_endian_and_of_fixed_size(encode: object, size: int) -> None:
    assert callable(encode)
    assert encode(0) == bytes(size)
    assert encode(258) == bytes(size - 2) + b"\x01\x02"
    assert encode(256**size - 1) == b"\xff" * size
    for value in (-1, 256**size):
        with pytest.raises(OverflowError):
            encode(value)


def test_lp_puts_the_length_first() -> None:
    assert lp(b"") == bytes(4)
    assert lp(b"abc") == b"\0\0\0\x03abc"
    assert lp(b"a") + lp(b"bc") != lp(b"ab") + lp(b"c")


def test_tagged_is_the_bip_340_construction_under_our_prefix() -> None:
    tag = hashlib.sha256(b"solvent/1/leaf").digest()
    assert tag_prefix("leaf") == tag + tag
    assert tagged("leaf", b"message") == hashlib.sha256(tag + tag + b"message").digest()


def test_tags_separate_domains() -> None:
    tags = ["leaf", "node", "account", "salt", "context", "blind", "mask"]
    assert len({tagged(tag, b"same") for tag in tags}) == len(tags)


def test_wide_reduces_512_bits() -> None:
    low, high = tagged("blind", b"m\x01"), tagged("blind", b"m\x00")
    assert wide("blind", b"m") == int.from_bytes(high + low, "big") % N
    assert 0 <= wide("blind", b"") < N
