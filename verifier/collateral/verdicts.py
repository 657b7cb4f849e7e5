"""The verdict on every line of a snapshot (docs/collateral.md).

For each line, in this order; the first refusal is the verdict:

1. It is not said twice (E_LINE_DUPLICATE).
2. Unit, asset, pool and chain belong together (E_LINE_UNIT).
3. No more is encumbered than held (E_LINE_ENCUMBERED).
4. There is a signature (E_LINE_UNSIGNED).
5. Somebody vouches for the amount (E_LINE_UNVOUCHED).
6. The chain was read when it says (E_LINE_CHAIN), the beacon is recent (E_LINE_CHAIN, E_FUTURE).
7. The statement fits, or the message may be used, or the refusal of ``check_entry`` or ``ownership_claims``.
8. The signatures are the owner's, all lines together (``verify_many``).

Attacks: tests/unit/verifier/collateral/test_verdicts.py and its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from verifier.collateral import line_rules
from verifier.collateral.duplicates import find_duplicates
from verifier.collateral.ecmult import SumsWithGenerator, sums_with_generator
from verifier.collateral.entry_rules import check_entry, unmet_roles
from verifier.collateral.evidence import Evidence, Verdict
from verifier.collateral.line_rules import Case, evidence_class, require_binding
from verifier.collateral.lines import EntryBacking, Line
from verifier.collateral.ownership import Claims, judge_owners, ownership_claims
from verifier.collateral.rules import REPORT, EvidenceClass, Facts, LineVerdict, RequireRole, Rules
from verifier.collateral.snapshot import Snapshot
from verifier.errors import Rejected, SolventError

_RULES: Final[tuple[Callable[[Case, Line], None], ...]] = (
    line_rules.unit_and_pool,
    line_rules.encumbered,
    line_rules.signed,
    line_rules.vouched_for,
    line_rules.chain_is_read,
    line_rules.beacon_is_recent,
)


def judge_snapshot(
    snapshot: Snapshot,
    rules: Rules,
    facts: Facts,
    require_role: RequireRole,
    multiply: SumsWithGenerator = sums_with_generator,
) -> tuple[LineVerdict, ...]:
    """The verdict on every line, in order; ``multiply`` does the heavy part of key recovery.

    Raises Rejected (E_BINDING) when the snapshot is not that of ``facts``; whatever is wrong with a line is its
    verdict, never an exception. That the exchange signed the snapshot is for the caller to check.
    """
    require_binding(snapshot, facts)
    case = Case(
        snapshot,
        rules,
        facts,
        find_duplicates(snapshot.lines, snapshot.statements),
        unmet_roles(snapshot, require_role),
    )
    planned = [_plan(case, index, line) for index, line in enumerate(snapshot.lines)]
    claims = {index: plan for index, plan in enumerate(planned) if not isinstance(plan, Evidence)}
    found = judge_owners(claims, multiply)
    settled = [plan if isinstance(plan, Evidence) else found[index] for index, plan in enumerate(planned)]
    pairs = zip(snapshot.lines, settled, strict=True)
    return tuple(_verdict(case, index, line, evidence) for index, (line, evidence) in enumerate(pairs))


def _plan(case: Case, index: int, line: Line) -> Evidence | Claims:
    """The verdict, or the claims that decide it."""
    try:
        if index in case.duplicates:
            other = case.snapshot.lines[case.duplicates[index]]
            raise Rejected(f"line {other.id} says the same", where="line", code="E_LINE_DUPLICATE")
        for rule in _RULES:
            rule(case, line)
        if isinstance(line.backing, EntryBacking):
            return Evidence(Verdict.VALID, "", check_entry(case, line, line.backing))
        return ownership_claims(case, line.backing)
    except SolventError as error:
        return Evidence.refused(error)


def _verdict(case: Case, index: int, line: Line, evidence: Evidence) -> LineVerdict:
    kind = evidence_class(line)
    told_only = kind is EvidenceClass.LEGACY and case.rules.legacy == REPORT
    statement = case.statement(line)
    return LineVerdict(
        index=index,
        verdict=evidence.verdict,
        code=evidence.code,
        reason=evidence.reason,
        evidence=kind,
        counted=evidence.counts and not told_only,
        role="" if statement is None else statement.custody.role,
    )
