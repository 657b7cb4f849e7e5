"""New epochs for programs that watch: an Atom feed, and a badge that other sites may show."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape, quoteattr

from flask import Flask, Response

from server.catalogue import Catalogue
from server.database import tables
from server.library import Library
from server.pages.words import day, iso
from server.web.answers import MINUTE, answer

ENTRIES: Final = 50
_CHARACTER: Final = 6.6


def install(app: Flask, library: Library) -> None:
    """Both."""
    listed = Catalogue(library.database)
    home = library.settings.public_url.rstrip("/")

    @app.route("/feed.xml")
    def feed() -> Response:
        epochs = listed.newest(ENTRIES)
        entries = "".join(_entry(epoch, home) for epoch in epochs)
        updated = iso(epochs[0].published_at if epochs else 0)
        name = escape(epochs[0].exchange) if epochs else "solvent"
        body = (
            '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
            f"<title>{name}</title><id>{escape(home) or 'urn:solvent:feed'}</id><updated>{updated}</updated>"
            f"<author><name>{name}</name></author>{entries}</feed>\n"
        )
        return answer(body.encode(), MINUTE, "application/atom+xml")

    @app.route("/badge.svg")
    def badge() -> Response:
        epochs = listed.newest(1)
        words = f"epoch {epochs[0].number}, {day(epochs[0].taken_at)}" if epochs else "nothing published"
        return answer(_badge("solvent", words).encode(), MINUTE, "image/svg+xml")


def _entry(epoch: tables.Epoch, home: str) -> str:
    return (
        f"<entry><title>Epoch {epoch.number}</title><id>urn:sha256:{epoch.digest}</id>"
        f"<updated>{iso(epoch.published_at)}</updated><link href={quoteattr(f'{home}/epochs/{epoch.number}')}/>"
        f"<summary>{epoch.accounts} rows, taken at {iso(epoch.taken_at)}</summary></entry>"
    )


def _badge(left: str, right: str) -> str:
    a, b = round(len(left) * _CHARACTER) + 14, round(len(right) * _CHARACTER) + 14
    text = 'font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" fill="#fff" text-anchor="middle"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{a + b}" height="20" role="img" aria-label="{left}: {right}">'
        f'<title>{left}: {right}</title><rect width="{a}" height="20" fill="#333"/>'
        f'<rect x="{a}" width="{b}" height="20" fill="#0b5a50"/>'
        f'<text x="{a / 2}" y="14" {text}>{left}</text><text x="{a + b / 2}" y="14" {text}>{right}</text></svg>'
    )
