"""Two epochs that many tests read and none changes: all figures public, and most of them hidden."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.epochs import HIDDEN_EPOCH, Epoch


@pytest.fixture(scope="session")
def _written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("whole")
    return Epoch().write(root / "public" / "1"), HIDDEN_EPOCH.write(root / "hidden" / "1")


@pytest.fixture
def public(_written: tuple[Path, Path], tmp_path: Path) -> Path:
    """A copy of the public epoch that a test may spoil."""
    return Path(shutil.copytree(_written[0], tmp_path / "public" / "1"))


@pytest.fixture
def hidden(_written: tuple[Path, Path], tmp_path: Path) -> Path:
    """A copy of the hidden epoch that a test may spoil."""
    return Path(shutil.copytree(_written[1], tmp_path / "hidden" / "1"))
