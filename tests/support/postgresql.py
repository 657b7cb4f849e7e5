"""A throw-away PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_OPTIONS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3].partition(".")[0]))
    if not found:
        pytest.fail("these tests need a PostgreSQL server: apt-get install -y --no-install-recommends postgresql")
    return found[-1].parent


def _run(*command: str | Path) -> None:
    """Run a server program: as the user postgres when we are root, because PostgreSQL refuses root."""
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run([*user, *map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{Path(command[0]).name} failed: {done.stderr[-400:]}")


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The URL of a server that listens on a socket of its own and is gone after the session."""
    programs, home = _programs(), Path(tempfile.mkdtemp(prefix="pg."))
    home.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
    data = home / "data"
    try:
        _run(programs / "initdb", "-D", data, "-A", "trust", "-U", "solvent", "--no-sync", "-E", "UTF8",
             "--locale=C.UTF-8")  # fmt: skip
        log = home / "log"
        _run(programs / "pg_ctl", "-D", data, "-w", "-t", "30", "-l", log, "-o", f"-k {home} {_OPTIONS}", "start")
        yield f"postgresql://solvent@/postgres?host={home}"
    finally:
        if (data / "postmaster.pid").exists():
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(home, ignore_errors=True)
