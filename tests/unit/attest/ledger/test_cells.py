"""Amounts on their way into the work database."""

from __future__ import annotations

from pathlib import Path

import pytest

from attest.ledger.cells import _TABLE, _insert
from attest.ledger.database import create, fetch
from verifier.errors import Unavailable

AMOUNTS = "SELECT n AS r, n, 3::USMALLINT AS col, (n + 1)::UHUGEINT AS value FROM range(5) AS t(n)"


def test_what_was_inserted_is_counted_and_added_up(tmp_path: Path) -> None:
    connection = create(tmp_path)
    connection.execute(_TABLE)
    _insert(connection, AMOUNTS, "col = 3")
    assert fetch(connection, "SELECT count(*), sum(value::UBIGINT)::VARCHAR FROM cells") == [(5, "15")]
    connection.close()


@pytest.mark.parametrize("found", ["col = 3 AND r < 4", "col = 4"])
def test_lost_amounts_end_the_run(tmp_path: Path, found: str) -> None:
    connection = create(tmp_path)
    connection.execute(_TABLE)
    with pytest.raises(Unavailable) as caught:
        _insert(connection, AMOUNTS, found)
    assert caught.value.code == "E_WORKDIR"
    connection.close()
