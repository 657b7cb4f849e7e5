"""What the published documents of an epoch say, in the words that pages and answers show.

Everything is read from the files; nothing is computed about money and nothing is verified. A figure is ``proved`` where
a proof for it is among the files, ``stated`` where only the signature stands for it, ``withheld`` where it is not told.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server import backing
from server.backing import PROVED, WITHHELD, Figure
from verifier.amounts import format_amount
from verifier.attestation import PAYLOAD_TYPE, Attestation, Total
from verifier.collateral.snapshot import Snapshot
from verifier.dsse import Envelope
from verifier.epoch import ATTESTATION, read_document
from verifier.errors import Rejected
from verifier.markets.policy import Policy
from verifier.markets.scenarios import Scenarios
from verifier.schema import Column, Schema
from verifier.trust.names import payload_type
from verifier.trust.root import Cadence, Root
from verifier.wire import HIDDEN, NONE, PUBLIC

_NO_CADENCE: Final = Cadence(0, 0, 0, 0)
_STATUS: Final = {PUBLIC: PROVED, HIDDEN: WITHHELD, NONE: WITHHELD}


@dataclass(frozen=True)
class Documents:
    """The documents of one epoch, parsed; the signature is not checked."""

    envelope: Envelope
    attestation: Attestation
    schema: Schema
    directory: Path
    policy: Policy | None = None
    scenarios: Scenarios | None = None
    snapshot: Snapshot | None = None
    root: Envelope | None = None

    @classmethod
    def read(cls, directory: Path) -> Documents:
        """Read an epoch directory. Raises Malformed, Rejected or Unavailable."""
        envelope = Envelope.from_bytes(read_document(directory / ATTESTATION), PAYLOAD_TYPE, ATTESTATION)
        attestation = Attestation.from_payload(envelope.payload)
        schema = Schema.from_bytes(read_document(directory / "schema.json"))
        attestation.totals_for(schema)
        there = attestation.files
        return cls(
            envelope,
            attestation,
            schema,
            directory,
            policy=Policy.from_bytes(_signed(directory, "policy")) if "policy.json" in there else None,
            scenarios=Scenarios.from_bytes(_signed(directory, "scenarios")) if "scenarios.json" in there else None,
            snapshot=Snapshot.from_payload(_signed(directory, "collateral")) if "collateral.json" in there else None,
            root=_enveloped(directory, "root") if "root.json" in there else None,
        )

    @property
    def due(self) -> tuple[int, int]:
        """When the next book is due, and from when it is late, by the cadence that the root document signs.

        Books alone count (LOG section 3 with ``book_s``): this service publishes no pulses. No later than the
        attestation's own end, and just that where no cadence is signed.
        """
        ends = self.attestation.expires_at
        cadence = Root.from_envelope(self.root).cadence if self.root is not None else _NO_CADENCE
        if not cadence.book_s:
            return ends, ends
        due = self.attestation.issued_at + cadence.book_s
        return min(due, ends), min(due + cadence.grace_s, ends)

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
        return (rows, *totals, *backing.holdings(self.attestation, self.policy))

    def claims(self) -> tuple[backing.Claim, ...]:
        """What the attestation claims about assets."""
        return backing.claims(self.attestation, self.policy, self.scenarios)

    def lines(self) -> tuple[backing.Line, ...]:
        """The collateral snapshot, line by line."""
        return backing.lines(self.snapshot, self.policy)


def _signed(directory: Path, tag: str) -> bytes:
    """The payload of a document that is published as its envelope."""
    return _enveloped(directory, tag).payload


def _enveloped(directory: Path, tag: str) -> Envelope:
    name = f"{tag}.json"
    return Envelope.from_bytes(read_document(directory / name), payload_type(tag), name)


def _total(column: Column, total: Total) -> Figure:
    value = format_amount(total.value, column.decimals) if isinstance(total.value, int) else ""
    pointer = f"/predicate/totals/{column.name.replace('~', '~0').replace('/', '~1')}/value"
    return Figure(f"total:{column.name}", value, column.asset, _STATUS[total.mode], pointer)
