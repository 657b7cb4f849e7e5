"""So many requests per client address; whole files are not counted, they belong to whoever mirrors them."""

from __future__ import annotations

import time
from typing import Final

from flask import Flask, request
from limits import parse
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
        limiter = FixedWindowRateLimiter(storage_from_string(settings.rate_storage, wrap_exceptions=True))
    except (ValueError, ConfigurationError):
        hint = 'write "600 per minute", or "" for none'
        raise Malformed("is no rate", where="site.toml: rate_limit", code="E_CONFIG", hint=hint) from None

    @app.before_request
    def count() -> None:
        rule = request.url_rule
        if rule is None or any(part in rule.rule for part in _FREE):
            return
        client = request.remote_addr or ""
        try:
            if limiter.hit(limit, client):
                return
            again = limiter.get_window_stats(limit, client).reset_time
        except StorageError:
            watching.LOG.warning("rate limits are not counted")
            return
        seconds = max(1, int(again - time.time()) + 1)
        detail = "Wait as long as Retry-After says, or read whole files, which are not limited."
        raise Problem("rate-limited", detail, headers={"Retry-After": str(seconds)})
