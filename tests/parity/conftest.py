"""Parity tests run once per kernel of the core; where solvent-core is not installed there is nothing to compare."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.engines import chosen, kernels

collect_ignore_glob = [] if kernels() else ["test_*.py"]

if collect_ignore_glob and os.environ.get("CI"):
    pytest.exit("solvent-core is not installed, so the engines cannot be compared", returncode=1)


@pytest.fixture(scope="session", autouse=True, params=kernels())
def kernel(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every kernel in turn: what is asked of the core meanwhile is done with it."""
    with chosen(f"core ({request.param})") as engine:
        assert engine.name == f"core ({request.param})"
        yield request.param
