"""What an attestation says beyond the book: holdings, claims, lines of collateral, in words and exact decimals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from verifier.amounts import format_amount
from verifier.attestation import Attestation
from verifier.collateral.lines import AddressBacking, EntryBacking, ValidatorBacking
from verifier.collateral.lines import Line as SnapshotLine
from verifier.collateral.snapshot import Snapshot
from verifier.markets.descriptors import Claim as SignedClaim
from verifier.markets.descriptors import ScenarioOf
from verifier.markets.policy import Policy
from verifier.markets.scenarios import Scenarios
from verifier.markets.sentences import sentence

PROVED: Final = "proved"
STATED: Final = "stated"
WITHHELD: Final = "withheld"
SIGNED_STATEMENT: Final = "signed statement"
OLD_MESSAGE: Final = ", old message"
"""What is said of a line's evidence beside the name of its scheme."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: ``id`` names it, ``value`` is exact decimal text, "" where it is withheld.

    ``pointer`` is where in the signed payload it stands.
    """

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
    """A line of the collateral snapshot; ``amount`` is exact decimal text, "" where it is hidden.

    ``holder`` is the address, the validator or whoever signed for it; ``evidence`` the way that was signed.
    """

    kind: str
    pool: str
    asset: str
    holder: str
    amount: str
    encumbered: str
    evidence: str


def holdings(attestation: Attestation, policy: Policy | None) -> Iterator[Figure]:
    """What the exchange says it holds. Signatures show who controls an address; the amounts it vouches for itself."""
    for i, holding in enumerate(attestation.holdings):
        decimals = policy.assets[holding.asset].decimals if policy and holding.asset in policy.assets else 0
        told = holding.hidden is None
        yield Figure(
            f"holding:{holding.pool}:{holding.asset}",
            format_amount(holding.public, decimals) if told else "",
            holding.asset,
            STATED if told else WITHHELD,
            f"/predicate/holdings/{i}",
        )


def claims(attestation: Attestation, policy: Policy | None, scenarios: Scenarios | None) -> tuple[Claim, ...]:
    """The claims of the attestation, in its order."""
    if policy is None:
        return ()
    made = attestation.claims
    return tuple(
        Claim(claim.name, claim.kind, sentence(claim, policy, made, scenario_names(claim, scenarios)), PROVED)
        for claim in made
    )


def lines(snapshot: Snapshot | None, policy: Policy | None) -> tuple[Line, ...]:
    """Every line of the snapshot, in its order."""
    if snapshot is None:
        return ()
    return tuple(_line(line, snapshot, policy) for line in snapshot.lines)


def scenario_names(claim: SignedClaim, scenarios: Scenarios | None) -> tuple[str, ...]:
    """The scenarios in which the claim is made, where it is about scenarios."""
    if not isinstance(claim.parameters, ScenarioOf) or scenarios is None:
        return ()
    return tuple(scenario.name for scenario in scenarios.sets.get(claim.parameters.set, ()))


def _line(line: SnapshotLine, snapshot: Snapshot, policy: Policy | None) -> Line:
    asset = policy.assets.get(line.asset) if policy else None
    decimals = asset.units.get(line.unit, 0) if asset else 0
    holder, evidence = _backing(line, snapshot)
    amount = format_amount(line.value, decimals) if isinstance(line.value, int) else ""
    return Line(line.kind, line.pool, line.asset, holder, amount, format_amount(line.encumbered, decimals), evidence)


def _backing(line: SnapshotLine, snapshot: Snapshot) -> tuple[str, str]:
    match line.backing:
        case AddressBacking(account=account, scheme=scheme, message=message):
            return account, scheme if message is None else scheme + OLD_MESSAGE
        case ValidatorBacking(chain=chain, public_key=key, scheme=scheme):
            return f"{chain}:0x{key}", scheme
        case EntryBacking(statement=number):
            known = number < len(snapshot.statements)
            return (snapshot.statements[number].custody.issuer if known else ""), SIGNED_STATEMENT
