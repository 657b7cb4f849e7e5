"""What stands on every answer."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, g, request

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
STRICT_TRANSPORT: Final = "max-age=63072000; includeSubDomains"
METHODS: Final = "GET, HEAD, OPTIONS"


def install(app: Flask, *, tls: bool) -> None:
    """Set the headers on every answer of ``app``."""

    @app.before_request
    def preflight() -> Response | None:
        if request.method != "OPTIONS" or request.routing_exception is not None:
            return None
        response = Response(status=204)
        response.headers["Allow"] = response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = "If-None-Match, If-Range, Range"
        return response

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers.update(ALWAYS)
        if response.mimetype != "text/html" or request.method == "OPTIONS":
            response.headers.update(OPEN)
        if tls:
            response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
        response.headers["X-Request-Id"] = g.request_id
        response.headers.setdefault("Cache-Control", "no-store")
        return response
