"""A service for browser tests: the real interface, and what an attacker in its place would answer instead."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from werkzeug.serving import WSGIRequestHandler, make_server

from server.publishing import publish
from server.settings import Settings
from server.web import headers
from server.web.app import build
from tests.support.books import PUBLIC_KEY, Epoch
from verifier.engine import get_engine

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SERVER: Final = Path(__file__).resolve().parents[2] / "server"
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8"}
_BARE: Final = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><title>{title}</title>
<link rel="stylesheet" href="/static/check.css"><script src="/static/check.js" defer></script></head>
<body><main>{page}</main></body></html>"""

Change = Callable[[bytes], bytes]


@dataclass
class Service:
    """A running service; ``changes`` alters answers by the end of their path, ``asked`` are the paths so far."""

    url: str = ""
    changes: dict[str, Change] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def calm(self) -> None:
        """Answer honestly again."""
        self.changes.clear()
        self.gone.clear()
        self.asked.clear()


class _Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


class _Between:
    """Stands between the browser and the interface: serves the page, notes and alters answers."""

    def __init__(self, inner: WSGIApplication, service: Service) -> None:
        self._inner, self._service = inner, service

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"]
        query = environ.get("QUERY_STRING", "")
        self._service.asked.append(f"{path}?{query}" if query else path)
        page = _page(path)
        if page is not None:
            kind, body = page
            start("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body))), *headers.ALWAYS.items()])
            return [body]
        if any(path.endswith(end) for end in self._service.gone):
            environ["PATH_INFO"] = "/v1/gone"
        return self._altered(path, environ, start)

    def _altered(self, path: str, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        change = next((c for end, c in self._service.changes.items() if end in path), None)
        if change is None:
            return self._inner(environ, start)
        kept: list[tuple[str, list[tuple[str, str]]]] = []

        def keep(status: str, fields: list[tuple[str, str]], _info: object = None) -> Callable[[bytes], object]:
            kept.append((status, [(name, value) for name, value in fields if name != "Content-Length"]))
            return lambda _: None

        body = change(b"".join(self._inner(environ, keep)))
        start(kept[0][0], [*kept[0][1], ("Content-Length", str(len(body)))])
        return [body]


def _page(path: str) -> tuple[str, bytes] | None:
    """The page and its files, as the service serves them."""
    if path in ("/check", "/de/check"):
        lang = "de" if path.startswith("/de") else "en"
        page = (SERVER / f"templates/check/{lang}.html").read_text("utf-8")
        return _TYPES[".html"], _BARE.format(lang=lang, title="Check my balance", page=page).encode()
    if path.startswith("/static/") or path == "/verifier.html":
        file = SERVER / "static" / path.rpartition("/")[2]
        return _TYPES[file.suffix], file.read_bytes()
    return None


@contextmanager
def serving(epochs: Iterable[Epoch], place: Path) -> Iterator[Service]:
    """Publish ``epochs`` into a site in ``place`` and serve it until the block ends."""
    settings = Settings(place, rate_limit="")
    for epoch in epochs:
        publish(epoch.directory, settings, get_engine(), PUBLIC_KEY)
    service = Service()
    app = _Between(build(settings).wsgi_app, service)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    service.url = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
