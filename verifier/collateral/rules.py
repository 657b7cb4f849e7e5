"""What a snapshot is judged by, and the verdicts that come out (docs/collateral.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias

from verifier.collateral.evidence import Verdict
from verifier.dsse import Envelope
from verifier.errors import Malformed

COUNT: Final = "count"
REPORT: Final = "report"
REJECT: Final = "reject"
EXCHANGE: Final = "exchange"
OBSERVER: Final = "observer"

RequireRole: TypeAlias = Callable[[str, Envelope], None]
"""Raises a SolventError unless the keys of a role signed the envelope, as the root document demands."""


@dataclass(frozen=True, slots=True)
class AssetUnits:
    """The ``decimals`` of an asset's base unit, and those of each of its units on chains and elsewhere."""

    decimals: int
    units: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the policy says of collateral. Ages and skew are in seconds, ``finality`` is a depth in blocks per chain.

    ``legacy`` is count, report or reject; ``amounts`` names who vouches for them: exchange or observer.
    """

    legacy: str
    legacy_messages: tuple[str, ...]
    amounts: str
    beacon_age_s: int
    skew_s: int
    finality: Mapping[str, int]
    valuation_age_s: int
    assets: Mapping[str, AssetUnits]
    pools: frozenset[str]

    def __post_init__(self) -> None:
        if self.legacy not in (COUNT, REPORT, REJECT) or self.amounts not in (EXCHANGE, OBSERVER):
            raise Malformed("legacy or amounts has an unknown value", where="policy: collateral", code="E_TYPE")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the verifier knows from elsewhere: the attestation, the snapshot's signatures, and the chains.

    ``policy`` is the digest of the policy. ``observer_signed``: the role observer is met on the snapshot's envelope.
    ``tips`` are the heights of chains that the verifier has seen for itself; a chain that is not in it has a depth that
    nobody here can know.
    """

    exchange: str
    epoch: int
    taken_at: int
    policy: str
    observer_signed: bool = False
    tips: Mapping[str, int] = field(default_factory=dict)


class EvidenceClass(Enum):
    """What a line rests on: this epoch's M, an older message, or another party's statement."""

    FRESH = "fresh"
    LEGACY = "legacy"
    VOUCHED = "vouched"


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """The verdict on line ``index``; ``code`` is "" where it is VALID, ``reason`` one plain sentence.

    ``counted``: it is VALID and the policy lets its kind of evidence count. ``role`` is the role whose keys must have
    signed the statement of a vouched line, "" for other lines.
    """

    index: int
    verdict: Verdict
    code: str
    reason: str
    evidence: EvidenceClass
    counted: bool
    role: str = ""
