"""A throw-away PostgreSQL server and a private place to work in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.postgresql import postgresql_url

__all__ = ["postgresql_url", "workdir"]


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    """A private work directory."""
    path = tmp_path / "work"
    path.mkdir(mode=0o700)
    return path
