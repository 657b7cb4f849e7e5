"""Reading ledgers exactly: CSV, Parquet, SQLite, PostgreSQL and the Binance sample format.

``stage`` reads and checks a whole ledger into a private work database; ``StagedLedger`` gives its rows in their final
order, in blocks, with bounded memory. Amounts travel as text and whole numbers, never as floats.
"""

from attest.ledger.problems import LedgerErrors, Problem
from attest.ledger.settings import LedgerConfig
from attest.ledger.snapshot import snapshot_accounts, snapshot_row
from attest.ledger.staged import LedgerBlock, StagedLedger
from attest.ledger.staging import open_source, stage

__all__ = [
    "LedgerBlock",
    "LedgerConfig",
    "LedgerErrors",
    "Problem",
    "StagedLedger",
    "open_source",
    "snapshot_accounts",
    "snapshot_row",
    "stage",
]
