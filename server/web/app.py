"""The application, put together."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from typing import Any, Final

from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue
from flask_openapi3.openapi import OpenAPI
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from server.api import routes, shapes
from server.api.bodies import encode
from server.api.document import INFO
from server.library import Library
from server.pages import feeds, frame, views
from server.problems import MEDIA_TYPE, Problem, from_http
from server.settings import Settings
from server.web import headers, limiting, watching
from server.web.answers import HOUR, answer
from verifier.errors import SolventError

OPENAPI: Final = "openapi.json"
_RETRY_S: Final = "5"


class _App(OpenAPI):
    """An application without coroutines, which Flask looks for at every call of every function."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """See Flask."""
        return func


def build(settings: Settings) -> OpenAPI:
    """The application for one site."""
    app = bare()
    library = Library(settings)
    app.extensions["solvent.library"] = library
    watching.install(app)
    limiting.install(app, settings)
    headers.install(app, tls=settings.tls)
    _errors(app)
    app.register_api(routes.blueprint(library))
    app.add_url_rule("/keys/<int:version>.json", "keys", partial(routes.root_document, library), methods=["GET"])
    _document(app)
    views.install(app, library)
    feeds.install(app, library)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    return app


def bare() -> OpenAPI:
    """A bare application that answers no form, session or cookie."""
    return _App(
        "server",
        info=INFO,
        doc_ui=False,
        validation_error_status=422,
        validation_error_model=shapes.ProblemBody,
        validation_error_callback=_invalid,
        static_folder=None,
        template_folder="templates",
    )


def describe(app: OpenAPI) -> dict[str, Any]:
    """The OpenAPI document of an application."""
    document: dict[str, Any] = json.loads(json.dumps(app.api_doc))
    document["components"] = {"schemas": document["components"]["schemas"]}
    schemas = document["components"]["schemas"]
    for shape in (shapes.AttestationList, shapes.Attestation, shapes.FileList, shapes.Row, shapes.KeyList):
        found = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(found.pop("$defs", {}))
        schemas[shape.__name__] = found
    return document


def _document(app: Flask) -> None:
    body = encode(json.loads(files("server").joinpath(OPENAPI).read_bytes()))

    @app.route("/openapi.json")
    def openapi_document() -> Response:
        return answer(body, HOUR)


def _errors(app: Flask) -> None:
    @app.errorhandler(Problem)
    def problem(error: Problem) -> ResponseReturnValue:
        return show(error)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        if error.code is not None and error.code < 400:
            return error.get_response()
        return show(from_http(error))

    @app.errorhandler(SolventError)
    def unavailable(error: SolventError) -> ResponseReturnValue:
        watching.LOG.error("unavailable", request=g.request_id, code=error.code)
        detail = "The service's database does not answer. Files that were asked for before are still served."
        return show(Problem("unavailable", detail, headers={"Retry-After": _RETRY_S}))

    @app.errorhandler(Exception)
    def failed(error: Exception) -> ResponseReturnValue:
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        at = f"{where.tb_frame.f_code.co_qualname}:{where.tb_lineno}" if where else ""
        watching.LOG.error("failed", request=g.request_id, error=type(error).__name__, at=at)
        return show(Problem("internal", "This is a fault of the service; its log has the number of this request."))


def show(problem: Problem) -> Response:
    """A problem as an answer: a page for whoever asked for a page, JSON for everybody else."""
    if _wants_page():
        return frame.problem_page(problem)
    response = Response(problem.to_bytes(g.request_id), status=problem.code, mimetype=MEDIA_TYPE)
    response.headers.update(problem.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _wants_page() -> bool:
    if request.path.startswith(("/v1/", "/openapi.json")):
        return False
    return request.accept_mimetypes.best_match([MEDIA_TYPE, "application/json", "text/html"]) == "text/html"


def _invalid(error: ValidationError) -> Response:
    """Where and what, never the input."""
    faults = [
        {"loc": ".".join(map(str, fault["loc"])), "msg": fault["msg"]}
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    detail = "A part of the request has a form that it cannot have."
    return show(Problem("invalid-request", detail, errors=faults))
