"""Sites of tests: the frozen epochs, published; the application that serves them; a database of either kind."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from werkzeug.test import TestResponse

from server import create_app as _create_app
from server.publishing import publish
from server.settings import Settings
from verifier.engine import get_engine
from verifier.epoch import open_directory

ROOT: Final = Path(__file__).resolve().parents[2]
FROZEN: Final = ROOT / "vectors" / "frozen" / "v1" / "epochs"
CLAIMING: Final = ROOT / "vectors" / "frozen" / "v2" / "epochs"
"""Epochs of the same keys with policy, collateral, a root document and claims beside their book."""
KEY: Final = bytes.fromhex("a95f1acf06fe76ecf8c30d71292448976bf98965a4d5b7977c7afecad5898f88")
ENGINE: Final = get_engine()


def publish_frozen(settings: Settings, *numbers: int, epochs: Path = FROZEN) -> None:
    """Put frozen epochs up."""
    for number in numbers:
        publish(epochs / str(number), settings, ENGINE, KEY)


def copy_of(settings: Settings, target: Path, **changes: Any) -> Settings:
    """The same site elsewhere, times of change kept."""
    shutil.copytree(settings.root, target)
    return Settings(target, **changes)


def ids(directory: Path) -> list[str]:
    """The ids of all rows of an epoch, in row order."""
    data = (directory / "leaves.bin").read_bytes()
    return [data[start + 64 : start + 96].hex() for start in range(0, len(data), 96)]


def attestation(number: int) -> Any:
    """A frozen epoch's attestation."""
    return open_directory(FROZEN / str(number), KEY).attestation


class Reader(FlaskClient):
    """Reads every answer to its end and closes it, as a server does."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask."""
        return super().open(*args, **{"buffered": True, **kwargs})


def asking(settings: Settings) -> Reader:
    """Asks the application of a site."""
    app = _create_app(settings)
    app.test_client_class = Reader
    client = app.test_client()
    assert isinstance(client, Reader)
    return client


@pytest.fixture(scope="session")
def frozen_site(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Both frozen epochs in an SQLite site. Read only: use ``own_site`` to change anything."""
    settings = Settings(tmp_path_factory.mktemp("site") / "site", compare_at=("https://ex.example/key",))
    publish_frozen(settings, 1, 2)
    return settings


@pytest.fixture(scope="session")
def client(frozen_site: Settings) -> FlaskClient:
    """Asks the application of ``frozen_site``."""
    return asking(frozen_site)


@pytest.fixture(scope="session")
def claiming_site(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The frozen epochs with claims. Read only."""
    settings = Settings(tmp_path_factory.mktemp("claiming") / "site")
    publish_frozen(settings, 1, 2, epochs=CLAIMING)
    return settings


@pytest.fixture(scope="session")
def claiming(claiming_site: Settings) -> FlaskClient:
    """Asks the application of ``claiming_site``."""
    return asking(claiming_site)


@pytest.fixture
def own_site(frozen_site: Settings, tmp_path: Path) -> Settings:
    """A copy that a test may change."""
    return copy_of(frozen_site, tmp_path / "site")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database: "" for SQLite in the site, else of a PostgreSQL of its own."""
    if request.param == "sqlite":
        return ""
    return new_database(request.getfixturevalue("postgresql_url"))


def new_database(server: str) -> str:
    """A fresh database in a running PostgreSQL."""
    name = f"site_{next(_NAMES)}"
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"drop database if exists {name}"))
        connection.execute(text(f"create database {name}"))
    engine.dispose()
    return server.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?")


_NAMES = iter(range(10**6))
