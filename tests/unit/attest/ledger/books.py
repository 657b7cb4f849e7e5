"""Small schemas and readers that the ledger tests share."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import pytest

from attest.ledger import LedgerConfig, LedgerErrors, Problem, StagedLedger, stage
from verifier.engine import Packed
from verifier.schema import Column, Rule, Schema

TWO = Schema((Column("BTC", "BTC", 8, 64, "balance"), Column("ETH", "ETH", 18, 96, "balance")))
PLEDGE = Schema(
    (
        Column("BTC", "BTC", 8, 64, "balance"),
        Column("BTC:loan", "BTC", 8, 64, "collateral"),
        Column("BTC:slack", "BTC", 8, 64, "slack"),
    ),
    (Rule("pledge:BTC", (("BTC", 1), ("BTC:loan", -1), ("BTC:slack", -1))),),
)


def hashed(ids: Packed) -> bytes:
    """An order key per id."""
    return b"".join(hashlib.sha256(ids[i]).digest() for i in range(len(ids)))


def rows_of(staged: StagedLedger, block: int = 3) -> list[tuple[str, list[tuple[int, int]]]]:
    """Every row in its final order."""
    found = []
    for part in staged.blocks(block):
        found += [(part.accounts[i].decode(), part.rows.row(i)) for i in range(len(part.rows))]
    return found


def read(ledger: LedgerConfig, schema: Schema, workdir: Path) -> dict[str, list[tuple[int, int]]]:
    """The whole ledger as account -> cells."""
    with stage(ledger, schema, workdir) as staged:
        staged.order(hashed, b"")
        return dict(rows_of(staged, 50_000))


def refused(ledger: LedgerConfig, schema: Schema = TWO, limit: int = 20) -> LedgerErrors:
    """The error that staging raises."""
    with tempfile.TemporaryDirectory() as workdir, pytest.raises(LedgerErrors) as caught:
        stage(ledger, schema, Path(workdir), problem_limit=limit)
    return caught.value


def only(ledger: LedgerConfig, schema: Schema = TWO) -> Problem:
    """The one problem of a ledger."""
    error = refused(ledger, schema)
    assert len(error.problems) == 1, str(error)
    return error.problems[0]
