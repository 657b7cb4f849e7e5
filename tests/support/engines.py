"""The engines that are installed here: tests that use one take the ``engine`` fixture and run with each."""

from __future__ import annotations

from typing import Final

import pytest

from verifier.engine import Engine, get_engine
from verifier.errors import Unavailable

KNOWN: Final = ("reference", "core")


def available() -> list[str]:
    """Names of the engines that can be had."""
    return [name for name in KNOWN if _is_available(name)]


def _is_available(name: str) -> bool:
    try:
        get_engine(name)
    except Unavailable:
        return False
    return True


@pytest.fixture(scope="session", params=available())
def engine(request: pytest.FixtureRequest) -> Engine:
    """Every engine in turn."""
    name: str = request.param
    return get_engine(name)
