"""What the published documents of an epoch say, in the words that pages and answers show.

Everything is read from the files; nothing is computed about money and nothing is verified. A figure is ``proved`` where
a proof for it is among the files, ``stated`` where only the signature stands for it, ``withheld`` where it is not told.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from verifier.amounts import format_amount
from verifier.attestation import PAYLOAD_TYPE, Attestation, Total
from verifier.dsse import Envelope
from verifier.epoch import ATTESTATION, read_document
from verifier.errors import Rejected
from verifier.schema import Column, Schema
from verifier.wire import HIDDEN, NONE, PUBLIC

PROVED: Final = "proved"
STATED: Final = "stated"
WITHHELD: Final = "withheld"
_STATUS: Final = {PUBLIC: PROVED, HIDDEN: WITHHELD, NONE: WITHHELD}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: ``id`` names it, ``value`` is exact decimal text, "" where it is withheld."""

    id: str
    value: str
    unit: str
    status: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim in plain words."""

    name: str
    kind: str
    sentence: str
    status: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the collateral snapshot; ``amount`` is exact decimal text, "" where it is hidden."""

    kind: str
    pool: str
    asset: str
    holder: str
    amount: str
    encumbered: str
    evidence: str


@dataclass(frozen=True)
class Documents:
    """The documents of one epoch, parsed; the signature is not checked."""

    envelope: Envelope
    attestation: Attestation
    schema: Schema
    directory: Path

    @classmethod
    def read(cls, directory: Path) -> Documents:
        """Read an epoch directory. Raises Malformed, Rejected or Unavailable."""
        envelope = Envelope.from_bytes(read_document(directory / ATTESTATION), PAYLOAD_TYPE, ATTESTATION)
        attestation = Attestation.from_payload(envelope.payload)
        schema = Schema.from_bytes(read_document(directory / "schema.json"))
        attestation.totals_for(schema)
        return cls(envelope, attestation, schema, directory)

    @property
    def signed_by(self) -> tuple[str, ...]:
        """The key ids on the envelope."""
        return tuple(keyid for keyid, _ in self.envelope.signatures)

    def require_signature(self, key: bytes) -> None:
        """Raises Rejected (E_SIG_THRESHOLD) unless ``key`` signed: a publisher does not put up a stranger's book."""
        try:
            self.envelope.require_signatures([key], 1, ATTESTATION)
        except Rejected as error:
            hint = "give the exchange's key with --key; if it is right, do not publish this file"
            raise Rejected(error.message, where=ATTESTATION, code=error.code, hint=hint) from None

    def figures(self) -> tuple[Figure, ...]:
        """The number of rows, then the total of each column."""
        rows = Figure("accounts", str(self.attestation.accounts), "rows", PROVED, "/predicate/accounts")
        totals = (_total(column, self.attestation.totals[column.name]) for column in self.schema.columns)
        return (rows, *totals)

    def claims(self) -> tuple[Claim, ...]:
        """What the attestation claims about assets."""
        return ()

    def lines(self) -> tuple[Line, ...]:
        """The collateral snapshot, line by line."""
        return ()


def _total(column: Column, total: Total) -> Figure:
    value = format_amount(total.value, column.decimals) if isinstance(total.value, int) else ""
    pointer = f"/predicate/totals/{column.name.replace('~', '~0').replace('/', '~1')}/value"
    return Figure(f"total:{column.name}", value, column.asset, _STATUS[total.mode], pointer)
