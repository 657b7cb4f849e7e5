"""The auditor's report: one verdict first, then what it rests on and what it does not say (docs/statement.md, 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from verifier.epoch import SignedBook
from verifier.errors import Rejected
from verifier.markets.claims import Market
from verifier.statement import figures, verdict
from verifier.statement.backing import Backing
from verifier.statement.claims import ClaimResult
from verifier.statement.figures import Figure
from verifier.trust.names import document_type
from verifier.trust.root import Root

TYPE: Final = document_type("report")
VERIFIED: Final = verdict.VERIFIED
QUALIFIED: Final = verdict.QUALIFIED
INCOMPLETE: Final = verdict.INCOMPLETE
STALE: Final = verdict.STALE
FAILED: Final = verdict.FAILED


@dataclass(frozen=True)
class AuditReport:
    """What an audit found. Every proof of the book held; whatever did not hold is a claim, or was raised instead.

    ``overall`` is VERIFIED, QUALIFIED, INCOMPLETE, STALE or FAILED; times are POSIX seconds. ``qualifiers`` are
    reservations, ``reasons`` say why it is STALE, INCOMPLETE or FAILED. ``root`` is the root document in force;
    ``market`` and ``backing`` are missing where there is no policy, or nobody could say who signed it.
    """

    overall: str
    book: SignedBook
    verified_at: int
    engine: str
    qualifiers: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    not_proven: tuple[str, ...] = ()
    reader: str = ""
    root: Root | None = field(default=None, repr=False)
    claims: tuple[ClaimResult, ...] = ()
    market: Market | None = field(default=None, repr=False)
    backing: Backing | None = field(default=None, repr=False)

    def to_json(self) -> dict[str, Any]:
        """The report for machines: the same bytes for the same files, engine and ``verified_at``."""
        from verifier import __version__

        return {
            "type": TYPE,
            "payload": self.book.payload,
            "verified_at": self.verified_at,
            "verifier": f"solvent-verifier {__version__} ({self.engine})",
            "reader": self.reader,
            "overall": self.overall,
            "claims": {result.claim.name: result.told() for result in self.claims},
            "qualifiers": list(self.qualifiers + self.reasons),
            "lines": dict(self.lines),
            "figures": self.figures(),
            "codes": list(self.codes),
            "not_proven": list(self.not_proven),
        }

    @property
    def lines(self) -> Mapping[str, int]:
        """How many lines of the snapshot got which verdict."""
        return verdict.line_counts(self.backing)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of claims that do not hold, sorted."""
        return tuple(sorted({result.code for result in self.claims if result.status == "failed"}))

    def figures(self) -> list[dict[str, Any]]:
        """Every figure with the place it was read from, after it was recomputed, or the formula that gives it."""
        return [figure.to_json() for figure in self.all_figures()]

    def all_figures(self) -> tuple[Figure, ...]:
        """The same, as objects."""
        return figures.figures(self.book, self.market, self.claims)


class AuditFailed(Rejected):
    """A claim does not hold. ``report`` is the whole report, FAILED."""

    def __init__(self, report: AuditReport) -> None:
        failed = [result for result in report.claims if result.status == "failed"]
        super().__init__(
            report.reasons[0],
            where="claims",
            code=failed[0].code,
            hint="what the attestation says of itself is not true: do not rely on it, and keep the files",
            details=report.reasons if len(report.reasons) > 1 else (),
        )
        self.report = report
