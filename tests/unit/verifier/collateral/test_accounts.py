"""Accounts: CAIP-10, and what keys derive."""

from __future__ import annotations

import pytest

from tests.support.refusals import refused
from verifier.collateral.accounts import (
    BITCOIN,
    Account,
    evm_address,
    owners,
    parse_account,
    solana_key,
    tron_address,
)
from verifier.errors import Malformed
from verifier.group import G

EVM = "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"
"""The address of the key 1."""


def test_addresses_of_the_key_one() -> None:
    assert evm_address(G) == EVM
    assert tron_address(G) == "TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC"


def test_an_account_is_read_and_written() -> None:
    text = f"eip155:1:{EVM}"
    assert parse_account(text) == Account("eip155", "1", EVM)
    assert str(parse_account(text)) == text
    assert parse_account(text).chain == "eip155:1"


REFUSED = {
    "empty": "",
    "no address": "eip155:1",
    "short namespace": f"ei:1:{EVM}",
    "capitals in the namespace": f"EIP155:1:{EVM}",
    "space": f"eip155:1:{EVM} ",
    "line end": f"eip155:1:{EVM}\n",
    "checksummed": "eip155:1:0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
    "no 0x": f"eip155:1:{EVM[2:]}",
    "39 digits": f"eip155:1:{EVM[:-1]}",
    "41 digits": f"eip155:1:{EVM}0",
    "chain with a zero": f"eip155:01:{EVM}",
    "chain zero": f"eip155:0:{EVM}",
    "chain in hex": f"eip155:0x1:{EVM}",
    "other digits": f"eip155:\u0661:{EVM}",
    "address too long": f"{BITCOIN}:{'1' * 129}",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_account_is_refused(text: str) -> None:
    with refused(Malformed, "E_LINE_ACCOUNT", where="account"):
        parse_account(text)


def test_owners() -> None:
    assert owners(parse_account(f"eip155:10:{EVM}")) == (f"eip155:10:{EVM}", f"eip155:{EVM}")
    validator = f"eip155:1:0x{'ab' * 48}"
    assert owners(parse_account(validator)) == (validator,)
    bitcoin = f"{BITCOIN}:1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"
    assert owners(parse_account(bitcoin)) == (bitcoin,)


def test_a_solana_address_is_its_key() -> None:
    assert solana_key("11111111111111111111111111111111") == bytes(32)
    for wrong in ("1111111111111111111111111111111", "0", "7bzoTJhZmpU1vQVjN63fQ3iVYmWCVgQh1sYSqsjuapU99"):
        with refused(Malformed, "E_LINE_ACCOUNT"):
            solana_key(wrong)
