"""The private snapshot of a run's ledger: which account stood in which row, with which cells.

A Parquet file, mode 0600: row u64, account string (null for a dummy row), cells list of (column u16, value 16 bytes
big-endian), in row order.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from verifier.ahead import Caller
from verifier.engine import Packed, SparseRows
from verifier.errors import Malformed, Unavailable

if TYPE_CHECKING:
    from attest.ordered import OrderedBlock

_CELL: Final = pa.struct(
    [pa.field("column", pa.uint16(), nullable=False), pa.field("value", pa.binary(16), nullable=False)]
)
_SCHEMA: Final = pa.schema(
    [
        pa.field("row", pa.uint64(), nullable=False),
        pa.field("account", pa.string()),
        pa.field("cells", pa.list_(pa.field("cell", _CELL, nullable=False)), nullable=False),
    ]
)


def save(path: Path, blocks: Iterable[OrderedBlock], caller: Caller) -> None:
    """Write blocks to a new file, as long as the caller waits. Raises Unavailable when it cannot be made."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file, pq.ParquetWriter(file, _SCHEMA, compression="zstd") as writer:
            for block in blocks:
                caller.require()
                writer.write_table(_table(block.start, block.accounts, block.rows))
    except OSError as error:
        hint = "check the private directory in [store]"
        raise Unavailable("the snapshot cannot be written", where=path.name, code="E_SNAPSHOT", hint=hint) from error


def _table(start: int, accounts: Packed, rows: SparseRows) -> pa.Table:
    size, count = len(rows), len(rows.columns)
    offsets = np.concatenate([[0], np.asarray(accounts.ends)]).astype(np.int64)
    ids = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), size, [None, pa.py_buffer(offsets), pa.py_buffer(accounts.data)]
    )
    dummy = pa.array(offsets[1:] == offsets[:-1])
    names = pc.if_else(dummy, pa.nulls(size, pa.string()), ids.cast(pa.string()))
    values = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), count, [None, pa.py_buffer(rows.values)])
    cells = pa.StructArray.from_arrays([pa.array(np.asarray(rows.columns, np.uint16)), values], fields=list(_CELL))
    ends = pa.array(np.concatenate([[0], np.asarray(rows.ends)]).astype(np.int32))
    lists = pa.ListArray.from_arrays(ends, cells, type=_SCHEMA.field("cells").type)
    return pa.Table.from_arrays(
        [pa.array(np.arange(start, start + size, dtype=np.uint64)), names, lists], schema=_SCHEMA
    )


def snapshot_row(path: Path, account_id: str) -> tuple[int, list[tuple[int, int]]] | None:
    """(row, [(column, base units), ...]) of one account, or None when the snapshot has no such account.

    Raises Unavailable when there is no file and Malformed when it is no snapshot.
    """
    with _open(path) as file:
        for group, accounts in _accounts(file, path):
            place = pc.index(accounts, pa.scalar(account_id, accounts.type)).as_py()
            if place >= 0:
                found = _read(file, group, ["row", "cells"], path).slice(place, 1).to_pylist()[0]
                return found["row"], [(c["column"], int.from_bytes(c["value"], "big")) for c in found["cells"]]
    return None


def snapshot_accounts(path: Path) -> Iterator[tuple[int, str]]:
    """(row, account id) of every real account, in row order. Raises as :func:`snapshot_row` does."""
    with _open(path) as file:
        for group in range(file.num_row_groups):
            table = _read(file, group, ["row", "account"], path)
            for row, account in zip(table["row"].to_pylist(), table["account"].to_pylist(), strict=True):
                if account is not None:
                    yield row, account


def _accounts(file: Any, path: Path) -> Iterator[tuple[int, Any]]:
    for group in range(file.num_row_groups):
        yield group, _read(file, group, ["account"], path)["account"]


def _open(path: Path) -> Any:
    try:
        file = pq.ParquetFile(path)
    except FileNotFoundError as error:
        hint = "the snapshot lies in the epoch's private directory"
        raise Unavailable("there is no snapshot", where=path.name, code="E_SNAPSHOT", hint=hint) from error
    except (OSError, pa.ArrowException) as error:
        raise _broken(path) from error
    if file.schema_arrow.names != _SCHEMA.names:
        file.close()
        raise _broken(path)
    return file


def _read(file: Any, group: int, names: list[str], path: Path) -> pa.Table:
    try:
        return file.read_row_group(group, columns=names)
    except (OSError, pa.ArrowException) as error:
        raise _broken(path) from error


def _broken(path: Path) -> Malformed:
    return Malformed(
        "this is not a snapshot", where=path.name, code="E_SNAPSHOT", hint="restore the file from a backup"
    )
