"""A ledger in memory: what it refuses, and the order of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from attest.ordered import MemoryLedger, pack
from tests.support.books import ACCOUNTS, SCHEMA
from tests.support.refusals import refused
from verifier.engine import Packed
from verifier.errors import Malformed

BAD: dict[str, tuple[Mapping[str, Any], str]] = {
    "an id that is empty": ({"": {}}, "E_ACCOUNT"),
    "an id with a control character": ({"a\n": {}}, "E_ACCOUNT"),
    "an id of 257 bytes": ({"a" * 257: {}}, "E_ACCOUNT"),
    "two spellings of one id": ({"e\u0301va": {}, "\u00e9va": {}}, "E_LEDGER"),
    "an unknown column": ({"alice": {"XRP": 1}}, "E_LEDGER"),
    "a negative amount": ({"alice": {"ETH": -1}}, "E_LEDGER"),
    "an amount of 2^bits": ({"alice": {"ETH": 256}}, "E_LEDGER"),
    "a broken rule": ({"alice": {"BTC": 5, "slack": 4}}, "E_LEDGER"),
    "a debt above the balance": ({"alice": {"BTC": 5, "BTC:debt": 6}}, "E_LEDGER"),
}


@pytest.mark.parametrize("name", BAD)
def test_refused(name: str) -> None:
    accounts, code = BAD[name]
    with refused(Malformed, code):
        MemoryLedger(SCHEMA, accounts)


def test_edges() -> None:
    assert MemoryLedger(SCHEMA, {"a" * 256: {"ETH": 255}, "b": {"ETH": 0}}).accounts == 2


def test_totals() -> None:
    ledger = MemoryLedger(SCHEMA, ACCOUNTS)
    assert ledger.totals() == [66_236, 264, 201, 66_035]
    ledger.order(reversed_keys, bytes(64))
    assert ledger.totals() == [66_236, 264, 201, 66_035]


def reversed_keys(accounts: Packed) -> bytes:
    """The last account first."""
    return b"".join(bytes([255 - i]) * 32 for i in range(len(accounts)))


@pytest.mark.parametrize("block_rows", [1, 2, 3, 100])
def test_rows_in_the_order_of_their_keys(block_rows: int) -> None:
    ledger = MemoryLedger(SCHEMA, ACCOUNTS)
    ledger.order(reversed_keys, b"\x00" * 32 + b"\xff" * 32 + b"\xfd\x00" * 16)
    blocks = list(ledger.blocks(block_rows))
    assert [block.start for block in blocks] == list(range(0, 8, block_rows))
    accounts = [block.accounts[i] for block in blocks for i in range(len(block.rows))]
    names = list(ACCOUNTS)
    assert accounts[0] == b""
    assert [a.decode() for a in accounts if a] == names[::-1]
    assert accounts.index(b"", 1) == 3, "a dummy between the fourth and the third account"
    cells = [block.rows.row(i) for block in blocks for i in range(len(block.rows))]
    for account, row in zip(accounts, cells, strict=True):
        expected = ACCOUNTS[account.decode()] if account else {}
        assert row == sorted((SCHEMA.position[name], value) for name, value in expected.items() if value)


def test_blocks_can_be_read_again() -> None:
    ledger = MemoryLedger(SCHEMA, ACCOUNTS)
    ledger.order(reversed_keys, b"")
    assert list(ledger.blocks(2)) == list(ledger.blocks(2))


def test_pack_of_nothing() -> None:
    assert len(pack([])) == 0
