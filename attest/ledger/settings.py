"""Where the ledger is and how it is laid out: the `[ledger]` section of solvent.toml."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

FORMATS: Final = ("csv", "parquet", "sqlite", "postgresql", "binance")
SHAPES: Final = ("wide", "long")
EMPTY: Final = ("error", "zero")


@dataclass(frozen=True, slots=True)
class LedgerConfig:
    """One ledger source.

    ``path`` names a file (csv, parquet, binance, sqlite), ``url`` a database (sqlite, postgresql) and ``query`` the one
    SELECT to run there. ``account`` is the header of the account column, ``ignore`` lists headers that are deliberately
    not imported, ``empty`` says whether an empty amount is an error or zero. ``collateral`` imports the three
    collateral columns of the binance format. The URL may hold a password, so it is never shown.
    """

    format: str
    path: Path | None = None
    url: str = field(default="", repr=False)
    query: str = ""
    shape: str = "wide"
    account: str = "account"
    ignore: tuple[str, ...] = ()
    encoding: str = "utf-8"
    empty: str = "error"
    collateral: bool = False

    @property
    def source_name(self) -> str:
        """What reports call this source: the file's name, or the kind of database."""
        if self.path is not None:
            return self.path.name
        return self.url.rpartition("/")[2] if self.format == "sqlite" else f"{self.format} query"
