"""What cannot be answered is a problem: typed, with a page of its own, and without a word of what was sent."""

from __future__ import annotations

import re
import time

import pytest
from flask.testing import FlaskClient

from server.api import shapes
from server.problems import KINDS, MEDIA_TYPE
from server.settings import Settings
from tests.support.site import FROZEN, asking, ids

ROW = ids(FROZEN / "1")[0]
SECRET = "slv_k_" + "5e" * 32
REFUSED = {
    "/v1/attestations/99": (404, "epoch-not-found"),
    "/v1/attestations/99/files": (404, "epoch-not-found"),
    "/v1/attestations/99/files/leaves.bin": (404, "epoch-not-found"),
    f"/v1/attestations/99/rows/{ROW}": (404, "epoch-not-found"),
    "/v1/attestations/1/files/private.key": (404, "file-not-found"),
    "/v1/attestations/1/files/..": (422, "invalid-request"),
    "/v1/attestations/1/files/..%2f..%2fsite.db": (404, "not-found"),
    "/v1/attestations/1/files/.publish-x": (422, "invalid-request"),
    f"/v1/attestations/1/rows/{'0' * 64}": (404, "row-not-found"),
    f"/v1/attestations/2/rows/{ROW}": (404, "row-not-found"),
    f"/v1/attestations/1/rows/{ROW.upper()}": (422, "invalid-request"),
    f"/v1/attestations/1/rows/{ROW[:-1]}": (422, "invalid-request"),
    f"/v1/attestations/1/rows/{ROW}0": (422, "invalid-request"),
    f"/v1/attestations/1/rows/{SECRET}": (422, "invalid-request"),
    "/v1/attestations/0": (422, "invalid-request"),
    f"/v1/attestations/{2**53}": (422, "invalid-request"),
    f"/v1/attestations/{10**30}": (422, "invalid-request"),
    "/v1/attestations/one": (404, "not-found"),
    "/v1/attestations?limit=0": (422, "invalid-request"),
    "/v1/attestations?limit=101": (422, "invalid-request"),
    "/v1/attestations?limit=many": (422, "invalid-request"),
    "/v1/attestations?after=AAAA": (422, "invalid-request"),
    "/v1/attestations?after=%00": (422, "invalid-request"),
    f"/v1/attestations?key={SECRET}": (422, "invalid-request"),
    "/v1/schemas/none.json": (422, "invalid-request"),
    "/v1": (404, "not-found"),
    "/v1/attestations/": (404, "not-found"),
    "/static/..%2fcli.py": (404, "not-found"),
    "/static/check.py": (404, "not-found"),
    "/epochs/99": (404, "epoch-not-found"),
}


@pytest.mark.parametrize("address", REFUSED)
def test_refused(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    status, name = REFUSED[address]
    assert response.status_code == status, response.data
    assert response.mimetype == MEDIA_TYPE
    body = shapes.ProblemBody.model_validate(response.json, strict=True)
    assert body.type == f"/problems/{name}"
    assert body.status == status
    assert body.instance == response.headers["X-Request-Id"]
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", [address for address in REFUSED if SECRET in address])
def test_what_was_sent_is_not_repeated(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    assert SECRET[6:].encode() not in response.data
    assert SECRET not in str(response.headers)
    assert response.json is not None
    assert response.json["errors"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "SOLVE"])
@pytest.mark.parametrize("address", ["/v1/keys", "/v1/attestations/1", "/", "/check"])
def test_nothing_can_be_written(client: FlaskClient, method: str, address: str) -> None:
    response = client.open(address, method=method, data=b"x" * 1000)
    assert response.status_code == 405
    assert set(re.split(", *", response.headers["Allow"])) == {"GET", "HEAD", "OPTIONS"}
    assert response.json is not None
    assert response.json["type"] == "/problems/method-not-allowed"


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("lang", ["", "/de"])
def test_every_type_opens_a_page(client: FlaskClient, name: str, lang: str) -> None:
    response = client.get(f"{lang}/problems/{name}", headers={"Accept": "text/html"})
    assert response.status_code == 200
    assert response.mimetype == "text/html"
    assert b"<h1>" in response.data


def test_a_browser_gets_a_page_and_a_program_json(client: FlaskClient) -> None:
    shown = client.get("/nothing", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (shown.status_code, shown.mimetype) == (404, "text/html")
    assert shown.headers["X-Request-Id"].encode() in shown.data
    assert client.get("/nothing").mimetype == MEDIA_TYPE
    assert client.get("/v1/nothing", headers={"Accept": "text/html"}).mimetype == MEDIA_TYPE
    german = client.get("/de/nothing", headers={"Accept": "text/html"})
    assert b'lang="de"' in german.data


def test_an_unknown_problem_is_not_found(client: FlaskClient) -> None:
    assert client.get("/problems/none").status_code == 404


def test_too_many_requests(frozen_site: Settings) -> None:
    limited = asking(Settings(frozen_site.root, rate_limit="3 per minute"))
    assert [limited.get("/v1/keys").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    response = limited.get(f"/v1/attestations/1/rows/{ROW}")
    assert response.status_code == 429
    assert 1 <= int(response.headers["Retry-After"]) <= 61
    assert response.json is not None
    assert response.json["type"] == "/problems/rate-limited"
    for _ in range(5):
        assert limited.get("/v1/attestations/1/files/leaves.bin").status_code == 200
    other = limited.get("/v1/keys", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 200


def test_the_client_behind_a_proxy(frozen_site: Settings) -> None:
    """Only as many names as there are proxies are believed."""
    settings = Settings(frozen_site.root, rate_limit="1 per minute", proxies=1)
    limited = asking(settings)

    def asked(forwarded: str) -> int:
        return limited.get("/v1/keys", headers={"X-Forwarded-For": forwarded}).status_code

    assert [asked("192.0.2.1"), asked("192.0.2.2"), asked("192.0.2.1"), asked("203.0.113.9, 192.0.2.2")] == [
        200, 200, 429, 429,
    ]  # fmt: skip


def test_a_limit_that_is_no_rate(frozen_site: Settings) -> None:
    from verifier.errors import Malformed

    with pytest.raises(Malformed, match="no rate"):
        asking(Settings(frozen_site.root, rate_limit="fast"))


def test_a_fault_of_ours_tells_nothing(frozen_site: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from server.api import bodies

    def fail(*_: object) -> None:
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr(bodies, "keys", fail)
    response = asking(frozen_site).get("/v1/keys")
    assert response.status_code == 500
    assert response.json is not None
    assert response.json["type"] == "/problems/internal"
    assert SECRET.encode() not in response.data


def test_refusals_are_quick(client: FlaskClient) -> None:
    """A long address costs no more than a short one."""
    started = time.perf_counter()
    assert client.get("/v1/attestations/1/rows/" + "f" * 100_000).status_code == 422
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("kind", ["Here", "Shared"])
def test_both_ways_of_counting(kind: str) -> None:
    from limits import parse

    from server.web import limiting

    limit = parse("2 per hour")
    counter = limiting.Here(limit) if kind == "Here" else limiting.Shared(limit, "memory://")
    assert [counter.wait("a") > 0 for _ in range(4)] == [False, False, True, True]
    assert not counter.wait("b")
    assert 0 < counter.wait("a") <= 3600


def test_a_new_window_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    from limits import parse

    from server.web import limiting

    counter = limiting.Here(parse("1 per minute"))
    monkeypatch.setattr("time.time", lambda: 59.0)
    assert [counter.wait("a"), counter.wait("a")] == [0, 1.0]
    monkeypatch.setattr("time.time", lambda: 60.0)
    assert counter.wait("a") == 0
