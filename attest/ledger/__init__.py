"""Reading ledgers exactly: CSV, Parquet, SQLite, PostgreSQL and the Binance sample format.

``stage`` reads and checks a whole ledger into a private work database; ``StagedLedger`` gives its rows in their final
order, in blocks, with bounded memory. Amounts travel as text and whole numbers, never as floats.

What works on rows loads DuckDB and Arrow, half a second: it is imported when it is first asked for.
"""

from typing import TYPE_CHECKING, Any

from attest.ledger.problems import LedgerErrors, Problem
from attest.ledger.settings import LedgerConfig

if TYPE_CHECKING:
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


def __getattr__(name: str) -> Any:
    if name in __all__:
        from attest.ledger import snapshot, staged, staging

        found = {**vars(snapshot), **vars(staged), **vars(staging)}
        return found[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
