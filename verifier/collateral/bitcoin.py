"""Bitcoin addresses and the locking scripts behind them (mainnet)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from verifier.collateral import base58, bech32
from verifier.collateral.hashes import hash160
from verifier.errors import Malformed


class Lock(Enum):
    """What an address locks coins to."""

    P2PKH = "P2PKH"
    P2SH = "P2SH"
    P2WPKH = "P2WPKH"
    P2WSH = "P2WSH"
    P2TR = "P2TR"


_BASE58_VERSIONS: Final = {0x00: Lock.P2PKH, 0x05: Lock.P2SH}
_WITNESS_LOCKS: Final = {(0, 20): Lock.P2WPKH, (0, 32): Lock.P2WSH, (1, 32): Lock.P2TR}


@dataclass(frozen=True, slots=True)
class BitcoinAddress:
    """A lock and its program: 20 bytes of hash160 (P2PKH, P2SH, P2WPKH), 32 of SHA-256 (P2WSH) or of key (P2TR)."""

    lock: Lock
    program: bytes

    @property
    def script_pub_key(self) -> bytes:
        """The script that coins sent here are locked with."""
        match self.lock:
            case Lock.P2PKH:
                return b"\x76\xa9\x14" + self.program + b"\x88\xac"
            case Lock.P2SH:
                return b"\xa9\x14" + self.program + b"\x87"
            case Lock.P2TR:
                return b"\x51\x20" + self.program
            case _:
                return witness_script(self.program)

    @property
    def text(self) -> str:
        """The address as it is written."""
        for version, lock in _BASE58_VERSIONS.items():
            if lock is self.lock:
                return base58.check_encode(bytes([version]) + self.program)
        return bech32.encode(1 if self.lock is Lock.P2TR else 0, self.program)


def parse_address(text: str, where: str = "address") -> BitcoinAddress:
    """Decode an address. Raises Malformed (E_LINE_ACCOUNT), or Unavailable for future witness versions."""
    if text.startswith(f"{bech32.HRP}1"):
        version, program = bech32.decode(text, where)
        return BitcoinAddress(_WITNESS_LOCKS[version, len(program)], program)
    payload = base58.check_decode(text, where)
    lock = _BASE58_VERSIONS.get(payload[0])
    if lock is None or len(payload) != 21:
        raise Malformed("not an address of this Bitcoin chain", where=where, code="E_LINE_ACCOUNT")
    return BitcoinAddress(lock, payload[1:])


def witness_script(program: bytes) -> bytes:
    """The version 0 witness script of a 20- or 32-byte program, which is also what P2SH wraps."""
    return bytes([0, len(program)]) + program


def unlocked_by(address: BitcoinAddress, public_key: bytes) -> bool:
    """Whether one key alone derives this address (P2PKH, P2SH-P2WPKH, P2WPKH); ``public_key`` is 33 or 65 bytes.

    Segwit takes compressed keys only.
    """
    key_hash = hash160(public_key)
    if address.lock is Lock.P2PKH:
        return key_hash == address.program
    if len(public_key) != 33:
        return False
    if address.lock is Lock.P2SH:
        return hash160(witness_script(key_hash)) == address.program
    return address.lock is Lock.P2WPKH and key_hash == address.program
