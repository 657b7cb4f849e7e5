"""Chapter 7: the service publishes the attestation of chapter 4, and a customer checks in a browser.

Started by hand in a terminal it keeps serving until Ctrl-C; with nobody there to press it, as in CI, it stops again.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from demo.proven import EPOCH, customer
from demo.stage import BIN, Stage

PATIENCE_S: Final = 60
SITE: Final = "site"


def play(stage: Stage) -> None:
    """Publish, serve, and look at every kind of answer once."""
    stage.chapter(
        "7. The service",
        "It holds no key and no balance. Whoever copies the whole server has copied what was public before.",
    )
    stage.run(
        "The epoch is published", "solvent", "publish", EPOCH, "--key", "exchange/exchange-key.txt", "--site", SITE
    )
    address, operator = (f"127.0.0.1:{port}" for port in free_ports())
    with stage.timed("The service starts, and answers"), serving(stage.output, address, operator):
        for path in ("/", "/check", "/epochs/1", "/v1/attestations/1", "/verifier.html"):
            answered = _status(address, path)
            print(f"  {answered}  http://{address}{path}")
            if answered != HTTPStatus.OK:
                sys.exit("the demo stops here: the service should have answered 200")
    if not somebody_is_here():
        stage.say("Nobody is at the terminal: the service was stopped again.")


def stay(output: Path) -> None:
    """Serve until Ctrl-C, where somebody is there to press it."""
    if not somebody_is_here():
        return
    address, operator = (f"127.0.0.1:{port}" for port in free_ports())
    with serving(output, address, operator):
        print("\n".join(["", "The service runs. Press Ctrl-C to end it.", *links(output, address)]), flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print("\nStopped.")


def links(output: Path, address: str) -> list[str]:
    """Where to look, with the link that a customer is given."""
    key = (output / "account-key.txt").read_text().strip()
    return [
        f"  http://{address}/                 the overview",
        f"  http://{address}/epochs/1         everything the attestation says",
        f"  http://{address}/check#k={key}",
        f"                                    one customer's own link; the account id to type is {customer()[0]}",
    ]


def somebody_is_here() -> bool:
    """Whether a person is at the terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("CI")


@contextmanager
def serving(output: Path, address: str, operator: str) -> Iterator[None]:
    """The service as a process, ready, and stopped at the end whatever happens."""
    command = [str(BIN / "solvent"), "serve", "--site", SITE, "--listen", address, "--operator", operator]
    log = output / "service.log"
    with log.open("wb") as written:
        service = subprocess.Popen(command, cwd=output, stdout=written, stderr=subprocess.STDOUT)
        try:
            _until_ready(service, operator, log)
            yield
        finally:
            service.terminate()
            service.wait(timeout=PATIENCE_S)


def free_ports() -> tuple[int, int]:
    """Two ports of this machine that nobody listens on."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _until_ready(service: subprocess.Popen[bytes], operator: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while service.poll() is None and time.monotonic() < deadline:
        try:
            if _status(operator, "/readyz") == HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"the demo stops here: the service did not start\n{log.read_text('utf-8', 'replace')}")


def _status(address: str, path: str) -> int:
    connection = HTTPConnection(address, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
