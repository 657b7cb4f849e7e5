"""One epoch that many tests read and none changes."""

from __future__ import annotations

import pytest

from tests.support.books import Epoch, make_epoch, new_store, plan


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Epoch:
    """The sample epoch. Read only: copy its directory to change anything."""
    return make_epoch(new_store(tmp_path_factory.mktemp("sample")), plan())
