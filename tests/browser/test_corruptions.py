"""A service that lies, or a file that was damaged: never "Verified"."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.customer import FAILED, KEY, UNCHECKED, VERIFIED, Customer, account_key
from tests.support.books import Epoch

DAMAGES = range(30)
Change = Callable[[bytes], bytes]


def damaged(data: bytes, seed: int) -> bytes:
    """One byte is another, the place chosen by ``seed`` and spread over the whole."""
    rng = random.Random(seed)
    place = len(data) * seed // len(DAMAGES) + rng.randrange(max(1, len(data) // len(DAMAGES)))
    return data[:place] + bytes([data[place] ^ rng.randrange(1, 256)]) + data[place + 1 :]


def verdict(page: Page) -> str:
    """What the page says in the end."""
    heading = page.locator("#verdict")
    expect(heading).to_be_focused(timeout=20_000)
    return heading.inner_text()


def answers(customer: Customer, name: str, change: Change, way: str = "fast") -> str:
    """The verdict when the service's answer ``name`` is changed."""
    customer.follow_link()
    customer.choose(way)
    customer.more(exchange_key=KEY)
    customer.type()
    customer.service.changes[name] = change
    customer.page.evaluate("document.querySelector('#check').dispatchEvent(new Event('input'))")
    customer.check()
    return verdict(customer.page)


@pytest.mark.parametrize("seed", DAMAGES)
def test_one_damaged_byte_in_a_bundle(customer: Customer, epochs: list[Epoch], tmp_path: Path, seed: int) -> None:
    file = tmp_path / "mine-PRIVATE.json"
    file.write_bytes(damaged(epochs[1].bundle("alice").to_bytes(), seed))
    customer.page.goto(f"{customer.service.url}/check")
    customer.choose("file")
    customer.bring(file)
    customer.more(exchange_key=KEY)
    customer.type("alice")
    customer.check()
    assert verdict(customer.page) in (FAILED, UNCHECKED)


@pytest.mark.parametrize("name", ["/rows/", "/attestation.json", "/schema.json"])
@pytest.mark.parametrize("seed", [3, 11, 23])
def test_one_damaged_byte_in_an_answer(customer: Customer, name: str, seed: int) -> None:
    customer.service.changes[name] = lambda body: damaged(body, seed)
    customer.check_row(exchange_key=KEY)
    assert verdict(customer.page) in (FAILED, UNCHECKED)


@pytest.mark.parametrize("name", ["/leaves.bin", "/sealed.bin"])
@pytest.mark.parametrize("seed", [0, 14, 29])
def test_one_damaged_byte_in_a_whole_file(customer: Customer, name: str, seed: int) -> None:
    assert answers(customer, name, lambda body: damaged(body, seed), "whole") == FAILED
    assert customer.state("fresh") == "unknown"


def row(**members: Any) -> Change:
    """A row with other members."""
    return lambda body: json.dumps({**json.loads(body), **members}).encode()


def first_step(**members: str) -> Change:
    """A row whose path begins differently."""

    def change(body: bytes) -> bytes:
        document = json.loads(body)
        document["path"][0].update(members)
        return json.dumps(document).encode()

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (row(index=3), "Your secret key does not open the row"),
        (row(index=9), "does not fit the signed book"),
        (row(id="00" * 32), "No row of this book carries your id"),
        (row(sealed=base64.b64encode(bytes(256)).decode()), "does not open the row"),
        (row(path=[]), "does not belong to the signed book"),
        (first_step(h="00" * 32), "does not belong to the signed book"),
        (row(commitment="02" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"), "does not open"),
    ],
)
def test_a_lying_row_is_a_failure_that_says_what_failed(customer: Customer, change: Change, said: str) -> None:
    assert answers(customer, "/rows/", change) == FAILED
    assert said in customer.page.locator("#summary").inner_text()


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda _: b"<html>please log in</html>",
        row(sealed=None),
        lambda body: body[:-1] + b',"index":2}',
        row(index="2"),
    ],
)
def test_an_answer_that_is_no_row_decides_nothing(customer: Customer, change: Change) -> None:
    assert answers(customer, "/rows/", change) == UNCHECKED


def test_no_row_for_this_id(customer: Customer) -> None:
    customer.follow_link("alice")
    customer.more(exchange_key=KEY)
    customer.type("mallory")
    customer.check()
    customer.reads(FAILED)
    assert "letter by letter" in customer.text()
    customer.follow_link("alice")
    customer.choose("whole")
    customer.more(exchange_key=KEY)
    customer.type("mallory")
    customer.check()
    customer.reads(FAILED)
    assert "No row of this book carries your id." in customer.text()


def test_a_file_that_is_gone(customer: Customer) -> None:
    customer.service.gone.add("schema.json")
    customer.check_row(exchange_key=KEY)
    customer.reads(UNCHECKED)


def test_another_key_than_before_is_loud(customer: Customer) -> None:
    customer.page.goto(f"{customer.service.url}/check")
    known = {"ex.example": {"key": "ab" * 32, "compared": True, "books": {}}}
    customer.page.evaluate("known => localStorage.setItem('solvent.check.exchanges', JSON.stringify(known))", known)
    customer.check_row()
    customer.reads(FAILED)
    expect(customer.page.get_by_role("alert").filter(has_text="WARNING: another key than before")).to_be_visible()
    kept = customer.page.evaluate("localStorage.getItem('solvent.check.exchanges')")
    assert json.loads(kept) == known
    customer.check_row(exchange_key=KEY)
    customer.reads(VERIFIED)
    expect(customer.page.get_by_role("alert").filter(has_text="not the key that this device knows")).to_be_visible()
    customer.page.get_by_role("button", name="Remember the new key").click()
    customer.check_row()
    customer.reads(VERIFIED)
    expect(customer.page.locator(".loud")).to_have_count(0)


def test_two_books_of_one_number_are_a_failure(customer: Customer) -> None:
    customer.check_row(exchange_key=KEY)
    customer.reads(VERIFIED)
    customer.page.evaluate("""() => {
        const known = JSON.parse(localStorage.getItem('solvent.check.exchanges'));
        known['ex.example'].books['2'] = '00'.repeat(32);
        localStorage.setItem('solvent.check.exchanges', JSON.stringify(known));
    }""")
    customer.check_row()
    customer.reads(FAILED)
    assert "two different books with one number" in customer.text()


def test_another_exchange_than_before_is_said(customer: Customer) -> None:
    customer.page.goto(f"{customer.service.url}/check")
    known = {"other.example": {"key": "ab" * 32, "compared": True, "books": {}}}
    customer.page.evaluate("known => localStorage.setItem('solvent.check.exchanges', JSON.stringify(known))", known)
    customer.check_row()
    customer.reads(VERIFIED)
    expect(customer.page.get_by_text("Another exchange than before")).to_be_visible()


@pytest.mark.parametrize("stored", ["", "[]", "null", '{"ex.example": 5}', '{"ex.example": {"key": "zz"}}'])
def test_damaged_memory_is_a_first_contact(customer: Customer, stored: str) -> None:
    customer.page.goto(f"{customer.service.url}/check")
    customer.page.evaluate("stored => localStorage.setItem('solvent.check.exchanges', stored)", stored)
    customer.check_row()
    customer.reads(VERIFIED)
    expect(customer.page.get_by_text("First contact")).to_be_visible()


def test_another_customer_s_bundle(customer: Customer, epochs: list[Epoch], tmp_path: Path) -> None:
    file = tmp_path / "hers-PRIVATE.json"
    file.write_bytes(epochs[1].bundle("carol").to_bytes())
    customer.page.goto(f"{customer.service.url}/check")
    customer.choose("file")
    customer.bring(file)
    customer.more(exchange_key=KEY)
    customer.type("alice")
    customer.check()
    customer.reads(FAILED)
    assert "another account id" in customer.text()


def test_a_stopped_check_decides_nothing(customer: Customer) -> None:
    customer.follow_link()
    customer.choose("whole")
    customer.more(exchange_key=KEY)
    customer.type()
    customer.page.route("**/leaves.bin", lambda route: None)
    customer.check()
    customer.page.locator("#stop").click()
    customer.reads(UNCHECKED)
    assert "You stopped the check." in customer.text()
    assert account_key("alice") not in customer.text()
