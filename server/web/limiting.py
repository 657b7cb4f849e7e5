"""So many requests per client address; whole files are not counted, they belong to whoever mirrors them."""

from __future__ import annotations

import threading
import time
from typing import Final

from flask import Flask, request
from limits import RateLimitItem, parse
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from server.problems import Problem
from server.settings import Settings
from server.web import watching
from verifier.errors import Malformed

_FREE: Final = ("/files/", "/static/")


def install(app: Flask, settings: Settings) -> None:
    """Refuse what is too much. Raises Malformed (E_CONFIG) for a limit that cannot be understood.

    Where the count cannot be kept (the shared storage is away), requests are let through: reading is harmless.
    """
    if not settings.rate_limit:
        return
    try:
        limit = parse(settings.rate_limit)
        counter = _counter(limit, settings.rate_storage)
    except (ValueError, ConfigurationError):
        hint = 'write "600 per minute", or "" for none'
        raise Malformed("is no rate", where="site.toml: rate_limit", code="E_CONFIG", hint=hint) from None

    @app.before_request
    def count() -> None:
        rule = request.url_rule
        if rule is None or any(part in rule.rule for part in _FREE):
            return
        try:
            wait = counter.wait(request.remote_addr or "")
        except StorageError:
            watching.LOG.warning("rate limits are not counted")
            return
        if wait > 0:
            detail = "Wait as long as Retry-After says, or read whole files, which are not limited."
            raise Problem("rate-limited", detail, headers={"Retry-After": str(int(wait) + 1)})


def _counter(limit: RateLimitItem, storage: str) -> Here | Shared:
    return Here(limit) if storage == "memory://" else Shared(limit, storage)


class Here:
    """Counts in this process: one table per window of time, dropped as a whole when the next one begins."""

    def __init__(self, limit: RateLimitItem) -> None:
        self._limit, self._span = limit, limit.get_expiry()
        self._window, self._counts = 0, dict[str, int]()
        self._lock = threading.Lock()

    def wait(self, client: str) -> float:
        """Count a request; how many seconds its client must wait, 0 if it need not."""
        now = time.time()
        window = int(now // self._span)
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}
            count = self._counts[client] = self._counts.get(client, 0) + 1
        return 0 if count <= self._limit.amount else (window + 1) * self._span - now


class Shared:
    """Counts where all processes and machines do."""

    def __init__(self, limit: RateLimitItem, storage: str) -> None:
        self._limit = limit
        self._limiter = FixedWindowRateLimiter(storage_from_string(storage, wrap_exceptions=True))

    def wait(self, client: str) -> float:
        """See ``Here.wait``. Raises StorageError."""
        if self._limiter.hit(self._limit, client):
            return 0
        return max(self._limiter.get_window_stats(self._limit, client).reset_time - time.time(), 0.001)
