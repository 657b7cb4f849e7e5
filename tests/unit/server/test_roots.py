"""Root documents: published with their epoch, one file a version, never replaced, and shown with every role."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from server import roots
from server.api import shapes
from server.documents import Documents
from server.publishing import publish
from server.retention import rebuild
from server.settings import Settings
from server.site import Site
from tests.support.refusals import refused
from tests.support.site import CLAIMING, ENGINE, FROZEN, KEY, asking, copy_of, publish_frozen
from tests.support.trust import keys, roles, root_envelope
from verifier.dsse import Envelope, key_id
from verifier.errors import Rejected
from verifier.trust.root import PAYLOAD_TYPE, Root

DATA = (CLAIMING / "1" / "root.json").read_bytes()
ROOT = Root.from_envelope(Envelope.from_bytes(DATA, PAYLOAD_TYPE, "root.json"))
EPOCH = Documents.read(CLAIMING / "1")


def version(number: int, by: tuple[int, ...] = (1, 2), **changes: Any) -> Envelope:
    """A root document of the exchange of these tests."""
    own = roles(exchange={"keys": [KEY.hex()], "threshold": 1})
    return root_envelope(by, **{"exchange": "exchange.example", "version": number, "roles": own, **changes})


def fit(site: Site, envelope: Envelope, signer: bytes = KEY) -> None:
    roots.require_fit(replace(EPOCH, root=envelope), site, signer)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site with version 2."""
    found = Site(tmp_path)
    found.keys.mkdir()
    found.root_document(2).write_bytes(version(2).to_bytes())
    return found


def test_versions_that_follow_each_other(site: Site) -> None:
    for number in (1, 2, 3, 7):
        fit(site, version(number))
    fit(site, version(2, by=(2, 3)))
    roots.require_fit(Documents.read(FROZEN / "1"), site, KEY)


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        (version(2, expires_at=1_900_000_000), "E_REPLACE"),
        (version(1, by=(1,)), "E_SIG_THRESHOLD"),
        (version(3, exchange="other.example"), "E_BINDING"),
        (version(1, roles=roles()), "E_TRUST_ROLE"),
        (version(1, roles={"root": {"keys": keys(1), "threshold": 1}}), "E_TRUST_ROLE"),
    ],
)
def test_a_document_that_nobody_would_follow(site: Site, envelope: Envelope, code: str) -> None:
    with refused(Rejected, code):
        fit(site, envelope)


@pytest.mark.parametrize("number", [1, 3])
def test_the_keys_of_both_versions_sign(site: Site, number: int) -> None:
    own = {**roles(exchange={"keys": [KEY.hex()], "threshold": 1}), "root": {"keys": keys(4, 5), "threshold": 2}}
    with refused(Rejected, "E_SIG_THRESHOLD"):
        fit(site, version(number, by=(4, 5), roles=own))
    if number == 3:
        fit(site, version(3, by=(1, 2, 4, 5), roles=own))


def test_the_key_of_another_role_publishes_nothing(site: Site) -> None:
    with refused(Rejected, "E_TRUST_ROLE"):
        fit(site, version(1), signer=next(iter(ROOT.roles["risk"].keys)))


def test_it_is_published_with_its_epoch(claiming_site: Settings) -> None:
    place = claiming_site.site.root_document(1)
    assert place.read_bytes() == DATA
    assert place.stat().st_mode & 0o444 == 0o444
    assert [path.name for path in claiming_site.site.keys.iterdir()] == ["1.json"]


def test_a_book_without_one(frozen_site: Settings, client: FlaskClient) -> None:
    assert not frozen_site.site.keys.exists()
    body: Any = client.get("/v1/keys").json
    assert body["roots"] == []
    assert client.get("/keys/1.json").status_code == 404


def test_publishing_stops_at_a_document_that_does_not_fit(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "site")
    settings.site.keys.mkdir(parents=True)
    settings.site.root_document(1).write_bytes(version(1).to_bytes())
    with refused(Rejected, "E_REPLACE"):
        publish(CLAIMING / "1", settings, ENGINE, KEY)
    assert list(settings.site.epochs.iterdir()) == []


@pytest.mark.parametrize("way", ["publish", "rebuild"])
def test_a_lost_one_comes_back(claiming_site: Settings, tmp_path: Path, way: str) -> None:
    settings = copy_of(claiming_site, tmp_path / "site")
    settings.site.root_document(1).unlink()
    (settings.site.keys / ".publish-1").write_bytes(b"half")
    if way == "publish":
        publish_frozen(settings, 2, epochs=CLAIMING)
    else:
        rebuild(settings, ENGINE)
    assert settings.site.root_document(1).read_bytes() == DATA
    assert len(list(settings.site.keys.iterdir())) == 1


@pytest.mark.parametrize("address", ["/keys/1.json", "/v1/keys/1.json"])
def test_it_is_served_as_it_was_signed(claiming: FlaskClient, address: str) -> None:
    answer = claiming.get(address)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, DATA, "application/json")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["ETag"] == f'"sha256-{hashlib.sha256(DATA).hexdigest()}"'
    assert claiming.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("address", ["/keys/2.json", "/v1/keys/2.json", f"/keys/{10**300}.json"])
def test_what_is_not_published(claiming: FlaskClient, address: str) -> None:
    answer: Any = claiming.get(address)
    assert (answer.status_code, answer.json["type"]) == (404, "/problems/not-found")


@pytest.mark.parametrize(
    "data", [b"", DATA[:-1], DATA.replace(b"a", b"b"), version(2).to_bytes()], ids=["empty", "cut", "other", "version"]
)
def test_what_was_altered_is_not_served(claiming_site: Settings, tmp_path: Path, data: bytes) -> None:
    settings = copy_of(claiming_site, tmp_path / "site")
    settings.site.root_document(1).write_bytes(data)
    for address in ("/keys/1.json", "/v1/keys/1.json", "/v1/keys"):
        answer: Any = asking(settings).get(address)
        assert (answer.status_code, answer.json["type"]) == (503, "/problems/damaged"), address


def test_every_role_is_listed(claiming: FlaskClient) -> None:
    body: Any = claiming.get("/v1/keys").json
    shapes.KeyList.model_validate(body)
    assert body["keys"][0]["role"] == "exchange"
    assert {key["role"] for key in body["keys"]} == set(ROOT.roles)
    assert {key["public_key"] for key in body["keys"]} == {k.hex() for role in ROOT.roles.values() for k in role.keys}
    assert all(key["keyid"] == key_id(bytes.fromhex(key["public_key"])) for key in body["keys"])
    assert all((key["first_epoch"], key["last_epoch"]) == (1, 2) for key in body["keys"])
    (root,) = body["roots"]
    assert (root["version"], root["digest"], root["url"]) == (1, ROOT.digest, "/keys/1.json")
    assert {role["role"]: role["threshold"] for role in root["roles"]} == {
        n: r.threshold for n, r in ROOT.roles.items()
    }
    assert [one["reason"] for one in root["revoked"]] == ["lost"]


@pytest.mark.parametrize("lang", ["", "/de"])
def test_the_page_shows_every_role(claiming: FlaskClient, lang: str) -> None:
    page = claiming.get(f"{lang}/").text
    assert ROOT.digest in page
    assert 'href="/keys/1.json"' in page
    for name, role in ROOT.roles.items():
        assert f">{name}<" in page
        assert all(key_id(key) in page for key in role.keys)


def test_when_the_next_book_is_due(claiming: FlaskClient) -> None:
    listed: Any = claiming.get("/v1/attestations").json
    a = EPOCH.attestation
    assert ROOT.cadence.book_s == 86_400
    assert listed["attestations"][1]["due_at"] == min(a.issued_at + 86_400, a.expires_at)
    for book_s, ends, due in [(3600, 10**6, (3600, 7200)), (3600, 5000, (3600, 5000)), (0, 5000, (5000, 5000))]:
        cadence = {"book_s": book_s, "pulse_s": 5, "grace_s": 3600, "ttl_s": 604_800}
        documents = replace(
            EPOCH, root=version(1, cadence=cadence), attestation=replace(a, expires_at=a.issued_at + ends)
        )
        assert documents.due == tuple(a.issued_at + seconds for seconds in due)
    assert replace(EPOCH, root=None).due == (a.expires_at, a.expires_at)


def test_the_description_names_both(claiming: FlaskClient) -> None:
    assert "/v1/keys/{version}.json" in json.dumps(claiming.get("/openapi.json").json)
