"""The service as an operator runs it: a process, two ports, a site it may only read, and no key anywhere near."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from server.retention import rebuild
from server.serving import TURN
from server.settings import Settings
from tests.support.exchange import Exchange, new_exchange, process, refusal, solvent
from tests.support.serving import ROOT, Serving, serving, unprivileged
from tests.support.site import ENGINE, FROZEN, copy_of, ids, new_database, publish_frozen

ROW = f"/v1/attestations/1/rows/{ids(FROZEN / '1')[1]}"


@pytest.fixture(scope="module")
def service(frozen_site: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(frozen_site, tmp_path_factory.mktemp("log") / "out", workers=2) as running:
        yield running


def test_two_ports(service: Serving) -> None:
    assert service.get("/readyz", operator=True).data == b"ready\n"
    assert b"solvent_requests_total" in service.get("/metrics", operator=True).data or service.get(ROW).status == 200
    assert service.get("/metrics").status == 404
    assert service.get("/healthz", Host="127.0.0.1:1").status == 404
    assert service.get("/v1/keys", operator=True).status == 404
    port = service.operator.rpartition(":")[2]
    assert service.get("/metrics", Host=f"localhost:{port}").status == 404, "what a client writes chooses no port"


def test_counters_of_all_processes(service: Serving) -> None:
    for _ in range(20):
        assert service.get(ROW).status == 200
    told = service.get("/metrics", operator=True).data.decode()
    name = 'solvent_requests_total{method="GET",route="/v1/attestations/<int:epoch>/rows/<id>",status="200"}'
    counted = next(line for line in told.splitlines() if line.startswith(name))
    assert float(counted.rpartition(" ")[2]) >= 20


def test_pages_files_and_links(service: Serving) -> None:
    assert service.get("/", Accept="text/html").status == 200
    assert service.get("/v1/attestations/2/files/leaves.bin").data == (FROZEN / "2" / "leaves.bin").read_bytes()
    assert service.get("/v1/attestations/2/files/leaves.bin", Range="bytes=96-191").status == 206
    head = service.log.read_text("utf-8").splitlines()[:4]
    assert f"http://{service.public}/check" in head[1]
    assert f"http://{service.operator}/metrics" in head[3]


def test_a_connection_ends_after_some_answers(service: Serving) -> None:
    """Each answer is whole, and the last one says that it is the last: a reader connects anew and loses nothing."""
    connection = HTTPConnection(service.public, timeout=10)
    said: list[str | None] = []
    for _ in range(TURN):
        connection.request("GET", ROW)
        answer = connection.getresponse()
        assert (answer.status, len(answer.read())) == (200, int(answer.headers["Content-Length"]))
        said.append(answer.headers["Connection"])
    assert said == ["keep-alive"] * (TURN - 1) + ["close"]
    connection.close()


def test_what_is_not_http(service: Serving) -> None:
    import socket

    host, _, port = service.public.partition(":")
    for sent in (
        b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x00\x00",
        b"GET slv_k_0123 HTTP/9.9\r\n\r\n",
    ):
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(4096)
    assert service.get("/v1/keys").status == 200
    log = service.log.read_text("utf-8")
    assert "slv_k_0123" not in log
    assert "127.0.0.1" not in "".join(log.splitlines()[4:]), "clients are not named"


def test_the_log_is_json_without_rows(service: Serving) -> None:
    assert service.get(ROW).status == 200
    lines = service.lines()
    assert len(lines) > 3
    assert any(line.get("route") == "/v1/attestations/<int:epoch>/rows/<id>" for line in lines)
    assert ROW.rpartition("/")[2][:16] not in service.log.read_text("utf-8")


def test_a_killed_process_is_replaced(frozen_site: Settings, tmp_path: Path) -> None:
    with serving(frozen_site, tmp_path / "log") as running:
        assert running.get(ROW).status == 200
        (worker,) = children(running.process.pid)
        os.kill(worker, signal.SIGKILL)
        assert _eventually(lambda: running.get(ROW).status == 200)
        assert running.stop() == 0


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _eventually(check: object, seconds: float = 30) -> bool:
    assert callable(check)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if check():
                return True
        except OSError:
            pass
        time.sleep(0.1)
    return False


def test_a_port_that_is_taken(service: Serving, frozen_site: Settings) -> None:
    taken = process("attest.cli", "serve", "--site", frozen_site.root, "--listen", service.public)
    assert taken.returncode == 2
    assert "cannot listen" in taken.stderr


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """An exchange on the same machine, with an epoch and all its keys."""
    made = new_exchange(tmp_path_factory.mktemp("exchange"))
    made.attest(1)
    return made


def read_only(root: Path) -> None:
    for path in [*root.rglob("*"), root]:
        path.chmod(0o555 if path.is_dir() else 0o444)


def writable(root: Path) -> None:
    for path in [root, *root.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture
def bare(exchange: Exchange, tmp_path: Path) -> Iterator[Settings]:
    """A site that its service may only read, beside an exchange whose keys it may not even look at."""
    settings = Settings(tmp_path / "site")
    done = solvent("publish", exchange.epoch(1), "--site", settings.root, "--key", exchange.key)
    assert done.exit_code == 0, done.stderr
    read_only(settings.root)
    closed = [exchange.root / "keys", exchange.root / "private"]
    for path in closed:
        path.chmod(0)
    yield settings
    for path in closed:
        path.chmod(0o700)
    writable(settings.root)


def test_reading_is_all_it_needs(bare: Settings, exchange: Exchange, tmp_path: Path) -> None:
    """Modes bind it here, also where the tests run as root; that they do is shown by the publisher, who fails."""
    before = lies(bare.root)
    with serving(bare, tmp_path / "log", before=unprivileged()) as running:
        listed = running.get("/v1/attestations/1/files").json
        for file in listed["files"]:
            assert running.get(file["url"]).data == (exchange.epoch(1) / file["name"]).read_bytes()
        row = ids(exchange.epoch(1))[0]
        assert running.get(f"/v1/attestations/1/rows/{row}").json["id"] == row
        for page in ("/", "/check", "/epochs/1", "/status"):
            assert running.get(page, Accept="text/html").status == 200
        assert running.get("/readyz", operator=True).data == b"ready\n"
        for pid in [running.process.pid, *children(running.process.pid)]:
            assert not [name for name in opened(pid) if str(exchange.root) in name], "it holds nothing of the exchange"
    assert lies(bare.root) == before
    typed = [*unprivileged(), sys.executable, "-m", "attest.cli", "rebuild", "--site", str(bare.root)]
    refused = subprocess.run(typed, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "cannot be written" in refusal(refused, 2)
    look = subprocess.run([*unprivileged(), "ls", str(exchange.root / "keys")], capture_output=True, check=False)
    assert look.returncode, "the keys are closed to it"


def lies(root: Path) -> dict[Path, tuple[int, ...]]:
    """How everything lies in a directory."""
    found = {path: path.stat() for path in sorted(root.rglob("*"))}
    return {path: (s.st_mode, s.st_size, s.st_mtime_ns, s.st_ino) for path, s in found.items()}


def opened(pid: int) -> list[str]:
    """Files that a process has open or mapped."""
    files = [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir() if path.is_symlink()]
    return [*files, *Path(f"/proc/{pid}/maps").read_text().splitlines()]


def test_postgresql_goes_away_and_comes_back(postgresql_url: str, tmp_path: Path) -> None:
    url = new_database(postgresql_url)
    settings = Settings(tmp_path / "site", database=url)
    publish_frozen(settings, 1)
    name = str(make_url(url).database)
    with serving(settings, tmp_path / "log") as running:
        assert running.get(ROW).status == running.get("/v1/attestations").status == 200
        rename(postgresql_url, name, f"{name}_away")
        response = running.get("/v1/attestations")
        assert (response.status, response.headers["Retry-After"]) == (503, "5")
        assert response.json["type"] == "/problems/unavailable"
        assert b"psycopg" not in response.data
        assert running.get("/readyz", operator=True).status == 503
        assert running.get(ROW).status == 200, "rows of an epoch that is open need no database"
        rename(postgresql_url, f"{name}_away", name)
        assert running.get("/v1/attestations").status == 200
        assert running.get("/readyz", operator=True).status == 200


def rename(server: str, old: str, new: str) -> None:
    """End every connection to a database and give it another name."""
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            text("select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"), {"name": old}
        )
        connection.execute(text(f'alter database "{old}" rename to "{new}"'))
    engine.dispose()


def test_restored_while_it_serves(frozen_site: Settings, tmp_path: Path) -> None:
    settings = copy_of(frozen_site, tmp_path / "site")
    path = settings.site.epoch(1) / "leaves.bin"
    with serving(settings, tmp_path / "log", workers=2) as running:
        before = running.get(ROW).data
        path.unlink()
        path.write_bytes(b"x" * 96)
        assert running.get(ROW).json["type"] == "/problems/damaged"
        shutil.copy(FROZEN / "1" / "leaves.bin", path)
        rebuild(settings, ENGINE)
        assert all(running.get(ROW).data == before for _ in range(10)), "both processes look again"


@pytest.mark.slow
def test_every_resource_survives_random_requests(frozen_site: Settings, tmp_path: Path) -> None:
    """schemathesis over the whole document, all its checks."""
    settings = copy_of(frozen_site, tmp_path / "site")
    (settings.root / "site.toml").write_text('rate_limit = ""\n')
    with serving(settings, tmp_path / "log", workers=2) as running:
        program = Path(sys.executable).with_name("schemathesis")
        typed = [
            str(program), "run", f"http://{running.public}/openapi.json", "--checks", "all", "--max-examples", "30",
            "--seed", "6", "--no-color", "--suppress-health-check", "all",
        ]  # fmt: skip
        done = subprocess.run(typed, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stdout[-6000:]
        assert not [line for line in running.lines() if line.get("status", 0) >= 500]
