"""Every page but the check itself, seen by a real browser: light, dark, on a phone, at 320 pixels, on paper."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete, insert
from werkzeug.serving import make_server

from server.database import tables
from server.database.connecting import for_publisher, writing
from server.settings import Settings
from server.web.app import build
from tests.browser.service import Quiet
from tests.browser.test_access import RULES, SCREENS, violations
from tests.support.site import CLAIMING, publish_frozen

PAGES = [
    "/", "/epochs/1", "/epochs/2", "/epochs/2/collateral", "/epochs/2/collateral?from=100", "/epochs/1/collateral",
    "/audit", "/about", "/docs", "/status", "/problems", "/problems/row-not-found",
]  # fmt: skip
MISSING = "/nothing/here"
HOME = "https://proof.ex.example/"
LINES = 130
SMALL = """() => [...document.querySelectorAll('nav a, .button, .copy, summary, .pager a')]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.9).map(e => e.outerHTML)"""
WIDE = """() => [...document.querySelectorAll('*')].filter(e => !e.closest('.scroll') || e.matches('.scroll'))
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
    .map(e => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two epochs with claims: the first without one of them and without collateral, the second with many lines."""
    settings = Settings(
        tmp_path_factory.mktemp("pages") / "site",
        rate_limit="",
        public_url=HOME,
        compare_at=("https://ex.example/key",),
    )
    publish_frozen(settings, 1, 2, epochs=CLAIMING)
    database = for_publisher(settings)
    with writing(database) as session:
        session.execute(delete(tables.Claim).where(tables.Claim.epoch == 1, tables.Claim.name == "coverage"))
        session.execute(delete(tables.Line))
        session.execute(insert(tables.Line), lines())
    database.dispose()
    server = make_server("127.0.0.1", 0, build(settings).wsgi_app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def lines() -> list[dict[str, Any]]:
    return [
        {
            "epoch": 2, "position": i, "kind": "address", "pool": "cold", "asset": "BTC",
            "holder": f"bip122:000000000019d6689c085ae165831e93:bc1q{i:038d}",
            "amount": "" if i == 3 else f"{i * 12345}.00000001", "encumbered": "0", "evidence": "bip322-simple",
        }
        for i in range(LINES)
    ]  # fmt: skip


@pytest.fixture(params=SCREENS)
def page_of(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page on one kind of screen, whose console stays empty and which asks nobody else."""
    context = browser.new_context(locale="en-GB", reduced_motion="reduce", **SCREENS[request.param])
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request", lambda asked: faults.append(asked.url) if not asked.url.startswith("http://127.0.0.1:") else None
    )
    yield page
    context.close()
    assert [fault for fault in faults if "404" not in fault] == []


@pytest.mark.parametrize("lang", ["", "/de"])
def test_nothing_is_in_the_way(page_of: Page, axe: str, address: str, lang: str) -> None:
    assert RULES
    for path in [*PAGES, MISSING]:
        response = page_of.goto(address + lang + path)
        assert response is not None
        assert response.status == (404 if path == MISSING else 200), path
        assert violations(page_of, axe) == [], path
        assert page_of.evaluate(WIDE) == [], f"{path} scrolls sideways"
        assert page_of.evaluate(SMALL) == [], path


def test_larger_text(page_of: Page, address: str) -> None:
    """Twice the size still fits the screen."""
    for path in ("/", "/epochs/2", "/docs"):
        page_of.goto(address + path)
        page_of.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page_of.evaluate(WIDE) == [], path


def test_by_keyboard(page: Page, address: str) -> None:
    page.goto(address)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#content"
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("link", name="Check my balance")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/check")


def test_without_a_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_text("Epoch 2 is")).to_be_visible()
    expect(page.locator(".hash").first).to_be_visible()
    expect(page.locator(".copy")).to_have_count(0)
    page.locator("summary").first.click()
    expect(page.get_by_role("table", name="Published epochs, newest first")).to_be_visible()
    page.get_by_role("link", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.goto(f"{address}/check")
    expect(page.get_by_text("solvent-verify bundle FILE")).to_be_visible()
    context.close()


def test_the_lines_of_collateral(page: Page, address: str) -> None:
    page.goto(f"{address}/epochs/2/collateral")
    expect(page.get_by_text("Lines 1 to 100 of 130")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(101)
    expect(page.get_by_text("not told")).to_have_count(1)
    page.get_by_role("link", name="Next lines").click()
    expect(page.get_by_text("Lines 101 to 130 of 130")).to_be_visible()
    with page.expect_download() as download:
        page.evaluate("location = document.querySelector('a[href$=\".csv\"]').href")
    text = download.value.path().read_text("utf-8")
    assert len(text.splitlines()) == LINES + 1


def test_claims_stand_first(page: Page, address: str) -> None:
    page.goto(address)
    row = page.get_by_role("row").filter(has_text="After discounts")
    expect(row.first).to_contain_text("proved")
    page.goto(f"{address}/de")
    expect(page.get_by_role("row").filter(has_text="Nach Abschlägen").first).to_contain_text("bewiesen")
    page.goto(f"{address}/epochs/2")
    expect(page.get_by_text("Claim coverage is new.")).to_be_visible()


def copying(browser: Browser, address: str, script: str = "") -> Page:
    """An epoch's page in a browser that lets it copy."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.add_init_script(script)
    page.goto(address)
    return page


@pytest.mark.parametrize(
    ("path", "copy", "copied"), [("/epochs/2", "Copy", "Copied"), ("/de/epochs/2", "Kopieren", "Kopiert")]
)
def test_numbers_can_be_copied(browser: Browser, address: str, path: str, copy: str, copied: str) -> None:
    page = copying(browser, address + path)
    buttons, shown = page.locator("main .copy"), page.locator("main .hash, main pre")
    assert buttons.count() == shown.count() > 15
    digest = shown.nth(3).text_content() or ""
    button = page.get_by_role("button", name=f"{copy}: {digest[:24]}").first
    assert page.get_by_role("status").text_content() == ""
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text(copied)
    expect(button).to_have_text(copied)
    assert page.evaluate("navigator.clipboard.readText()") == digest
    expect(button).to_have_text(copy)
    expect(page.get_by_role("status")).to_have_text("")
    page.context.close()


def test_commands_can_be_copied(browser: Browser, address: str) -> None:
    page = copying(browser, f"{address}/audit")
    page.get_by_role("button", name="Copy: mkdir").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#commands").text_content()
    page.context.close()


def test_where_copying_is_impossible(browser: Browser, address: str) -> None:
    refusing = "navigator.clipboard.writeText = () => Promise.reject(new Error('no'))"
    page = copying(browser, f"{address}/epochs/2", refusing)
    page.locator(".copy").first.click()
    expect(page.get_by_role("status")).to_have_text("Could not copy")
    page.context.close()
    page = copying(browser, f"{address}/epochs/2", "Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    expect(page.locator(".hash").first).to_be_visible()
    expect(page.locator(".copy")).to_have_count(0)
    page.context.close()


def test_the_code_on_paper_leads_to_the_digest(page: Page, address: str) -> None:
    page.goto(f"{address}/epochs/2")
    expect(page.locator(".qr")).to_be_hidden()
    page.emulate_media(media="print")
    link = (page.locator(".qr").get_attribute("aria-label") or "").removeprefix("QR code of ")
    assert link.startswith(f"{HOME}epochs/2#sha256-")
    page.goto(address + link.removeprefix(HOME.rstrip("/")))
    digest = page.locator("dd:target .hash").text_content()
    assert link.endswith(f"#sha256-{digest}")
    expect(page.locator(".copy").first).to_be_hidden()


def test_on_paper(page: Page, address: str) -> None:
    for path in ("/", "/epochs/2"):
        page.goto(address + path)
        page.emulate_media(media="print")
        expect(page.locator(".top nav")).to_be_hidden()
        expect(page.locator(".only-print")).to_contain_text(f"Printed from {path}")
        assert page.pdf(format="A4", tagged=True, outline=True)[:5] == b"%PDF-"
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
