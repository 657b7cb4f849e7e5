"""``solvent collateral check``: the verdict on every line, as a verifier will give it, and what counts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attest.cli import show
from attest.cli.collateral.home import Home
from attest.collateral import Judged, judge, load_collateral
from attest.collateral.snapshot import holding_openings
from verifier.amounts import format_amount
from verifier.collateral import EntryBacking, Line, LineVerdict, Verdict, rules_of
from verifier.collateral.rules import OBSERVER
from verifier.engine import get_engine
from verifier.errors import Rejected, SolventError, Unavailable
from verifier.markets.policy import Policy
from verifier.statement.backing import with_progress


@dataclass(frozen=True, slots=True)
class Request:
    """What was typed. ``taken_at`` is POSIX seconds, None is now."""

    taken_at: int | None
    engine: str
    problems: int
    as_json: bool


def check(home: Home, request: Request) -> None:
    """Judge every line. Raises Rejected (E_COLLATERAL) after the report when a line is INVALID."""
    policy = home.require_policy()
    files = load_collateral(home.directory)
    if files.challenge is None:
        raise Unavailable(
            "there is no challenge yet",
            where="collateral",
            code="E_COLLATERAL",
            hint="run solvent collateral challenge",
        )
    taken_at = int(time.time()) if request.taken_at is None else request.taken_at
    shot = files.document(home.exchange, files.challenge.epoch, taken_at, policy.digest)
    with show.bars(request.as_json) as advance:
        multiply = with_progress(get_engine(request.engine).sums_with_generator, len(shot.lines), advance)
        signed = policy.collateral.amounts == OBSERVER
        judged = judge(shot, rules_of(policy), home.require_role, observer_signed=signed, multiply=multiply)
    remarks = _remarks(judged, policy, files.openings)
    if request.as_json:
        show.as_json(_report(judged, policy, remarks))
    else:
        _show(judged, policy, remarks, request.problems)
    _end(judged, request.as_json)


def _pairs(judged: Judged) -> list[tuple[Line, LineVerdict]]:
    return list(zip(judged.snapshot.lines, judged.verdicts, strict=True))


def _scheme(line: Line) -> str:
    return "statement" if isinstance(line.backing, EntryBacking) else str(line.backing.to_json()["scheme"])


def _remarks(judged: Judged, policy: Policy, openings: Any) -> list[str]:
    """What the operator should know beside the verdicts."""
    told = []
    if policy.collateral.amounts == OBSERVER:
        told.append("the policy wants an observer to sign the snapshot: without that, only vouched lines count")
    if judged.reported:
        told.append(judged.only_reported)
    try:
        holding_openings(judged.snapshot, judged.verdicts, openings)
    except SolventError as error:
        told.append(f"{error.message}; claims over it cannot be proven")
    told.append("no signature of an owner covers an amount: you vouch for amounts by signing the snapshot")
    return told


def _show(judged: Judged, policy: Policy, remarks: Sequence[str], problems: int) -> None:
    pairs = _pairs(judged)
    verdicts = Counter((v.verdict.value, v.code) for _, v in pairs)
    show.table(["verdict", "code", "lines"], [(*key, f"{n:,}") for key, n in sorted(verdicts.items())], right=(2,))
    show.say("")
    kinds = Counter((_scheme(line), v.evidence.value, v.verdict.value) for line, v in pairs)
    show.table(
        ["scheme", "evidence", "verdict", "lines"], [(*key, f"{n:,}") for key, n in sorted(kinds.items())], right=(3,)
    )
    show.say("")
    show.table(["pool", "asset", "lines", "counted", "hidden"], _amounts(judged, policy), right=(2, 3))
    refused = [(line, v) for line, v in pairs if v.verdict is not Verdict.VALID]
    if refused:
        show.say("", f"Lines that do not count ({len(refused):,}):")
        rows = [(line.id, v.verdict.value, v.code, v.reason) for line, v in refused[:problems]]
        show.table(["line", "verdict", "code", "reason"], rows)
    if len(refused) > problems:
        show.say(f"... and {len(refused) - problems:,} more: --problems shows more of them, --json all.")
    show.say("", *(f"note: {remark}" for remark in remarks))


def _amounts(judged: Judged, policy: Policy) -> list[tuple[str, ...]]:
    """Each holding as a decimal number, exactly."""
    lines = Counter((line.pool, line.asset) for line, verdict in _pairs(judged) if verdict.counted)
    rows: list[tuple[str, ...]] = []
    for h in judged.holdings:
        amount = format_amount(h.public, policy.assets[h.asset].decimals)
        rows.append((h.pool, h.asset, f"{lines[h.pool, h.asset]:,}", amount, "and more" if h.hidden else ""))
    return rows


def _report(judged: Judged, policy: Policy, remarks: Sequence[str]) -> dict[str, Any]:
    pairs = _pairs(judged)
    lines = [
        {
            "id": line.id,
            "verdict": v.verdict.value,
            "code": v.code,
            "reason": v.reason,
            "evidence": v.evidence.value,
            "counted": v.counted,
        }
        for line, v in pairs
    ]
    return {
        "done": True,
        "epoch": judged.snapshot.epoch,
        "taken_at": judged.snapshot.taken_at,
        "verdicts": dict(sorted(Counter(v.verdict.value for _, v in pairs).items())),
        "holdings": [
            {**h.to_json(), "amount": format_amount(h.public, policy.assets[h.asset].decimals)} for h in judged.holdings
        ],
        "lines": lines,
        "remarks": list(remarks),
    }


def _end(judged: Judged, as_json: bool) -> None:
    """Exit code 1 when a line is INVALID; what is only UNSUPPORTED or EXPIRED counts nothing and stops nobody."""
    invalid = sum(verdict.verdict is Verdict.INVALID for verdict in judged.verdicts)
    if not invalid:
        return
    if as_json:
        import click

        raise click.exceptions.Exit(1)
    raise Rejected(
        f"{invalid:,} of {len(judged.verdicts):,} lines are INVALID",
        where="collateral",
        code="E_COLLATERAL",
        hint="correct or remove them; what is published with them in it says so to everybody",
    )
