"""``solvent serve``: gunicorn with threads, the public port and the operator's, and a log that keeps quiet."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker
from prometheus_client import multiprocess

from server.operating import Operating
from server.settings import Settings
from server.web import watching
from server.web.app import build
from verifier.errors import Unavailable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THREADS: Final = 4
TURN: Final = 20
"""Requests after which a connection is closed, so that the next may go to a process with less to do."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen, ``host:port`` each, and with how many processes."""

    public: str
    operator: str
    workers: int


class QuietLogger(Logger):  # type: ignore[misc]
    """gunicorn's messages without their particulars, which name addresses and clients."""

    def setup(self, cfg: Any) -> None:
        """Everything goes through our own log."""
        super().setup(cfg)
        self.error_log.handlers = [_Forwarding()]


class _Forwarding(logging.Handler):
    """A message of gunicorn as one line of JSON: its template and nothing that was filled in."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one."""
        template = str(record.msg)
        text = "a request was not understood" if "ip=" in template else template.partition("%")[0].strip()
        watching.LOG.log(max(record.levelno, logging.INFO), "server", message=text, process=record.process)


class _Ports:
    """Chooses the application by the port that a connection came in at."""

    def __init__(self, public: WSGIApplication, operator: WSGIApplication, port: int) -> None:
        self._public, self._operator, self._port = public, operator, port

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        came_in = environ["gunicorn.socket"].getsockname()[1]
        chosen = self._operator if came_in == self._port else self._public
        return chosen(environ, start_response)


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's process with threads, whose connections end after some requests.

    A connection stays with the process that took it. Where one process took nearly all of a busy proxy's, the others
    would stay idle for as long as the proxy keeps them.
    """

    def handle_request(self, req: Any, conn: Any) -> Any:
        """See gunicorn; the last answer on a connection says that it is the last."""
        conn.answered = getattr(conn, "answered", 0) + 1
        if conn.answered >= TURN:
            req.force_close()
        return super().handle_request(req, conn)


class _Service(BaseApplication):  # type: ignore[misc]
    """gunicorn, set up from here and nowhere else."""

    def __init__(self, settings: Settings, listening: Listening) -> None:
        self._settings, self._listening = settings, listening
        super().__init__()

    def load_config(self) -> None:
        """See gunicorn."""
        for name, value in _options(self._listening).items():
            self.cfg.set(name, value)

    def load(self) -> _Ports:
        """The application of one worker."""
        app = build(self._settings)
        operator = Operating(app.extensions["solvent.library"])
        return _Ports(app, operator, int(self._listening.operator.rpartition(":")[2]))


def serve(settings: Settings, listening: Listening) -> None:
    """Serve until stopped; call it, and import this module, within ``shared_counters``."""
    watching.configure()
    try:
        _Service(settings, listening).run()
    except SystemExit as ending:
        if ending.code:
            raise _not_listening(listening) from None


def _not_listening(listening: Listening) -> Unavailable:
    return Unavailable(
        f"cannot listen at {listening.public} and {listening.operator}, or a process of the service does not start",
        code="E_LISTEN",
        hint="the lines above say which; choose free ports with --listen and --operator",
    )


def _options(listening: Listening) -> dict[str, Any]:
    return {
        "bind": [listening.public, listening.operator],
        "workers": listening.workers,
        "worker_class": Worker,
        "threads": THREADS,
        "keepalive": 5,
        "control_socket_disable": True,
        "logger_class": QuietLogger,
        "limit_request_line": 2048,
        "child_exit": _forget,
        "proc_name": "solvent",
    }


def _forget(_server: Any, worker: Any) -> None:
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
