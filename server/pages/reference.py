"""The developers' reference, read off the OpenAPI document, and the examples."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of a request."""

    name: str
    where: str
    form: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Operation:
    """A resource."""

    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    answers: tuple[tuple[str, str], ...]


@cache
def examples() -> dict[str, str]:
    """The programs that the page shows; the tests run each of them, as it stands there."""
    place = files("server.pages").joinpath("examples")
    return {one.name.removesuffix(".txt"): one.read_text("utf-8") for one in place.iterdir() if one.is_file()}


@cache
def operations() -> tuple[Operation, ...]:
    """All resources, in the order of the document."""
    document = json.loads(files("server").joinpath("openapi.json").read_bytes())
    return tuple(_operation(path, item["get"]) for path, item in document["paths"].items())


def _operation(path: str, item: dict[str, Any]) -> Operation:
    parameters = tuple(
        Parameter(p["name"], p["in"], _form(p["schema"]), p.get("description", "")) for p in item.get("parameters", [])
    )
    answers = tuple((status, response["description"]) for status, response in sorted(item["responses"].items()))
    return Operation(path, item["summary"], parameters, answers)


def _form(schema: dict[str, Any]) -> str:
    """In a few words: type, bounds, pattern."""
    if "anyOf" in schema:
        return _form(schema["anyOf"][0])
    if "enum" in schema:
        return ", ".join(schema["enum"])
    parts = [str(schema.get("type", ""))]
    if "minimum" in schema and "maximum" in schema:
        parts.append(f"{int(schema['minimum'])} to {int(schema['maximum'])}")
    if "pattern" in schema:
        parts.append(schema["pattern"])
    return ", ".join(parts)
