"""What all pages share: language, addresses, static files under names that change with their content."""

from __future__ import annotations

import hashlib
import re
import time
from functools import cache, partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from flask import Flask, Response, current_app, g, render_template, request

from server.database import tables
from server.pages import qr, words
from server.problems import Problem
from server.web.answers import FOR_EVER, HOUR, MINUTE, answer

PUBLIC_URL: Final = "SOLVENT_PUBLIC_URL"
MENU: Final = (
    ("/", "nav.home"), ("/check", "nav.check"), ("/audit", "nav.audit"), ("/about", "nav.about"),
)  # fmt: skip
MEDIA: Final = {
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "mjs": "text/javascript",
    "mts": "text/plain",
    "json": "application/json",
    "svg": "image/svg+xml",
    "txt": "text/plain",
}
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


@cache
def static(name: str) -> tuple[bytes, str]:
    """A static file and its SHA-256 in hex. Raises FileNotFoundError."""
    place: Traversable = files("server").joinpath("static", name)
    data = place.read_bytes()
    return data, hashlib.sha256(data).hexdigest()


def asset(name: str) -> str:
    """The address of a static file: it names the content, so it may be kept for ever."""
    return f"/static/{name}?v={static(name)[1][:16]}"


def page(
    lang: str, template: str, *, keep: str = MINUTE, status: int = 200, exchange: str = "", **values: Any
) -> Response:
    """A page. ``printed`` among the values is an epoch, for its printed footer."""
    here = request.path.removeprefix(words.prefix(lang)) or "/"
    epoch: tables.Epoch | None = values.pop("printed", None)
    shown = render_template(
        template,
        lang=lang,
        t=partial(words.text, lang),
        link=partial(words.place, lang),
        asset=asset,
        menu=MENU,
        here=here,
        other=_other(lang, here) if status == 200 else None,
        exchange=exchange,
        printed=_printed(lang, epoch),
        **values,
    )
    response = answer(shown.encode(), keep, "text/html")
    if status != 200:
        response = Response(shown, status=status, mimetype="text/html")
    return response


def _printed(lang: str, epoch: tables.Epoch | None) -> dict[str, Any]:
    """What a page says of itself on paper."""
    told = {"path": request.path, "at": words.moment(int(time.time()))}
    if epoch is None:
        return told
    link = qr.address(current_app.config[PUBLIC_URL], words.place(lang, f"/epochs/{epoch.number}"), epoch.digest)
    drawn, width = qr.path(link) if link else ("", 0)
    return {**told, "digest": epoch.digest, "link": link, "qr": drawn, "width": width}


def _other(lang: str, here: str) -> dict[str, str]:
    """The same page in the other language."""
    other = next(name for name in words.LANGUAGES if name != lang)
    return {"lang": other, "name": words.LANGUAGES[other], "path": words.place(other, here)}


def problem_page(problem: Problem) -> Response:
    """A problem for somebody with a browser."""
    lang = "de" if request.path.startswith("/de/") or request.path == "/de" else "en"
    shown = {"problem": problem, "name": problem.name, "request_id": g.request_id}
    response = page(lang, "problem.html", status=problem.code, **shown)
    response.headers.update(problem.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def install(app: Flask, public_url: str) -> None:
    """Filters and static files. ``public_url`` is where readers find the site, "" where nobody said so."""
    app.config[PUBLIC_URL] = public_url
    app.jinja_env.filters.update(
        grouped=words.grouped, moment=words.moment, iso=words.iso, day=words.day, size=words.size
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.route("/static/<name>")
    def static_file(name: str) -> Response:
        data, digest = _static(name)
        named = request.args.get("v", "") == digest[:16]
        return answer(data, FOR_EVER if named else HOUR, MEDIA[name.rpartition(".")[2]])

    @app.route("/favicon.ico")
    def favicon() -> Response:
        return answer(static("favicon.svg")[0], HOUR, MEDIA["svg"])

    @app.route("/verifier.html")
    def offline() -> Response:
        response = answer(_static("verifier.html")[0], HOUR, MEDIA["html"])
        response.headers["Content-Disposition"] = 'attachment; filename="verifier.html"'
        return response


def _static(name: str) -> tuple[bytes, str]:
    """Raises Problem (not-found) where there is no such file, or none that is served."""
    if _NAME.fullmatch(name) and name.rpartition(".")[2] in MEDIA:
        try:
            return static(name)
        except FileNotFoundError:
            pass
    raise Problem("not-found", "There is nothing at this address.")
