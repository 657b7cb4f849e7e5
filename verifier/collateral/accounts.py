"""Accounts as CAIP-10 writes them, and the addresses that keys derive on each chain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from verifier.collateral import base58
from verifier.collateral.hashes import keccak256
from verifier.errors import Malformed
from verifier.group import Point

BITCOIN: Final = "bip122:000000000019d6689c085ae165831e93"
TRON_VERSION: Final = b"\x41"

_ACCOUNT: Final = re.compile(r"([-a-z0-9]{3,8}):([-_a-zA-Z0-9]{1,32}):([-.%a-zA-Z0-9]{1,128})", re.ASCII)
_EVM_CHAIN: Final = re.compile(r"[1-9][0-9]{0,31}", re.ASCII)
_EVM_ADDRESS: Final = re.compile(r"0x[0-9a-f]{40}", re.ASCII)
_BLS_KEY: Final = re.compile(r"0x[0-9a-f]{96}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Account:
    """A CAIP-10 account: ``namespace:reference:address``. The address has been checked only for its alphabet."""

    namespace: str
    reference: str
    address: str

    @property
    def chain(self) -> str:
        """CAIP-2."""
        return f"{self.namespace}:{self.reference}"

    def __str__(self) -> str:
        return f"{self.chain}:{self.address}"


def parse_account(text: str, where: str = "account") -> Account:
    """Split an account. Raises Malformed (E_LINE_ACCOUNT); EVM chains are numbers and EVM addresses lower case."""
    account = _split(text)
    if account is None:
        raise Malformed("should be an account: namespace:chain:address", where=where, code="E_LINE_ACCOUNT")
    if account.namespace == "eip155" and not _is_evm(account):
        raise Malformed(
            "should be a chain number and 0x with 40 lower-case hex digits (96 for a validator)",
            where=where,
            code="E_LINE_ACCOUNT",
        )
    return account


@lru_cache(maxsize=1024)
def _split(text: str) -> Account | None:
    """The parts; remembered for a while, because every rule of a line asks."""
    match = _ACCOUNT.fullmatch(text)
    return None if match is None else Account(match[1], match[2], match[3])


def _is_evm(account: Account) -> bool:
    address = _EVM_ADDRESS.fullmatch(account.address) or _BLS_KEY.fullmatch(account.address)
    return address is not None and _EVM_CHAIN.fullmatch(account.reference) is not None


def owners(account: Account) -> tuple[str, ...]:
    """The spellings of ``o`` that an ownership message of this account may carry (docs/collateral.md).

    An EVM key may sign once for every EVM chain; a validator key belongs to one chain.
    """
    if account.namespace == "eip155" and _EVM_ADDRESS.fullmatch(account.address):
        return str(account), f"eip155:{account.address}"
    return (str(account),)


def _key_hash(key: Point) -> bytes:
    return keccak256(key.to_xy())[12:]


def evm_address(key: Point) -> str:
    """0x and 40 hex digits."""
    return "0x" + _key_hash(key).hex()


def tron_address(key: Point) -> str:
    """base58check of 0x41 and the EVM address."""
    return base58.check_encode(TRON_VERSION + _key_hash(key))


def solana_key(address: str) -> bytes:
    """The Ed25519 public key that a Solana address is. Raises Malformed (E_LINE_ACCOUNT)."""
    key = base58.decode(address)
    if len(key) != 32:
        raise Malformed("a Solana address has 32 bytes", where="account", code="E_LINE_ACCOUNT")
    return key
