"""What owners sign: the ownership message, and the bytes each scheme makes of a message (docs/collateral.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from verifier import canonical, fields
from verifier.collateral.hashes import keccak256, sha256d
from verifier.errors import Malformed
from verifier.hashing import tagged

PREFIX: Final = "solvent/1 ownership "
BITCOIN_MAGIC: Final = b"Bitcoin Signed Message:\n"
OKX_MAGIC: Final = b"OKX Signed Message:\n"
ETHEREUM_MAGIC: Final = b"\x19Ethereum Signed Message:\n"
TRON_MAGIC: Final = b"\x19TRON Signed Message:\n"

Digest: TypeAlias = Callable[[bytes], bytes]


def challenge(exchange: str, epoch: int, beacon: Mapping[str, Any]) -> str:
    """The challenge of one snapshot, hex: it cannot be known before the beacon is.

    ``beacon`` is the snapshot's member ``{source, round, time, value}``.
    """
    document = {"exchange": exchange, "epoch": epoch, "beacon": dict(beacon)}
    return tagged("ownership", canonical.encode(document)).hex()


def ownership_message(exchange: str, epoch: int, owner: str, challenge_hex: str) -> str:
    """M, the line that ``owner`` signs. Raises Malformed when a field could be read in two ways."""
    fields.name(exchange, "exchange")
    fields.integer(epoch, "epoch")
    fields.digest(challenge_hex, "challenge")
    if not owner.isascii() or not owner.isprintable() or not owner or " " in owner:
        raise Malformed("an owner has no spaces and only ASCII", where="owner", code="E_LINE_ACCOUNT")
    return f"{PREFIX}exchange={exchange} epoch={epoch} owner={owner} challenge={challenge_hex}"


def compact_size(value: int) -> bytes:
    """Bitcoin's variable-length integer, in its shortest form."""
    if value < 0xFD:
        return bytes([value])
    size, head = next((s, h) for s, h in ((2, 0xFD), (4, 0xFE), (8, 0xFF)) if value < 1 << 8 * s)
    return bytes([head]) + value.to_bytes(size, "little")


def varstr(data: bytes) -> bytes:
    """``vs``: ``data`` behind its compact size."""
    return compact_size(len(data)) + data


def bitcoin_digest(message: bytes) -> bytes:
    """bip137: SHA256d(vs(magic) vs(M))."""
    return sha256d(varstr(BITCOIN_MAGIC) + varstr(message))


def eip191_digest(message: bytes) -> bytes:
    """eip191: keccak of the prefix, the length in decimal and M."""
    return keccak256(ETHEREUM_MAGIC + str(len(message)).encode() + message)


def okx_eip191_digest(message: bytes) -> bytes:
    """okx-eip191: M is hashed first, so the length is always 32."""
    return eip191_digest(keccak256(message))


def tron_v2_digest(message: bytes) -> bytes:
    """tron-v2: as eip191, with TRON's prefix."""
    return keccak256(TRON_MAGIC + str(len(message)).encode() + message)


def tron_v1_digest(message: bytes) -> bytes:
    """tron-v1: as okx-eip191, with TRON's prefix."""
    return tron_v2_digest(keccak256(message))


def okx_message(message: bytes) -> bytes:
    """okx-ed25519: vs(magic) vs(M)."""
    return varstr(OKX_MAGIC) + varstr(message)


def okx_ecdsa_digest(message: bytes) -> bytes:
    """okx-ecdsa: keccak of vs(magic) vs(M)."""
    return keccak256(okx_message(message))
