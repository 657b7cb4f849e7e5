"""The rules of lines that rest on another party's statement (docs/collateral.md)."""

from __future__ import annotations

from verifier.collateral.accounts import parse_account
from verifier.collateral.custody import Custody, Entry, Statement
from verifier.collateral.duplicates import canonical_account
from verifier.collateral.line_rules import Case
from verifier.collateral.lines import EntryBacking, Line
from verifier.collateral.rules import RequireRole
from verifier.collateral.snapshot import Snapshot
from verifier.errors import Rejected, SolventError, Unavailable


def unmet_roles(snapshot: Snapshot, require_role: RequireRole) -> dict[int, SolventError]:
    """The refusal of every statement that the keys of its role did not sign, by its index."""
    refused: dict[int, SolventError] = {}
    for index, statement in enumerate(snapshot.statements):
        try:
            require_role(statement.custody.role, statement.envelope)
        except Unavailable as error:
            refused[index] = error
        except SolventError as error:
            reason = f"the statement is not signed by {statement.custody.role}: {error.message}"
            refused[index] = Rejected(reason, where="statement", code="E_LINE_ENTRY", hint=error.hint)
    return refused


def check_entry(case: Case, line: Line, backing: EntryBacking) -> str:
    """Who vouches, as one sentence. Raises the refusal.

    1. The entry exists and the line repeats it (E_LINE_ENTRY).
    2. The statement is for this exchange, of the line's kind, signed by its role (E_LINE_ENTRY).
    3. It belongs to this epoch, or to none where its kind may (E_LINE_REPLAY).
    4. It does not speak of the future (E_FUTURE) and has not expired (E_EXPIRED).
    5. The accounts that it covers can be read.
    """
    statement, entry = _find(case, line, backing)
    _repeats(line, entry)
    _fits(case, line, backing, statement.custody)
    _epoch(case, statement.custody)
    _times(case, statement.custody, entry)
    for account in entry.covers:
        canonical_account(parse_account(account, "covers"))
    return f"vouched for by {statement.custody.role}"


def _entry_error(reason: str, where: str = "entry") -> Rejected:
    return Rejected(reason, where=where, code="E_LINE_ENTRY")


def _find(case: Case, line: Line, backing: EntryBacking) -> tuple[Statement, Entry]:
    statement = case.statement(line)
    if statement is None:
        raise _entry_error("there is no statement of this number", "statement")
    if backing.entry >= len(statement.custody.entries):
        raise _entry_error("the statement has no entry of this number")
    return statement, statement.custody.entries[backing.entry]


def _repeats(line: Line, entry: Entry) -> None:
    for name in ("asset", "unit", "value", "encumbered"):
        if getattr(line, name) != getattr(entry, name):
            what = "amount or commitment" if name == "value" else name
            raise _entry_error(f"the statement says another {what}", what)


def _fits(case: Case, line: Line, backing: EntryBacking, custody: Custody) -> None:
    if custody.exchange != case.snapshot.exchange:
        raise _entry_error("the statement is for another exchange", "statement")
    if custody.kind != line.kind:
        raise _entry_error(f"the statement is of kind {custody.kind}, the line of kind {line.kind}", "kind")
    if backing.statement in case.standing:
        raise case.standing[backing.statement]


def _epoch(case: Case, custody: Custody) -> None:
    bound = (custody.epoch, custody.challenge)
    if bound == (case.snapshot.epoch, case.snapshot.challenge):
        return
    if custody.kind == "custody" or bound != (0, ""):
        raise Rejected("the statement was made for another epoch", where="statement", code="E_LINE_REPLAY")


def _times(case: Case, custody: Custody, entry: Entry) -> None:
    taken_at, rules = case.snapshot.taken_at, case.rules
    valued = custody.kind != "custody"
    if custody.as_of > taken_at + rules.skew_s:
        raise Rejected("the statement speaks of a time after the snapshot", where="as_of", code="E_FUTURE")
    if valued and entry.valuation_at > taken_at + rules.skew_s:
        raise Rejected("the valuation is of a time after the snapshot", where="valuation_at", code="E_FUTURE")
    if taken_at >= custody.expires_at:
        raise Rejected("the statement had expired when the snapshot was taken", where="expires_at", code="E_EXPIRED")
    if valued and taken_at - entry.valuation_at > rules.valuation_age_s:
        raise Rejected("the valuation is older than the policy allows", where="valuation_at", code="E_EXPIRED")
