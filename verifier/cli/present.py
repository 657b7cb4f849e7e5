"""What was found, for people (verdict first) and for machines."""

from __future__ import annotations

from typing import Any, Final

from verifier.cli.text import age, elapsed, facts, table, utc
from verifier.inclusion import VerifiedRow
from verifier.report import INCOMPLETE, QUALIFIED, STALE, AuditReport

ROW_NOT_PROVEN: Final = (
    "that the exchange holds the coins: the book says what it owes, not what it has",
    "that the rest of the book is right (solvent-verify audit tells) or complete (only customers who check find that)",
    "anything after the snapshot, or debts kept outside the book",
)
_VERDICTS: Final = {
    QUALIFIED: "QUALIFIED: every proof of this book holds, with the reservations below.",
    INCOMPLETE: "INCOMPLETE: every proof of this book holds, but not everything could be checked:",
    STALE: "STALE: every proof of this book holds, but it is too old to speak of today:",
}


def row_text(row: VerifiedRow, now: int) -> list[str]:
    """A customer's answer; ``now`` is POSIX seconds."""
    book = f"the book of {row.exchange} at {utc(row.taken_at)}"
    old = now >= row.expires_at
    lines = [f"OLD BUT VERIFIED: your balances were in {book}." if old else f"VERIFIED: your balances are in {book}."]
    if not row.compared:
        lines = [
            "You are in the book with THESE balances: compare them with your own records.",
            f"They stand in {book}. Until they are compared, nothing says that they are right.",
        ]
    if old:
        lines += [f"This attestation expired on {utc(row.expires_at)}: it speaks of a past day. Look for a newer one."]
    return [*lines, "", *_row_facts(row, now), "", *_balances(row), "", *_not_proven(ROW_NOT_PROVEN)]


def _row_facts(row: VerifiedRow, now: int) -> list[str]:
    return facts(
        [
            ("exchange", f"{row.exchange}, epoch {row.epoch}"),
            ("snapshot", f"{utc(row.taken_at)}, {age(now - row.taken_at)}"),
            ("position", f"row {row.index} of {row.accounts:,}, counted from 0"),
            ("row id", row.row_id),
            ("signed", row.payload),
            ("account", row.account_id),
        ]
    )


def _balances(row: VerifiedRow) -> list[str]:
    if not row.balances:
        return ["  No balances: the book says that you hold nothing and owe nothing."]
    return table(
        ("asset", "kind", "amount", "column"), [(b.asset, b.kind, b.amount, b.column) for b in row.balances], 2
    )


def row_json(row: VerifiedRow, now: int) -> dict[str, Any]:
    """The same for machines: amounts are text, times POSIX seconds."""
    from verifier import __version__

    balances = [
        {"column": b.column, "asset": b.asset, "kind": b.kind, "amount": b.amount, "units": str(b.units)}
        for b in row.balances
    ]
    return {
        "verdict": "verified",
        "compared": row.compared,
        "exchange": row.exchange,
        "epoch": row.epoch,
        "taken_at": row.taken_at,
        "expires_at": row.expires_at,
        "verified_at": now,
        "expired": now >= row.expires_at,
        "payload": row.payload,
        "account_id": row.account_id,
        "index": row.index,
        "accounts": row.accounts,
        "row_id": row.row_id,
        "balances": balances,
        "not_proven": list(ROW_NOT_PROVEN),
        "codes": [],
        "verifier": f"solvent-verifier {__version__}",
    }


def report_text(report: AuditReport) -> list[str]:
    """An auditor's answer."""
    reasons = [f"  - {reason}" for reason in report.reasons]
    reservations = ["Reservations:", *(f"  - {text}" for text in report.qualifiers)]
    verdict = _VERDICTS.get(report.overall, f"{report.overall}: every proof of this book holds.")
    parts = [
        [verdict, *reasons],
        _report_facts(report),
        _totals(report),
        reservations if report.qualifiers else [],
        _not_proven(report.not_proven),
    ]
    return [line for part in parts if part for line in ("", *part)][1:]


def _report_facts(report: AuditReport) -> list[str]:
    a = report.book.attestation
    return facts(
        [
            ("exchange", f"{a.identity.exchange}, epoch {a.identity.epoch}"),
            ("snapshot", utc(a.identity.taken_at)),
            ("signed on", utc(a.issued_at)),
            ("expires", utc(a.expires_at)),
            ("judged at", f"{utc(report.verified_at)}, {_distance(report.verified_at - a.identity.taken_at)}"),
            ("rows", f"{a.accounts:,}"),
            ("signed", report.book.payload),
            ("previous", a.identity.previous or "none: the first of its chain"),
            ("engine", report.engine),
        ]
    )


def _distance(seconds: int) -> str:
    return f"{elapsed(abs(seconds))} {'after' if seconds >= 0 else 'before'} the snapshot"


def _totals(report: AuditReport) -> list[str]:
    """One line per column: the exact total, or why there is none to see."""
    figures = {figure["id"]: figure for figure in report.figures()}
    rows = []
    for column in report.book.schema.columns:
        figure = figures[f"total:{column.name}"]
        rows.append((column.name, column.asset or "-", column.kind, figure["value"] or "-", figure["status"]))
    return table(("column", "asset", "kind", "total", "status"), rows, 3)


def _not_proven(lines: tuple[str, ...]) -> list[str]:
    return ["What this does not prove:", *(f"  - {line}" for line in lines)]
