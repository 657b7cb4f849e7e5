"""What a customer's check found, for people (verdict first) and for machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from verifier.cli.text import age, facts, table, utc
from verifier.codes import Explanation
from verifier.inclusion import VerifiedRow

ROW_NOT_PROVEN: Final = (
    "that the exchange holds the coins: your row says what it owes you; what it holds is for solvent-verify audit",
    "that the rest of the book is right (solvent-verify audit tells) or complete (only customers who check find that)",
    "anything after the snapshot, or debts kept outside the book",
)


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


def codes_text(found: Mapping[str, Explanation]) -> list[str]:
    """What each code means, where such things happen, and what to do."""
    lines: list[str] = []
    for code, said in found.items():
        lines += ["", f"{code}: {said.what}", *facts([("where", said.where), ("what to do", said.do)])]
    return lines[1:]


def _not_proven(lines: tuple[str, ...]) -> list[str]:
    return ["What this does not prove:", *(f"  - {line}" for line in lines)]
