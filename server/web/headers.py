"""What stands on every answer: put on at the border, so that no answer leaves without it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, Response, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_FEATURES: Final = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen",
    "geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
    "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
ALWAYS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _FEATURES),
}
OPEN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Range, ETag, Link, Repr-Digest, Retry-After, X-Request-Id",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""Everything but pages may be read, and shown, by any site: it is public and no cookie goes with it."""
STRICT_TRANSPORT: Final = "max-age=63072000; includeSubDomains"
METHODS: Final = "GET, HEAD, OPTIONS"


class Border:
    """A WSGI application around another one."""

    def __init__(self, inner: WSGIApplication, *, tls: bool) -> None:
        self._inner = inner
        always = {**ALWAYS, "Strict-Transport-Security": STRICT_TRANSPORT} if tls else ALWAYS
        self._pages = list(always.items())
        self._others = [*self._pages, *OPEN.items()]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            page = any(name == "Content-Type" and value.startswith("text/html") for name, value in headers)
            return start_response(status, headers + (self._pages if page else self._others), *rest)

        return self._inner(environ, start)


def install(app: Flask, *, tls: bool) -> None:
    """Set the headers on every answer of ``app``, and answer OPTIONS."""
    app.wsgi_app = Border(app.wsgi_app, tls=tls)  # type: ignore[method-assign]

    @app.before_request
    def preflight() -> Response | None:
        if request.method != "OPTIONS" or request.routing_exception is not None:
            return None
        response = Response(status=204)
        del response.headers["Content-Type"]
        response.headers["Allow"] = response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = "If-None-Match, If-Range, Range"
        return response
