"""How long a customer waits at the page: from the first click to the verdict, in a real browser, slowed down.

``python -m bench.page [--runs N]``. Each run is a first visit with a fresh profile; half of the row's bits are set.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.customer import KEY, Customer
from tests.browser.service import Service, serving
from tests.support.books import Epoch, make_epoch, new_store, plan
from verifier.engine import get_engine
from verifier.schema import Column, Schema

GOAL_MS = {512: 500}
ROW_BITS = (64, 512, 1024)
SLOWDOWNS = (1, 4, 6)
_WATCH = """() => {
    const banner = document.getElementById("banner");
    document.getElementById("form").addEventListener("submit", () => { window.began = performance.now(); }, true);
    new MutationObserver(() => {
        if (banner.dataset.verdict !== "running") window.took = performance.now() - window.began;
    }).observe(banner, {attributes: true});
}"""


def book(place: Path, bits: int) -> Epoch:
    """A fresh book of 1,000 rows, all but one of them dummies, whose customer has half of the bits set."""
    columns = tuple(Column(f"A{i}", f"A{i}", 8, 64, "balance") for i in range(bits // 64))
    half = int("01" * 32, 2)
    account = {"alice": {column.name: half for column in columns}}
    now = int(time.time())
    times = {"taken_at": now - 3600, "issued_at": now - 3540}
    settings = plan(schema=Schema(columns), modes=("hidden",) * len(columns), rows=1000, chunk_bits=10, **times)
    return make_epoch(new_store(place), settings, account, engine=get_engine())


def wait_ms(browser: Browser, service: Service, slowdown: int) -> float:
    """One first visit."""
    context = browser.new_context()
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    customer = Customer(page, service)
    customer.follow_link()
    customer.more(exchange_key=KEY)
    customer.type()
    page.evaluate(_WATCH)
    customer.check()
    customer.reads("Verified")
    took = float(page.evaluate("window.took"))
    context.close()
    return took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    print("first click to verdict, milliseconds: median (fastest to slowest)")
    for bits in ROW_BITS:
        with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
            place = Path(name)
            browser = playwright.chromium.launch(executable_path=program, args=sandbox)
            with serving([book(place / "exchange", bits)], place / "site") as service:
                for slowdown in SLOWDOWNS:
                    took = sorted(wait_ms(browser, service, slowdown) for _ in range(runs))
                    goal = f"   goal {GOAL_MS[bits]}" if slowdown == 6 and bits in GOAL_MS else ""
                    middle = statistics.median(took)
                    print(
                        f"{bits:5} bits  {slowdown}x  {middle:6.0f} ({took[0]:.0f} to {took[-1]:.0f}){goal}", flush=True
                    )
            browser.close()


if __name__ == "__main__":
    main()
