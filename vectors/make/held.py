"""What the exchange with a policy holds: wallets whose keys are known, one custodian, one bank, two published rows."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from py_ecc.bls.ciphersuites import G2ProofOfPossession
from py_ecc.secp256k1 import secp256k1 as curve

from attest.collateral import Challenge, CollateralFiles, Openings
from attest.collateral.openings import Opening
from vectors.make.build import EXCHANGE, secret
from vectors.make.roles import STATIC, UNITS, sign
from verifier.collateral import (
    AddressBacking,
    Beacon,
    ChainHead,
    Custody,
    Entry,
    EntryBacking,
    Line,
    Statement,
    ValidatorBacking,
    base58,
    messages,
)
from verifier.collateral.accounts import BITCOIN, evm_address
from verifier.collateral.bitcoin import BitcoinAddress, Lock
from verifier.collateral.hashes import hash160
from verifier.collateral.okx import import_okx
from verifier.collateral.okx_units import SOLANA
from verifier.group import G
from verifier.hashing import N

DAY: Final = 86_400
PUBLISHED: Final = Path(__file__).with_name("okx_por_2022-11-22.csv")
"""Rows of github.com/okx/proof-of-reserves, example/okx_por_example.csv at 563eaa1 (MIT), unchanged."""
BTC, ETH, USDT = (next(iter(UNITS[sym])) for sym in ("BTC", "ETH", "USDT"))
HIDDEN: Final = Opening(120_000_000, int.from_bytes(secret("custodian's blinding"), "big") % N)


class Wallet:
    """A secp256k1 key of these vectors; nonces are those of RFC 6979."""

    def __init__(self, name: str) -> None:
        self.secret = secret(f"wallet {name}")
        self.key = int.from_bytes(self.secret, "big") % N * G

    @property
    def bitcoin_account(self) -> str:
        """Its P2WPKH address."""
        return f"{BITCOIN}:{BitcoinAddress(Lock.P2WPKH, hash160(self.key.to_bytes())).text}"

    @property
    def evm_account(self) -> str:
        """Its address on Ethereum."""
        return f"eip155:1:{evm_address(self.key)}"

    def bitcoin(self, message: str) -> str:
        """A Bitcoin signed message of a P2WPKH address."""
        v, r, s = curve.ecdsa_raw_sign(messages.bitcoin_digest(message.encode()), self.secret)
        return base64.b64encode(bytes([39 + v - 27]) + r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()

    def evm(self, message: str) -> str:
        """An EIP-191 signature."""
        v, r, s = curve.ecdsa_raw_sign(messages.eip191_digest(message.encode()), self.secret)
        return "0x" + (r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([v])).hex()


def challenge(epoch: int, taken_at: int) -> Challenge:
    """Of an epoch, from a beacon ten minutes older."""
    beacon = Beacon("drand", 4_000_000 + epoch, taken_at - 600, secret(f"beacon {epoch}").hex())
    return Challenge(EXCHANGE, epoch, beacon)


def collateral(epoch: int, taken_at: int) -> CollateralFiles:
    """The working files of an epoch; only the first one has a validator, whose signature is slow to check."""
    asked = challenge(epoch, taken_at)
    vault, bank = custodian(asked, taken_at), deposits(taken_at)
    own = [bitcoin_line(asked), ether_line(asked), dollar_line(asked), *([validator_line(asked)] if epoch == 1 else [])]
    lines = (*own, *vouched(0, vault.custody), *vouched(1, bank.custody), *published())
    openings = Openings({(vault.envelope.digest, 0): HIDDEN})
    heads = {name: ChainHead(900_000 * n + epoch, f"{n:064x}", taken_at - n) for n, name in enumerate(CHAINS, 1)}
    return CollateralFiles(Path(), asked, heads, ("vault.json", "bank.json"), (vault, bank), lines, openings)


CHAINS: Final = (BITCOIN, "eip155:1", SOLANA)


def bitcoin_line(asked: Challenge) -> Line:
    """One bitcoin in an address of the exchange."""
    wallet = Wallet("bitcoin")
    account = wallet.bitcoin_account
    backing = AddressBacking(account, "bip137", (wallet.bitcoin(asked.message(account)),))
    return Line("own-btc", "address", "BTC", BTC, "cold", 100_000_000, 0, backing)


def ether_line(asked: Challenge) -> Line:
    """55 ether and a rest that no base unit of the book shows, of which one is pledged."""
    wallet = Wallet("ether")
    account = wallet.evm_account
    backing = AddressBacking(account, "eip191", (wallet.evm(asked.message(account)),))
    return Line("own-eth", "address", "ETH", ETH, "cold", 55 * 10**18 + 7, 10**18, backing)


def dollar_line(asked: Challenge) -> Line:
    """Dollars of the insurance fund on Solana."""
    key = Ed25519PrivateKey.from_private_bytes(secret("wallet solana"))
    public = key.public_key().public_bytes_raw()
    account = f"{SOLANA}:{base58.encode(public)}"
    signature = base58.encode(key.sign(asked.message(account).encode()))
    backing = AddressBacking(account, "ed25519", (signature,), public_key=public.hex())
    return Line("fund-usdt", "address", "USDT", list(UNITS["USDT"])[1], "fund", 1_000_000_000, 0, backing)


def validator_line(asked: Challenge) -> Line:
    """A validator of Ethereum."""
    private = int.from_bytes(secret("validator")[:31], "big")
    key = bytes(G2ProofOfPossession.SkToPk(private)).hex()
    message = asked.message_as(f"eip155:1:0x{key}")
    signature = "0x" + bytes(G2ProofOfPossession.Sign(private, message.encode())).hex()
    backing = ValidatorBacking("eip155:1", key, "01" + "00" * 31, "bls12381", (signature,))
    return Line("validator", "validator", "ETH", ETH, "cold", 32 * 10**18, 0, backing)


def custodian(asked: Challenge, taken_at: int) -> Statement:
    """Bitcoin whose amount is hidden, and dollars, of which some are pledged."""
    entries = (
        Entry("BTC", BTC, HIDDEN.commitment, 0, "account 1", taken_at - 60, (Wallet("custodian").bitcoin_account,)),
        Entry("USDT", USDT, 190_000_000_000, 5_000_000_000, "account 2", taken_at - 60, ()),
    )
    until = taken_at + 30 * DAY
    return stated(Custody("vault", "custody", EXCHANGE, asked.epoch, asked.value, taken_at - 30, until, entries))


def deposits(taken_at: int) -> Statement:
    """Money in a bank, by a statement that belongs to no epoch."""
    entry = Entry("USD", "iso4217:USD", 600_000, 0, "account 3", taken_at - 3600, ())
    return stated(Custody("first", "bank", EXCHANGE, 0, "", taken_at - 3600, taken_at + 30 * DAY, (entry,)))


def stated(custody: Custody) -> Statement:
    """Signed by its issuer."""
    return Statement(sign("custody", custody.to_payload(), custody.role), custody)


def vouched(number: int, custody: Custody) -> Iterable[Line]:
    """A line for each entry."""
    for i, entry in enumerate(custody.entries):
        name = f"{custody.issuer}-{entry.asset}"
        backing = EntryBacking(number, i)
        yield Line(name, custody.kind, entry.asset, entry.unit, "cold", entry.value, entry.encumbered, backing)


def published() -> Iterable[Line]:
    """A multisig address in bitcoin and an address in ether, as an exchange published them with its static message."""
    for row in import_okx(PUBLISHED.read_text("utf-8")).lines:
        backing = AddressBacking(row.account, row.scheme, row.signatures, row.script, row.public_key, STATIC)
        yield Line(f"published-{row.asset}", "address", row.asset, row.unit, "cold", row.amount, 0, backing)
