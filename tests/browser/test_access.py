"""For everybody: by keyboard alone, with a screen reader, in the dark, on a small screen, on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.customer import FAILED, KEY, VERIFIED, Customer
from tests.browser.service import Service

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCREENS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 900}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 412, "height": 839}, "has_touch": True, "is_mobile": True},
    "narrow": {"viewport": {"width": 320, "height": 640}},
    "narrow dark": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
}


def form(customer: Customer) -> None:
    customer.page.goto(f"{customer.service.url}/check")
    customer.more()


def file_form(customer: Customer) -> None:
    customer.page.goto(f"{customer.service.url}/check")
    customer.choose("file")
    customer.check()


def first_contact(customer: Customer) -> None:
    customer.check_row()
    customer.reads(VERIFIED)


def answered_no(customer: Customer) -> None:
    customer.check_row(exchange_key=KEY)
    customer.reads(VERIFIED)
    customer.page.get_by_role("button", name="No, this is wrong").click()


def old(customer: Customer) -> None:
    customer.check_row(exchange_key=KEY, epoch="1")
    customer.reads("Verified, but old")


def differing(customer: Customer) -> None:
    customer.check_row(exchange_key=KEY, held="BTC 1")
    customer.reads(FAILED)
    customer.page.get_by_text("Details for experts").click()


def unchecked(customer: Customer) -> None:
    customer.check_row(exchange_key=KEY, epoch="77")
    customer.reads("Could not check")


def other_key(customer: Customer) -> None:
    customer.page.goto(f"{customer.service.url}/check")
    known = {"ex.example": {"key": "ab" * 32, "compared": True, "books": {}}}
    customer.page.evaluate("known => localStorage.setItem('solvent.check.exchanges', JSON.stringify(known))", known)
    customer.check_row(exchange_key=KEY)
    customer.reads(VERIFIED)


STATES: dict[str, Callable[[Customer], None]] = {
    "form": form, "file form": file_form, "first contact": first_contact, "answered no": answered_no, "old": old,
    "differing": differing, "unchecked": unchecked, "other key": other_key,
}  # fmt: skip


@pytest.fixture(params=SCREENS)
def visitor(request: pytest.FixtureRequest, browser: Browser, service: Service) -> Iterator[Customer]:
    """Somebody with one kind of screen."""
    context = browser.new_context(locale="en-GB", reduced_motion="reduce", **SCREENS[request.param])
    yield Customer(context.new_page(), service)
    context.close()


def violations(page: Page, axe: str) -> list[str]:
    """What axe-core finds wrong; it would describe at length what it finds right, which takes most of its time."""
    page.evaluate(axe)
    run = "rules => axe.run({runOnly: rules, resultTypes: ['violations']}).then(found => found.violations)"
    return [f"{rule['id']}: {node['html'][:200]}" for rule in page.evaluate(run, RULES) for node in rule["nodes"]]


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_in_the_way(visitor: Customer, axe: str, state: str) -> None:
    STATES[state](visitor)
    assert violations(visitor.page, axe) == []
    wide = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "the page scrolls sideways"
    small = visitor.page.evaluate("""() => [...document.querySelectorAll('#check :is(button, a, summary, .way, .tick)')]
        .filter(e => e.checkVisibility()).filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)""")
    assert small == []


def test_by_keyboard_alone(customer: Customer) -> None:
    customer.follow_link()
    page = customer.page
    page.locator("input[name=way]").first.focus()
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "account":
            break
    expect(page.locator("#account")).to_be_focused()
    page.keyboard.type("alice")
    page.keyboard.press("Enter")
    customer.reads(VERIFIED)
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", seen
        if seen[-1] == "Yes, this is right":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_be_focused()
    expect(page.get_by_text("Keep a copy, and check the next book too.")).to_be_visible()


def test_the_verdict_is_a_word_and_a_mark(customer: Customer) -> None:
    customer.check_row(exchange_key=KEY)
    customer.reads(VERIFIED)
    expect(customer.page.locator("#mark")).to_have_text("✓")
    customer.check_row(exchange_key=KEY, held="BTC 1")
    customer.reads(FAILED)
    expect(customer.page.locator("#mark")).to_have_text("✕")
    expect(customer.page.locator("#step-opens")).to_contain_text("does not hold")


def test_on_paper(customer: Customer) -> None:
    customer.check_row(exchange_key=KEY)
    customer.reads(VERIFIED)
    customer.page.emulate_media(media="print")
    expect(customer.page.locator("#check .choices").first).to_be_hidden()
    expect(customer.page.locator("table.balances")).to_be_visible()
    assert customer.page.evaluate("getComputedStyle(document.querySelector('#banner')).backgroundColor") in (
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    )
    assert len(customer.page.pdf(format="A4", tagged=True)) > 5000
