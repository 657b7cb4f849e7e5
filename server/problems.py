"""Errors as RFC 9457 problems; each type is a page of ours."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from werkzeug.exceptions import HTTPException

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of problem: ``name`` ends its URL, ``title`` is for people."""

    name: str
    status: int
    title: str


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind("not-found", 404, "Nothing is at this address"),
        Kind("epoch-not-found", 404, "No such epoch"),
        Kind("row-not-found", 404, "No such row"),
        Kind("file-not-found", 404, "No such file"),
        Kind("file-removed", 410, "This file was removed"),
        Kind("method-not-allowed", 405, "Only reading is possible"),
        Kind("range-not-satisfiable", 416, "The file has no such part"),
        Kind("invalid-request", 422, "The request was not understood"),
        Kind("rate-limited", 429, "Too many requests"),
        Kind("damaged", 503, "A file is not the one that was published"),
        Kind("unavailable", 503, "The service cannot answer now"),
        Kind("internal", 500, "The service failed"),
    )
}
_BY_STATUS: Final = {404: "not-found", 405: "method-not-allowed", 416: "range-not-satisfiable", 429: "rate-limited"}
_DETAILS: Final = {
    "not-found": "There is nothing at this address.",
    "method-not-allowed": "This service is read only.",
    "range-not-satisfiable": "The range lies outside the file.",
    "invalid-request": "A part of the request has a form that it cannot have.",
    "rate-limited": "Wait as long as Retry-After says, or read whole files, which are not limited.",
    "internal": "This is a fault of the service; its log has the number of this request.",
}


@dataclass
class Problem(Exception):
    """An answer that is an error."""

    name: str
    detail: str
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 0

    @property
    def kind(self) -> Kind:
        """Its type."""
        return KINDS[self.name]

    @property
    def code(self) -> int:
        """The HTTP status."""
        return self.status or self.kind.status

    def to_json(self, request_id: str) -> dict[str, Any]:
        """The body; what was sent never stands in it."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.name}",
            "title": self.kind.title,
            "status": self.code,
            "detail": self.detail,
            "instance": request_id,
        }
        return {**body, "errors": self.errors} if self.errors else body

    def to_bytes(self, request_id: str) -> bytes:
        """The body's bytes."""
        return json.dumps(self.to_json(request_id), separators=(",", ":")).encode()


def from_http(error: HTTPException) -> Problem:
    """A problem for what Flask and Werkzeug raise; Allow, Content-Range and Retry-After stay."""
    status = error.code or 500
    name = _BY_STATUS.get(status, "invalid-request" if 400 <= status < 500 else "internal")
    kept = {key: value for key, value in error.get_headers() if key in ("Allow", "Content-Range", "Retry-After")}
    return Problem(name, _DETAILS[name], headers=kept, status=status)
