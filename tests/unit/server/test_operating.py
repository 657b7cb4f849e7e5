"""The operator's port."""

from __future__ import annotations

import shutil

from werkzeug.test import Client

from server.operating import Operating
from server.settings import Settings
from tests.support.site import asking


def operator(settings: Settings) -> Client:
    return Client(Operating(asking(settings).application.extensions["solvent.library"]))


def test_alive_and_ready(frozen_site: Settings) -> None:
    asked = operator(frozen_site)
    for address in ("/healthz", "/readyz", "/metrics"):
        response = asked.get(address)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "no-store"


def test_nothing_else(frozen_site: Settings) -> None:
    asked = operator(frozen_site)
    assert asked.get("/v1/keys").status_code == 404
    assert asked.post("/readyz").status_code == 405


def test_the_public_port_has_none_of_it(frozen_site: Settings) -> None:
    for address in ("/healthz", "/readyz", "/metrics"):
        assert asking(frozen_site).get(address).status_code == 404


def test_not_ready_without_a_database(own_site: Settings) -> None:
    own_site.site.database.unlink()
    response = operator(own_site).get("/readyz")
    assert response.status_code == 503
    assert "database" in response.text
    assert operator(own_site).get("/healthz").status_code == 200


def test_not_ready_when_the_newest_epoch_is_damaged(own_site: Settings) -> None:
    asked = operator(own_site)
    assert asked.get("/readyz").status_code == 200
    shutil.rmtree(own_site.site.cache(2))
    assert asked.get("/readyz").status_code == 503


def test_not_ready_with_tables_of_another_version(own_site: Settings) -> None:
    import sqlite3

    with sqlite3.connect(own_site.site.database) as connection:
        connection.execute("update alembic_version set version_num = 'later'")
    connection.close()
    response = operator(own_site).get("/readyz")
    assert (response.status_code, "another version" in response.text) == (503, True)
