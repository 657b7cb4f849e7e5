"""The parts of the OpenAPI document that all answers share."""

from __future__ import annotations

from typing import Any, Final

from flask_openapi3.models.info import Info
from flask_openapi3.models.tag import Tag
from flask_openapi3.types import ResponseDict as Responses
from pydantic import BaseModel

from server.problems import KINDS, MEDIA_TYPE
from verifier import __version__

INFO: Final = Info(
    title="solvent",
    version=__version__,
    description="Attestations of an exchange, as files and rows. Read only; nothing is verified here for anyone.",
)
TAG: Final = Tag(name="v1", description="Version 1")
_PROBLEM: Final = {"$ref": "#/components/schemas/ProblemBody"}
_ALWAYS: Final = ("invalid-request", "rate-limited", "internal", "unavailable")
_HEADERS: Final = {
    "ETag": {"description": "SHA-256 of the answer", "schema": {"type": "string"}},
    "Repr-Digest": {"description": "the same (RFC 9530)", "schema": {"type": "string"}},
    "Cache-Control": {"description": "how long it may be kept", "schema": {"type": "string"}},
}


def responses(shape: type[BaseModel] | None, *names: str) -> Responses:
    """An answer of ``shape``, and the problems that can stand in its place."""
    good: Responses = {"200": _good(shape)} if shape is not None else {}
    return {**good, "304": {"description": "You have it already"}, **problems(*names)}


def problems(*names: str) -> Responses:
    """The problems called ``names`` and those that can always happen, by status."""
    found: Responses = {}
    for name in (*names, *_ALWAYS):
        kind = KINDS[name]
        there = found.get(str(kind.status))
        text = f"{there['description']}; {name}" if isinstance(there, dict) else name
        found[str(kind.status)] = {"description": text, "content": {MEDIA_TYPE: {"schema": dict(_PROBLEM)}}}
    return found


def content(media_type: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    """An answer that is not described by a shape."""
    return {"description": description, "headers": dict(_HEADERS), "content": {media_type: {"schema": schema}}}


def _good(shape: type[BaseModel]) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{shape.__name__}"}
    return content("application/json", reference, "The answer")
