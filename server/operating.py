"""The second port, for the operator alone: is it alive, is it ready, what has it counted."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from werkzeug.wrappers import Request, Response

from server.catalogue import Catalogue
from server.counting import PROCESSES
from server.database.connecting import is_current
from server.library import Library
from server.problems import Problem
from verifier.errors import SolventError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Operating:
    """A WSGI application."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        answers = {"/healthz": self._healthy, "/readyz": self._ready, "/metrics": self._metrics}
        found = answers.get(request.path)
        if request.method not in ("GET", "HEAD"):
            response = Response("only GET\n", status=405, headers={"Allow": "GET, HEAD"})
        else:
            response = found() if found else Response("nothing is here\n", status=404)
        response.headers["Cache-Control"] = "no-store"
        return response(environ, start_response)

    def _healthy(self) -> Response:
        return Response("alive\n")

    def _ready(self) -> Response:
        """Ready when the database answers in the form this version reads and the newest epoch is intact."""
        try:
            if not is_current(self._library.database):
                return Response("the database has another version: run solvent publish\n", status=503)
            epoch = Catalogue(self._library.database).newest(1)
            for one in epoch:
                self._library.again(self._library.epoch(one.number)).rows()
        except SolventError as error:
            return Response(f"{error.message}\n", status=503)
        except Problem as problem:
            if problem.name != "file-removed":
                return Response(f"{problem.detail}\n", status=503)
        return Response("ready\n")

    def _metrics(self) -> Response:
        registry = REGISTRY
        if os.environ.get(PROCESSES):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
