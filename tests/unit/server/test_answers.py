"""Every resource: its body has the documented shape, its headers say how long it may be kept and what it is."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import jsonschema_rs
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.api import shapes
from server.settings import Settings
from server.web import headers
from tests.support.site import FROZEN, asking, attestation, ids

FOR_EVER = "public, max-age=31536000, immutable"
ROW = f"/v1/attestations/1/rows/{ids(FROZEN / '1')[2]}"
ANSWERS: dict[str, tuple[type[shapes.Shape], str]] = {
    "/v1/attestations": (shapes.AttestationList, "public, max-age=60"),
    "/v1/attestations?limit=1": (shapes.AttestationList, "public, max-age=60"),
    "/v1/attestations/1": (shapes.Attestation, FOR_EVER),
    "/v1/attestations/2": (shapes.Attestation, FOR_EVER),
    "/v1/attestations/1/files": (shapes.FileList, FOR_EVER),
    ROW: (shapes.Row, FOR_EVER),
    "/v1/keys": (shapes.KeyList, "public, max-age=300"),
}
OTHERS = {
    "/v1/schemas/row.json": "public, max-age=3600",
    "/v1/schemas/attestation.json": "public, max-age=3600",
    "/v1/attestations/1/files/leaves.bin": FOR_EVER,
    "/v1/attestations/1/files/attestation.json": FOR_EVER,
    "/openapi.json": "public, max-age=3600",
    "/feed.xml": "public, max-age=60",
    "/badge.svg": "public, max-age=60",
}
EVERY = [*ANSWERS, *OTHERS]


def get(client: FlaskClient, address: str, **sent: str) -> TestResponse:
    return client.get(address, headers={name.replace("_", "-"): value for name, value in sent.items()})


@pytest.mark.parametrize("address", ANSWERS)
def test_shape(client: FlaskClient, address: str) -> None:
    response = get(client, address)
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    ANSWERS[address][0].model_validate(response.json, strict=True)


@pytest.mark.parametrize("address", EVERY)
def test_digest_and_time_to_keep(client: FlaskClient, address: str) -> None:
    response = get(client, address)
    digest = hashlib.sha256(response.data).digest()
    assert response.headers["ETag"] == f'"sha256-{digest.hex()}"'
    assert response.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    wanted = ANSWERS[address][1] if address in ANSWERS else OTHERS[address]
    assert response.headers["Cache-Control"] == wanted
    assert "Last-Modified" not in response.headers
    assert "Set-Cookie" not in response.headers
    assert "Vary" not in response.headers


@pytest.mark.parametrize("address", EVERY)
def test_conditional_and_head(client: FlaskClient, address: str) -> None:
    whole = get(client, address)
    same = get(client, address, If_None_Match=whole.headers["ETag"])
    assert (same.status_code, same.data) == (304, b"")
    assert same.headers["ETag"] == whole.headers["ETag"]
    assert same.headers["Cache-Control"] == whole.headers["Cache-Control"]
    assert get(client, address, If_None_Match='"sha256-00"').status_code == 200
    head = client.head(address)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == whole.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(whole.data))


@pytest.mark.parametrize("address", [*EVERY, "/v1/attestations/latest", "/v1/nothing", "/v1/attestations/99"])
def test_headers_on_every_answer(client: FlaskClient, address: str) -> None:
    response = get(client, address)
    for name, value in {**headers.ALWAYS, **headers.OPEN}.items():
        assert response.headers.getlist(name) == [value], name
    assert len(response.headers["X-Request-Id"]) == 16
    assert "Strict-Transport-Security" not in response.headers


@pytest.mark.parametrize("address", ["/", "/check", "/de/about", "/status"])
def test_headers_of_pages(client: FlaskClient, address: str) -> None:
    response = get(client, address, Accept="text/html")
    assert response.mimetype == "text/html"
    for name, value in headers.ALWAYS.items():
        assert response.headers.getlist(name) == [value], name
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_behind_tls(frozen_site: Settings) -> None:
    behind = asking(Settings(frozen_site.root, tls=True))
    for address in ("/", "/v1/keys", "/v1/nothing"):
        assert behind.get(address).headers["Strict-Transport-Security"] == headers.STRICT_TRANSPORT


def test_what_was_signed(client: FlaskClient) -> None:
    body = get(client, "/v1/attestations/1").json
    assert body is not None
    a = attestation(1)
    assert body["root"] == {"commitment": a.root_commitment.to_bytes().hex(), "hash": a.root_hash.hex()}
    assert (body["epoch"], body["accounts"], body["previous"]) == (1, a.accounts, "")
    assert body["digests"]["schema"] == a.schema_digest
    assert {file["name"] for file in body["files"]} == {*a.files, "attestation.json"}
    figures = {figure["id"]: figure for figure in body["figures"]}
    assert figures["accounts"]["value"] == str(a.accounts)
    assert figures["total:BTC:debt"] == {
        "id": "total:BTC:debt",
        "value": "0.00000363",
        "unit": "BTC",
        "status": "proved",
        "pointer": "/predicate/totals/BTC:debt/value",
    }
    assert figures["total:BTC"]["status"] == "withheld"
    assert figures["total:BTC"]["value"] == ""


def test_files_are_the_published_ones(client: FlaskClient) -> None:
    listed = get(client, "/v1/attestations/2/files").json
    assert listed is not None
    for file in listed["files"]:
        data = get(client, file["url"]).data
        assert data == (FROZEN / "2" / file["name"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"])


def test_the_list_in_parts(client: FlaskClient) -> None:
    first = get(client, "/v1/attestations?limit=1")
    assert first.json is not None
    assert [epoch["epoch"] for epoch in first.json["attestations"]] == [2]
    following = f"/v1/attestations?limit=1&after={first.json['next']}"
    assert first.headers["Link"] == f'<{following}>; rel="next"'
    second = get(client, following)
    assert second.json is not None
    assert [epoch["epoch"] for epoch in second.json["attestations"]] == [1]
    assert second.json["next"] is None
    assert "Link" not in second.headers


def test_the_chain_is_told(client: FlaskClient) -> None:
    listed: Any = get(client, "/v1/attestations").json
    newest, oldest = listed["attestations"]
    assert newest["previous"] == oldest["digest"]


def test_latest_leads_to_the_newest(client: FlaskClient) -> None:
    response = get(client, "/v1/attestations/latest")
    assert (response.status_code, response.headers["Location"]) == (307, "/v1/attestations/2")
    assert response.headers["Cache-Control"] == "public, max-age=60"


def test_ranges(client: FlaskClient) -> None:
    address, data = "/v1/attestations/1/files/leaves.bin", (FROZEN / "1" / "leaves.bin").read_bytes()
    whole = get(client, address)
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = get(client, address, Range="bytes=96-191")
    assert (part.status_code, part.data) == (206, data[96:192])
    assert part.headers["Content-Range"] == f"bytes 96-191/{len(data)}"
    assert part.headers["ETag"] == whole.headers["ETag"]
    assert get(client, address, Range="bytes=-32").data == data[-32:]
    assert get(client, address, Range="bytes=0-9", If_Range=whole.headers["ETag"]).status_code == 206
    assert get(client, address, Range="bytes=0-9", If_Range='"other"').status_code == 200
    beyond = get(client, address, Range=f"bytes={len(data)}-")
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == f"bytes */{len(data)}"
    assert beyond.json is not None
    assert beyond.json["type"] == "/problems/range-not-satisfiable"


def test_keys(client: FlaskClient) -> None:
    body = get(client, "/v1/keys").json
    assert body is not None
    (key,) = body["keys"]
    assert key["keyid"] == hashlib.sha256(bytes.fromhex(key["public_key"])).hexdigest()
    assert (key["first_epoch"], key["last_epoch"], key["role"]) == (1, 2, "exchange")
    assert body["compare_at"] == ["https://ex.example/key"]


def test_preflight(client: FlaskClient) -> None:
    response = client.options("/v1/keys", headers={"Origin": "https://x.example"})
    assert (response.status_code, response.data) == (204, b"")
    assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert client.options("/v1/nothing").status_code == 404


@pytest.mark.parametrize("name", ["attestation", "bundle", "envelope", "row", "schema"])
def test_schemas_accept_what_is_published(client: FlaskClient, name: str) -> None:
    schema = json.loads(get(client, f"/v1/schemas/{name}.json").data)
    bundle = json.loads((FROZEN.parent / "bundles" / "1-0-alone.json").read_bytes())
    payload = base64.b64decode(json.loads((FROZEN / "1" / "attestation.json").read_bytes())["payload"])
    documents = {
        "attestation": json.loads(payload),
        "bundle": bundle,
        "envelope": json.loads((FROZEN / "1" / "attestation.json").read_bytes()),
        "row": get(client, ROW).json,
        "schema": json.loads((FROZEN / "1" / "schema.json").read_bytes()),
    }
    jsonschema_rs.validate(schema, documents[name])
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(schema, {**documents[name], "more": 1})
