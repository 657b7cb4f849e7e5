"""Books made the same way every time: fixed keys, fixed times, randomness from a hash of the book's name."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attest.book import RunKeys
from attest.epoch import build
from attest.ordered import Ledger, MemoryLedger
from attest.plan import Plan, Secrets, Tools
from attest.secrets import Entropy, MasterKey
from attest.signing import LocalSigner, sign_payload
from attest.store import Run
from verifier.attestation import Attestation, Identity
from verifier.engine import Engine, get_engine
from verifier.epoch import ATTESTATION, no_progress
from verifier.schema import Schema

TAKEN_AT: Final = 1_770_000_000
ISSUED_AT: Final = TAKEN_AT + 600
VALID_FOR: Final = 86_400
NOW: Final = ISSUED_AT + 60
EXCHANGE: Final = "exchange.example"


def secret(name: str) -> bytes:
    """32 bytes that nobody but these vectors uses."""
    return hashlib.sha256(b"solvent test vectors, secret: " + name.encode()).digest()


MASTER: Final = MasterKey(secret("master key"))
SIGNER: Final = LocalSigner(Ed25519PrivateKey.from_private_bytes(secret("signing key")))
STRANGER: Final = LocalSigner(Ed25519PrivateKey.from_private_bytes(secret("another signing key")))


def entropy_of(name: str) -> Entropy:
    """A stream of bytes that depends on ``name`` alone, in place of the operating system's randomness."""
    drawn = 0

    def draw(size: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return hashlib.shake_256(f"solvent test vectors, {name}, draw {drawn}".encode()).digest(size)

    return draw


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The engine that makes vectors."""
    return get_engine("reference")


@dataclass(frozen=True)
class Spec:
    """One book to make. ``accounts`` maps account id -> {column: base units}; ``previous`` names the book before it,
    ``later`` moves its times by seconds.
    """

    name: str
    about: str
    schema: Schema
    modes: tuple[str, ...]
    accounts: Mapping[str, Mapping[str, int]]
    chunk_bits: int = 16
    rows: str | int = "exact"
    sealed: bool = True
    exchange: str = EXCHANGE
    epoch: int = 1
    previous: str = ""
    later: int = 0

    def plan(self) -> Plan:
        """What the prover is told."""
        return Plan(
            exchange=self.exchange,
            schema=self.schema,
            modes=self.modes,
            taken_at=TAKEN_AT + 86_400 * (self.epoch - 1) + self.later,
            valid_for=VALID_FOR,
            rows=self.rows,
            chunk_bits=self.chunk_bits,
            sealed=self.sealed,
            issued_at=ISSUED_AT + 86_400 * (self.epoch - 1) + self.later,
        )


@dataclass(frozen=True)
class Made:
    """A finished book: every public file, and what its maker knows. ``before`` is the previous attestation's bytes."""

    spec: Spec
    attestation: Attestation
    files: Mapping[str, bytes]
    keys: RunKeys = field(repr=False)
    rows: tuple[tuple[bytes, tuple[tuple[int, int], ...]], ...] = field(repr=False)
    before: bytes | None = None

    @property
    def now(self) -> int:
        """The time at which it is audited."""
        return self.attestation.issued_at + 60


def make(spec: Spec, before: Made | None = None, ledger: Ledger | None = None) -> Made:
    """Build, prove and sign; the ledger may be given by those who cheat."""
    entropy = entropy_of(spec.name)
    plan = spec.plan()
    previous = hashlib.sha256(before.attestation.to_payload()).hexdigest() if before else ""
    identity = Identity(spec.exchange, spec.epoch, entropy(32).hex(), plan.taken_at, previous)
    rows = ledger or MemoryLedger(spec.schema, spec.accounts)
    secrets = Secrets(MASTER, SIGNER, entropy)
    with tempfile.TemporaryDirectory() as place:
        run = Run(spec.name, Path(place) / "public", Path(place) / "private")
        run.public.mkdir()
        run.private.mkdir()
        attestation = build(plan, identity, rows, secrets, run, Tools(engine(), no_progress))
        files = {path.name: path.read_bytes() for path in sorted(run.public.iterdir())}
    files[ATTESTATION] = sign(attestation.to_payload())
    (block,) = rows.blocks(attestation.accounts)
    ordered = tuple((block.accounts[i], tuple(block.rows.row(i))) for i in range(len(block.rows)))
    keys = RunKeys.derive(MASTER, attestation.ctx, entropy)
    return Made(spec, attestation, files, keys, ordered, before.files[ATTESTATION] if before else None)


def sign(payload: bytes) -> bytes:
    """The envelope of ``payload``, signed with the exchange's key."""
    return sign_payload(payload, SIGNER).to_bytes()
