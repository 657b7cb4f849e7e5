"""The auditor's page: what was found, in the order in which a reader asks."""

from __future__ import annotations

from collections import Counter
from typing import Final

from verifier.amounts import format_amount
from verifier.cli.page import Facts, Listing, Outcome, Outcomes, Page, Part, Table, shown
from verifier.cli.text import elapsed, utc
from verifier.collateral.evidence import Verdict
from verifier.markets.claims import Market
from verifier.markets.descriptors import InKind
from verifier.markets.exact import money
from verifier.report import FAILED, INCOMPLETE, QUALIFIED, STALE, VERIFIED, AuditReport
from verifier.statement.claims import FAILED as MISSED
from verifier.statement.claims import NOT_CLAIMED, PUBLIC, ClaimResult
from verifier.statement.figures import COARSE, percent_text, rounding_errors

MOST_LINES: Final = 20
"""Lines that do not count, named one by one; the table counts them all."""
_LEADS: Final = {
    VERIFIED: "at {when} everything that was asked for held.",
    QUALIFIED: "at {when} every proof held, with the reservations below.",
    INCOMPLETE: "what could be checked at {when} held, but not everything could be checked or was claimed:",
    STALE: "every proof of {when} holds, but it is too old to speak of today:",
    FAILED: "what was claimed for {when} does not hold:",
}


def audit_page(report: AuditReport) -> Page:
    """The whole page."""
    when = utc(report.book.attestation.identity.taken_at)
    parts: tuple[Part, ...] = (
        _claims(report),
        _facts(report),
        _totals(report),
        _holdings(report),
        _prices(report),
        _lines(report),
        _uncounted(report),
        Listing("Reservations", report.qualifiers),
        Listing("What this does not prove", report.not_proven),
    )
    title = f"{report.book.attestation.identity.exchange}, epoch {report.book.attestation.identity.epoch}"
    return Page(title, report.overall, _LEADS[report.overall].format(when=when), report.reasons, shown(parts))


def _claims(report: AuditReport) -> Outcomes:
    items = tuple(_outcome(result, report.market) for result in report.claims)
    statuses = {result.status for result in report.claims}
    legend = {
        "proven": "proven: shown to hold without telling the figures",
        "public": "public: anybody can add it up from the published figures",
    }
    return Outcomes("Claims", items, "; ".join(text for status, text in legend.items() if status in statuses))


def _outcome(result: ClaimResult, market: Market | None) -> Outcome:
    status = result.status.replace("_", " ")
    reason = "" if result.status == NOT_CLAIMED else result.reason
    return Outcome(status, result.sentence, result.claim.name, reason, result.met, _margin(result, market))


def _margin(result: ClaimResult, market: Market | None) -> str:
    """By how much it holds or not, in money, where that is public: the least of its rows."""
    public = [row.constant for row in result.rows if not row.hidden]
    if market is None or not public or isinstance(result.claim.parameters, InKind):
        return ""
    least, scale, quote = min(public), market.policy.value_scale, market.policy.quote
    if result.status == MISSED and least < 0:
        return f"short by {money(-least, scale, quote)}"
    return f"by {money(least, scale, quote)}" if result.status == PUBLIC else ""


def _facts(report: AuditReport) -> Facts:
    a = report.book.attestation
    pairs = [
        ("exchange", f"{a.identity.exchange}, epoch {a.identity.epoch}"),
        ("snapshot", utc(a.identity.taken_at)),
        ("signed on", utc(a.issued_at)),
        ("expires", utc(a.expires_at)),
        ("judged at", f"{utc(report.verified_at)}, {_distance(report.verified_at - a.identity.taken_at)}"),
        ("rows", f"{a.accounts:,}"),
        ("signed", report.book.payload),
        ("previous", a.identity.previous or "none: the first of its chain"),
    ]
    if a.digests["policy"]:
        pairs.append(("policy", a.digests["policy"]))
    if report.root is not None:
        pairs.append(("root document", f"version {report.root.version}, digest {report.root.digest}"))
    pairs += [("reader file", report.reader or "none"), ("engine", report.engine)]
    return Facts("Facts", tuple(pairs))


def _distance(seconds: int) -> str:
    return f"{elapsed(abs(seconds))} {'after' if seconds >= 0 else 'before'} the snapshot"


def _totals(report: AuditReport) -> Table:
    """One row per column: the exact total, or why there is none to see."""
    figures = {figure.id: figure for figure in report.all_figures()}
    rows = []
    for column in report.book.schema.columns:
        figure = figures[f"total:{column.name}"]
        rows.append((column.name, column.asset or "-", column.kind, figure.value or "-", figure.status))
    return Table("Owed", ("column", "asset", "kind", "total", "status"), tuple(rows), frozenset({3}))


def _holdings(report: AuditReport) -> Table:
    heads = ("pool", "purpose", "asset", "amount", "hidden part")
    if report.market is None:
        return Table("Held", heads, ())
    policy = report.market.policy
    rows = [
        (
            held.pool,
            policy.pools[held.pool],
            held.asset,
            "-" if held.hidden and not held.public else format_amount(held.public, policy.assets[held.asset].decimals),
            "none" if held.hidden is None else "yes",
        )
        for held in report.book.attestation.holdings
    ]
    return Table("Held", heads, tuple(rows), frozenset({3}))


def _prices(report: AuditReport) -> Table:
    market = report.market
    if market is None:
        return Table("Prices", (), ())
    scale, money = market.policy.price.scale, market.policy.quote.rpartition(":")[2]
    lost = rounding_errors(market)
    rows = []
    for sym, price in sorted(market.prices.prices.items()):
        told = [format_amount(value, scale) for value in (price.price, price.low, price.high)]
        mark = " !" if lost[sym] > COARSE else ""
        rows.append((sym, *told, str(price.n), f"{percent_text(lost[sym])} %{mark}"))
    rows += [(sym, "none", "", "", "", error.code) for sym, error in sorted(market.prices.failures.items())]
    coarse = [sym for sym, share in lost.items() if share > COARSE]
    note = (
        f"Rounding costs more than 0.1 % of {', '.join(coarse)}: the policy's scales are too coarse." if coarse else ""
    )
    heads = ("asset", f"price in {money}", "lowest", "highest", "sources", "rounding")
    return Table("Prices used", heads, tuple(rows), frozenset({1, 2, 3, 4, 5}), note)


def _lines(report: AuditReport) -> Table:
    verdicts = () if report.backing is None else report.backing.verdicts
    kinds = Counter((v.evidence.value, v.verdict.value, v.code) for v in verdicts)
    counted = Counter((v.evidence.value, v.verdict.value, v.code) for v in verdicts if v.counted)
    rows = tuple((*kind[:2], kind[2] or "-", f"{n:,}", f"{counted[kind]:,}") for kind, n in sorted(kinds.items()))
    note = "fresh: signed for this epoch; legacy: an older message; vouched: another party's statement" if rows else ""
    heads = ("evidence", "verdict", "code", "lines", "counted")
    return Table("Lines of the collateral snapshot", heads, rows, frozenset({3, 4}), note)


def _uncounted(report: AuditReport) -> Listing:
    judged = () if report.backing is None else report.backing.judged
    lines = [
        f"{line.id} ({line.asset} in {line.pool}): {verdict.code or verdict.verdict.value}, {verdict.reason}"
        for line, verdict in judged
        if verdict.verdict is not Verdict.VALID
    ]
    more = [f"and {len(lines) - MOST_LINES:,} more"] if len(lines) > MOST_LINES else []
    return Listing("Lines that do not count", (*lines[:MOST_LINES], *more))
