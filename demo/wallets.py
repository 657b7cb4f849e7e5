"""The owners of the demo's addresses: each answers the exchange's challenge as its wallet would.

Real owners press "sign message" in wallets of their own. Here one file plays them all; its private keys never leave
this program and the file it keeps them in. ``new`` makes the wallets and lists their accounts, ``answer`` fills in the
table that ``solvent collateral challenge --csv`` wrote: owners add signatures, the treasury adds what lies where.
"""

from __future__ import annotations

import argparse
import csv
import json
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from py_ecc.secp256k1 import secp256k1 as curve

from verifier.collateral import base58, bip322, messages
from verifier.collateral.accounts import BITCOIN, evm_address, tron_address
from verifier.collateral.bitcoin import BitcoinAddress, Lock
from verifier.collateral.hashes import bip340_tagged, hash160, sha256
from verifier.collateral.okx_units import SOLANA, TRON
from verifier.group import G
from verifier.hashing import N


@dataclass(frozen=True)
class Wallet:
    """``keys`` are private: 32 bytes each. ``holds`` lists what lies there, as (chain, asset, coins)."""

    name: str
    kind: Kind
    holds: tuple[tuple[str, str, str], ...]
    keys: tuple[bytes, ...] = ()

    def accounts(self) -> Iterator[str]:
        """Every account in CAIP-10."""
        return dict.fromkeys(f"{chain}:{self.kind.address(self.keys)}" for chain, _, _ in self.holds).__iter__()

    def rows(self, asked: dict[str, str]) -> Iterator[dict[str, str]]:
        """The answers; ``asked`` is the message of each account."""
        for chain, asset, coins in self.holds:
            account = f"{chain}:{self.kind.address(self.keys)}"
            signed = {"scheme": self.kind.scheme, "signatures": self.kind.sign(self.keys, asked[account])}
            script = self.kind.script(self.keys)
            name = self.name if len(self.holds) == 1 else f"{self.name}:{asset}:{chain.partition(':')[2]}"
            told = {"id": name, "account": account, "asset": asset, "coins": coins, "pool": "reserve"}
            yield {**told, "script": script, **signed}


class Kind:
    """A kind of wallet: how it makes addresses and signatures."""

    scheme: str
    needs: int = 1

    def address(self, keys: tuple[bytes, ...]) -> str:
        """The address of these keys."""
        raise NotImplementedError

    def sign(self, keys: tuple[bytes, ...], message: str) -> str:
        """The signatures, apart by spaces."""
        raise NotImplementedError

    def script(self, keys: tuple[bytes, ...]) -> str:
        """The script behind the address, hex, where there is one."""
        return ""


class OldBitcoin(Kind):
    """An address that begins with 1, and the "sign message" that wallets have had since 2011."""

    scheme = "bip137"

    def address(self, keys: tuple[bytes, ...]) -> str:
        return BitcoinAddress(Lock.P2PKH, hash160(public(keys[0]))).text

    def sign(self, keys: tuple[bytes, ...], message: str) -> str:
        return bitcoin_signature(keys[0], message)


class Multisig(Kind):
    """Two of three keys: two of their holders sign."""

    scheme = "bip137-multisig"
    needs = 3

    def address(self, keys: tuple[bytes, ...]) -> str:
        return BitcoinAddress(Lock.P2WSH, sha256(bytes.fromhex(self.script(keys)))).text

    def sign(self, keys: tuple[bytes, ...], message: str) -> str:
        return " ".join(bitcoin_signature(key, message) for key in keys[:2])

    def script(self, keys: tuple[bytes, ...]) -> str:
        pushes = b"".join(b"\x21" + public(key) for key in keys)
        return (b"\x52" + pushes + b"\x53\xae").hex()


class Segwit(Kind):
    """An address that begins with bc1q; BIP-322: the message is signed as if it were a payment."""

    scheme = "bip322-simple"

    def address(self, keys: tuple[bytes, ...]) -> str:
        return self._lock(keys).text

    def sign(self, keys: tuple[bytes, ...], message: str) -> str:
        lock = self._lock(keys)
        digest = bip322.segwit_digest(lock.script_pub_key, lock.program, message.encode())
        _, r, s = ecdsa(keys[0], digest)
        return witness(encode_dss_signature(r, s) + bytes([bip322.SIGHASH_ALL]), public(keys[0]))

    def _lock(self, keys: tuple[bytes, ...]) -> BitcoinAddress:
        return BitcoinAddress(Lock.P2WPKH, hash160(public(keys[0])))


class Taproot(Kind):
    """An address that begins with bc1p; BIP-322 with a Schnorr signature of the key that BIP-86 derives."""

    scheme = "bip322-simple"

    def address(self, keys: tuple[bytes, ...]) -> str:
        return self._lock(keys).text

    def sign(self, keys: tuple[bytes, ...], message: str) -> str:
        digest = bip322.taproot_digest(self._lock(keys).script_pub_key, message.encode(), bip322.SIGHASH_DEFAULT)
        return witness(schnorr(self._tweaked(keys), digest))

    def _lock(self, keys: tuple[bytes, ...]) -> BitcoinAddress:
        return BitcoinAddress(Lock.P2TR, (self._tweaked(keys) * G).to_bytes()[1:])

    def _tweaked(self, keys: tuple[bytes, ...]) -> int:
        secret = even(int.from_bytes(keys[0], "big"))
        tweak = bip340_tagged("TapTweak", (secret * G).to_bytes()[1:])
        return even((secret + int.from_bytes(tweak, "big")) % N)


@dataclass(frozen=True)
class Recoverable(Kind):
    """Ethereum and its relatives, and TRON: the address can be computed from the signature."""

    scheme: str
    digest: Callable[[bytes], bytes]
    of_key: Callable[..., str]

    def address(self, keys: tuple[bytes, ...]) -> str:
        return self.of_key(int.from_bytes(keys[0], "big") * G)

    def sign(self, keys: tuple[bytes, ...], message: str) -> str:
        parity, r, s = ecdsa(keys[0], self.digest(message.encode()))
        return "0x" + (r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([27 + parity])).hex()


class Solana(Kind):
    """The address is the Ed25519 key."""

    scheme = "ed25519"

    def address(self, keys: tuple[bytes, ...]) -> str:
        return base58.encode(Ed25519PrivateKey.from_private_bytes(keys[0]).public_key().public_bytes_raw())

    def sign(self, keys: tuple[bytes, ...], message: str) -> str:
        return base58.encode(Ed25519PrivateKey.from_private_bytes(keys[0]).sign(message.encode()))


EVM: Final = Recoverable("eip191", messages.eip191_digest, evm_address)
WALLETS: Final = (
    Wallet("old-wallet", OldBitcoin(), ((BITCOIN, "BTC", "9000"),)),
    Wallet("board", Multisig(), ((BITCOIN, "BTC", "4000"),)),
    Wallet("cold-store", Segwit(), ((BITCOIN, "BTC", "12000"),)),
    Wallet("new-cold-store", Taproot(), ((BITCOIN, "BTC", "17000"),)),
    Wallet(
        "smart-chains",
        EVM,
        (
            ("eip155:1", "ETH", "90000"),
            ("eip155:1", "SHIB", "60000"),
            ("eip155:10", "ETH", "10000"),
            ("eip155:56", "BNB", "52000"),
        ),
    ),
    Wallet("tron", Recoverable("tron-v2", messages.tron_v2_digest, tron_address), ((TRON, "USDT", "20000000"),)),
    Wallet("solana", Solana(), ((SOLANA, "USDT", "25000000"),)),
)


def public(key: bytes) -> bytes:
    """The compressed public key."""
    return (int.from_bytes(key, "big") * G).to_bytes()


def even(secret: int) -> int:
    """The private key of the same point with an even y, as Schnorr signatures want it."""
    return secret if (secret * G).y % 2 == 0 else N - secret


def ecdsa(key: bytes, digest: bytes) -> tuple[int, int, int]:
    """(parity of R, r, low s)."""
    v, r, s = curve.ecdsa_raw_sign(digest, key)
    return v - 27, r, s


def bitcoin_signature(key: bytes, message: str) -> str:
    """A Bitcoin signed message of a compressed key."""
    parity, r, s = ecdsa(key, messages.bitcoin_digest(message.encode()))
    return b64encode(bytes([31 + parity]) + r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()


def schnorr(secret: int, digest: bytes) -> bytes:
    """BIP-340, with a random nonce; ``secret`` has an even y."""
    nonce = even(1 + secrets.randbelow(N - 1))
    r, key = (nonce * G).to_bytes()[1:], (secret * G).to_bytes()[1:]
    e = int.from_bytes(bip340_tagged("BIP0340/challenge", r + key + digest), "big")
    return r + ((nonce + e * secret) % N).to_bytes(32, "big")


def witness(*items: bytes) -> str:
    """A BIP-322 "simple" signature."""
    body = b"".join(bytes([len(item)]) + item for item in items)
    return b64encode(bytes([len(items)]) + body).decode()


def new(keys: Path, accounts: Path) -> None:
    """Make every wallet; the private keys go into ``keys``, the accounts into ``accounts``."""
    made = {w.name: [fresh_key().hex() for _ in range(w.kind.needs)] for w in WALLETS}
    keys.touch(mode=0o600, exist_ok=False)
    keys.write_text(json.dumps(made, indent=1))
    with accounts.open("x") as file:
        for wallet in opened(keys):
            for account in wallet.accounts():
                print(f"{account}  # {wallet.name}", file=file)
    print(accounts.read_text(), end="")


def fresh_key() -> bytes:
    """A private key that every curve here takes."""
    return (1 + secrets.randbelow(N - 1)).to_bytes(32, "big")


def opened(keys: Path) -> Iterable[Wallet]:
    """The wallets with their keys."""
    known = json.loads(keys.read_text())
    return [Wallet(w.name, w.kind, w.holds, tuple(bytes.fromhex(key) for key in known[w.name])) for w in WALLETS]


def answer(keys: Path, asked: Path, answers: Path) -> None:
    """Fill in the table ``asked``."""
    with asked.open(newline="") as file:
        table = csv.DictReader(file)
        messages_of = {row["account"]: row["message"] for row in table}
        header = list(table.fieldnames or ())
    with answers.open("x", newline="") as file:
        writer = csv.DictWriter(file, header, restval="", lineterminator="\n")
        writer.writeheader()
        for wallet in opened(keys):
            for row in wallet.rows(messages_of):
                writer.writerow({**row, "message": messages_of[row["account"]]})
                print(f"{row['id']}: {row['coins']} {row['asset']}, signed as {row['scheme']}")


def main() -> None:
    """``new KEYS ACCOUNTS`` or ``answer KEYS ASKED ANSWERS``."""
    parser = argparse.ArgumentParser(description="The owners of the demo's addresses.")
    commands = parser.add_subparsers(required=True)
    for run, names in ((new, ("keys", "accounts")), (answer, ("keys", "asked", "answers"))):
        command = commands.add_parser(run.__name__)
        for name in names:
            command.add_argument(name, type=Path)
        command.set_defaults(run=run)
    typed = vars(parser.parse_args())
    typed.pop("run")(**typed)


if __name__ == "__main__":
    main()
