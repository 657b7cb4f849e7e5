"""Wallets of tests: they sign as real ones do, with keys that are nobody's."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from py_ecc.secp256k1 import secp256k1 as curve

from verifier.collateral import base58, messages
from verifier.collateral.accounts import BITCOIN, evm_address, tron_address
from verifier.collateral.bitcoin import BitcoinAddress, Lock, witness_script
from verifier.collateral.hashes import bip340_tagged, hash160
from verifier.collateral.okx_units import TRON
from verifier.group import G, Point
from verifier.hashing import N


@dataclass(frozen=True)
class Wallet:
    """A secp256k1 key."""

    secret: int

    @property
    def key(self) -> Point:
        return self.secret * G

    @property
    def public(self) -> bytes:
        return self.key.to_bytes()

    def sign(self, digest: bytes) -> tuple[int, int, int]:
        """(parity of R.y, r, s), low s, by py_ecc."""
        v, r, s = curve.ecdsa_raw_sign(digest, self.secret.to_bytes(32, "big"))
        return v - 27, r, s

    def sign_again(self, digest: bytes, nonce: int) -> tuple[int, int, int]:
        """Another signature of the same digest, with a nonce of the caller's choice."""
        point = nonce * G
        s = pow(nonce, -1, N) * (int.from_bytes(digest, "big") + point.x * self.secret) % N
        return (point.y & 1, point.x, s) if s <= N // 2 else (point.y & 1 ^ 1, point.x, N - s)

    def address(self, lock: Lock, *, compressed: bool = True) -> str:
        """The address of this key alone."""
        public = self.public if compressed else b"\x04" + self.key.to_xy()
        program = hash160(public)
        if lock is Lock.P2SH:
            program = hash160(witness_script(program))
        if lock is Lock.P2TR:
            program = self.public[1:]
        return f"{BITCOIN}:{BitcoinAddress(lock, program).text}"

    def bitcoin(self, message: str, header: int = 31) -> str:
        """A Bitcoin signed message; ``header`` is the first of its four headers."""
        parity, r, s = self.sign(messages.bitcoin_digest(message.encode()))
        return bitcoin_text(header + parity, r, s)

    def evm(self, message: str, digest: Callable[[bytes], bytes] = messages.eip191_digest) -> str:
        """A 65-byte signature in hex."""
        parity, r, s = self.sign(digest(message.encode()))
        return evm_text(r, s, 27 + parity)

    def evm_account(self, chain: int = 1) -> str:
        return f"eip155:{chain}:{evm_address(self.key)}"

    @property
    def tron_account(self) -> str:
        return f"{TRON}:{tron_address(self.key)}"

    def schnorr(self, message: bytes) -> bytes:
        """BIP-340 under this key itself, not tweaked; the nonce is a hash."""
        secret = self.secret if self.key.y % 2 == 0 else N - self.secret
        nonce = int.from_bytes(bip340_tagged("test/nonce", secret.to_bytes(32, "big") + message), "big") % N
        point = nonce * G
        nonce = nonce if point.y % 2 == 0 else N - nonce
        head = point.to_bytes()[1:]
        e = int.from_bytes(bip340_tagged("BIP0340/challenge", head + self.public[1:] + message), "big")
        return head + ((nonce + e * secret) % N).to_bytes(32, "big")


def bitcoin_text(header: int, r: int, s: int) -> str:
    return base64.b64encode(bytes([header]) + r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()


def evm_text(r: int, s: int, v: int) -> str:
    return "0x" + (r.to_bytes(32, "big") + s.to_bytes(32, "big")).hex() + f"{v:02x}"


def script_account(lock: Lock, program: bytes) -> str:
    """An account behind a script hash."""
    return f"{BITCOIN}:{BitcoinAddress(lock, program).text}"


def multisig_script(threshold: int, keys: list[bytes]) -> bytes:
    pushes = b"".join(bytes([len(key)]) + key for key in keys)
    return bytes([0x50 + threshold]) + pushes + bytes([0x50 + len(keys), 0xAE])


def der(r: int, s: int) -> bytes:
    """DER, written anew: the code under test reads it."""

    def integer(value: int) -> bytes:
        body = value.to_bytes(value.bit_length() // 8 + 1, "big")
        return bytes([2, len(body)]) + body

    body = integer(r) + integer(s)
    return bytes([0x30, len(body)]) + body


def base58_text(data: bytes) -> str:
    return base58.encode(data)


def other_half(text: str) -> str:
    """The high-S twin of a signature, Bitcoin's or Ethereum's: the same key signed, in the form that is refused."""
    if text.startswith("0x"):
        data = bytes.fromhex(text[2:])
        r, s, v = int.from_bytes(data[:32], "big"), int.from_bytes(data[32:64], "big"), data[64]
        return evm_text(r, N - s, 27 + (v - 27 ^ 1))
    data = base64.b64decode(text)
    header, r, s = data[0], int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:], "big")
    return bitcoin_text(27 + (header - 27 ^ 1), r, N - s)
