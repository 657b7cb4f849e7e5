"""BLS12-381 validator keys, Ethereum's proof-of-possession ciphersuite. py_ecc.bls is imported when one is met."""

from __future__ import annotations

from typing import Any


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (96 bytes) is the key's (48 bytes) on ``message``.

    The key must be a point of the subgroup and not the identity (KeyValidate).
    """
    from py_ecc.bls.ciphersuites import G2ProofOfPossession

    suite: Any = G2ProofOfPossession  # py_ecc's own types for keys and signatures are bytes
    if len(public_key) != 48 or len(signature) != 96:
        return False
    try:
        return bool(suite.Verify(public_key, message, signature))
    except (ValueError, AssertionError, ArithmeticError):
        return False
