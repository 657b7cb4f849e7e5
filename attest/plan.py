"""What is to be attested, with which keys and tools, and what comes out of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from attest.ordered import Ledger
from attest.secrets import Entropy, MasterKey
from attest.signing import Signer
from attest.statement.findings import Finding
from attest.statement.inputs import Inputs
from verifier.attestation import MAX_CHUNK_BITS
from verifier.book import Progress
from verifier.engine import Engine
from verifier.errors import Malformed
from verifier.markets.policy import Policy
from verifier.schema import Schema

EXACT: Final = "exact"
NEXT_POWER_OF_TWO: Final = "next power of two"


@dataclass(frozen=True)
class Plan:
    """What to attest. Times are POSIX seconds; ``modes`` tells per column how its total is published.

    ``rows`` is ``exact``, ``next power of two``, or a number of rows: the difference is filled with dummy rows.
    ``inputs`` are the documents of policy, prices and collateral; None attests liabilities alone.
    """

    exchange: str
    schema: Schema
    modes: tuple[str, ...]
    taken_at: int
    valid_for: int
    rows: str | int = EXACT
    chunk_bits: int = 16
    sealed: bool = True
    first: bool = False
    issued_at: int | None = None
    """When it is signed; None is now."""
    inputs: Inputs | None = None

    def __post_init__(self) -> None:
        """Raises Malformed (E_CONFIG) for what no attestation can say, before any work is done."""
        if not 0 <= self.chunk_bits <= MAX_CHUNK_BITS:
            raise _config("chunk_bits", f"chunk_bits is 0 to {MAX_CHUNK_BITS}, not {self.chunk_bits}")
        if self.valid_for < 1:
            raise _config("valid_for", "an attestation is valid for at least a second")
        if len(self.modes) != len(self.schema.columns):
            raise _config("modes", "every column needs to say how its total is told")

    def signing_time(self) -> int:
        """When it is signed: now, unless the plan says another time."""
        return int(time.time()) if self.issued_at is None else self.issued_at

    def expires_at(self, issued_at: int, policy: Policy | None) -> int:
        """When it expires: after ``valid_for``, and never later than the policy allows after the snapshot."""
        wanted = issued_at + self.valid_for
        return wanted if policy is None else min(wanted, self.taken_at + policy.max_age_s)

    def require_lasting(self, policy: Policy) -> None:
        """Raises Malformed (E_CONFIG) for a longer life than the policy allows, E_EXPIRED for a snapshot too old."""
        if self.valid_for > policy.max_age_s:
            raise Malformed(
                f"it is {self.valid_for} seconds, and the policy's max_age_s allows {policy.max_age_s}",
                where="book.valid_for",
                code="E_CONFIG",
                hint="lower valid_for in solvent.toml, or leave it out: it is then as long as the policy allows",
            )
        age = self.signing_time() - self.taken_at
        if age >= policy.max_age_s:
            raise Malformed(
                f"the snapshot is {age} seconds old, and the policy's max_age_s allows {policy.max_age_s}",
                where="taken_at",
                code="E_EXPIRED",
                hint="take a new snapshot",
            )


@dataclass(frozen=True, slots=True)
class Secrets:
    """The master key, the signing key and the source of randomness of a run."""

    master: MasterKey
    signer: Signer = field(repr=False)
    entropy: Entropy = field(default=os.urandom, repr=False)


@dataclass(frozen=True, slots=True)
class Released:
    """A finished epoch: where it lies, its number, the digest of its payload, and seconds spent per stage.

    ``findings`` are its claims, all of which hold; ``notes`` what the operator should know about its documents.
    """

    directory: Path
    epoch: int
    payload: str
    accounts: int
    rows: int
    seconds: dict[str, float]
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


OpenLedger = Callable[[Path], Ledger]
"""Validates a ledger into a private work directory."""


class Stopwatch:
    """Seconds per stage, for the closing table."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Book the time since the last lap to ``stage``."""
        now = time.perf_counter()
        self.seconds[stage] = now - self._last
        self._last = now


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run works with besides its inputs."""

    engine: Engine
    progress: Progress
    watch: Stopwatch = field(default_factory=Stopwatch)


def row_count(rows: str | int, accounts: int) -> int:
    """N, dummy rows included. Raises Malformed (E_CONFIG) when a fixed number is too small."""
    if accounts < 1:
        raise Malformed(
            "the ledger has no accounts", where="ledger", code="E_LEDGER", hint="check the query or the file"
        )
    if rows == EXACT:
        return accounts
    if rows == NEXT_POWER_OF_TWO:
        return 1 << (accounts - 1).bit_length()
    if isinstance(rows, int) and rows >= accounts:
        return rows
    raise Malformed(
        f"the book is to have {rows} rows and the ledger has {accounts} accounts",
        where="book.accounts",
        code="E_CONFIG",
        hint="choose a larger number, or next power of two",
    )


def _config(where: str, message: str) -> Malformed:
    return Malformed(message, where=f"book.{where}", code="E_CONFIG", hint="correct solvent.toml")
