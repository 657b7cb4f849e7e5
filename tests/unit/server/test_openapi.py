"""The committed OpenAPI document is what the code says, and it says what every resource needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.problems import MEDIA_TYPE
from server.settings import Settings
from server.web.app import build, describe

COMMITTED = Path(__file__).resolve().parents[3] / "server" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(COMMITTED.read_bytes())
    return found


def test_the_committed_document_is_the_current_one(frozen_site: Settings) -> None:
    text = json.dumps(describe(build(frozen_site)), indent=1, sort_keys=True) + "\n"
    assert COMMITTED.read_text("utf-8") == text, "make api writes it anew"


def test_every_resource_is_described(document: dict[str, Any]) -> None:
    assert len(document["paths"]) == 9
    for path, item in document["paths"].items():
        assert set(item) == {"get"}, path
        operation = item["get"]
        assert operation["summary"]
        assert all(parameter["description"] for parameter in operation.get("parameters", []))
        for status, response in operation["responses"].items():
            if status >= "400":
                assert set(response["content"]) == {MEDIA_TYPE}, (path, status)


def test_references_lead_somewhere(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    names = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(document["components"]["schemas"])
