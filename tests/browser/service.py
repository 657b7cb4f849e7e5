"""A service for browser tests: the real interface, and what an attacker in its place would answer instead."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from werkzeug.serving import WSGIRequestHandler, make_server

from server.publishing import publish
from server.settings import Settings
from server.web.app import build
from tests.support.books import PUBLIC_KEY, Epoch
from verifier.engine import get_engine

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

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


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


class _Between:
    """Stands between the browser and the service: notes what is asked, and alters answers."""

    def __init__(self, inner: WSGIApplication, service: Service) -> None:
        self._inner, self._service = inner, service

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"]
        query = environ.get("QUERY_STRING", "")
        self._service.asked.append(f"{path}?{query}" if query else path)
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

        with contextlib.closing(cast("Any", self._inner(environ, keep))) as parts:
            body = change(b"".join(parts))
        start(kept[0][0], [*kept[0][1], ("Content-Length", str(len(body)))])
        return [body]


@contextmanager
def serving(epochs: Iterable[Epoch], place: Path) -> Iterator[Service]:
    """Publish ``epochs`` into a site in ``place`` and serve it until the block ends."""
    settings = Settings(place, rate_limit="")
    for epoch in epochs:
        publish(epoch.directory, settings, get_engine(), PUBLIC_KEY)
    service = Service()
    app = _Between(build(settings).wsgi_app, service)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    service.url = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
