"""What is logged and counted: routes and times, never who asked or for what."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from structlog.testing import capture_logs
from werkzeug.test import Client

from server.operating import Operating
from server.serving import _Forwarding
from server.settings import Settings
from server.web import watching
from tests.support.site import FROZEN, asking, ids

ROW = ids(FROZEN / "1")[4]
ADDRESS = "198.51.100.77"
KEY = "slv_k_" + "7a" * 32
ASKED = [
    f"/v1/attestations/1/rows/{ROW}",
    f"/v1/attestations/1/rows/{'9' * 64}",
    f"/v1/attestations/1/rows/{KEY}",
    f"/check?k={KEY}",
    f"/{KEY}",
    f"/v1/attestations?account=alice@example.com&key={KEY}",
]


def logged(settings: Settings) -> list[dict[str, Any]]:
    client = asking(settings)
    with capture_logs() as lines:
        for address in ASKED:
            client.get(
                address, environ_base={"REMOTE_ADDR": ADDRESS}, headers={"User-Agent": "agent-x", "Referer": KEY}
            )
    return [dict(line) for line in lines]


def test_one_line_per_request(frozen_site: Settings) -> None:
    lines = logged(frozen_site)
    assert len(lines) == len(ASKED)
    assert set(lines[0]) == {"event", "log_level", "request", "route", "method", "status", "bytes", "ms"}
    assert lines[0]["route"] == "/v1/attestations/<int:epoch>/rows/<id>"
    assert [line["status"] for line in lines] == [200, 404, 422, 200, 404, 422]


def test_nobody_and_nothing_is_named(frozen_site: Settings) -> None:
    shown = json.dumps(logged(frozen_site))
    for secret in (ROW, ROW[:16], "9" * 64, KEY, KEY[6:], ADDRESS, "alice", "agent-x"):
        assert secret not in shown, secret


def test_counters_name_routes_alone(frozen_site: Settings) -> None:
    client = asking(frozen_site)
    logged(frozen_site)
    operator = Client(Operating(client.application.extensions["solvent.library"]))
    response = operator.get("/metrics")
    assert response.headers["Content-Type"] == CONTENT_TYPE_LATEST
    text = response.text
    assert 'solvent_requests_total{method="GET",route="/v1/attestations/<int:epoch>/rows/<id>",status="200"}' in text
    for secret in (ROW[:16], KEY[6:], ADDRESS, "alice"):
        assert secret not in text


def test_an_invented_method_makes_no_counter(frozen_site: Settings) -> None:
    client = asking(frozen_site)
    client.open("/v1/keys", method="XYZZY")
    operator = Client(Operating(client.application.extensions["solvent.library"]))
    assert "XYZZY" not in operator.get("/metrics").text


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        (f"Invalid request from ip={ADDRESS}: Invalid HTTP Version '{KEY}'", ()),
        ("Error handling request %s %s", ("GET", f"/v1/attestations/1/rows/{ROW}")),
        ("Worker (pid:%s) exited with code %s", (17, 3)),
        ("%s", (f"/rows/{ROW}",)),
    ],
)
def test_the_server_under_us_keeps_quiet_too(message: str, arguments: tuple[object, ...]) -> None:
    record = logging.LogRecord("gunicorn.error", logging.ERROR, "x.py", 1, message, arguments, None)
    with capture_logs() as lines:
        _Forwarding().emit(record)
    (line,) = lines
    assert line["log_level"] == "error"
    for secret in (ROW, KEY, ADDRESS):
        assert secret not in json.dumps(dict(line), default=str)


def test_the_form_of_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    try:
        watching.configure()
        structlog.get_logger().info("request", route="/x", status=200)
        line = json.loads(capsys.readouterr().out)
    finally:
        structlog.configure(**before)
    assert (line["event"], line["route"], line["status"], line["level"]) == ("request", "/x", 200, "info")
    assert line["timestamp"].endswith("Z")
