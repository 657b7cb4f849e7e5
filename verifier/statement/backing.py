"""What is held: the signed snapshot, a verdict on every line, and the holdings they come to (docs/collateral.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from verifier.amounts import format_amount
from verifier.attestation import Attestation
from verifier.book import Progress
from verifier.collateral.ecmult import SumsWithGenerator
from verifier.collateral.evidence import Verdict
from verifier.collateral.lines import EntryBacking, Line
from verifier.collateral.policy_rules import rules_of
from verifier.collateral.pools import Holding, pool_holdings
from verifier.collateral.rules import OBSERVER, Facts, LineVerdict
from verifier.collateral.snapshot import Snapshot
from verifier.collateral.verdicts import judge_snapshot
from verifier.dsse import Envelope
from verifier.engine import Engine
from verifier.errors import Rejected
from verifier.markets.policy import Policy
from verifier.statement.published import Documents
from verifier.statement.standing import require_signed
from verifier.trust import names
from verifier.trust.roles import Met, Trust

BLOCK: Final = 1024
"""Signatures recovered between two reports of progress."""
_NAMED: Final = 20
"""Lines that a refusal lists."""


@dataclass(frozen=True)
class Backing:
    """A snapshot whose lines were judged. ``observed`` is the observer's role met on it, where the policy wants one.

    ``vouched`` tells for each statement that a counted line rests on whose keys signed it.
    """

    snapshot: Snapshot
    verdicts: tuple[LineVerdict, ...]
    observed: Met | None
    vouched: Mapping[int, Met]

    @property
    def judged(self) -> tuple[tuple[Line, LineVerdict], ...]:
        """Each line with its verdict."""
        return tuple(zip(self.snapshot.lines, self.verdicts, strict=True))


def judge_backing(
    documents: Documents, attestation: Attestation, policy: Policy, trust: Trust, engine: Engine, progress: Progress
) -> Backing | None:
    """The snapshot, signed by the exchange, and the verdict on each of its lines; None where there is no snapshot.

    A line that is not VALID is a verdict, not a refusal. Raises Rejected (E_SIG_THRESHOLD; E_BINDING for another
    attestation's snapshot), Malformed.
    """
    envelope = documents.envelopes.get("collateral")
    if envelope is None:
        return None
    require_signed(trust, envelope, "collateral", names.EXCHANGE, "collateral.json")
    snapshot = Snapshot.from_payload(envelope.payload, "collateral.json")
    for i, statement in enumerate(snapshot.statements):
        trust.require_cosigned("custody", statement.envelope, f"collateral.json: statements[{i}]")
    observed = _observed(trust, documents) if policy.collateral.amounts == OBSERVER else None

    def require_role(role: str, statement: Envelope) -> None:
        trust.require_role(statement, role, "statement")

    identity = attestation.identity
    facts = Facts(identity.exchange, identity.epoch, identity.taken_at, policy.digest, observed is not None)
    verdicts = judge_snapshot(
        snapshot,
        rules_of(policy),
        facts,
        require_role,
        with_progress(engine.sums_with_generator, len(snapshot.lines), progress),
    )
    return Backing(snapshot, verdicts, observed, _vouched(trust, snapshot, verdicts))


def require_holdings(attestation: Attestation, backing: Backing | None, policy: Policy) -> None:
    """The signed holdings are what the counted lines come to, no more and no fewer. Raises Rejected (E_HOLDING)."""
    found = () if backing is None else pool_holdings(backing.snapshot, backing.verdicts, rules_of(policy).assets)
    signed = [(held.pool, held.asset, held.public, held.hidden) for held in attestation.holdings]
    recomputed = [_parts(held) for held in found]
    if signed == recomputed:
        return
    differing = [pair for pair in [*signed, *recomputed] if (pair in signed) != (pair in recomputed)]
    place = f"holdings: {differing[0][0]}, {differing[0][1]}" if differing else "holdings"
    raise Rejected(
        "the lines that count do not come to the holdings that were signed"
        + (": some lines do not count" if _uncounted(backing) else ""),
        where=place,
        code="E_HOLDING",
        hint="a line counts only when its evidence holds; ask the exchange for the evidence of the lines named",
        details=(*_beside(attestation, found, policy), *_uncounted(backing)),
    )


def _beside(attestation: Attestation, found: Sequence[Holding], policy: Policy) -> Iterator[str]:
    """The public parts that differ, as signed and as the lines back them."""
    signed = {(held.pool, held.asset): held.public for held in attestation.holdings}
    backed = {(held.pool, held.asset): held.public for held in found}
    for pool, asset in sorted({*signed, *backed}):
        said, is_there = signed.get((pool, asset), 0), backed.get((pool, asset), 0)
        decimals = policy.assets[asset].decimals if asset in policy.assets else 0
        if said != is_there:
            amounts = format_amount(said, decimals), format_amount(is_there, decimals)
            yield f"{asset} in {pool}: {amounts[0]} signed, {amounts[1]} backed by lines that count"


def _parts(held: Holding) -> tuple[str, str, int, object]:
    return held.pool, held.asset, held.public, held.hidden


def _uncounted(backing: Backing | None) -> tuple[str, ...]:
    if backing is None:
        return ()
    lines = [
        f"line {line.id} ({line.asset} in {line.pool}): {verdict.code or verdict.verdict.value}, {verdict.reason}"
        for line, verdict in backing.judged
        if verdict.verdict is not Verdict.VALID
    ]
    more = [f"and {len(lines) - _NAMED} more"] if len(lines) > _NAMED else []
    reported = sum(verdict.verdict is Verdict.VALID and not verdict.counted for verdict in backing.verdicts)
    legacy = [f"{reported:,} lines of older evidence, which the policy does not count"] if reported else []
    return (*lines[:_NAMED], *more, *legacy)


def _observed(trust: Trust, documents: Documents) -> Met | None:
    try:
        return trust.require_role(documents.envelopes["collateral"], names.OBSERVER, "collateral.json")
    except Rejected:
        return None


def _vouched(trust: Trust, snapshot: Snapshot, verdicts: tuple[LineVerdict, ...]) -> dict[int, Met]:
    """One look at the signatures of each statement that a counted line rests on, however many lines do."""
    pairs = zip(snapshot.lines, verdicts, strict=True)
    resting = {
        (line.backing.statement, verdict.role)
        for line, verdict in pairs
        if verdict.counted and isinstance(line.backing, EntryBacking)
    }
    return {i: trust.require_role(snapshot.statements[i].envelope, role, "statement") for i, role in sorted(resting)}


def with_progress(multiply: SumsWithGenerator, lines: int, progress: Progress) -> SumsWithGenerator:
    """The same in blocks, so that a long check can be watched."""

    def in_blocks(points: bytes, generator_scalars: bytes, point_scalars: bytes) -> bytes:
        count, found = len(points) // 64, []
        for start in range(0, count, BLOCK):
            end = min(start + BLOCK, count)
            progress("checking owners' signatures", start, count)
            part = points[64 * start : 64 * end]
            scalars = generator_scalars[32 * start : 32 * end], point_scalars[32 * start : 32 * end]
            found.append(multiply(part, *scalars))
        return b"".join(found)

    progress("judging lines", 0, lines)
    return in_blocks
