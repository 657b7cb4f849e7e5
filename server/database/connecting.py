"""Connections: one kind for the publisher, who writes, and one for the service, which cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Row, Select, create_engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from server.settings import Settings
from verifier.errors import Unavailable

WAIT_S: Final = 5
_HINT: Final = "check that it runs and that the URL is right; what is published stays as it is"


def unreachable() -> Unavailable:
    """The one sentence about a database that does not answer: URLs and statements are nobody's business."""
    return Unavailable("the database cannot be used", where="database", code="E_DATABASE", hint=_HINT)


def for_publisher(settings: Settings) -> Engine:
    """A connection that may write, to a database brought up to date. Raises Unavailable (E_DATABASE)."""
    engine = _engine(settings.database or f"sqlite:///{settings.site.database}", reading=False)
    try:
        with engine.begin() as connection:
            upgrade(connection)
    except SQLAlchemyError:
        raise unreachable() from None
    return engine


def for_service(settings: Settings) -> Engine:
    """Connections that only read."""
    path = quote(str(settings.site.database.absolute()))
    return _engine(settings.database or f"sqlite:///file:{path}?mode=ro&uri=true", reading=True)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session for one answer. Raises Unavailable (E_DATABASE) when the database goes away."""
    try:
        with Session(engine) as session:
            yield session
    except DBAPIError:
        raise unreachable() from None


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One transaction of the publisher: all or nothing. Raises Unavailable (E_DATABASE)."""
    try:
        with Session(engine) as session, session.begin():
            yield session
    except SQLAlchemyError:
        raise unreachable() from None


def rows(session: Session, query: Select[Any]) -> list[Row[Any]]:
    """Everything a query finds."""
    return list(session.execute(query).all())


def upgrade(connection: Any) -> None:
    """Bring the tables to the newest form, in the transaction of ``connection``."""
    config = migrations()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def is_current(engine: Engine) -> bool:
    """Whether the tables have the form that this version reads. Raises Unavailable (E_DATABASE)."""
    with reading(engine) as session:
        found = session.execute(text("select version_num from alembic_version")).scalar()
    return bool(found == ScriptDirectory.from_config(migrations()).get_current_head())


def migrations() -> Config:
    """Where the migrations are."""
    config = Config()
    config.set_main_option("script_location", str(files("server.database").joinpath("migrations")).replace("%", "%%"))
    return config


def _engine(url: str, *, reading: bool) -> Engine:
    try:
        if url.startswith("sqlite"):
            return _sqlite(url)
        seconds = {"connect_timeout": WAIT_S} if url.startswith("postgresql") else {}
        options = {"postgresql_readonly": True} if reading else {}
        return create_engine(
            url, pool_pre_ping=True, pool_timeout=WAIT_S, connect_args=seconds, execution_options=options
        )
    except (SQLAlchemyError, ImportError):
        raise unreachable() from None


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": WAIT_S})

    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: Any) -> None:
        connection.execute("pragma foreign_keys = on")

    return engine
