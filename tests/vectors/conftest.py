"""Every vector is run on every engine that is installed here."""

from __future__ import annotations

import pytest

from tests.vectors.run import engine_names
from verifier.engine import Engine, get_engine


@pytest.fixture(scope="session", params=engine_names())
def engine(request: pytest.FixtureRequest) -> Engine:
    """An engine."""
    return get_engine(request.param)
