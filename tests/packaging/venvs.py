"""Virtual environments for tests: made once, kept under .venvs/, safe when several test processes want the same one."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

KEEP_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class BareVenv:
    """A virtual environment on disk; commands run in a directory outside the checkout."""

    path: Path

    def python(self, *args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run its Python, isolated (-I): no checkout, no PYTHONPATH, no user site."""
        return self._run([str(self.path / "bin" / "python"), "-I", *args], cwd)

    def script(self, name: str, *args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run an installed command."""
        return self._run([str(self.path / "bin" / name), *args], cwd)

    def _run(self, command: list[str], cwd: Path | None) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
        where = cwd or self.path
        return subprocess.run(
            command, capture_output=True, text=True, cwd=where, env=environment, timeout=300, check=False
        )


def run_checked(command: list[str], cwd: Path) -> None:
    """Run a set-up command; its output becomes the error when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=600, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")


def build_wheel(project: Path, out: Path) -> Path:
    """Build the wheel of ``project`` into ``out``, without a network."""
    run_checked([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)], project)
    (wheel,) = out.glob("*.whl")
    return wheel


def verifier_venv(root: Path, wheel: Path) -> BareVenv:
    """The environment that holds ``wheel``, its dependencies as locked, and nothing else, not even pip."""
    lock = root / "verifier" / "requirements.lock"

    def fill(venv: Path) -> None:
        pip_install(venv, "--require-hashes", "-r", str(lock))
        pip_install(venv, "--no-deps", "--no-index", str(wheel))
        run_checked([sys.executable, "-m", "pip", "--python", str(venv / "bin" / "python"), "check"], venv)

    return cached_venv(root, "verifier", lock.read_bytes() + wheel.read_bytes(), fill)


def pip_install(venv: Path, *args: str) -> None:
    """Install into ``venv`` with the pip of the running environment."""
    command = [sys.executable, "-m", "pip", "--python", str(venv / "bin" / "python"), "install", "--quiet", *args]
    run_checked(command, venv)


def cached_venv(root: Path, name: str, content: bytes, fill: Callable[[Path], None]) -> BareVenv:
    """The environment called ``name`` for this ``content``; made, and filled by ``fill``, when there is none yet."""
    key = hashlib.sha256(sys.version.encode() + content).hexdigest()[:16]
    home = root / ".venvs"
    home.mkdir(exist_ok=True)
    path = home / f"{name}-{key}"
    with _locked(home / f"{name}.lock"):
        if not (path / "ready").exists():
            shutil.rmtree(path, ignore_errors=True)
            run_checked([sys.executable, "-m", "venv", "--without-pip", str(path)], home)
            fill(path)
            (path / "ready").touch()
        os.utime(path / "ready")
        _drop_old(home, name, path)
    return BareVenv(path)


def _drop_old(home: Path, name: str, current: Path) -> None:
    """Remove environments of other contents that nobody asked for in a day."""
    for other in home.glob(f"{name}-*"):
        stamp = other / "ready"
        if other != current and stamp.exists() and stamp.stat().st_mtime < time.time() - KEEP_SECONDS:
            shutil.rmtree(other, ignore_errors=True)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
