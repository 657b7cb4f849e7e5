"""Secrets and where they come from (docs/protocol.md, section 2, "Secrets").

Everything is derived from one master key of 32 bytes. Nothing here is ever written, logged or put into an error; the
holders below hide their contents from ``repr``.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from verifier.engine import Engine
from verifier.hashing import tagged
from verifier.inclusion import ACCOUNT_KEY_PREFIX
from verifier.reference import ReferenceEngine
from verifier.transcript import Transcript

REFERENCE: Final = ReferenceEngine()

Entropy = Callable[[int], bytes]
"""Returns that many fresh random bytes; ``os.urandom`` but in the generator of test vectors."""
ACCOUNT_INFO: Final = b"solvent/1/account"
BOOK_INFO: Final = b"solvent/1/book"


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The root of all secrets of an exchange: whoever holds it opens every book made with it."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != 32:
            raise ValueError("a master key has 32 bytes")

    def book_key(self, ctx: bytes) -> bytes:
        """The key of one run of one epoch."""
        return _hkdf(self.secret, ctx, BOOK_INFO)

    def accounts_key(self) -> bytes:
        """The key from which every account_key comes."""
        return _hkdf(self.secret, b"", ACCOUNT_INFO)

    def check(self) -> str:
        """A hash by which this key is known again, hex; it tells nothing about the key."""
        return tagged("master-check", self.accounts_key()).hex()

    def account_key(self, account_id: bytes) -> bytes:
        """The 32 bytes that are given to one customer, once."""
        return hmac.digest(self.accounts_key(), account_id, "sha256")


@dataclass(frozen=True, slots=True)
class Masks:
    """Fresh secret scalars for proofs: hedged, so that neither a weak random source nor a repeated run repeats one."""

    proof_key: bytes = field(repr=False)
    entropy: Entropy = field(default=os.urandom, repr=False)

    @classmethod
    def for_book(cls, book_key: bytes, entropy: Entropy = os.urandom) -> Masks:
        """Masks for the proofs of one run."""
        return cls(hmac.digest(book_key, b"proof", "sha256"), entropy)

    def group(self, transcript: Transcript, engine: Engine = REFERENCE) -> Iterator[int]:
        """One group of scalars, drawn anew for this state of the transcript: ``wide("mask", seed || u64(i))``."""
        seed = tagged("hedge", self.entropy(32) + self.proof_key + transcript.state)
        start = 0
        while True:
            count = max(1, start)  # twice as many each time: wide rows take thousands, most callers one
            scalars = engine.wide_each("mask", seed, start, count)
            yield from (int.from_bytes(scalars[i : i + 32], "big") for i in range(0, len(scalars), 32))
            start += count


def account_key_text(key: bytes) -> str:
    """An account_key as text, with the prefix that secret scanners find."""
    return ACCOUNT_KEY_PREFIX + key.hex()


def _hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=salt, info=info).derive(secret)
