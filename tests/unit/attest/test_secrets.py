"""Where secrets come from: the known answers of docs/protocol.md, and masks that never repeat."""

from __future__ import annotations

import hashlib
import hmac
from itertools import islice

import pytest

from attest.book import RunKeys
from attest.ordered import pack
from attest.secrets import Masks, MasterKey, account_key_text
from verifier.engine import Engine
from verifier.hashing import N, tagged, u64, wide
from verifier.inclusion import read_account_key, row_salt
from verifier.transcript import Transcript

CTX = b"\x11" * 32
MASTER = MasterKey(b"\x33" * 32)
BOOK_KEY = "d6b802437f98aab139f64d76630183a5c061527e166c8839ea5dd1597891ac2f"
ACCOUNT_KEY = "69d1d273d380a344e2b5f70309ea603b73b3cc30f247538f346b863c88abb5ad"


def test_book_key() -> None:
    assert MASTER.book_key(CTX).hex() == BOOK_KEY
    assert MASTER.book_key(bytes(32)).hex() != BOOK_KEY
    assert RunKeys.derive(MASTER, CTX).book_key.hex() == BOOK_KEY


def test_row_blinding(engine: Engine) -> None:
    keys = RunKeys.derive(MASTER, CTX)
    expected = "b4372ba442dd5dff97cb0788c18853b18172fc7a0325ec2deed69a64a0c540b6"
    assert keys.blindings(3, 1, engine).hex() == expected
    assert keys.blindings(0, 4, engine)[96:].hex() == expected


def test_order_key(engine: Engine) -> None:
    found = RunKeys.derive(MASTER, CTX).order_keys(pack([b"alice"]), engine)
    assert found.hex() == "b0a82a9c303b1676be423a4ab86e6a7750191e24f088cc562334e6bde1343ebf"


def test_proof_key() -> None:
    expected = "7829ef3a56dd64f256e78e91448e945bb28db0b778ebef5b74e03563e96e96b7"
    assert Masks.for_book(bytes.fromhex(BOOK_KEY)).proof_key.hex() == expected


def test_account_key() -> None:
    key = MASTER.account_key(b"alice")
    assert key.hex() == ACCOUNT_KEY
    assert hmac.new(MASTER.accounts_key(), b"alice", hashlib.sha256).digest() == key
    assert account_key_text(key) == "slv_k_" + ACCOUNT_KEY
    assert read_account_key(account_key_text(key)) == key
    expected = "ce558b5c2c65499073a82741ba2be3f5cce3c1d32adc138638ba24dfcfca7983"
    assert row_salt(key, CTX).hex() == expected


def test_account_keys_outlive_runs_and_book_keys_do_not() -> None:
    assert MASTER.account_key(b"alice") != MASTER.account_key(b"bob")
    first, second = RunKeys.derive(MASTER, CTX), RunKeys.derive(MASTER, bytes(32))
    assert first.accounts_key == second.accounts_key
    assert first.book_key != second.book_key


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_master_key_has_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        MasterKey(bytes(size))


def test_masks_are_their_definition() -> None:
    masks = Masks(b"p" * 32, lambda size: b"e" * size)
    transcript = Transcript.start("book")
    seed = tagged("hedge", b"e" * 32 + b"p" * 32 + transcript.state)
    assert list(islice(masks.group(transcript), 5)) == [wide("mask", seed + u64(i)) for i in range(5)]


def test_no_two_groups_share_a_mask() -> None:
    """Not with fresh randomness, and not with a source that always says the same, once the transcript moved on."""
    fixed, fresh = Masks(b"p" * 32, bytes), Masks(b"p" * 32)
    transcript = Transcript.start("book")
    seen = [*islice(fixed.group(transcript), 4), *islice(fresh.group(transcript), 4)]
    seen += islice(fresh.group(transcript), 4)
    transcript.absorb_bytes("x", b"")
    seen += islice(fixed.group(transcript), 4)
    seen += islice(Masks(b"q" * 32, bytes).group(transcript), 4)
    assert len(set(seen)) == 20
    assert all(0 <= value < N for value in seen)
