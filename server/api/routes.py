"""The resources."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files as package_files
from typing import Any, Final, TypeVar

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.types import ResponseDict as Responses

from server import roots
from server.api import bodies, shapes
from server.api.document import TAG, content, problems, responses
from server.catalogue import Catalogue, from_cursor, to_cursor
from server.library import Library, Opened
from server.problems import Problem
from server.web.answers import FIVE_MINUTES, FOR_EVER, HOUR, MINUTE, answer, file_answer

T = TypeVar("T")
_BYTES: Final = {"type": "string", "format": "binary"}


def blueprint(library: Library) -> APIBlueprint:
    """Everything under /v1."""
    api = APIBlueprint("v1", __name__, url_prefix="/v1", abp_tags=[TAG])
    _lists(api, library)
    _epochs(api, library)
    _rows(api, library)
    _others(api, library)
    return api


def intact(library: Library, number: int, use: Callable[[Opened], T]) -> T:
    """What ``use`` makes of an epoch. A file that looks damaged is judged again by what the database says now."""
    opened = library.epoch(number)
    try:
        return use(opened)
    except Problem as problem:
        if problem.name != "damaged":
            raise
    return use(library.again(opened))


def _lists(api: APIBlueprint, library: Library) -> None:
    catalogue = Catalogue(library.database)

    @api.get("/attestations", responses=responses(shapes.AttestationList))
    def list_attestations(query: shapes.ListQuery) -> Response:
        """The published epochs, newest first."""
        below = None if query.after is None else from_cursor(query.after)
        found = catalogue.newest(query.limit + 1, below)
        shown = found[: query.limit]
        following = to_cursor(shown[-1].number) if len(found) > len(shown) else None
        body = {"attestations": [bodies.brief(epoch) for epoch in shown], "next": following}
        response = answer(bodies.encode(body), MINUTE)
        if following:
            link = f"/v1/attestations?limit={query.limit}&after={following}"
            response.headers["Link"] = f'<{link}>; rel="next"'
        return response

    redirect: Responses = {"307": {"description": "The newest epoch stands there"}, **problems("epoch-not-found")}

    @api.get("/attestations/latest", responses=redirect)
    def latest_attestation() -> Response:
        """The newest epoch."""
        response = Response(status=307, mimetype="application/json")
        response.headers["Location"] = f"/v1/attestations/{catalogue.latest().number}"
        response.headers["Cache-Control"] = MINUTE
        return response


def _epochs(api: APIBlueprint, library: Library) -> None:
    catalogue = Catalogue(library.database)
    missing = ("epoch-not-found", "damaged")

    @api.get("/attestations/<int:epoch>", responses=responses(shapes.Attestation, *missing))
    def get_attestation(path: shapes.EpochPath) -> Response:
        """What was signed about an epoch, for display."""
        body = intact(library, path.epoch, lambda opened: bodies.attestation(opened, catalogue))
        return answer(bodies.encode(body), FOR_EVER)

    @api.get("/attestations/<int:epoch>/files", responses=responses(shapes.FileList, *missing))
    def list_files(path: shapes.EpochPath) -> Response:
        """Every published file of an epoch."""
        body = {"epoch": path.epoch, "files": bodies.files(library.epoch(path.epoch))}
        return answer(bodies.encode(body), FOR_EVER)

    good: Responses = {"200": _octets("The bytes of the file"), "206": _octets("The asked part of it")}
    refused = problems("file-not-found", "file-removed", "range-not-satisfiable", "damaged")
    also: Responses = {**good, "304": {"description": "You have it already"}, **refused}

    @api.get("/attestations/<int:epoch>/files/<name>", responses=also)
    def get_file(path: shapes.FilePath) -> Response:
        """The bytes of one file."""
        return intact(library, path.epoch, lambda opened: _file(opened, path.name))


def _octets(description: str) -> dict[str, Any]:
    found = content("application/octet-stream", _BYTES, description)
    found["content"]["application/json"] = {"schema": {}}
    return found


def _file(opened: Opened, name: str) -> Response:
    file = opened.files.get(name)
    if file is None:
        raise Problem("file-not-found", "This epoch has no file of this name.")
    file.require_intact()
    return file_answer(file, bodies.media_type(file))


def _rows(api: APIBlueprint, library: Library) -> None:
    missing = ("row-not-found", "file-removed", "damaged")

    @api.get("/attestations/<int:epoch>/rows/<id>", responses=responses(shapes.Row, *missing))
    def get_row(path: shapes.RowPath) -> Response:
        """One row, sealed for its customer."""
        row = intact(library, path.epoch, lambda opened: opened.rows().find(bytes.fromhex(path.id)))
        if row is None:
            raise Problem("row-not-found", "This book has no row with this id.")
        return answer(row.to_bytes(), FOR_EVER)


def _others(api: APIBlueprint, library: Library) -> None:
    catalogue = Catalogue(library.database)

    @api.get("/keys", responses=responses(shapes.KeyList))
    def list_keys() -> Response:
        """The exchange's public keys, to be compared elsewhere."""
        return answer(bodies.encode(bodies.keys(catalogue, library)), FIVE_MINUTES)

    signed: Responses = {"200": content("application/json", {"type": "object"}, "The signed document")}

    @api.get("/keys/<int:version>.json", responses={**responses(None, "not-found", "damaged"), **signed})
    def get_root_document(path: shapes.RootPath) -> Response:
        """One version of the root document, as it was signed."""
        return root_document(library, path.version)

    schema: Responses = {"200": content("application/schema+json", {"type": "object"}, "A JSON Schema")}

    @api.get("/schemas/<name>.json", responses={**responses(None), **schema})
    def get_schema(path: shapes.SchemaPath) -> Response:
        """The form of a document."""
        return answer(_schema(path.name), HOUR, "application/schema+json")


def root_document(library: Library, version: int) -> Response:
    """A version of the root document. Raises Problem (not-found, damaged)."""
    found = roots.find(library, version)
    if found is None:
        raise Problem("not-found", "No root document of this version is published here.")
    return answer(found.data, FOR_EVER)


def _schema(name: str) -> bytes:
    if name == "row":
        own: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        return bodies.encode({**own, **shapes.Row.model_json_schema()})
    stored = package_files("server").joinpath("schemas", f"{name}.json").read_bytes()
    return bodies.encode(json.loads(stored))
