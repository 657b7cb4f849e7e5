"""The collateral snapshot of an epoch, made from the working files (docs/collateral.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.collateral.lines_file import moved
from verifier.collateral import (
    EntryBacking,
    EvidenceClass,
    Facts,
    Holding,
    Line,
    LineVerdict,
    Rules,
    Snapshot,
    Verdict,
    judge_snapshot,
    pool_holdings,
)
from verifier.collateral.ecmult import SumsWithGenerator, sums_with_generator
from verifier.collateral.line_rules import evidence_class
from verifier.collateral.rules import RequireRole
from verifier.errors import Unavailable
from verifier.hashing import N
from verifier.markets.policy import Policy

if TYPE_CHECKING:
    from attest.collateral.challenge import Challenge
    from attest.collateral.files import CollateralFiles
    from attest.collateral.openings import Openings


@dataclass(frozen=True)
class Judged:
    """A snapshot with the verdict on each line and what the counted ones come to."""

    snapshot: Snapshot
    verdicts: tuple[LineVerdict, ...]
    holdings: tuple[Holding, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for every line that is not VALID, and one for the legacy lines that are and count nothing."""
        found = [
            f"line {line.id}: {verdict.verdict.value} {verdict.code}: {verdict.reason}"
            for line, verdict in zip(self.snapshot.lines, self.verdicts, strict=True)
            if verdict.verdict is not Verdict.VALID
        ]
        return (*found, *([] if not self.reported else [self.only_reported]))

    @property
    def reported(self) -> int:
        """How many lines are VALID and count nothing."""
        return sum(verdict.verdict is Verdict.VALID and not verdict.counted for verdict in self.verdicts)

    @property
    def only_reported(self) -> str:
        """A sentence about them."""
        return f"{self.reported:,} legacy lines are VALID and count 0: the policy says legacy = report"


def make_snapshot(files: CollateralFiles, exchange: str, epoch: int, taken_at: int, policy_digest: str) -> Snapshot:
    """The document that ``files`` come to; statements that no line names stay unpublished.

    Raises Unavailable (E_COLLATERAL) where there is no challenge of this epoch, or no line at all.
    """
    made = _require_challenge(files.challenge, exchange, epoch)
    if not files.lines:
        raise _cannot("there is no line of collateral", "add one: solvent collateral add, or solvent collateral import")
    used = sorted({line.backing.statement for line in files.lines if isinstance(line.backing, EntryBacking)})
    places = {old: new for new, old in enumerate(used)}
    return Snapshot(
        exchange=exchange,
        epoch=epoch,
        taken_at=taken_at,
        policy=policy_digest,
        beacon=made.beacon,
        chains=files.chains,
        statements=tuple(files.statements[place] for place in used),
        lines=tuple(moved(line, places) for line in files.lines),
    )


def require_recent_beacon(snapshot: Snapshot, policy: Policy) -> None:
    """Raises Unavailable (E_COLLATERAL) where lines rest on a challenge whose beacon the policy finds too old."""
    age, most = snapshot.taken_at - snapshot.beacon.time, policy.collateral.beacon_age_s
    if age > most and any(evidence_class(line) is EvidenceClass.FRESH for line in snapshot.lines):
        raise _cannot(
            f"the beacon is {age:,} seconds older than the snapshot, and the policy allows {most:,}",
            "make the challenge again with a newer beacon and let every owner sign, or raise beacon_age_s",
        )


def judge(
    snapshot: Snapshot,
    rules: Rules,
    require_role: RequireRole,
    *,
    observer_signed: bool = False,
    multiply: SumsWithGenerator = sums_with_generator,
) -> Judged:
    """What a verifier will say of every line of ``snapshot``, and the holdings. Raises Rejected (E_HOLDING)."""
    facts = Facts(snapshot.exchange, snapshot.epoch, snapshot.taken_at, snapshot.policy, observer_signed)
    verdicts = judge_snapshot(snapshot, rules, facts, require_role, multiply)
    return Judged(snapshot, verdicts, pool_holdings(snapshot, verdicts, rules.assets))


def holding_openings(
    snapshot: Snapshot, verdicts: Sequence[LineVerdict], openings: Openings
) -> Mapping[tuple[str, str], tuple[int, int]]:
    """(value, blinding) of each hidden holding, by (pool, asset): the sums over its counted lines.

    Raises Unavailable (E_COLLATERAL) naming a counted line whose opening nobody gave us.
    """
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for line, verdict in zip(snapshot.lines, verdicts, strict=True):
        if not verdict.counted or not line.hidden or not isinstance(line.backing, EntryBacking):
            continue
        digest = snapshot.statements[line.backing.statement].envelope.digest
        opening = openings.entries.get((digest, line.backing.entry))
        if opening is None:
            raise _no_opening(line)
        value, blinding = sums.get((line.pool, line.asset), (0, 0))
        sums[line.pool, line.asset] = (value + opening.value, (blinding + opening.blinding) % N)
    return sums


def _require_challenge(made: Challenge | None, exchange: str, epoch: int) -> Challenge:
    if made is None:
        raise _cannot("there is no challenge yet", f"run solvent collateral challenge --epoch {epoch}")
    if made.exchange != exchange:
        raise _cannot(f"the challenge is that of {made.exchange}, not of {exchange}", "make it again for this exchange")
    if made.epoch != epoch:
        raise _cannot(
            f"the challenge is for epoch {made.epoch}, and this is epoch {epoch}",
            f"run solvent collateral challenge --epoch {epoch} and let every owner sign the new messages",
        )
    return made


def _no_opening(line: Line) -> Unavailable:
    return _cannot(
        f"line {line.id} hides its amount, and openings.json does not open it",
        "ask the custodian for the opening of this statement: solvent collateral add --openings FILE",
    )


def _cannot(message: str, hint: str) -> Unavailable:
    return Unavailable(message, where="collateral", code="E_COLLATERAL", hint=hint)
