"""The auditor's report: one verdict first, then what it rests on and what it does not say."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from verifier.amounts import format_amount
from verifier.attestation import PAYLOAD_TYPE, Attestation
from verifier.book import Progress
from verifier.dsse import Envelope
from verifier.engine import Engine, get_engine
from verifier.epoch import (
    ATTESTATION,
    SignedBook,
    no_progress,
    open_directory,
    read_document,
    read_exchange_key,
    verify_directory,
)
from verifier.errors import Rejected, SolventError, Unavailable
from verifier.wire import HIDDEN, NONE, PUBLIC

QUALIFIED: Final = "QUALIFIED"
INCOMPLETE: Final = "INCOMPLETE"
STALE: Final = "STALE"
NOT_PROVEN: Final = (
    "that no account was left out (only customers who check find that)",
    "that the exchange holds any assets: this book proves what is owed, nothing more",
    "debts that are outside the book",
    "that one person has one account",
    "anything after the time of the snapshot",
    "the composed argument awaits outside review",
)
_DISCLOSURE: Final = {NONE: 0, HIDDEN: 1, PUBLIC: 2}


@dataclass(frozen=True)
class AuditReport:
    """What an audit found. It exists only where every proof held; refusals are raised, not reported.

    ``overall`` is QUALIFIED, INCOMPLETE (the previous attestation could not be checked) or STALE (expired at
    ``verified_at``). Times are POSIX seconds.
    """

    overall: str
    book: SignedBook
    verified_at: int
    engine: str
    qualifiers: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    not_proven: tuple[str, ...] = field(default=NOT_PROVEN)

    def to_json(self) -> dict[str, Any]:
        """The report for machines."""
        from verifier import __version__

        return {
            "type": "solvent:report/v1",
            "payload": self.book.payload,
            "verified_at": self.verified_at,
            "verifier": f"solvent-verifier {__version__} ({self.engine})",
            "reader": "",
            "overall": self.overall,
            "claims": {},
            "qualifiers": list(self.qualifiers + self.reasons),
            "lines": {},
            "figures": self.figures(),
            "codes": [],
            "not_proven": list(self.not_proven),
        }

    def figures(self) -> list[dict[str, Any]]:
        """Every figure with the place in the signed payload it was read from, after it was recomputed."""
        a = self.book.attestation
        rows = [_figure(self.book, "accounts", str(a.accounts), "rows", "proven", "/predicate/accounts")]
        for column in self.book.schema.columns:
            total = a.totals[column.name]
            value = format_amount(total.value, column.decimals) if isinstance(total.value, int) else ""
            status = {PUBLIC: "proven", HIDDEN: "proven, hidden", NONE: "withheld"}[total.mode]
            pointer = f"/predicate/totals/{column.name.replace('~', '~0').replace('/', '~1')}/value"
            rows.append(_figure(self.book, f"total:{column.name}", value, column.asset, status, pointer))
        return rows


def audit(
    directory: str | Path,
    exchange_key: str | bytes,
    *,
    previous: str | Path | None = None,
    now: int | None = None,
    engine: Engine | None = None,
    progress: Progress = no_progress,
) -> AuditReport:
    """Recompute everything public about one epoch directory.

    ``exchange_key`` is the exchange's Ed25519 public key, from a place the auditor trusts; ``previous`` the attestation
    before this one (else looked for in the sibling directories); ``now`` POSIX seconds (else the clock).
    Raises Malformed, Rejected or Unavailable.
    """
    directory, engine = Path(directory), engine or get_engine()
    book = open_directory(directory, exchange_key)
    verify_directory(directory, book, engine, progress)
    before = _previous(directory, book, previous, read_exchange_key(exchange_key))
    verified_at = int(time.time()) if now is None else now
    overall, reasons = _overall(book.attestation, before, verified_at)
    return AuditReport(overall, book, verified_at, engine.name, _qualifiers(book.attestation, before), reasons)


def _overall(a: Attestation, before: Attestation | None, now: int) -> tuple[str, tuple[str, ...]]:
    if now >= a.expires_at:
        return STALE, ("the attestation has expired",)
    if a.issued_at > now + 300:
        return INCOMPLETE, ("the attestation is dated in the future: check this computer's clock",)
    if a.identity.previous and before is None:
        return INCOMPLETE, ("the previous attestation was not found: give it with --previous",)
    return QUALIFIED, ()


def _qualifiers(a: Attestation, before: Attestation | None) -> tuple[str, ...]:
    found = ["unlogged: nothing here shows that everybody is given this same book"]
    if not a.identity.previous and a.identity.epoch != 1:
        found.append(f"the chain begins at epoch {a.identity.epoch}: no earlier book is named")
    if "sealed.bin" not in a.files:
        found.append("no sealed.bin: customers depend on the exchange for their bundles")
    if before is not None and _discloses_less(a, before):
        found.append("less is disclosed than in the previous epoch")
    return tuple(found)


def _discloses_less(a: Attestation, before: Attestation) -> bool:
    shared = [name for name in before.totals if name in a.totals]
    return any(_DISCLOSURE[a.totals[name].mode] < _DISCLOSURE[before.totals[name].mode] for name in shared)


def _previous(directory: Path, book: SignedBook, given: str | Path | None, key: bytes) -> Attestation | None:
    """The attestation that ``previous`` names, signed by the same key, or None where it is not at hand.

    Raises Rejected (E_BINDING) when it is there and is not earlier: time and epoch grow along a chain.
    """
    wanted = book.attestation.identity.previous
    if given is not None:
        found = _read_previous(Path(given), wanted, key)
        if found is None:
            raise _not_the_previous(str(given), wanted)
    elif not wanted:
        return None
    else:
        siblings = sorted(directory.resolve().parent.glob(f"*/{ATTESTATION}"))
        found = next(filter(None, (_read_sibling(path, wanted, key) for path in siblings)), None)
    if found is not None:
        _require_earlier(found, book.attestation)
    return found


def _read_previous(path: Path, wanted: str, key: bytes) -> Attestation | None:
    """The attestation in ``path`` if it is the wanted one. Raises SolventError for an unreadable or unsigned file."""
    envelope = Envelope.from_bytes(read_document(path), PAYLOAD_TYPE, path.name)
    if envelope.digest != wanted:
        return None
    envelope.require_signatures([key], 1, path.name)
    return Attestation.from_payload(envelope.payload)


def _read_sibling(path: Path, wanted: str, key: bytes) -> Attestation | None:
    """The same where nobody promised what the file is."""
    try:
        return _read_previous(path, wanted, key)
    except SolventError:
        return None


def _require_earlier(before: Attestation, a: Attestation) -> None:
    earlier, later = before.identity, a.identity
    if earlier.exchange != later.exchange or earlier.epoch >= later.epoch or earlier.taken_at >= later.taken_at:
        raise Rejected(
            "the attestation it continues is not an earlier one of the same exchange",
            where="attestation: previous",
            code="E_BINDING",
            hint="both files are signed: keep them, together they show that the exchange broke its chain",
        )


def _not_the_previous(name: str, wanted: str) -> Unavailable:
    if wanted:
        message = "this is not the attestation that the book continues"
        hint = "give the one whose payload has the digest in the member previous, or leave --previous out"
    else:
        message = "the book continues no attestation: it says that it is the first of its chain"
        hint = "if it should continue this one, its exchange broke the chain: keep both; else leave --previous out"
    return Unavailable(message, where=name, code="E_FILE", hint=hint)


def _figure(book: SignedBook, name: str, value: str, unit: str, status: str, pointer: str) -> dict[str, Any]:
    return {
        "id": name,
        "value": value,
        "unit": unit,
        "status": status,
        "doc": book.payload,
        "pointer": pointer,
        "inputs": [],
    }
