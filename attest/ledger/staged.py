"""A checked ledger, put in its final order and read block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from attest.ledger import snapshot
from attest.ledger.database import Connection, append, arrow, check_copy, fetch, full_disk
from verifier.ahead import Caller
from verifier.engine import Packed, SparseRows

_KEY: Final = 32
_KEY_TABLE: Final = ["k0", "k1", "k2", "k3", "n", "account"]
_HALVES: Final = "(value >> 64)::UBIGINT AS hi, (value & 18446744073709551615::UHUGEINT)::UBIGINT AS lo"
_BLOCK: Final = 2**17


@dataclass(frozen=True, slots=True)
class LedgerBlock:
    """Rows ``start``, ``start + 1``, ... of the book: their account ids in UTF-8 (b"" for a dummy) and their cells."""

    start: int
    accounts: Packed
    rows: SparseRows


class StagedLedger:
    """The ledger in a private database file. Closing it deletes nothing: the owner deletes the work directory."""

    def __init__(self, connection: Connection, accounts: int, columns: int) -> None:
        self.accounts = accounts
        self._connection = connection
        self._columns = columns
        self._rows: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def totals(self) -> list[int]:
        """The exact sum of each column. Raises ValueError after ``order``, which drops the table it is read from."""
        if self._rows is not None:
            raise ValueError("totals are asked for before order()")
        with full_disk():
            sums = "sum(hi)::VARCHAR, sum(lo)::VARCHAR"
            found = fetch(self._connection, f"SELECT col, {sums} FROM (SELECT col, {_HALVES} FROM cells) GROUP BY col")
        by_column = {int(column): (int(high) << 64) + int(low) for column, high, low in found}
        return [by_column.get(column, 0) for column in range(self._columns)]

    def order(self, order_keys: Callable[[Packed], bytes], dummy_keys: bytes) -> None:
        """Fix the order of the rows: ascending by 32-byte key, bytewise, dummy rows among the real ones.

        ``order_keys`` maps a block of account ids to their keys, ``dummy_keys`` holds one key per dummy row. Raises
        ValueError when called twice or when keys have another length.
        """
        if self._rows is not None:
            raise ValueError("the order of the rows is already fixed")
        with full_disk():
            self._rows = self.accounts + len(dummy_keys) // _KEY
            self._collect_keys(order_keys)
            self._append_keys(np.full(len(dummy_keys) // _KEY, 0, np.uint64), None, dummy_keys)
            self._sort()

    def _collect_keys(self, order_keys: Callable[[Packed], bytes]) -> None:
        for start in range(0, self.accounts, _BLOCK):
            query = "SELECT n, account FROM accounts WHERE n >= ? AND n < ? ORDER BY n"
            table = arrow(self._connection, query, [start, start + _BLOCK])
            self._append_keys(table["n"].to_numpy(), table["account"], order_keys(_packed(table["account"])))

    def _append_keys(self, numbers: npt.NDArray[np.uint64], accounts: Any, keys: bytes) -> None:
        size = len(numbers)
        if len(keys) != _KEY * size:
            raise ValueError(f"{size} rows need {_KEY * size} bytes of keys, not {len(keys)}")
        # Four big-endian words sort as the bytes do, and twice as fast.
        words = np.frombuffer(keys, ">u8").astype(np.uint64).reshape(size, 4)
        ids = pa.nulls(size, pa.string()) if accounts is None else accounts
        places = pa.nulls(size, pa.uint64()) if accounts is None else pa.array(numbers)
        append(self._connection, "keys", pa.table([*words.T.copy(), places, ids], names=_KEY_TABLE))

    def _sort(self) -> None:
        ordered = "SELECT n, account FROM keys ORDER BY k0, k1, k2, k3, n"
        self._connection.execute(
            f"CREATE TABLE book AS SELECT (row_number() OVER () - 1)::UBIGINT AS position, n, account FROM ({ordered})"
        )
        self._connection.execute(
            f"CREATE TABLE placed AS SELECT position, col, {_HALVES} FROM cells JOIN book USING (n)"
            " ORDER BY position, col"
        )
        self._check()
        self._connection.execute("DROP TABLE keys; DROP TABLE cells; DROP TABLE accounts")

    def _check(self) -> None:
        """Nothing was lost on the way: every row and every account stands in the book, and every cell."""
        rows, accounts = self._rows or 0, self.accounts
        check_copy(self._connection, "book", "position", rows, rows * (rows - 1) // 2)
        check_copy(self._connection, "book", "n", accounts, accounts * (accounts - 1) // 2)
        sums = "SELECT count(*), coalesce(sum(hi), 0), coalesce(sum(lo), 0) FROM"
        cells, high, low = fetch(self._connection, f"{sums} (SELECT {_HALVES} FROM cells)")[0]
        check_copy(self._connection, "placed", "hi", int(cells), int(high))
        check_copy(self._connection, "placed", "lo", int(cells), int(low))

    def blocks(self, rows_per_block: int) -> Iterator[LedgerBlock]:
        """The rows in their final order; may be asked for several times. Raises ValueError before ``order``."""
        if self._rows is None or rows_per_block < 1:
            raise ValueError("blocks of at least one row exist after order()")
        for start in range(0, self._rows, rows_per_block):
            with full_disk():
                block = self._block(start, min(rows_per_block, self._rows - start))
            yield block

    def _block(self, start: int, size: int) -> LedgerBlock:
        within = "WHERE position >= ? AND position < ? ORDER BY position"
        limits = [start, start + size]
        ids = arrow(self._connection, f"SELECT account FROM book {within}", limits)
        cells = arrow(self._connection, f"SELECT position, col, hi, lo FROM placed {within}, col", limits)
        ends = np.searchsorted(cells["position"].to_numpy(), np.arange(start, start + size, dtype=np.uint64), "right")
        values = np.empty((cells.num_rows, 2), dtype=">u8")
        values[:, 0], values[:, 1] = cells["hi"].to_numpy(), cells["lo"].to_numpy()
        columns = np.ascontiguousarray(cells["col"].to_numpy())
        # NumPy arrays serve as the sequences that SparseRows asks for.
        rows = SparseRows(_sequence(ends.astype(np.uint64)), _sequence(columns), values.tobytes())
        return LedgerBlock(start, _packed(ids["account"]), rows)

    def save_snapshot(self, path: Path, caller: Caller) -> None:
        """Write the rows in their final order to a private Parquet file (0600) that did not exist."""
        snapshot.save(path, self.blocks(_BLOCK), caller)


def _packed(accounts: Any) -> Packed:
    """A column of ids as consecutive bytes; null is the empty string."""
    column = accounts.combine_chunks().fill_null("").cast(pa.large_binary())
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.large_binary())
    if not len(column):
        return Packed(b"", _sequence(np.empty(0, np.uint64)))
    offsets = np.frombuffer(column.buffers()[1], np.int64)[column.offset : column.offset + len(column) + 1]
    data = column.buffers()[2]
    text = b"" if data is None else memoryview(data)[int(offsets[0]) : int(offsets[-1])].tobytes()
    return Packed(text, _sequence((offsets[1:] - offsets[0]).astype(np.uint64)))


def _sequence(array: npt.NDArray[Any]) -> Any:
    return array
