"""The page in one file: from the disk, with the network off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.customer import FAILED, KEY, UNCHECKED, VERIFIED, Customer
from tests.browser.service import Service
from tests.support.books import Epoch


@pytest.fixture
def alone(browser: Browser, offline_page: Path) -> Iterator[Customer]:
    """Somebody without a network, with the page on their disk."""
    context = browser.new_context(offline=True, locale="en-GB")
    page = context.new_page()
    faults: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(offline_page.as_uri())
    yield Customer(page, Service())
    assert faults == []
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [offline_page.as_uri()]
    context.close()


def bundle(epochs: list[Epoch], place: Path, *, stands_alone: bool = True) -> Path:
    file = place / "mine-PRIVATE.json"
    file.write_bytes(epochs[1].bundle("alice", alone=stands_alone).to_bytes())
    return file


def test_a_bundle_that_stands_alone(alone: Customer, epochs: list[Epoch], tmp_path: Path) -> None:
    alone.bring(bundle(epochs, tmp_path))
    alone.more(exchange_key=KEY)
    alone.type()
    alone.check()
    alone.reads(VERIFIED)
    with alone.page.expect_download() as started:
        alone.page.get_by_role("button", name="Save my row").click()
    assert Path(started.value.path()).read_bytes() == bundle(epochs, tmp_path).read_bytes()


def test_the_key_is_remembered_between_checks(alone: Customer, epochs: list[Epoch], tmp_path: Path) -> None:
    alone.bring(bundle(epochs, tmp_path))
    alone.more(exchange_key=KEY)
    alone.type()
    alone.check()
    alone.reads(VERIFIED)
    alone.page.get_by_role("button", name="Check again").click()
    alone.more(exchange_key="")
    alone.check()
    alone.reads(VERIFIED)


def test_with_the_documents_beside_it(alone: Customer, epochs: list[Epoch], tmp_path: Path) -> None:
    documents = [epochs[1].directory / name for name in ("attestation.json", "schema.json")]
    alone.bring(bundle(epochs, tmp_path, stands_alone=False), *documents)
    alone.more(exchange_key=KEY)
    alone.type()
    alone.check()
    alone.reads(VERIFIED)


def test_without_them_nothing_is_decided(alone: Customer, epochs: list[Epoch], tmp_path: Path) -> None:
    alone.bring(bundle(epochs, tmp_path, stands_alone=False))
    alone.more(exchange_key=KEY)
    alone.type()
    alone.check()
    alone.reads(UNCHECKED)
    assert "choose attestation.json and schema.json too" in alone.text()


def test_a_whole_downloaded_book(alone: Customer, epochs: list[Epoch]) -> None:
    from tests.browser.customer import account_key

    alone.bring(
        *(epochs[1].directory / name for name in ("attestation.json", "schema.json", "leaves.bin", "sealed.bin"))
    )
    alone.page.locator("#key").fill(account_key("carol"))
    alone.more(exchange_key=KEY)
    alone.type("carol")
    alone.check()
    alone.reads(VERIFIED)


def test_without_a_key_nothing_is_decided(alone: Customer, epochs: list[Epoch], tmp_path: Path) -> None:
    alone.bring(bundle(epochs, tmp_path))
    alone.type()
    alone.check()
    alone.reads(UNCHECKED)
    assert "never from the file that you check" in alone.text()


def test_with_another_key_it_fails(alone: Customer, epochs: list[Epoch], tmp_path: Path) -> None:
    alone.bring(bundle(epochs, tmp_path))
    alone.more(exchange_key="ab" * 32)
    alone.type()
    alone.check()
    alone.reads(FAILED)


def test_pasted_text(alone: Customer, epochs: list[Epoch], tmp_path: Path) -> None:
    alone.page.get_by_text("Paste it as text instead").click()
    alone.page.locator("#pasted").fill(bundle(epochs, tmp_path).read_text("utf-8") + "\n")
    alone.more(exchange_key=KEY)
    alone.type()
    alone.check()
    alone.reads(VERIFIED)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"{}", b"[1]", b"\xff\xfe", b'{"type":"solvent:bundle/v2"}'])
def test_a_file_of_another_kind(alone: Customer, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(data)
    alone.bring(file)
    alone.more(exchange_key=KEY)
    alone.type()
    alone.check()
    alone.reads(UNCHECKED)
    assert "This file is not a saved row." in alone.text()


def test_dropped_files(alone: Customer, epochs: list[Epoch], tmp_path: Path) -> None:
    text = bundle(epochs, tmp_path).read_text("utf-8")
    transfer = alone.page.evaluate_handle(
        """text => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([text], "mine-PRIVATE.json"));
            return transfer;
        }""",
        text,
    )
    alone.page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
    alone.more(exchange_key=KEY)
    alone.type()
    alone.check()
    alone.reads(VERIFIED)


def test_it_speaks_german(alone: Customer) -> None:
    page: Page = alone.page
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mein Guthaben prüfen")
    assert page.evaluate("document.documentElement.lang") == "de"
    page.get_by_role("button", name="Prüfen", exact=True).click()
    expect(page.locator("#problem")).to_have_text("Bitte wählen Sie Ihre Datei aus.")
