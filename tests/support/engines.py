"""The engines that are installed here, the core once per kernel that runs here.

Tests that use one take the ``engine`` fixture and run with each. Which kernel the core takes is set by its environment
variable, so that commands started meanwhile take the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from verifier.engine import Engine, get_engine

KERNEL_VARIABLE: Final = "SOLVENT_CORE_KERNEL"
KERNELS: Final = ("portable", "ifma")


def kernels() -> list[str]:
    """The core's kernels that run here; none where the core is not installed."""
    try:
        import solvent_core
    except ImportError:
        return []
    return solvent_core.kernels_available()


def available() -> list[str]:
    """Names of the engines that can be had: ``reference``, and ``core (KERNEL)`` for each kernel."""
    return ["reference", *(f"core ({kernel})" for kernel in kernels())]


@contextmanager
def chosen(name: str) -> Iterator[Engine]:
    """One of the ``available`` engines; what else asks for the core's engine meanwhile gets the same kernel."""
    engine, _, kernel = name.rstrip(")").partition(" (")
    before = os.environ.get(KERNEL_VARIABLE)
    try:
        if kernel:
            os.environ[KERNEL_VARIABLE] = kernel
        yield get_engine(engine)
    finally:
        _restore(before)


def _restore(value: str | None) -> None:
    if value is None:
        os.environ.pop(KERNEL_VARIABLE, None)
    else:
        os.environ[KERNEL_VARIABLE] = value
    if kernels():
        get_engine("core")


@pytest.fixture(scope="session", params=available())
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Every engine in turn."""
    with chosen(request.param) as engine:
        assert engine.name == request.param
        yield engine


def missing() -> list[str]:
    """What cannot be tested here, in plain words."""
    found = kernels()
    if not found:
        return ["engine core: not installed, its tests did not run"]
    absent = [kernel for kernel in KERNELS if kernel not in found]
    return [f"kernel {kernel}: not available on this CPU, its tests did not run" for kernel in absent]
