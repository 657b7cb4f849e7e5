"""Answers: bytes with a strong ETag and a digest, and how long they may be kept."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Final

from flask import Response, request
from flask.helpers import send_file
from werkzeug.exceptions import HTTPException

from server.library import PublishedFile

FOR_EVER: Final = "public, max-age=31536000, immutable"
MINUTE: Final = "public, max-age=60"
FIVE_MINUTES: Final = "public, max-age=300"
HOUR: Final = "public, max-age=3600"
JSON: Final = "application/json"
_CONDITIONS: Final = frozenset({"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_MATCH"})
_PARTS: Final = frozenset({*_CONDITIONS, "HTTP_RANGE", "HTTP_IF_RANGE", "HTTP_IF_UNMODIFIED_SINCE"})


def answer(body: bytes, keep: str, media_type: str = JSON) -> Response:
    """A whole answer; 304 where the reader has it already."""
    response = Response(body, mimetype=media_type, headers=_marks(hashlib.sha256(body).digest(), keep))
    if not _CONDITIONS.isdisjoint(request.environ):
        response.make_conditional(request.environ)
    return response


def file_answer(file: PublishedFile, media_type: str) -> Response:
    """A file that lies as it was published, whole or in ranges. Raises Problem (damaged)."""
    marks = [*_marks(bytes.fromhex(file.sha256), FOR_EVER), ("Accept-Ranges", "bytes")]
    if (content := file.content) is not None:
        response = Response(content, mimetype=media_type, headers=marks)
        if _PARTS.isdisjoint(request.environ):
            return response
    else:
        response = send_file(file.path, mimetype=media_type, conditional=False, etag=False)
        response.headers.pop("Last-Modified", None)
        response.headers.pop("Date", None)
        response.headers.update(marks)
    try:
        response.make_conditional(request.environ, accept_ranges=True, complete_length=file.bytes)
    except HTTPException:
        response.close()
        raise
    return response


def _marks(digest: bytes, keep: str) -> list[tuple[str, str]]:
    return [
        ("ETag", f'"sha256-{digest.hex()}"'),
        ("Repr-Digest", f"sha-256=:{b64encode(digest).decode()}:"),
        ("Cache-Control", keep),
    ]
