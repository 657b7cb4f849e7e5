"""What every test run shares: nothing is skipped, property tests repeat exactly, and the verifier is met alone."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.packaging.venvs import BareVenv, build_wheel, verifier_venv
from tests.support.engines import missing

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile(
    "solvent", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("solvent")

FIRST = ("integration", "docs", "browser", "packaging")
"""Begun first: few and long tests, whose preparations serve a whole file. Processes share what is last (worksteal)."""

_not_run: list[str] = []


def _note(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped or hasattr(report, "wasxfail"):
        _not_run.append(report.nodeid)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember a test that was skipped or expected to fail."""
    _note(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Remember a module that skipped itself."""
    _note(report)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which anything was skipped: what was not run was not shown to hold."""
    if _not_run and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was skipped, and what this machine cannot run."""
    for line in missing():
        terminalreporter.write_line(line)
    for nodeid in _not_run:
        terminalreporter.write_line(f"error: {nodeid} was not run; a skipped test fails the run", red=True)


def pytest_sessionstart() -> None:
    """Begin with a clean slate: a run that was started in the background may have inherited an ignored Ctrl-C."""
    _not_run.clear()
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first, everything else in its order: no process ends with them while the others have nothing left."""
    places = {ROOT / "tests" / name: order for order, name in enumerate(FIRST)}
    items.sort(key=lambda item: next((places[above] for above in item.path.parents if above in places), len(FIRST)))


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def verifier_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The verifier's wheel, built from this checkout."""
    return build_wheel(ROOT / "verifier", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def bare_verifier_venv(verifier_wheel: Path) -> BareVenv:
    """An environment with the verifier's wheel, its locked dependencies and nothing else.

    ``.python("-c", ...)`` runs isolated Python, ``.script("solvent-verify", ...)`` the installed command.
    """
    return verifier_venv(ROOT, verifier_wheel)
