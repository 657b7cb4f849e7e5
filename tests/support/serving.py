"""``solvent serve`` as a process of its own, on free ports."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from server.settings import Settings

ROOT: Final = Path(__file__).resolve().parents[2]
PATIENCE_S: Final = 60.0


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)


@dataclass
class Serving:
    """A running service; ``log`` is everything it printed."""

    process: subprocess.Popen[str]
    public: str
    operator: str
    log: Path = field(default_factory=Path)

    def get(self, path: str, *, operator: bool = False, **headers: str) -> Answer:
        """Ask; every status is an answer."""
        base = self.operator if operator else self.public
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"http://{base}{path}", headers=named)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                return Answer(response.status, dict(response.headers), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def lines(self) -> list[dict[str, Any]]:
        """The log's lines of JSON."""
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines() if line.startswith("{")]

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def unprivileged() -> list[str]:
    """What to put before a command so that file modes bind it: root without the powers that pass them over."""
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []


@contextmanager
def serving(settings: Settings, log: Path, *, before: Sequence[str] = (), workers: int = 1) -> Iterator[Serving]:
    """The service of a site, ready to answer, and stopped afterwards."""
    public, operator = (f"127.0.0.1:{port}" for port in free_ports())
    command = [
        *before, sys.executable, "-m", "attest.cli", "serve", "--site", str(settings.root), "--listen", public,
        "--operator", operator, "--workers", str(workers),
    ]  # fmt: skip
    environment = {**os.environ, "SOLVENT_DATABASE": settings.database} if settings.database else dict(os.environ)
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=out, stderr=out)
        service = Serving(process, public, operator, log)
        try:
            _wait(service)
            yield service
        finally:
            if process.poll() is None:
                service.stop()


def free_ports() -> tuple[int, int]:
    """Two ports that nobody listens at."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def _wait(service: Serving) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        assert service.process.poll() is None, service.log.read_text("utf-8")
        try:
            service.get("/healthz", operator=True)
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(service.log.read_text("utf-8"))
