"""The audit: one call recomputes everything public about an epoch directory (docs/statement.md, 1 to 5 and 8).

The steps, in order; whatever is refused in 1 to 9 is raised at once:

1. The attestation is signed by the role exchange, and by the reader's own keys where asked for (``open_trusted``).
2. Every file is the one that was signed, every document the one that is named.
3. The policy: signed by risk, in force, and the attestation no longer valid than it allows.
4. The scenarios: signed by risk. The prices: what the quotes come to that their sources signed.
5. The book was made under this policy.
6. The snapshot is signed by the exchange; every line gets its verdict.
7. The holdings are what the lines that count come to.
8. The book: every row, the totals, the sealed records.
9. The claims are the policy's; each is recomputed or proven. One that does not hold is a result, not an exception.
10. The attestation before this one is found and earlier.
11. One verdict.

Attacks: tests/unit/verifier/statement/, one file for each module there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from verifier import epoch as epochs
from verifier.attestation import Attestation
from verifier.book import Progress
from verifier.engine import Engine, get_engine
from verifier.epoch import SignedBook, no_progress
from verifier.errors import Rejected, Unavailable
from verifier.markets.claims import Market
from verifier.markets.policy import Policy
from verifier.report import FAILED, AuditFailed, AuditReport
from verifier.statement import backing as backings
from verifier.statement import claims as claim_status
from verifier.statement import market as markets
from verifier.statement import verdict
from verifier.statement.backing import Backing
from verifier.statement.chain import Previous, find_previous
from verifier.statement.claims import ClaimResult, check_claims, grown_stale, unverified_claims
from verifier.statement.not_proven import not_proven
from verifier.statement.published import Documents, read_documents
from verifier.statement.require import unmet
from verifier.statement.standing import (
    knows_roles,
    open_trusted,
    trust_at_first_contact,
    trust_of_key,
    trust_of_reader,
)
from verifier.trust.reader import Reader
from verifier.trust.roles import Trust


@dataclass(frozen=True)
class VerifiedEpoch:
    """An epoch whose book, documents, holdings and claims were recomputed.

    ``market`` and ``backing`` are missing where there is no policy, or where the reader has the exchange's key alone,
    so that nobody can say who signed it.
    """

    book: SignedBook
    trust: Trust
    claims: tuple[ClaimResult, ...] = ()
    market: Market | None = field(default=None, repr=False)
    backing: Backing | None = field(default=None, repr=False)

    def require_claims(self) -> None:
        """Raises Rejected with the code of the first claim that does not hold."""
        for result in self.claims:
            if result.status == claim_status.FAILED:
                raise Rejected(
                    f"the claim does not hold: {result.reason}",
                    where=f"claims: {result.claim.name}",
                    code=result.code,
                    details=verdict.failures(self.claims),
                )


def audit(  # noqa: PLR0913 (all but the first two by name: each is something a reader may bring)
    directory: str | Path,
    exchange_key: str | bytes | None = None,
    *,
    reader: Reader | str | Path | None = None,
    roots: Sequence[str | Path] = (),
    previous: str | Path | None = None,
    now: int | None = None,
    engine: Engine | None = None,
    progress: Progress = no_progress,
) -> AuditReport:
    """Recompute everything public about one epoch directory.

    ``reader`` is the reader's own file (or a parsed one): what they pin and ask for. ``exchange_key``, the exchange's
    Ed25519 public key, is enough for a book without a policy. Both come from a place that the auditor trusts; without
    either, the directory's own root document is taken: *first contact*. ``roots`` are files with more versions of the
    root document; ``previous`` is the attestation before this one (else looked for in the sibling directories); ``now``
    POSIX seconds (else the clock).
    Raises Malformed, Rejected or Unavailable; a Rejected that concerns claims alone has the whole ``report``.
    """
    directory, engine = Path(directory), engine or get_engine()
    asked = _read_reader(reader)
    trust = _trust(directory, exchange_key, asked, [Path(path) for path in roots])
    book = open_trusted(directory, trust)
    epoch = examine(directory, book, trust, engine, progress)
    before = find_previous(directory, book.attestation, trust, None if previous is None else Path(previous))
    if before is not None and epoch.market is not None:
        markets.require_not_older(epoch.market, before.policy, before.scenarios)
    report = conclude(epoch, before, asked, int(time.time()) if now is None else now, engine.name)
    if report.overall == FAILED:
        raise AuditFailed(report)
    return report


def verify_directory(
    directory: Path, book: SignedBook, trust: Trust, engine: Engine, progress: Progress
) -> VerifiedEpoch:
    """Steps 2 to 9, every claim included: what an exchange checks before it releases an epoch.

    ``book`` comes from ``open_trusted``. Raises Rejected, Malformed or Unavailable.
    """
    epoch = examine(directory, book, trust, engine, progress)
    epoch.require_claims()
    return epoch


def examine(directory: Path, book: SignedBook, trust: Trust, engine: Engine, progress: Progress) -> VerifiedEpoch:
    """Steps 2 to 9; claims that do not hold are among the results."""
    attestation = book.attestation
    documents = read_documents(directory, attestation)
    if not attestation.digests["policy"]:
        epochs.verify_rows(directory, book, engine, progress)
        return VerifiedEpoch(book, trust)
    if not knows_roles(trust):
        epochs.verify_rows(directory, book, engine, progress)
        policy = Policy.from_bytes(documents.envelopes["policy"].payload)
        return VerifiedEpoch(book, trust, unverified_claims(attestation, policy))
    market = _market(documents, book, trust)
    backing = backings.judge_backing(documents, attestation, market.policy, trust, engine, progress)
    backings.require_holdings(attestation, backing, market.policy)
    epochs.verify_rows(directory, book, engine, progress)
    claims = check_claims(directory, attestation, book.schema, market, engine)
    return VerifiedEpoch(book, trust, claims, market, backing)


def conclude(
    epoch: VerifiedEpoch, before: Previous | None, reader: Reader | None, now: int, engine: str
) -> AuditReport:
    """Step 11: the report, whatever its verdict."""
    attestation, backing = epoch.book.attestation, epoch.backing
    everything = verdict.expired(attestation, epoch.trust, now)
    holdings = verdict.expired_holdings(backing, now)
    claims = tuple(grown_stale(result, holdings, everything) for result in epoch.claims)
    found = verdict.Findings(
        failed=verdict.failures(claims),
        stale=tuple(dict.fromkeys(filter(None, (everything, *holdings.values())))),
        incomplete=_incomplete(epoch, claims, before, now),
        qualifiers=_qualifiers(epoch, claims, before, reader is not None),
    )
    return AuditReport(
        overall=found.overall,
        book=epoch.book,
        verified_at=now,
        engine=engine,
        qualifiers=found.qualifiers,
        reasons=found.reasons,
        not_proven=not_proven(bool(attestation.digests["policy"])),
        reader="" if reader is None else reader.digest,
        root=epoch.trust.root,
        claims=claims,
        market=epoch.market,
        backing=backing,
    )


def _market(documents: Documents, book: SignedBook, trust: Trust) -> Market:
    """Steps 3 to 5."""
    attestation: Attestation = book.attestation
    policy = markets.read_policy(documents, attestation, trust)
    scenarios = markets.read_scenarios(documents, attestation, trust)
    prices = markets.read_prices(documents, policy, attestation.identity.taken_at, trust)
    markets.require_schema(book.schema, policy)
    return Market(policy, prices, scenarios)


def _incomplete(
    epoch: VerifiedEpoch, claims: tuple[ClaimResult, ...], before: Previous | None, now: int
) -> tuple[str, ...]:
    policy = None if epoch.market is None else epoch.market.policy
    return (
        *verdict.undecided(epoch.book.attestation, before, now),
        *verdict.unmade(claims),
        *unmet(epoch.trust.reader.require, claims, epoch.book.schema, policy),
    )


def _qualifiers(
    epoch: VerifiedEpoch, claims: tuple[ClaimResult, ...], before: Previous | None, has_reader: bool
) -> tuple[str, ...]:
    amounts = "" if epoch.market is None else epoch.market.policy.collateral.amounts
    return (
        *verdict.about_trust(epoch.trust, has_reader),
        *verdict.about_lines(epoch.backing, amounts, epoch.trust),
        *verdict.about_models(epoch.market, claims, epoch.book.schema),
        *verdict.about_publication(epoch.book.attestation, before),
    )


def _read_reader(reader: Reader | str | Path | None) -> Reader | None:
    if reader is None or isinstance(reader, Reader):
        return reader
    path = Path(reader)
    return Reader.from_text(epochs.read_document(path), path.name)


def _trust(directory: Path, key: str | bytes | None, reader: Reader | None, roots: Sequence[Path]) -> Trust:
    if key is not None and reader is not None:
        raise Unavailable(
            "a key and a reader file say twice whom to trust",
            where="exchange key",
            code="E_USAGE",
            hint="give the reader file alone: it may name the key as its root",
        )
    if reader is not None:
        return trust_of_reader(directory, reader, roots)
    if key is not None and roots:
        raise Unavailable(
            "with a key alone no root document is read",
            where="root document",
            code="E_USAGE",
            hint="give a reader file that pins a root document, or leave the root documents out",
        )
    if key is not None:
        return trust_of_key(directory, key)
    return trust_at_first_contact(directory, roots)
