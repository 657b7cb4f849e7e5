"""The collateral snapshot: everything an exchange says it holds, at one moment (docs/collateral.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from verifier import canonical, fields
from verifier.collateral.custody import Statement
from verifier.collateral.lines import Line
from verifier.collateral.messages import challenge
from verifier.collateral.quantities import MAX_CHAINS, MAX_LINES, MAX_POOLS, MAX_STATEMENTS, chain
from verifier.errors import Malformed

TYPE: Final = "solvent:collateral/v1"
MAX_BYTES: Final = 2**30
"""A snapshot may have 2^20 lines; those of one signature take about 600 bytes each."""
MAX_ENVELOPE: Final = MAX_BYTES // 3 * 4 + 2**20
"""Bytes of such a snapshot under its signatures: base64 takes four for three."""
PAYLOAD_TYPE: Final = "application/vnd.solvent.collateral.v1+json"
_MEMBERS: Final = (
    "type", "exchange", "epoch", "taken_at", "policy", "beacon", "chains", "statements", "lines",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Beacon:
    """A value that nobody could know before ``time`` (POSIX seconds): a block's hash or a round of drand.

    ``source`` is a chain (CAIP-2) or a name, ``round`` its height or round, ``value`` 32 bytes in hex.
    """

    source: str
    round: int
    time: int
    value: str

    @classmethod
    def from_json(cls, document: Any, where: str) -> Beacon:
        """Parse a decoded beacon. Raises Malformed."""
        parts = fields.members(document, where, ("source", "round", "time", "value"))
        return cls(
            source=fields.name(parts["source"], f"{where}.source"),
            round=fields.integer(parts["round"], f"{where}.round"),
            time=fields.integer(parts["time"], f"{where}.time"),
            value=fields.digest(parts["value"], f"{where}.value"),
        )

    def to_json(self) -> dict[str, Any]:
        """The document's form, which is what the challenge hashes."""
        return {"source": self.source, "round": self.round, "time": self.time, "value": self.value}


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The one block at which a chain was read: height, hash (hex) and time (POSIX seconds)."""

    height: int
    hash: str
    time: int

    @classmethod
    def from_json(cls, document: Any, where: str) -> ChainHead:
        """Parse a decoded block. Raises Malformed."""
        parts = fields.members(document, where, ("height", "hash", "time"))
        return cls(
            height=fields.integer(parts["height"], f"{where}.height"),
            hash=fields.digest(parts["hash"], f"{where}.hash"),
            time=fields.integer(parts["time"], f"{where}.time"),
        )

    def to_json(self) -> dict[str, Any]:
        """The document's form."""
        return {"height": self.height, "hash": self.hash, "time": self.time}


@dataclass(frozen=True)
class Snapshot:
    """A parsed snapshot; ``policy`` is a digest, ``chains`` goes by CAIP-2. What it says has not been checked."""

    exchange: str
    epoch: int
    taken_at: int
    policy: str
    beacon: Beacon
    chains: Mapping[str, ChainHead]
    statements: tuple[Statement, ...]
    lines: tuple[Line, ...]

    @classmethod
    def from_payload(cls, data: bytes, where: str = "collateral") -> Snapshot:
        """Parse canonical bytes. Raises Malformed."""
        return cls.from_json(canonical.decode(data, where=where, limit=MAX_BYTES), where)

    @classmethod
    def from_json(cls, document: Any, where: str = "collateral") -> Snapshot:
        """Parse a decoded document. Raises Malformed."""
        parts = fields.members(document, where, _MEMBERS)
        fields.constant(parts["type"], f"{where}: type", TYPE)
        statements = fields.items(parts["statements"], f"{where}: statements", MAX_STATEMENTS)
        return cls(
            exchange=fields.name(parts["exchange"], f"{where}: exchange"),
            epoch=fields.integer(parts["epoch"], f"{where}: epoch"),
            taken_at=fields.integer(parts["taken_at"], f"{where}: taken_at"),
            policy=fields.digest(parts["policy"], f"{where}: policy"),
            beacon=Beacon.from_json(parts["beacon"], f"{where}: beacon"),
            chains=_chains(parts["chains"], f"{where}: chains"),
            statements=tuple(Statement.from_json(s, f"{where}: statements[{i}]") for i, s in enumerate(statements)),
            lines=_lines(parts["lines"], f"{where}: lines"),
        )

    def to_json(self) -> dict[str, Any]:
        """The document, ready for canonical encoding."""
        return {
            "type": TYPE,
            "exchange": self.exchange,
            "epoch": self.epoch,
            "taken_at": self.taken_at,
            "policy": self.policy,
            "beacon": self.beacon.to_json(),
            "chains": {name: head.to_json() for name, head in self.chains.items()},
            "statements": [statement.envelope.to_json() for statement in self.statements],
            "lines": [line.to_json() for line in self.lines],
        }

    def to_payload(self) -> bytes:
        """The canonical bytes: what the exchange signs, and the observer where the policy says so."""
        return canonical.encode(self.to_json())

    @cached_property
    def challenge(self) -> str:
        """What every owner signs, hex: bound to the exchange, the epoch and the beacon."""
        return challenge(self.exchange, self.epoch, self.beacon.to_json())


def _chains(value: Any, where: str) -> dict[str, ChainHead]:
    named = fields.mapping(value, where, MAX_CHAINS)
    return {chain(name, where): ChainHead.from_json(head, f"{where}.{name}") for name, head in named.items()}


def _lines(value: Any, where: str) -> tuple[Line, ...]:
    listed = fields.items(value, where, MAX_LINES)
    lines = tuple(Line.from_json(item, f"{where}[{i}]") for i, item in enumerate(listed))
    if len({line.pool for line in lines}) > MAX_POOLS:
        raise Malformed(f"names more than {MAX_POOLS} pools", where=where, code="E_LIMIT")
    return lines
