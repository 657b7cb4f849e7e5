"""From what was found to one word (docs/statement.md, 8): FAILED, STALE, INCOMPLETE, QUALIFIED, VERIFIED.

Each function looks for one kind of thing and says in plain words what it found; ``overall`` is the precedence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from verifier.attestation import Attestation
from verifier.collateral.evidence import Verdict
from verifier.collateral.line_rules import chain_of
from verifier.collateral.lines import EntryBacking
from verifier.collateral.rules import EXCHANGE, EvidenceClass
from verifier.markets.claims import Market
from verifier.markets.descriptors import InKind, ScenarioOf
from verifier.markets.linear import Holding, Inequality, Total
from verifier.schema import Schema
from verifier.statement.backing import Backing
from verifier.statement.chain import Previous, less_disclosed
from verifier.statement.claims import FAILED as CLAIM_FAILED
from verifier.statement.claims import STALE as CLAIM_STALE
from verifier.statement.claims import ClaimResult
from verifier.trust.roles import Trust

VERIFIED: Final = "VERIFIED"
QUALIFIED: Final = "QUALIFIED"
INCOMPLETE: Final = "INCOMPLETE"
STALE: Final = "STALE"
FAILED: Final = "FAILED"
CLOCK_SKEW_S: Final = 300
"""How far in the future an attestation may be dated before the reader's clock is in doubt."""

UNLOGGED: Final = "unlogged: nothing here shows that everybody is given this same book"
PREVIOUS_UNKNOWN: Final = "the previous attestation was not found: give it with --previous"
NO_SEALED: Final = "no sealed.bin: customers depend on the exchange for their bundles"
FIRST_CONTACT: Final = (
    "first contact: the root document was taken as it came, and nothing says that it is the exchange's; "
    "compare its digest and put it into a reader file"
)
NO_READER: Final = "no reader file: no claim was asked for, and whatever the exchange chose to claim is enough"
ONLY_COVERAGE: Final = "no reader file: no claim was asked for but a coverage of 100 %"
ALONE: Final = "the exchange alone vouches for the amounts behind addresses and validators"


@dataclass(frozen=True)
class Findings:
    """What speaks against VERIFIED, by what it leads to; each entry is one plain sentence."""

    failed: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()
    qualifiers: tuple[str, ...] = ()

    @property
    def overall(self) -> str:
        """The first that applies."""
        for found, word in ((self.failed, FAILED), (self.stale, STALE), (self.incomplete, INCOMPLETE)):
            if found:
                return word
        return QUALIFIED if self.qualifiers else VERIFIED

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is not decided, or decided against: the gravest first."""
        return (*self.failed, *self.stale, *self.incomplete)


def expired(attestation: Attestation, trust: Trust, now: int) -> str:
    """What everything rests on and has expired at ``now``; "" where nothing has."""
    if now >= attestation.expires_at:
        return "the attestation has expired"
    return "the root document has expired: nobody says any more whose keys these are" if trust.expired(now) else ""


def expired_holdings(backing: Backing | None, now: int) -> dict[tuple[str, str], str]:
    """The holdings, by pool and asset, that rest on a statement that has expired at ``now``, and whose it is."""
    found: dict[tuple[str, str], str] = {}
    for line, verdict in () if backing is None else backing.judged:
        if backing and verdict.counted and isinstance(line.backing, EntryBacking):
            custody = backing.snapshot.statements[line.backing.statement].custody
            if now >= custody.expires_at:
                found.setdefault((line.pool, line.asset), f"the statement of {custody.role} has expired")
    return found


def failures(claims: Iterable[ClaimResult]) -> tuple[str, ...]:
    """Claims that do not hold."""
    return tuple(f"the claim {c.claim.name} does not hold: {c.reason}" for c in claims if c.status == CLAIM_FAILED)


def unmade(claims: Iterable[ClaimResult]) -> tuple[str, ...]:
    """Claims of the policy that are neither met, nor failed or stale, which weigh more; by reason."""
    names: dict[tuple[str, str], list[str]] = {}
    for result in claims:
        if not result.met and result.status not in (CLAIM_FAILED, CLAIM_STALE):
            names.setdefault((result.status, result.reason), []).append(result.claim.name)
    return tuple(f"{_named(found)} {status.replace('_', ' ')}: {why}" for (status, why), found in names.items())


def undecided(attestation: Attestation, before: Previous | None, now: int) -> tuple[str, ...]:
    """The clock and the chain."""
    found = []
    if attestation.issued_at > now + CLOCK_SKEW_S:
        found.append("the attestation is dated in the future: check this computer's clock")
    if attestation.identity.previous and before is None:
        found.append(PREVIOUS_UNKNOWN)
    return tuple(found)


def about_trust(trust: Trust, has_reader: bool) -> tuple[str, ...]:
    """What the reader did not bring: there is no public log yet, so everything is unlogged."""
    found = [UNLOGGED]
    if not has_reader:
        found.append(ONLY_COVERAGE if trust.reader.require else NO_READER)
    if trust.first_contact:
        found.append(FIRST_CONTACT)
    if trust.root is not None and trust.root is not trust.chain[-1]:
        versions = f"version {trust.root.version} of the root document, and version {trust.chain[-1].version} is known"
        found.append(f"signed under {versions}: its keys may have been replaced since")
    return tuple(found)


def about_publication(attestation: Attestation, before: Previous | None) -> tuple[str, ...]:
    """What is published, beside the last epoch."""
    found = []
    if not attestation.identity.previous and attestation.identity.epoch != 1:
        found.append(f"the chain begins at epoch {attestation.identity.epoch}: no earlier book is named")
    if "sealed.bin" not in attestation.files:
        found.append(NO_SEALED)
    if before is None:
        return tuple(found)
    was, policy = before.attestation.digests["policy"], attestation.digests["policy"]
    if was != policy:
        known = " (and the last one is not at hand: whether its version fell was not compared)"
        found.append("another policy than in the previous epoch" + (known if was and before.policy is None else ""))
    less = less_disclosed(attestation, before.attestation)
    if less:
        found.append(f"less is disclosed than in the previous epoch: {', '.join(less[:5])}" + ", ..." * (len(less) > 5))
    return tuple(found)


def about_lines(backing: Backing | None, amounts: str, trust: Trust) -> tuple[str, ...]:
    """What the holdings rest on."""
    if backing is None:
        return ()
    counted = [(line, verdict) for line, verdict in backing.judged if verdict.counted]
    found = [*_legacy(backing), *_not_valid(backing)]
    if amounts == EXCHANGE and any(verdict.evidence is not EvidenceClass.VOUCHED for _, verdict in counted):
        found.append(ALONE)
    met = [*backing.vouched.values(), *([backing.observed] if backing.observed else [])]
    unpinned = sorted({one.role for one in met if not trust.is_pinned(one)})
    if unpinned:
        found.append(f"vouched for by keys that you have not pinned: {', '.join(unpinned)}")
    return tuple(found)


def about_models(market: Market | None, claims: Iterable[ClaimResult], schema: Schema) -> tuple[str, ...]:
    """Prices and shocks that no market made, where a claim reads them."""
    if market is None:
        return ()
    columns = {column.name: column.asset for column in schema.columns}
    priced = [c for c in claims if not isinstance(c.claim.parameters, InKind)]
    read = {sym for c in priced for sym in _syms(c.inequalities, columns)}
    found = [
        f"the price of {sym} is a model: {market.prices.models[sym]}"
        for sym in sorted(read & set(market.prices.models))
    ]
    for result in priced:
        said = result.claim.parameters
        if isinstance(said, ScenarioOf) and market.scenarios is not None:
            syms = _syms(result.inequalities, columns)
            days = [day for day in market.scenarios.sets.get(said.set, ()) if syms & set(day.models)]
            assumed = sorted({sym for day in days for sym in syms & set(day.models)})
            if assumed:
                found.append(f"{result.claim.name} rests on assumed moves of {', '.join(assumed)}")
    return tuple(found)


def line_counts(backing: Backing | None) -> dict[str, int]:
    """Lines by verdict; all four verdicts where there is a snapshot."""
    if backing is None:
        return {}
    counts = Counter(verdict.verdict.value for verdict in backing.verdicts)
    return {verdict.value: counts.get(verdict.value, 0) for verdict in Verdict}


def _legacy(backing: Backing) -> list[str]:
    lines = [line for line, v in backing.judged if v.counted and v.evidence is EvidenceClass.LEGACY]
    if not lines:
        return []
    found = [f"{_count(len(lines), 'line')} counted on older signatures, which somebody may have kept or bought"]
    chains = Counter(chain_of(line) for line in lines)
    for chain in sorted(chains):
        head = backing.snapshot.chains.get(chain)
        age = None if head is None else abs(backing.snapshot.taken_at - head.time)
        when = "at a block that is not named" if age is None else f"{age:,} seconds from the snapshot"
        found.append(f"the amounts of those on {chain} were read {when}")
    return found


def _not_valid(backing: Backing) -> list[str]:
    kinds = Counter(
        (verdict.verdict.value, verdict.code) for verdict in backing.verdicts if verdict.verdict is not Verdict.VALID
    )
    told = sum(1 for v in backing.verdicts if v.verdict is Verdict.VALID and not v.counted)
    found = [f"{_count(n, 'line')} {verdict} ({code}): not counted" for (verdict, code), n in sorted(kinds.items())]
    return found + ([f"{_count(told, 'line')} of older evidence reported and not counted"] if told else [])


def _syms(inequalities: Iterable[Inequality], columns: Mapping[str, str]) -> set[str]:
    references = [reference for inequality in inequalities for reference, _ in inequality.terms]
    held = {reference.asset for reference in references if isinstance(reference, Holding)}
    return held | {columns[reference.column] for reference in references if isinstance(reference, Total)}


def _named(names: list[str]) -> str:
    if len(names) == 1:
        return f"the claim {names[0]} is"
    return f"{len(names)} claims ({', '.join(names[:5])}{', ...' if len(names) > 5 else ''}) are"


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
