"""What the service does when files or the database are not what they were: it never serves a wrong byte."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from server.caches import LEVELS, MADE, ORDER
from server.retention import rebuild
from server.settings import Settings
from tests.support.site import ENGINE, FROZEN, Reader, asking, ids, publish_frozen

ROW = f"/v1/attestations/1/rows/{ids(FROZEN / '1')[1]}"
LEAVES = "/v1/attestations/1/files/leaves.bin"


def problem(client: Reader, address: str) -> tuple[int, str]:
    response = client.get(address)
    assert response.json is not None
    return response.status_code, response.json["type"]


def altered(path: Path) -> None:
    """One bit, as a failing disk or an intruder would; the size stays."""
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.unlink()  # the original is linked: it stays as it is
    path.write_bytes(data)


def shortened(path: Path) -> None:
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[:-1])


def gone(path: Path) -> None:
    path.unlink()


DAMAGES = [altered, shortened, gone]


@pytest.mark.parametrize("warm", [False, True], ids=["at first", "while serving"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_not_served(own_site: Settings, damage: Callable[[Path], None], warm: bool) -> None:
    client = asking(own_site)
    if warm:
        assert client.get(LEAVES).status_code == client.get(ROW).status_code == 200
    damage(own_site.site.epoch(1) / "leaves.bin")
    assert problem(client, LEAVES) == (503, "/problems/damaged")
    assert problem(client, ROW) == (503, "/problems/damaged")
    assert client.get("/v1/attestations/1/files/book.proof").status_code == 200
    assert client.get("/v1/attestations/2").status_code == 200


@pytest.mark.parametrize("name", [ORDER, LEVELS])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_gives_no_wrong_path(own_site: Settings, name: str, damage: Callable[[Path], None]) -> None:
    client = asking(own_site)
    damage(own_site.site.cache(1) / name)
    assert problem(client, ROW) == (503, "/problems/damaged")
    assert client.get(LEAVES).status_code == 200


def test_a_missing_cache(own_site: Settings) -> None:
    client = asking(own_site)
    before = client.get(ROW).data
    shutil.rmtree(own_site.site.cache(1))
    assert problem(asking(own_site), ROW) == (503, "/problems/damaged")
    rebuild(own_site, ENGINE)
    assert asking(own_site).get(ROW).data == before
    assert client.get(ROW).data == before


def test_the_cache_of_another_run(own_site: Settings) -> None:
    shutil.rmtree(own_site.site.cache(1))
    shutil.copytree(own_site.site.cache(2), own_site.site.cache(1))
    assert problem(asking(own_site), ROW) == (503, "/problems/damaged")
    (own_site.site.cache(1) / MADE).write_text("no json")
    assert problem(asking(own_site), ROW) == (503, "/problems/damaged")


def test_a_damaged_document(own_site: Settings) -> None:
    client = asking(own_site)
    altered(own_site.site.epoch(2) / "attestation.json")
    assert problem(client, "/v1/attestations/2") == (503, "/problems/damaged")
    assert client.get("/epochs/2", headers={"Accept": "text/html"}).status_code == 503


def test_a_document_altered_under_its_old_time(own_site: Settings) -> None:
    """Somebody who can also set times: the digest of what was signed is compared as well."""
    path = own_site.site.epoch(2) / "attestation.json"
    before = path.stat()
    shutil.copy(FROZEN / "1" / "attestation.json", path.with_suffix(".new"))
    data = path.with_suffix(".new").read_bytes().ljust(before.st_size, b" ")[: before.st_size]
    path.unlink()
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert problem(asking(own_site), "/v1/attestations/2") == (503, "/problems/damaged")


def test_a_small_file_altered_under_its_old_time(own_site: Settings) -> None:
    """What is kept in memory is compared with its digest once, and the file is looked at before every answer."""
    path, address = own_site.site.epoch(1) / "schema.json", "/v1/attestations/1/files/schema.json"
    before, data = path.stat(), path.read_bytes()
    client = asking(own_site)
    assert client.get(address).data == data
    path.write_bytes(data[:-1] + b" ")
    assert problem(client, address) == (503, "/problems/damaged"), "what is in memory does not hide it"
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert problem(asking(own_site), address) == (503, "/problems/damaged")


def test_restored_and_rebuilt_it_is_served_again(own_site: Settings) -> None:
    client = asking(own_site)
    before = client.get(ROW).data
    altered(own_site.site.epoch(1) / "leaves.bin")
    assert problem(client, ROW)[0] == 503
    (own_site.site.epoch(1) / "leaves.bin").write_bytes((FROZEN / "1" / "leaves.bin").read_bytes())
    assert problem(client, ROW)[0] == 503, "only a comparison with what was signed makes it good"
    rebuild(own_site, ENGINE)
    assert client.get(ROW).data == before, "without a restart"
    assert client.get(LEAVES).status_code == 200


def test_the_database_goes_away(own_site: Settings) -> None:
    client = asking(own_site)
    assert client.get(ROW).status_code == 200
    hidden = own_site.root / "away.db"
    client.application.extensions["solvent.library"].database.dispose()
    own_site.site.database.rename(hidden)
    response = client.get("/v1/attestations")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.json is not None
    assert response.json["type"] == "/problems/unavailable"
    assert "sqlite" not in response.text
    assert client.get("/", headers={"Accept": "text/html"}).status_code == 503
    assert client.get(ROW).status_code == 200, "what was asked for before needs no database"
    assert client.get(LEAVES).status_code == 200
    assert problem(client, "/v1/attestations/2/files/leaves.bin") == (503, "/problems/unavailable")
    hidden.rename(own_site.site.database)
    assert client.get("/v1/attestations").status_code == 200


def test_a_site_without_a_database(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    client = asking(Settings(tmp_path / "site"))
    assert problem(client, "/v1/attestations") == (503, "/problems/unavailable")
    assert not (tmp_path / "site" / "site.db").exists(), "the service makes nothing"
    assert client.get("/verifier.html").status_code == 200


def test_an_epoch_published_while_serving(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "site")
    publish_frozen(settings, 1)
    client = asking(settings)
    assert client.get("/v1/attestations/latest").headers["Location"] == "/v1/attestations/1"
    assert problem(client, "/v1/attestations/2") == (404, "/problems/epoch-not-found")
    publish_frozen(settings, 2)
    assert client.get("/v1/attestations/latest").headers["Location"] == "/v1/attestations/2"
    assert client.get("/v1/attestations/2").status_code == 200


def test_nothing_published_yet(tmp_path: Path) -> None:
    from server.database.connecting import for_publisher

    (tmp_path / "site").mkdir()
    for_publisher(Settings(tmp_path / "site")).dispose()
    client = asking(Settings(tmp_path / "site"))
    listed = client.get("/v1/attestations").json
    assert listed == {"attestations": [], "next": None}
    assert problem(client, "/v1/attestations/latest") == (404, "/problems/epoch-not-found")
    for page in ("/", "/check", "/audit", "/about", "/docs", "/status", "/problems", "/de"):
        assert client.get(page, headers={"Accept": "text/html"}).status_code == 200
    assert client.get("/feed.xml").status_code == client.get("/badge.svg").status_code == 200


def test_many_threads_at_once(frozen_site: Settings) -> None:
    application = asking(frozen_site).application
    wanted = [f"/v1/attestations/1/rows/{one}" for one in ids(FROZEN / "1")]
    expected = {address: asking(frozen_site).get(address).data for address in wanted}
    wrong: list[str] = []

    def work() -> None:
        client = application.test_client()
        wrong.extend(a for _ in range(5) for a in wanted if client.get(a, buffered=True).data != expected[a])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
