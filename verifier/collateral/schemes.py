"""One function per scheme of docs/collateral.md: what must be recovered, and what it must equal.

A scheme reads a claim and returns ``Pending``: the keys it needs recovered and a decision over them. Schemes that
recover nothing decide at once. Refusals are raised: Rejected and Malformed mean INVALID, Unavailable UNSUPPORTED.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from verifier.collateral import bip322, bls, ed25519, messages, multisig
from verifier.collateral.accounts import BITCOIN, Account, evm_address, solana_key, tron_address
from verifier.collateral.bitcoin import BitcoinAddress, Lock, parse_address, unlocked_by
from verifier.collateral.ecdsa import RecoverableSignature
from verifier.collateral.evidence import OwnershipClaim
from verifier.collateral.signatures import (
    base58_signature,
    bitcoin_signature,
    evm_signature,
    hex_bytes,
    prefixed_hex,
    readable,
)
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.group import Point

Request: TypeAlias = tuple[bytes, RecoverableSignature]
Keys: TypeAlias = Sequence[Point | None]
Scheme: TypeAlias = Callable[[OwnershipClaim, Account, bytes], "Pending"]
"""(claim, its account, its message as bytes) -> Pending."""


@dataclass(frozen=True, slots=True)
class Pending:
    """``requests`` to recover keys for, and ``decide``, which gets them in order and returns the reason of VALID."""

    requests: tuple[Request, ...]
    decide: Callable[[Keys], str]


def _decided(reason: str) -> Pending:
    return Pending((), lambda _: reason)


def _wrong_signature(message: str = "no signature was made by the key of this account") -> Rejected:
    return Rejected(message, where="signatures", code="E_LINE_SIGNATURE")


def unsupported(message: str, where: str = "scheme") -> Unavailable:
    """The error of everything that is not understood."""
    return Unavailable(
        message, where=where, code="E_LINE_UNSUPPORTED", hint="list it as a custody line that an observer signs"
    )


# Bitcoin

_COMPRESSED_FROM: Final = 31
_HEADERS: Final = (
    (range(27, 31), (Lock.P2PKH,)),
    (range(31, 35), (Lock.P2PKH, Lock.P2SH, Lock.P2WPKH)),  # wallets write 31..34 for segwit addresses too
    (range(35, 39), (Lock.P2SH,)),
    (range(39, 43), (Lock.P2WPKH,)),
)
_HEADER_LOCKS: Final = frozenset((header, lock) for headers, locks in _HEADERS for header in headers for lock in locks)


def bip137(claim: OwnershipClaim, account: Account, message: bytes) -> Pending:
    """A Bitcoin signed message of one key: P2PKH, P2SH-P2WPKH or P2WPKH."""
    address = parse_address(account.address, "account")
    if address.lock in (Lock.P2WSH, Lock.P2TR):
        raise unsupported(f"a {address.lock.value} address cannot be derived from one recovered key", "account")
    signed = readable(claim.signatures, bitcoin_signature)
    fitting = [(header, signature) for header, signature in signed if _header_allows(header, address)]
    digest = messages.bitcoin_digest(message)

    def decide(keys: Keys) -> str:
        for (header, _), key in zip(fitting, keys, strict=True):
            if key is not None and unlocked_by(address, _encoded(key, header)):
                return f"signed by the key of this {address.lock.value} address"
        raise _wrong_signature()

    return Pending(tuple((digest, signature) for _, signature in fitting), decide)


def bip137_multisig(claim: OwnershipClaim, account: Account, message: bytes) -> Pending:
    """Bitcoin signed messages of m distinct keys of an m-of-n script."""
    address = parse_address(account.address, "account")
    script = multisig.locked_keys(address, hex_bytes(claim.script, "script", "E_LINE_SCRIPT"))
    signed = [pair for pair in readable(claim.signatures, bitcoin_signature) if _header_allows(pair[0], None)]
    digest = messages.bitcoin_digest(message)

    def decide(keys: Keys) -> str:
        found = zip(signed, keys, strict=True)
        signers = {key for (header, _), key in found if key is not None and _encoded(key, header) in script.keys}
        if len(signers) < script.threshold:
            raise _wrong_signature(f"{len(signers)} keys of the script signed, {script.threshold} must")
        return f"signed by {len(signers)} keys of a {script.threshold}-of-{len(script.keys)} script"

    return Pending(tuple((digest, signature) for _, signature in signed), decide)


def _header_allows(header: int, address: BitcoinAddress | None) -> bool:
    """Whether the header byte speaks of this kind of address; keys of scripts sign as P2PKH keys do."""
    return (header, Lock.P2PKH if address is None else address.lock) in _HEADER_LOCKS


def _encoded(key: Point, header: int) -> bytes:
    return key.to_bytes() if header >= _COMPRESSED_FROM else b"\x04" + key.to_xy()


def bip322_simple(claim: OwnershipClaim, account: Account, message: bytes) -> Pending:
    """A BIP-322 simple signature."""
    address = parse_address(account.address, "account")
    if address.lock not in bip322.LOCKS:
        raise unsupported(f"a BIP-322 signature of a {address.lock.value} address cannot be checked", "account")
    simple = [text for text in claim.signatures if not text.startswith(bip322.OTHER_VARIANTS)]
    if any(readable(simple, lambda text: bip322.verify(address, message, text))):
        return _decided(f"signed by the key of this {address.lock.value} address")
    if len(simple) < len(claim.signatures):
        raise unsupported("only the simple variant of BIP-322 can be checked", "signatures")
    raise _wrong_signature()


# Ethereum, TRON and what OKX made of them


def _recovered(digest_of: messages.Digest, address_of: Callable[[Point], str]) -> Scheme:
    """A scheme that recovers a key and compares its address."""

    def scheme(claim: OwnershipClaim, account: Account, message: bytes) -> Pending:
        digest = digest_of(message)
        signed = readable(claim.signatures, evm_signature)

        def decide(keys: Keys) -> str:
            if any(key is not None and address_of(key) == account.address for key in keys):
                return "signed by the key of this account"
            raise _wrong_signature()

        return Pending(tuple((digest, signature) for signature in signed), decide)

    return scheme


# Ed25519


def _solana(text_of: messages.Digest, decode: Callable[[str], bytes]) -> Scheme:
    """A Solana account: the address is the public key."""

    def scheme(claim: OwnershipClaim, account: Account, message: bytes) -> Pending:
        key = hex_bytes(claim.public_key, "public_key", "E_LINE_KEY")
        if key != solana_key(account.address):
            raise Rejected("the public key is not that of this account", where="public_key", code="E_LINE_KEY")
        signed = readable(claim.signatures, decode)
        if any(ed25519.verify(key, text_of(message), signature) for signature in signed):
            return _decided("signed by the key of this account")
        raise _wrong_signature()

    return scheme


def _as_it_is(message: bytes) -> bytes:
    return message


# BLS12-381


def _validator(text_of: messages.Digest) -> Scheme:
    """A validator: its account is ``<chain>:0x<public key>``."""

    def scheme(claim: OwnershipClaim, account: Account, message: bytes) -> Pending:
        key = hex_bytes(claim.public_key, "public_key", "E_LINE_KEY")
        if account.address != "0x" + key.hex():
            raise Rejected("the public key is not that of this validator", where="public_key", code="E_LINE_KEY")
        signed = readable(claim.signatures, prefixed_hex)
        if any(bls.verify(key, text_of(message), signature) for signature in signed):
            return _decided("signed by the validator's key")
        raise _wrong_signature("no signature was made by the validator's key")

    return scheme


def _never_a_root(message: bytes) -> bytes:
    """The message itself, unless it has the 32 bytes of a consensus signing root: then it may be a validator's duty."""
    if len(message) == 32:
        raise Malformed(
            "32 bytes signed by a validator may be a consensus root", where="message", code="E_LINE_SIGNATURE"
        )
    return message


SCHEMES: Final[dict[tuple[str, str], Scheme]] = {
    ("bip137", "bip122"): bip137,
    ("bip137-multisig", "bip122"): bip137_multisig,
    ("bip322-simple", "bip122"): bip322_simple,
    ("eip191", "eip155"): _recovered(messages.eip191_digest, evm_address),
    ("okx-eip191", "eip155"): _recovered(messages.okx_eip191_digest, evm_address),
    ("okx-ecdsa", "eip155"): _recovered(messages.okx_ecdsa_digest, evm_address),
    ("tron-v1", "tron"): _recovered(messages.tron_v1_digest, tron_address),
    ("tron-v2", "tron"): _recovered(messages.tron_v2_digest, tron_address),
    ("ed25519", "solana"): _solana(_as_it_is, base58_signature),
    ("okx-ed25519", "solana"): _solana(messages.okx_message, prefixed_hex),
    ("bls12381", "eip155"): _validator(_never_a_root),
    ("okx-bls", "eip155"): _validator(messages.okx_eip191_digest),
}
"""By scheme and CAIP-2 namespace: a signature scheme on a chain whose addresses it does not derive is no evidence."""


def find_scheme(name: str, account: Account) -> Scheme:
    """The scheme ``name`` for this account. Raises Unavailable (E_LINE_UNSUPPORTED)."""
    scheme = SCHEMES.get((name, account.namespace))
    if scheme is None or (account.namespace == "bip122" and account.chain != BITCOIN):
        raise unsupported(f"{name[:40]!r} signatures cannot be checked for accounts of {account.chain}")
    return scheme
