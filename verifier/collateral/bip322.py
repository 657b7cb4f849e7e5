"""BIP-322 "simple" signatures: a witness that would spend a transaction which cannot exist.

``to_spend`` commits to the message and pays to the address, ``to_sign`` spends it. One key alone unlocks: P2WPKH,
P2SH-P2WPKH and the key path of P2TR; scripts are UNSUPPORTED.
"""

from __future__ import annotations

from typing import Final

from verifier.collateral import ecdsa, schnorr
from verifier.collateral.bitcoin import BitcoinAddress, Lock, unlocked_by
from verifier.collateral.hashes import bip340_tagged, hash160, sha256, sha256d
from verifier.collateral.messages import varstr
from verifier.dsse import decode_base64
from verifier.errors import Malformed

LOCKS: Final = (Lock.P2WPKH, Lock.P2SH, Lock.P2TR)
OTHER_VARIANTS: Final = ("ful", "pof")
SIMPLE_VARIANT: Final = "smp"
SIGHASH_DEFAULT: Final = 0
SIGHASH_ALL: Final = 1
MAX_ITEMS: Final = 2

_ZERO4: Final = bytes(4)
_ZERO8: Final = bytes(8)
_OP_RETURN_OUTPUT: Final = _ZERO8 + varstr(b"\x6a")


def message_hash(message: bytes) -> bytes:
    """What ``to_spend`` commits to."""
    return bip340_tagged("BIP0322-signed-message", message)


def to_spend_id(script_pub_key: bytes, message: bytes) -> bytes:
    """Transaction id of ``to_spend``, in the byte order of the wire."""
    script_sig = b"\x00\x20" + message_hash(message)
    spent = bytes(32) + b"\xff" * 4 + varstr(script_sig) + _ZERO4
    return sha256d(_ZERO4 + b"\x01" + spent + b"\x01" + _ZERO8 + varstr(script_pub_key) + _ZERO4)


def to_sign_id(script_pub_key: bytes, message: bytes) -> bytes:
    """Transaction id of ``to_sign`` for an address whose input script is empty, in the byte order of the wire."""
    spent = to_spend_id(script_pub_key, message) + _ZERO4 + varstr(b"") + _ZERO4
    return sha256d(_ZERO4 + b"\x01" + spent + b"\x01" + _OP_RETURN_OUTPUT + _ZERO4)


def verify(address: BitcoinAddress, message: bytes, signature: str) -> bool:
    """Whether ``signature`` (base64, with or without "smp" before it) is the owner's.

    Raises Malformed for what is no witness of one key. ``address`` has one of ``LOCKS``.
    """
    witness = parse_witness(decode_base64(signature.removeprefix(SIMPLE_VARIANT), "signatures"))
    if address.lock is Lock.P2TR:
        return len(witness) == 1 and _key_path(address, message, witness[0])
    return len(witness) == 2 and _key_hash(address, message, witness[0], witness[1])


def parse_witness(data: bytes) -> list[bytes]:
    """The items of a witness of at most two items of less than 253 bytes. Raises Malformed (E_LINE_SIGNATURE)."""
    count, rest = (data[0], data[1:]) if data else (0, b"")
    items = []
    for _ in range(count if count <= MAX_ITEMS else 0):
        length = rest[0] if rest and rest[0] < 0xFD else len(rest)
        items.append(rest[1 : 1 + length])
        rest = rest[1 + length :] if len(rest) > length else b"?"
    if not items or rest:
        raise Malformed("not the witness of a single key", where="signatures", code="E_LINE_SIGNATURE")
    return items


def _key_hash(address: BitcoinAddress, message: bytes, signature: bytes, public_key: bytes) -> bool:
    """P2WPKH, also inside P2SH: the signature is DER and SIGHASH_ALL, the key compressed."""
    if len(public_key) != 33 or signature[-1:] != bytes([SIGHASH_ALL]) or not unlocked_by(address, public_key):
        return False
    digest = segwit_digest(address.script_pub_key, hash160(public_key), message)
    return ecdsa.verify_der(public_key, digest, signature[:-1])


def segwit_digest(script_pub_key: bytes, key_hash: bytes, message: bytes) -> bytes:
    """BIP-143, SIGHASH_ALL, for the one input and the one output of ``to_sign``."""
    outpoint = to_spend_id(script_pub_key, message) + _ZERO4
    script_code = varstr(b"\x76\xa9\x14" + key_hash + b"\x88\xac")
    parts = [_ZERO4, sha256d(outpoint), sha256d(_ZERO4), outpoint, script_code, _ZERO8, _ZERO4]
    return sha256d(b"".join(parts) + sha256d(_OP_RETURN_OUTPUT) + _ZERO4 + SIGHASH_ALL.to_bytes(4, "little"))


def _key_path(address: BitcoinAddress, message: bytes, signature: bytes) -> bool:
    """P2TR: 64 bytes for SIGHASH_DEFAULT, or 65 that end in SIGHASH_ALL."""
    kind = signature[64] if len(signature) == 65 else SIGHASH_DEFAULT
    if len(signature) not in (64, 65) or (len(signature) == 65 and kind != SIGHASH_ALL):
        return False
    return schnorr.verify(address.program, taproot_digest(address.script_pub_key, message, kind), signature[:64])


def taproot_digest(script_pub_key: bytes, message: bytes, kind: int) -> bytes:
    """BIP-341, key path, no annex."""
    outpoint = to_spend_id(script_pub_key, message) + _ZERO4
    hashed = [outpoint, _ZERO8, varstr(script_pub_key), _ZERO4, _OP_RETURN_OUTPUT]
    signed = bytes([0, kind]) + _ZERO4 + _ZERO4 + b"".join(sha256(part) for part in hashed) + b"\0" + _ZERO4
    return bip340_tagged("TapSighash", signed)
