"""What a customer does at the page, and what they read there."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.service import Service
from tests.support.books import MASTER, PUBLIC_KEY

KEY = PUBLIC_KEY.hex()
VERIFIED, FAILED, UNCHECKED = "Verified", "FAILED", "Could not check"


def account_key(account_id: str) -> str:
    """The secret key as the exchange gives it."""
    return "slv_k_" + MASTER.account_key(account_id.encode()).hex()


class Customer:
    """Somebody with a link, an account id and perhaps a file."""

    def __init__(self, page: Page, service: Service) -> None:
        self.page, self.service = page, service

    def follow_link(self, account_id: str = "alice", key: str | None = None, path: str = "/check") -> None:
        """Open the link that the exchange gave."""
        secret = account_key(account_id) if key is None else key
        self.page.goto(f"{self.service.url}{path}#k={secret}")

    def type(self, account_id: str = "alice") -> None:
        """Type an account id."""
        self.page.locator("#account").fill(account_id)

    def choose(self, way: str) -> None:
        """Fast, whole or file."""
        self.page.locator(f"input[name=way][value={way}]").check()

    def more(self, *, exchange_key: str = "", held: str = "", epoch: str = "") -> None:
        """Use the further choices."""
        if not self.page.locator("#exchange-key").is_visible():
            self.page.locator("details.more > summary").click()
        self.page.locator("#exchange-key").fill(exchange_key)
        self.page.locator("#held").fill(held)
        if epoch:
            self.page.locator("#epoch").fill(epoch)

    def bring(self, *files: Path) -> None:
        """Choose files."""
        self.page.locator("#files").set_input_files([str(file) for file in files])

    def check(self) -> None:
        """Press the button."""
        self.page.locator("#go").click()

    def check_row(self, account_id: str = "alice", **more: str) -> None:
        """The whole way: link, id, button."""
        self.follow_link(account_id)
        if more:
            self.more(**more)
        self.type(account_id)
        self.check()

    def reads(self, verdict: str) -> None:
        """The verdict, in its heading, which has the focus."""
        heading = self.page.locator("#verdict")
        expect(heading).to_have_text(verdict, timeout=20_000)
        expect(heading).to_be_focused()

    def state(self, step: str) -> str | None:
        """How a step ended."""
        return self.page.locator(f"#step-{step}").get_attribute("data-state")

    def text(self) -> str:
        """Everything on the page."""
        return self.page.locator("#check").inner_text()
