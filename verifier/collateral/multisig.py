"""m-of-n scripts: ``m k1 .. kn n CHECKMULTISIG`` and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from verifier.collateral.bitcoin import BitcoinAddress, Lock, witness_script
from verifier.collateral.hashes import hash160, sha256
from verifier.errors import Rejected, Unavailable

OP_1: Final = 0x51
OP_16: Final = 0x60
OP_CHECKMULTISIG: Final = 0xAE
MAX_P2SH_SCRIPT: Final = 520
"""A longer script cannot be pushed, so coins behind its hash are lost (BIP-16)."""

_KEY_HEADS: Final = {33: (2, 3), 65: (4,)}


@dataclass(frozen=True, slots=True)
class Multisig:
    """``threshold`` of ``keys`` must sign; keys are 33 or 65 bytes, as they stand in the script."""

    threshold: int
    keys: tuple[bytes, ...]


def parse_script(script: bytes) -> Multisig:
    """Read a script. Raises Unavailable (E_LINE_UNSUPPORTED) for every other kind of script."""
    keys = []
    position = 1
    while position < len(script) and script[position] in _KEY_HEADS:
        length = script[position]
        keys.append(script[position + 1 : position + 1 + length])
        position += 1 + length
    small = range(OP_1, OP_16 + 1)
    ends_well = len(script) == position + 2 and script[position] in small and script[-1] == OP_CHECKMULTISIG
    if not ends_well or script[0] not in small or not all(_well_formed(key) for key in keys):
        raise _unsupported("the script is not m-of-n keys and CHECKMULTISIG")
    threshold, count = script[0] - OP_1 + 1, script[position] - OP_1 + 1
    if count != len(keys) or threshold > count:
        raise _unsupported("the script asks for more keys than it has")
    return Multisig(threshold, tuple(keys))


def locked_keys(address: BitcoinAddress, script: bytes) -> Multisig:
    """The keys behind ``address``, whose script is ``script``.

    Raises Rejected (E_LINE_SCRIPT) unless the script hashes to the address, Unavailable for kinds not checked here.
    """
    if address.lock not in (Lock.P2SH, Lock.P2WSH):
        raise Rejected("this address has no script behind it", where="script", code="E_LINE_SCRIPT")
    if address.lock is Lock.P2SH and hash160(witness_script(sha256(script))) == address.program:
        raise _unsupported("a witness script inside P2SH cannot be checked")
    found = sha256(script) if address.lock is Lock.P2WSH else hash160(script)
    if found != address.program:
        raise Rejected("the script is not the one behind this address", where="script", code="E_LINE_SCRIPT")
    multisig = parse_script(script)
    if not _spendable(address, script, multisig):
        raise _unsupported("coins behind this script cannot be spent by ordinary means")
    return multisig


def _spendable(address: BitcoinAddress, script: bytes, multisig: Multisig) -> bool:
    if address.lock is Lock.P2WSH:
        return all(len(key) == 33 for key in multisig.keys)
    return len(script) <= MAX_P2SH_SCRIPT


def _well_formed(key: bytes) -> bool:
    return len(key) in _KEY_HEADS and key[0] in _KEY_HEADS[len(key)]


def _unsupported(message: str) -> Unavailable:
    return Unavailable(message, where="script", code="E_LINE_UNSUPPORTED")
