"""The pages and where they stand."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from flask import Flask, Response, request

from server.api.routes import intact
from server.backing import Claim
from server.catalogue import Catalogue
from server.library import Library, Opened
from server.pages import charts, frame, reference, showing, words
from server.pages.claims import claims
from server.pages.frame import page
from server.problems import KINDS, Problem
from server.web.answers import FOR_EVER, HOUR, answer
from verifier import __version__

HISTORY: Final = 60
LINES: Final = 100
_ROWS_PER_SECOND: Final = (250_000, 1_200)
"""How many rows an audit reads in a second on one core, compiled and in plain Python (docs/performance.md)."""


class Pages:
    """All pages of one site."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._listed = Catalogue(library.database)

    def home(self, lang: str) -> Response:
        """The overview."""
        epochs = self._listed.newest(HISTORY)
        if not epochs:
            return page(lang, "empty.html")
        newest, now = epochs[0], int(time.time())
        claimed = intact(self._library, newest.number, partial(_claims, lang))
        fresh = showing.freshness(lang, newest, now)
        moments = showing.moments(epochs)
        return page(
            lang,
            "dashboard.html",
            exchange=newest.exchange,
            epoch=newest,
            fresh=fresh,
            headline=showing.headline(lang, newest, len(claimed), fresh),
            figures=self._figures(lang, newest.number),
            claims=claimed,
            moments=moments[::-1],
            chart=charts.history(moments),
            keys=self._listed.signers(),
            root=intact(self._library, newest.number, showing.root_keys),
            compare_at=self._library.settings.compare_at,
            printed=newest,
        )

    def epoch(self, lang: str, epoch: int) -> Response:
        """Everything that was signed about one epoch."""
        return intact(self._library, epoch, partial(self._epoch, lang))

    def _epoch(self, lang: str, opened: Opened) -> Response:
        before, after = self._listed.neighbours(opened.record)
        told = None if before is None else self._changes(lang, opened, before.number)
        return page(
            lang,
            "epoch.html",
            exchange=opened.record.exchange,
            epoch=opened.record,
            a=opened.documents.attestation,
            signed_by=opened.documents.signed_by,
            files=opened.files.values(),
            figures=self._figures(lang, opened.number),
            claims=_claims(lang, opened),
            has_lines=opened.documents.snapshot is not None,
            before=before,
            after=after,
            changes=told,
            printed=opened.record,
        )

    def collateral(self, lang: str, epoch: int) -> Response:
        """The lines of the snapshot, some at a time."""
        record = self._library.epoch(epoch).record
        first = _first()
        lines, total = self._listed.lines(epoch, first, LINES)
        return page(
            lang, "collateral.html", exchange=record.exchange, epoch=record, lines=lines, total=total, first=first,
            step=LINES, printed=record, evidence=partial(showing.evidence, lang),
        )  # fmt: skip

    def audit(self, lang: str) -> Response:
        """For auditors."""
        epochs = self._listed.newest(1)
        newest = epochs[0] if epochs else None
        spans = [_span(lang, newest.accounts, rate) for rate in _ROWS_PER_SECOND] if newest else []
        return page(lang, "audit.html", exchange=newest.exchange if newest else "", epoch=newest, spans=spans)

    def about(self, lang: str) -> Response:
        """How it works and what it does not prove."""
        return page(lang, "about.html", keep=HOUR, exchange=self._exchange())

    def check(self, lang: str) -> Response:
        """The page where a customer checks; its script does everything, on the customer's device."""
        return page(lang, "check.html", keep=HOUR, exchange=self._exchange())

    def docs(self, lang: str) -> Response:
        """For developers."""
        return page(
            lang,
            "docs.html",
            keep=HOUR,
            exchange=self._exchange(),
            operations=reference.operations(),
            examples=reference.examples(),
            kinds=KINDS.values(),
        )

    def status(self, lang: str) -> Response:
        """What runs here and how publishing went."""
        epochs = self._listed.newest(1)
        newest = epochs[0] if epochs else None
        fresh = showing.freshness(lang, newest, int(time.time())) if newest else None
        return page(
            lang, "status.html", exchange=newest.exchange if newest else "", epoch=newest, fresh=fresh,
            tries=self._listed.publications(20), version=__version__, script=_digest("check.js"),
            offline=_digest("verifier.html"),
        )  # fmt: skip

    def problems(self, lang: str) -> Response:
        """All types of problems."""
        return page(lang, "problems.html", keep=HOUR, exchange=self._exchange(), kinds=KINDS.values())

    def problem(self, lang: str, name: str) -> Response:
        """One type of problem."""
        if name not in KINDS:
            raise Problem("not-found", "There is nothing at this address.")
        return page(
            lang, "problem.html", keep=HOUR, exchange=self._exchange(), problem=None, name=name, kind=KINDS[name]
        )

    def csv(self, epoch: int) -> Response:
        """All lines of the snapshot."""
        record = self._library.epoch(epoch).record
        lines, _ = self._listed.lines(record.number, 0, 2**20)
        file = io.StringIO(newline="")
        writer = csv.writer(file)
        names = ("kind", "pool", "asset", "holder", "amount", "encumbered", "evidence")
        writer.writerow(names)
        writer.writerows([_cell(getattr(line, name)) for name in names] for line in lines)
        return answer(file.getvalue().encode(), FOR_EVER, "text/csv")

    def _figures(self, lang: str, epoch: int) -> list[showing.Shown]:
        found = self._listed.figures(epoch)
        return intact(self._library, epoch, lambda opened: showing.figures(lang, opened, found))

    def _changes(self, lang: str, opened: Opened, before: int) -> list[str]:
        return intact(self._library, before, lambda other: showing.changes(lang, opened, other, self._listed))

    def _exchange(self) -> str:
        epochs = self._listed.newest(1)
        return epochs[0].exchange if epochs else ""


def install(app: Flask, library: Library) -> None:
    """Every page, in every language."""
    frame.install(app, library.settings.public_url)
    pages = Pages(library)
    routes: dict[str, Callable[..., Response]] = {
        "/": pages.home, "/check": pages.check, "/audit": pages.audit, "/about": pages.about, "/docs": pages.docs,
        "/status": pages.status, "/problems": pages.problems, "/problems/<name>": pages.problem,
        "/epochs/<int:epoch>": pages.epoch, "/epochs/<int:epoch>/collateral": pages.collateral,
    }  # fmt: skip
    for lang in words.LANGUAGES:
        for rule, view in routes.items():
            for place in {words.place(lang, rule), words.prefix(lang) + rule}:
                app.add_url_rule(place, f"{lang}:{place}", view, defaults={"lang": lang}, methods=["GET"])
    app.add_url_rule("/epochs/<int:epoch>/collateral.csv", "csv", pages.csv, methods=["GET"])


def _claims(lang: str, opened: Opened) -> tuple[Claim, ...]:
    return claims(lang, opened.documents)


def _first() -> int:
    """Where the lines of this page begin."""
    text = request.args.get("from", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _cell(value: str) -> str:
    """A spreadsheet must not take a text of others for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _span(lang: str, accounts: int, rate: int) -> str:
    seconds = max(accounts // rate, 1)
    if seconds < 120:
        return words.text(lang, "about.seconds", count=seconds)
    return words.text(lang, "about.minutes", count=-(-seconds // 60))


def _digest(name: str) -> str:
    try:
        return frame.static(name)[1]
    except FileNotFoundError:
        return ""
