"""Every size that is measured, in one list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

KERNELS: Final = ("ifma", "portable")
"""The core's kernels, side by side where the processor has both."""


@dataclass(frozen=True, slots=True)
class Size:
    """A book of ``rows`` accounts and ``columns`` columns of 64 bits; ``cells`` of a row are not zero on average."""

    engine: str
    rows: int
    columns: int
    cells: int
    kernel: str = ""

    @property
    def name(self) -> str:
        """As in the table."""
        return f"{self.engine}{self.kernel and ' '}{self.kernel}, {self.rows:,} x {self.columns}"


@dataclass(frozen=True, slots=True)
class Book(Size):
    """A book in memory."""

    prove: Mapping[str, float] = field(default_factory=dict)
    """Seconds in which it is to be proven, by kernel."""
    audit: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Program(Size):
    """A Parquet ledger that goes through the installed commands."""

    targets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Command -> kernel -> seconds."""


def _books(rows: int, columns: int, cells: int, prove: Mapping[str, float], audit: Mapping[str, float]) -> list[Book]:
    return [Book("core", rows, columns, cells, kernel, prove, audit) for kernel in KERNELS]


_MILLION: Final = {"solvent attest": {"ifma": 8, "portable": 12}, "solvent-verify audit": {"ifma": 3, "portable": 5}}
BOOKS: Final = (
    *_books(1_000_000, 1, 1, {"ifma": 1.5, "portable": 3.5}, {"ifma": 1.0, "portable": 2.5}),
    *_books(100_000, 100, 5, {"ifma": 0.5, "portable": 1.2}, {}),
    *_books(100_000, 500, 5, {"ifma": 1.0, "portable": 3.0}, {}),
    Book("core", 2_048, 1, 1, "ifma"),
    Book("core", 2_048, 1, 1, "portable"),
    Book("reference", 2_048, 1, 1),
)
PROGRAMS: Final = (
    *(Program("core", 1_000_000, 1, 1, kernel, _MILLION) for kernel in KERNELS),
    Program("core", 100_000, 60, 5, "ifma"),
    Program("core", 100_000, 60, 5, "portable"),
)
SUM_TREE_ROWS: Final = 1_000_000
RANGE_PROOFS: Final = ((512, 1), (512, 16))
"""(balances, balances in one aggregated proof)."""
REPETITIONS: Final = 3
