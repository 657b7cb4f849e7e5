"""``solvent collateral chain``: at which block the balances of each chain were read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attest.cli import show
from attest.cli.collateral.home import Home
from attest.collateral.files import CHAINS, read_chains, write_chains
from verifier.cli.text import utc
from verifier.collateral import ChainHead
from verifier.collateral.quantities import chain as chain_name
from verifier.errors import Malformed, Unavailable

COLUMNS: Final = ("chain", "height", "hash", "time")


@dataclass(frozen=True, slots=True)
class Read:
    """What was typed: a block of one chain, or a table of many."""

    name: str | None
    height: int | None
    block: str | None
    at: int | None
    table: Path | None


def note(home: Home, read: Read, as_json: bool) -> None:
    """Note at which blocks chains were read. Raises Malformed, or Unavailable (E_USAGE, E_FILE)."""
    found = _one(read) if read.table is None else _many(read)
    home.directory.mkdir(parents=True, exist_ok=True)
    chains = {**read_chains(home.directory / CHAINS), **found}
    write_chains(home.directory / CHAINS, chains)
    if as_json:
        show.as_json({"done": True, "chains": {name: head.to_json() for name, head in chains.items()}})
        return
    show.table(
        ["chain", "height", "time", "hash"],
        [(name, str(head.height), utc(head.time), head.hash) for name, head in sorted(chains.items())],
        right=(1,),
    )


def _one(read: Read) -> dict[str, ChainHead]:
    if read.name is None or read.height is None or read.block is None or read.at is None:
        raise Unavailable(
            "a block is a chain with --height, --hash and --time",
            where="chain",
            code="E_USAGE",
            hint="or give a table of many: --csv FILE",
        )
    return {chain_name(read.name, "chain"): _head(read.height, read.block, read.at, "chain")}


def _many(read: Read) -> dict[str, ChainHead]:
    if read.table is None or any(given is not None for given in (read.name, read.height, read.block, read.at)):
        raise Unavailable(
            "a table names its chains itself", where="--csv", code="E_USAGE", hint="leave out everything but --csv"
        )
    found: dict[str, ChainHead] = {}
    for number, cells in _rows(read.table):
        where = f"{read.table.name}, row {number}"
        name = chain_name(cells["chain"], f"{where}: chain")
        if name in found:
            raise Malformed("this chain stands there twice", where=where, code="E_FIELD", hint="leave one row")
        height, at = (_number(cells[column], f"{where}: {column}") for column in ("height", "time"))
        found[name] = _head(height, cells["hash"], at, where)
    return found


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise Unavailable(
            "the blocks cannot be read", where=str(path), code="E_FILE", hint="give a CSV file in UTF-8"
        ) from None
    table = csv.reader(io.StringIO(text, newline=""))
    header = next(table, [])
    if sorted(header) != sorted(COLUMNS):
        raise Malformed(
            "has other columns", where=f"{path.name}, row 1", code="E_FIELD", hint=f"write {','.join(COLUMNS)}"
        )
    for cells in table:
        if any(cells):
            if len(cells) != len(header):
                where = f"{path.name}, row {table.line_num}"
                raise Malformed(f"has {len(cells)} cells, not 4", where=where, code="E_FIELD", hint="fill in all four")
            yield table.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))


def _number(text: str, where: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise Malformed("should be a whole number", where=where, code="E_TYPE", hint="write digits alone")
    return int(text)


def _head(height: int, block: str, at: int, where: str) -> ChainHead:
    """The block through the strict parser."""
    head = ChainHead(height, block.lower().removeprefix("0x"), at)
    return ChainHead.from_json(head.to_json(), where)
