"""Every size that is measured, in one list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Book:
    """A book of ``rows`` accounts and ``columns`` columns of 64 bits; ``cells`` of a row are not zero on average."""

    engine: str
    rows: int
    columns: int
    cells: int
    target: float | None = None
    """Seconds in which it is to be proven with the portable kernel."""

    @property
    def name(self) -> str:
        """As in the table."""
        return f"{self.engine}, {self.rows:,} x {self.columns}"


@dataclass(frozen=True, slots=True)
class Program:
    """A Parquet ledger that goes through the installed commands."""

    engine: str
    rows: int
    columns: int
    cells: int

    @property
    def name(self) -> str:
        """As in the table."""
        return f"{self.engine}, {self.rows:,} x {self.columns}"


BOOKS: Final = (
    Book("core", 1_000_000, 1, 1, target=3.5),
    Book("core", 100_000, 1, 1),
    Book("core", 100_000, 100, 5, target=1.2),
    Book("core", 100_000, 500, 5, target=3.0),
    Book("core", 2_048, 1, 1),
    Book("reference", 2_048, 1, 1),
)
PROGRAMS: Final = (
    Program("core", 1_000_000, 1, 1),
    Program("core", 100_000, 1, 1),
    Program("core", 100_000, 60, 5),
)
SUM_TREE_ROWS: Final = 1_000_000
RANGE_PROOFS: Final = ((512, 1), (512, 16))
"""(balances, balances in one aggregated proof)."""
REPETITIONS: Final = 3
