"""Collateral snapshots of tests: an exchange with wallets, a validator, a custodian, a bank, and what they sign."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from py_ecc.bls.ciphersuites import G2ProofOfPossession

from attest.signing import LocalSigner
from tests.support.wallets import Wallet
from verifier.collateral import (
    AddressBacking,
    AssetUnits,
    Beacon,
    ChainHead,
    Custody,
    Entry,
    EntryBacking,
    Facts,
    Line,
    LineVerdict,
    Rules,
    Snapshot,
    Statement,
    ValidatorBacking,
    challenge,
    judge_snapshot,
    ownership_message,
)
from verifier.collateral.accounts import BITCOIN
from verifier.collateral.bitcoin import Lock
from verifier.collateral.custody import PAYLOAD_TYPE
from verifier.collateral.okx_units import SOLANA, TRON
from verifier.dsse import Envelope, key_id, pre_authentication_encoding
from verifier.errors import Rejected
from verifier.group import Point, value_commitment

EXCHANGE, EPOCH, TAKEN_AT = "ex.example", 7, 1_700_000_000
POLICY: Final = "ab" * 32
BTC: Final = f"{BITCOIN}/slip44:0"
ETH: Final = "eip155:1/slip44:60"
USDT: Final = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"
USD: Final = "iso4217:USD"
STATIC: Final = "I am an exchange's address"
ROLES: Final = ("custodian/vault", "custodian/other", "bank/first", "issuer/bonds", "backstop/fund", "observer")

BEACON: Final = Beacon("drand", 4_000_000, TAKEN_AT - 600, "be" * 32)
CHALLENGE: Final = challenge(EXCHANGE, EPOCH, BEACON.to_json())
CHAINS: Final = {
    name: ChainHead(1000 * n, f"{n:064x}", TAKEN_AT - n)
    for n, name in enumerate((BITCOIN, "eip155:1", "eip155:10", TRON, SOLANA), 1)
}
RULES: Final = Rules(
    legacy="count",
    legacy_messages=(STATIC,),
    amounts="exchange",
    beacon_age_s=3600,
    skew_s=300,
    finality={**dict.fromkeys(CHAINS, 12), BITCOIN: 6},
    valuation_age_s=86_400,
    assets={
        "BTC": AssetUnits(8, {BTC: 8}),
        "ETH": AssetUnits(9, {ETH: 18, "eip155:10/slip44:60": 18}),
        "USDT": AssetUnits(6, {USDT: 6, "eip155:10/erc20:0x" + "94" * 20: 6, f"{TRON}/trc20:TX": 6}),
        "USD": AssetUnits(2, {USD: 0, "isin:US0378331005": 4}),
        "SOL": AssetUnits(9, {f"{SOLANA}/slip44:501": 9}),
    },
    pools=frozenset({"hot", "cold"}),
)
FACTS: Final = Facts(EXCHANGE, EPOCH, TAKEN_AT, POLICY)
V: Final = value_commitment(1234, 99)
WALLET: Final = Wallet(4242)
VALIDATOR_SECRET: Final = 20250101


@cache
def signer(role: str) -> LocalSigner:
    """The key of a role; nobody else's."""
    return LocalSigner(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(role.encode()).digest()))


def require_role(role: str, envelope: Envelope) -> None:
    """What a root document with one key for each of ROLES demands."""
    if role not in ROLES:
        raise Rejected("there is no such role", where=role, code="E_TRUST_ROLE")
    envelope.require_signatures([signer(role).public_key], 1, role)


def message(account: str, *, epoch: int = EPOCH) -> str:
    """M for an owner as spelled here."""
    return ownership_message(EXCHANGE, epoch, account, CHALLENGE)


def backed(line: Line, **changes: Any) -> Line:
    """The line with other members of its backing."""
    return replace(line, backing=replace(line.backing, **changes))


def bitcoin(wallet: Wallet = WALLET, amount: int = 100, lock: Lock = Lock.P2WPKH, **changes: Any) -> Line:
    """A fresh address line in BTC."""
    account = wallet.address(lock)
    header = {Lock.P2PKH: 31, Lock.P2SH: 35, Lock.P2WPKH: 39}[lock]
    backing = AddressBacking(account, "bip137", (wallet.bitcoin(message(account), header),))
    return replace(Line("btc", "address", "BTC", BTC, "hot", amount, 0, backing), **changes)


def ether(wallet: Wallet = WALLET, amount: int = 10**18, chain: int = 1, owner: str = "", **changes: Any) -> Line:
    """A fresh address line in ETH; ``owner`` is the spelling signed."""
    account = wallet.evm_account(chain)
    backing = AddressBacking(account, "eip191", (wallet.evm(message(owner or account)),))
    return replace(Line("eth", "address", "ETH", f"eip155:{chain}/slip44:60", "hot", amount, 0, backing), **changes)


def legacy(text: str = STATIC, wallet: Wallet = WALLET, **changes: Any) -> Line:
    """An address line whose signature is of ``text``."""
    account = wallet.address(Lock.P2WPKH)
    backing = AddressBacking(account, "bip137", (wallet.bitcoin(text, 39),), message=text)
    return replace(Line("old", "address", "BTC", BTC, "cold", 50, 0, backing), **changes)


@cache
def validator(secret: int = VALIDATOR_SECRET) -> Line:
    """A validator line."""
    key = bytes(G2ProofOfPossession.SkToPk(secret)).hex()
    signature = bytes(G2ProofOfPossession.Sign(secret, message(f"eip155:1:0x{key}").encode()))
    backing = ValidatorBacking("eip155:1", key, "01" + "00" * 31, "bls12381", ("0x" + signature.hex(),))
    return Line("val", "validator", "ETH", ETH, "cold", 32 * 10**18, 0, backing)


def entry(value: int | Point = 500, **changes: Any) -> Entry:
    """An entry in BTC."""
    return replace(Entry("BTC", BTC, value, 0, "account 1", TAKEN_AT - 60, ()), **changes)


def custody(*entries: Entry, **changes: Any) -> Custody:
    """A custodian's statement of this epoch."""
    plain = Custody("vault", "custody", EXCHANGE, EPOCH, CHALLENGE, TAKEN_AT, TAKEN_AT + 60, entries or (entry(),))
    return replace(plain, **changes)


def standing(kind: str, issuer: str, *entries: Entry, **changes: Any) -> Custody:
    """A statement that belongs to no epoch, as banks, issuers and backstops make."""
    return custody(*entries, issuer=issuer, kind=kind, **{"epoch": 0, "challenge": "", **changes})


def sign(document: Custody, *roles: str) -> Statement:
    """The statement signed by these roles; without any, by the one that should."""
    payload = document.to_payload()
    signers = [signer(role) for role in roles or (document.role,)]
    encoded = pre_authentication_encoding(PAYLOAD_TYPE, payload)
    signatures = sorted((key_id(s.public_key), s.sign(encoded)) for s in signers)
    return Statement(Envelope(PAYLOAD_TYPE, payload, tuple(signatures)), document)


def vouched(statement: int, number: int, document: Custody, **changes: Any) -> Line:
    """The line that repeats an entry."""
    said = document.entries[number]
    backing = EntryBacking(statement, number)
    line = Line("said", document.kind, said.asset, said.unit, "cold", said.value, said.encumbered, backing)
    return replace(line, **changes)


def snapshot(lines: Iterable[Line], statements: Iterable[Statement] = (), **changes: Any) -> Snapshot:
    """A snapshot of these lines."""
    plain = Snapshot(EXCHANGE, EPOCH, TAKEN_AT, POLICY, BEACON, CHAINS, tuple(statements), tuple(lines))
    return replace(plain, **changes)


@cache
def sample() -> Snapshot:
    """A snapshot with a line of every kind, all VALID, public and hidden."""
    documents = (
        custody(entry(), entry(V, reference="account 2", covers=(WALLET.tron_account,))),
        standing("bank", "first", entry(7, asset="USD", unit=USD, reference="DE00")),
        standing("rwa", "bonds", entry(123_456, asset="USD", unit="isin:US0378331005", encumbered=56)),
        standing("backstop", "fund", entry(V, asset="USD", unit=USD)),
    )
    lines = [bitcoin(), legacy(wallet=Wallet(77)), ether(), validator(), vouched(0, 0, documents[0])]
    lines += [vouched(0, 1, documents[0]), *(vouched(i, 0, documents[i]) for i in (1, 2, 3))]
    return snapshot((replace(line, id=f"{line.id}-{i}") for i, line in enumerate(lines)), map(sign, documents))


def judge(shot: Snapshot, rules: Rules = RULES, facts: Facts = FACTS) -> tuple[LineVerdict, ...]:
    """The verdicts under these rules."""
    return judge_snapshot(shot, rules, facts, require_role)


def shown(found: Iterable[LineVerdict]) -> list[str]:
    """Code of each line, or its verdict where it has none."""
    return [verdict.code or verdict.verdict.value for verdict in found]


def codes(*lines: Line, statements: Iterable[Statement] = (), rules: Rules = RULES, facts: Facts = FACTS) -> list[str]:
    """What becomes of these lines in a snapshot."""
    return shown(judge(snapshot(lines, statements), rules, facts))
