"""A real browser, a real service, and a page that is watched: no error in its console, no request to anybody else."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.customer import Customer
from tests.browser.service import Service, serving
from tests.support.books import Epoch, make_epoch, new_store, plan
from tests.support.node import PAGE, node_modules

HOUR = 3600


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's chromium; its own sandbox cannot run as root.

    Without its windows, which nobody sees here, the same browser takes a fifth of the time for a page.
    """
    program = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert program, "apt-get install chromium-headless-shell (or chromium), or name one in CHROMIUM"
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": program, "args": sandbox}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """One language and one place on earth, whatever the machine says."""
    return {**browser_context_args, "locale": "en-GB", "timezone_id": "Asia/Tokyo", "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def epochs(tmp_path_factory: pytest.TempPathFactory) -> list[Epoch]:
    """An old book and a fresh one."""
    store, now = new_store(tmp_path_factory.mktemp("exchange")), int(time.time())
    old = {"taken_at": now - 72 * HOUR, "issued_at": now - 72 * HOUR + 60}
    fresh = {"taken_at": now - HOUR, "issued_at": now - HOUR + 60, "first": False}
    return [make_epoch(store, plan(**times)) for times in (old, fresh)]


@pytest.fixture(scope="session")
def running(epochs: list[Epoch], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service, for the whole session."""
    with serving(epochs, tmp_path_factory.mktemp("site")) as service:
        yield service


@pytest.fixture(scope="session")
def base_url(running: Service) -> str:
    """Where the service is."""
    return running.url


@pytest.fixture
def service(running: Service) -> Service:
    """The service, answering honestly."""
    running.calm()
    return running


@pytest.fixture
def watched(page: Page) -> Iterator[Page]:
    """A page whose console stays empty, and which asks nobody but its own service."""
    faults: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: hosts.add(request.url.split("/")[2].partition(":")[0]))
    yield page
    assert hosts <= {"127.0.0.1", ""}, "the page asked somebody else"
    expected = "Failed to load resource"  # the browser's own line for an answer that a test asked to be a refusal
    assert [fault for fault in faults if expected not in fault] == []


@pytest.fixture
def customer(watched: Page, service: Service) -> Customer:
    """Somebody at the page."""
    return Customer(watched, service)


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker's source."""
    return (node_modules() / "axe-core/axe.min.js").read_text("utf-8")


@pytest.fixture
def offline_page() -> Path:
    """The page in one file."""
    return PAGE.parent / "static/verifier.html"
