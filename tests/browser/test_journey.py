"""A customer's whole way, in a real browser against the real service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.customer import FAILED, KEY, UNCHECKED, VERIFIED, Customer, account_key
from tests.browser.service import Service
from tests.support.books import PUBLIC_KEY, Epoch
from verifier import check_bundle


def test_from_the_link_to_the_answer(customer: Customer) -> None:
    customer.follow_link("alice")
    expect(customer.page).to_have_url(f"{customer.service.url}/check")
    customer.type("alice")
    customer.check()
    customer.reads(VERIFIED)
    assert [customer.state(step) for step in ("signature", "found", "mine", "opens", "root", "fresh")] == ["ok"] * 6
    table = customer.page.locator("table.balances")
    expect(table.locator("tbody tr")).to_have_text(
        ["BTCyou hold0.000007", "ETHyou hold0.000000009", "BTCyou owe0.000002"]
    )
    customer.page.get_by_role("button", name="Yes, this is right").click()
    expect(customer.page.get_by_text("Keep a copy, and check the next book too.")).to_be_visible()


def test_first_contact_is_said_until_the_key_was_compared(customer: Customer) -> None:
    customer.check_row()
    customer.reads(VERIFIED)
    expect(customer.page.locator("#summary")).to_contain_text("You have not compared its key yet")
    shown = customer.page.locator(".key .hex").inner_text()
    assert "".join(shown.split()) == KEY
    customer.check_row()
    customer.reads(VERIFIED)
    customer.page.get_by_role("button", name="I compared it").click()
    customer.check_row()
    customer.reads(VERIFIED)
    expect(customer.page.get_by_text("First contact")).to_have_count(0)


def test_a_key_that_is_different_is_a_failure_and_forgotten(customer: Customer) -> None:
    customer.check_row()
    customer.reads(VERIFIED)
    customer.page.get_by_role("button", name="It is different").click()
    customer.reads(FAILED)
    assert customer.page.evaluate("localStorage.getItem('solvent.check.exchanges')") == "{}"


def test_no_is_a_failure_and_says_what_to_do(customer: Customer) -> None:
    customer.check_row(exchange_key=KEY)
    customer.reads(VERIFIED)
    customer.page.get_by_role("button", name="No, this is wrong").click()
    customer.reads(FAILED)
    assert "Ask the exchange to explain the difference in writing." in customer.text()
    customer.page.get_by_role("button", name="Change my answer").click()
    expect(customer.page.locator("#verdict")).to_have_text(VERIFIED)


def test_nothing_secret_is_sent_or_kept(customer: Customer) -> None:
    secret = account_key("alice")
    bodies: list[str] = []
    customer.page.on("request", lambda r: bodies.append(f"{r.url} {r.all_headers()} {r.post_data}"))
    customer.check_row("alice")
    customer.reads(VERIFIED)
    assert len([path for path in customer.service.asked if "/rows/" in path]) == 1
    assert all(secret[6:] not in body and "alice" not in body for body in bodies)
    assert not any(secret[6:] in path or "alice" in path for path in customer.service.asked)
    kept = customer.page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie")
    assert secret[6:] not in kept
    assert "alice" not in kept
    assert secret not in customer.page.url
    assert customer.page.evaluate("history.length") <= 2


def test_whole_files_ask_for_no_row(customer: Customer) -> None:
    customer.follow_link("carol")
    customer.choose("whole")
    customer.more(exchange_key=KEY)
    customer.type("carol")
    customer.check()
    customer.reads(VERIFIED)
    assert not any("/rows/" in path for path in customer.service.asked)
    assert any(path.endswith("leaves.bin") for path in customer.service.asked)
    assert any(path.endswith("sealed.bin") for path in customer.service.asked)


@pytest.mark.parametrize("account", ["bob~0123456789abcdef", "éva", "dora"])
def test_every_kind_of_account(customer: Customer, account: str) -> None:
    customer.check_row(account, exchange_key=KEY)
    customer.reads(VERIFIED)
    if account == "dora":
        assert "you hold nothing and owe nothing" in customer.text()


def test_the_page_compares_for_the_customer(customer: Customer) -> None:
    customer.check_row(exchange_key=KEY, held="BTC 0.00000700\nETH=0.000000009\nBTC:debt 0.000002")
    customer.reads(VERIFIED)
    expect(customer.page.locator("#question")).to_have_count(0)
    customer.check_row(exchange_key=KEY, held="BTC 0.00000701\nETH 0.000000009")
    customer.reads(FAILED)
    rows = customer.page.locator("table.balances tbody tr")
    expect(rows).to_have_text(["BTC0.0000070.00000701", "BTC:debt0.0000020"])


def test_an_old_book_says_so(customer: Customer) -> None:
    customer.check_row(exchange_key=KEY, epoch="1")
    customer.reads("Verified, but old")
    assert customer.state("fresh") == "warn"


def test_remembered_only_when_asked(customer: Customer) -> None:
    customer.follow_link()
    customer.type()
    customer.page.locator("#remember").check()
    customer.check()
    customer.reads(VERIFIED)
    customer.page.goto(f"{customer.service.url}/check")
    expect(customer.page.locator("#account")).to_have_value("alice")
    customer.check()
    customer.reads(VERIFIED)
    customer.page.goto(f"{customer.service.url}/check")
    customer.page.get_by_role("button", name="Forget them").click()
    assert customer.page.evaluate("localStorage.getItem('solvent.check.me')") is None
    expect(customer.page.locator("#key")).to_have_value("")


def test_a_second_link_in_the_same_window(customer: Customer) -> None:
    customer.check_row("alice", exchange_key=KEY)
    customer.reads(VERIFIED)
    customer.page.evaluate(f"location.hash = 'k={account_key('carol')}'")
    expect(customer.page).to_have_url(f"{customer.service.url}/check")
    customer.type("carol")
    customer.check()
    customer.reads(VERIFIED)


def test_in_german(customer: Customer) -> None:
    customer.follow_link(path="/de/check")
    customer.more(exchange_key=KEY, held="BTC 0,000007\nETH 0,000000009\nBTC:debt 0,000002")
    customer.type()
    customer.check()
    customer.reads("Bestätigt")
    expect(customer.page.locator("table.balances")).to_contain_text("0,000007")


def test_what_is_missing_is_said_beside_the_field(customer: Customer) -> None:
    customer.page.goto(f"{customer.service.url}/check")
    customer.check()
    expect(customer.page.locator("#problem")).to_contain_text("slv_k_")
    expect(customer.page.locator("#key")).to_be_focused()
    customer.page.locator("#key").fill(account_key("alice"))
    customer.check()
    expect(customer.page.locator("#problem")).to_contain_text("account id")
    customer.follow_link(key="slv_k_abc")
    expect(customer.page.locator("#problem")).to_contain_text("link is damaged")
    expect(customer.page).to_have_url(f"{customer.service.url}/check")


def test_a_row_saved_here_convinces_the_other_implementation(customer: Customer, tmp_path: Path) -> None:
    customer.check_row("alice", exchange_key=KEY)
    customer.reads(VERIFIED)
    with customer.page.expect_download() as started:
        customer.page.get_by_role("button", name="Save my row").click()
    name = started.value.suggested_filename
    assert name.startswith("solvent-2-")
    assert name.endswith("-PRIVATE.json")
    assert "alice" not in name
    data = Path(started.value.path()).read_bytes()
    assert account_key("alice")[6:].encode() not in data
    row = check_bundle(data, "alice", PUBLIC_KEY.hex())
    assert [(b.column, b.units) for b in row.balances] == [("BTC", 700), ("ETH", 9), ("BTC:debt", 200)]


def test_the_offline_page_can_be_saved(customer: Customer, offline_page: Path) -> None:
    customer.check_row("alice", exchange_key=KEY)
    customer.reads(VERIFIED)
    with customer.page.expect_download() as started:
        customer.page.get_by_text("Save this page for offline use").click()
    assert started.value.suggested_filename == "verifier.html"
    assert Path(started.value.path()).read_bytes() == offline_page.read_bytes()


def test_evidence_of_a_failure_has_no_key_in_it(customer: Customer) -> None:
    customer.check_row("alice", exchange_key=KEY, held="BTC 1")
    customer.reads(FAILED)
    with customer.page.expect_download() as started:
        customer.page.get_by_role("button", name="Save the evidence").click()
    text = Path(started.value.path()).read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    assert account_key("alice")[6:] not in text
    assert document["refusal"]["code"] == "E_HOLDINGS"
    assert set(document["files"]) == {"attestation.json", "row.json", "schema.json"}


def test_a_bundle_is_checked_here_too(customer: Customer, epochs: list[Epoch], tmp_path: Path) -> None:
    file = tmp_path / "mine-PRIVATE.json"
    file.write_bytes(epochs[1].bundle("alice").to_bytes())
    customer.page.goto(f"{customer.service.url}/check")
    customer.choose("file")
    customer.bring(file)
    customer.more(exchange_key=KEY)
    customer.type("alice")
    customer.check()
    customer.reads(VERIFIED)
    assert not any("/rows/" in path for path in customer.service.asked)


def test_without_scripts_the_page_explains_itself(browser: Any, service: Service) -> None:
    context = browser.new_context(java_script_enabled=False)
    page: Page = context.new_page()
    page.goto(f"{service.url}/check")
    expect(page.get_by_text("This page needs JavaScript")).to_be_visible()
    expect(page.get_by_text("solvent-verify bundle")).to_be_visible()
    expect(page.locator("#form")).to_be_hidden()
    context.close()


def test_a_service_that_is_away(customer: Customer) -> None:
    customer.follow_link()
    customer.more(exchange_key=KEY)
    customer.type()
    customer.page.route("**/rows/*", lambda route: route.abort())
    customer.check()
    customer.reads(UNCHECKED)
    assert "The service did not answer." in customer.text()
