"""What the operator sees: one line of JSON per request, and counters. Neither tells who asked, nor for which row."""

from __future__ import annotations

import sys
import time
from functools import cache
from secrets import token_hex
from typing import Any, Final

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

LOG: Final = structlog.get_logger("solvent")
REQUESTS: Final = Counter("solvent_requests", "Requests answered.", ["route", "method", "status"])
SECONDS: Final = Histogram(
    "solvent_request_seconds",
    "Time until the answer was ready.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def configure() -> None:
    """Log as JSON to the standard output."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )


def install(app: Flask) -> None:
    """Number every request of ``app``, count it and log it by its route, never by its address."""

    @app.before_request
    def begin() -> None:
        g.request_id, g.started = token_hex(8), time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.started
        route = request.url_rule.rule if request.url_rule else ""
        method = request.method if request.method in _METHODS else "other"
        _counter(route, method, response.status_code).inc()
        _clock(route).observe(seconds)
        response.headers["X-Request-Id"] = g.request_id
        response.headers.setdefault("Cache-Control", "no-store")
        LOG.info("request", **_told(route, method, response, seconds))
        return response


@cache
def _counter(route: str, method: str, status: int) -> Counter:
    """Looking one up by its labels takes longer than counting. There are as many as routes, methods and statuses."""
    return REQUESTS.labels(route, method, status)


@cache
def _clock(route: str) -> Histogram:
    return SECONDS.labels(route)


def _told(route: str, method: str, response: Response, seconds: float) -> dict[str, Any]:
    return {
        "request": g.request_id,
        "route": route,
        "method": method,
        "status": response.status_code,
        "bytes": response.content_length or 0,
        "ms": round(seconds * 1000, 2),
    }
