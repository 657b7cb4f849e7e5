"""The rules that a line must meet before anybody looks at signatures (docs/collateral.md).

Each function is one rule: it raises the refusal, or returns nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.collateral.accounts import parse_account
from verifier.collateral.custody import Statement
from verifier.collateral.lines import AddressBacking, EntryBacking, Line, ValidatorBacking
from verifier.collateral.quantities import unit_chain
from verifier.collateral.rules import OBSERVER, EvidenceClass, Facts, Rules
from verifier.collateral.snapshot import Snapshot
from verifier.errors import Rejected, SolventError
from verifier.group import Point


@dataclass(frozen=True, slots=True)
class Case:
    """What every rule may look at.

    ``duplicates`` names the line that each of them repeats; ``standing`` holds the refusal of each statement whose role
    is not met.
    """

    snapshot: Snapshot
    rules: Rules
    facts: Facts
    duplicates: Mapping[int, int]
    standing: Mapping[int, SolventError]

    def statement(self, line: Line) -> Statement | None:
        """The statement of a vouched line, if there is one."""
        backing, statements = line.backing, self.snapshot.statements
        if isinstance(backing, EntryBacking) and backing.statement < len(statements):
            return statements[backing.statement]
        return None


def evidence_class(line: Line) -> EvidenceClass:
    """Fresh where M must have been signed, legacy where the line names another message, vouched for the rest."""
    if isinstance(line.backing, EntryBacking):
        return EvidenceClass.VOUCHED
    named = isinstance(line.backing, AddressBacking) and line.backing.message is not None
    return EvidenceClass.LEGACY if named else EvidenceClass.FRESH


def require_binding(snapshot: Snapshot, facts: Facts) -> None:
    """Raises Rejected (E_BINDING) unless the snapshot is the attestation's, under its policy."""
    for name in ("exchange", "epoch", "taken_at", "policy"):
        if getattr(snapshot, name) != getattr(facts, name):
            raise Rejected(
                "this snapshot belongs to another attestation", where=f"collateral: {name}", code="E_BINDING"
            )


def unit_and_pool(case: Case, line: Line) -> None:
    """E_LINE_UNIT: the unit belongs to the asset and is on the account's chain; the pool exists."""
    asset = case.rules.assets.get(line.asset)
    if asset is None or line.unit not in asset.units:
        raise Rejected(f"the policy has no unit {line.unit} of {line.asset}", where="unit", code="E_LINE_UNIT")
    if line.pool not in case.rules.pools:
        raise Rejected(f"the policy has no pool {line.pool}", where="pool", code="E_LINE_UNIT")
    if evidence_class(line) is not EvidenceClass.VOUCHED and unit_chain(line.unit) != chain_of(line):
        raise Rejected("the unit is not on the chain of the account", where="unit", code="E_LINE_UNIT")


def encumbered(_case: Case, line: Line) -> None:
    """E_LINE_ENCUMBERED: no more is pledged than held, and nothing where the amount is hidden."""
    most = 0 if isinstance(line.value, Point) else line.value
    if line.encumbered > most:
        reason = "a hidden amount has nothing encumbered" if line.hidden else "more is encumbered than held"
        raise Rejected(reason, where="encumbered", code="E_LINE_ENCUMBERED")


def signed(case: Case, line: Line) -> None:
    """E_LINE_UNSIGNED: there is a signature at all."""
    statement, backing = case.statement(line), line.backing
    if isinstance(backing, EntryBacking):
        unsigned = statement is not None and not statement.envelope.signatures
    else:
        unsigned = not backing.signatures
    if unsigned:
        raise Rejected("there is no signature", where="signatures", code="E_LINE_UNSIGNED")


def vouched_for(case: Case, line: Line) -> None:
    """E_LINE_UNVOUCHED: where the policy wants an observer's word for amounts, the observer signed the snapshot."""
    if case.rules.amounts != OBSERVER or case.facts.observer_signed:
        return
    if not isinstance(line.backing, EntryBacking):
        reason = "no observer signed the snapshot, and the policy wants one for amounts"
        raise Rejected(reason, where="amount", code="E_LINE_UNVOUCHED")


def chain_is_read(case: Case, line: Line) -> None:
    """E_LINE_CHAIN: the line's chain was read at one height, near taken_at, deep enough.

    Legacy lines are exempt. The depth is compared where the verifier knows the chain's tip.
    """
    name = chain_of(line)
    if not name or evidence_class(line) is EvidenceClass.LEGACY:
        return
    head, least = case.snapshot.chains.get(name), case.rules.finality.get(name)
    where = f"chains: {name}"
    if head is None or least is None:
        missing = "the snapshot does not say at which block" if head is None else "the policy does not say how deep"
        raise Rejected(f"{missing} this chain was read", where=where, code="E_LINE_CHAIN")
    if abs(head.time - case.snapshot.taken_at) > case.rules.skew_s:
        raise Rejected("this chain was read too long before or after the snapshot", where=where, code="E_LINE_CHAIN")
    tip = case.facts.tips.get(name)
    if tip is not None and tip - head.height < least:
        raise Rejected("this chain was read at a block that is not final", where=where, code="E_LINE_CHAIN")


def beacon_is_recent(case: Case, line: Line) -> None:
    """What rests on the challenge needs a recent beacon: E_LINE_CHAIN for an old one, E_FUTURE for one to come."""
    if not _rests_on_challenge(case, line):
        return
    age = case.snapshot.taken_at - case.snapshot.beacon.time
    if age > case.rules.beacon_age_s:
        raise Rejected("the beacon is older than the policy allows", where="beacon", code="E_LINE_CHAIN")
    if -age > case.rules.skew_s:
        raise Rejected("the beacon is later than the snapshot", where="beacon", code="E_FUTURE")


def chain_of(line: Line) -> str:
    """The chain that a line's coins are on, CAIP-2, or "". Raises Malformed (E_LINE_ACCOUNT)."""
    if isinstance(line.backing, AddressBacking):
        return parse_account(line.backing.account).chain
    return line.backing.chain if isinstance(line.backing, ValidatorBacking) else unit_chain(line.unit)


def _rests_on_challenge(case: Case, line: Line) -> bool:
    if evidence_class(line) is EvidenceClass.VOUCHED:
        statement = case.statement(line)
        return statement is not None and statement.custody.challenge != ""
    return evidence_class(line) is EvidenceClass.FRESH
