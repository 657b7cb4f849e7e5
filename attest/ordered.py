"""What the prover needs of a ledger, and a ledger in memory for programs that hold their accounts already."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from attest.ledger.snapshot import save
from verifier.ahead import Caller
from verifier.engine import Packed, SparseRows
from verifier.errors import Malformed
from verifier.inclusion import account_bytes
from verifier.schema import Schema


class OrderedBlock(Protocol):
    """Consecutive rows in final order; an empty account id marks a dummy row."""

    @property
    def start(self) -> int:
        """The position of the first row."""
        ...

    @property
    def accounts(self) -> Packed:
        """The account ids in UTF-8."""
        ...

    @property
    def rows(self) -> SparseRows:
        """The cells."""
        ...


class OrderedRows(Protocol):
    """The rows of a book in final order, to be read as often as needed."""

    def blocks(self, rows_per_block: int) -> Iterator[OrderedBlock]:
        """Blocks of ``rows_per_block`` rows; the last may be shorter."""
        ...


class Ledger(OrderedRows, Protocol):
    """A validated ledger: unique accounts, cells that fit the schema, rules that hold."""

    @property
    def accounts(self) -> int:
        """The number of real accounts."""
        ...

    def totals(self) -> list[int]:
        """The exact sum of each column, in the schema's order; to be asked before ``order``."""
        ...

    def order(self, order_keys: Callable[[Packed], bytes], dummy_keys: bytes) -> None:
        """Fix the final order, ascending by 32-byte keys: one per account, and one per dummy row."""
        ...

    def save_snapshot(self, path: Path, caller: Caller) -> None:
        """Keep a private copy of the rows in final order, as long as the caller waits for it."""
        ...


@dataclass(frozen=True, slots=True)
class Block:
    """An ``OrderedBlock``."""

    start: int
    accounts: Packed
    rows: SparseRows = field(repr=False)


class MemoryLedger:
    """A ledger from a mapping of account id to ``{column name: base units}``. Zero cells may be left out.

    Raises Malformed for an account id that is not allowed, an unknown column, an amount that does not fit its column or
    a rule that does not hold.
    """

    def __init__(self, schema: Schema, accounts: Mapping[str, Mapping[str, int]]) -> None:
        rows = [(account_bytes(account), _checked(schema, account, cells)) for account, cells in accounts.items()]
        if len({account for account, _ in rows}) != len(rows):
            raise Malformed("two account ids are the same text", where="ledger", code="E_LEDGER")
        self._rows = rows
        self._columns = len(schema.columns)
        self._final: list[tuple[bytes, list[tuple[int, int]]]] = []

    @property
    def accounts(self) -> int:
        """See ``Ledger.accounts``."""
        return len(self._rows)

    def totals(self) -> list[int]:
        """See ``Ledger.totals``."""
        totals = [0] * self._columns
        for _, cells in self._rows:
            for column, value in cells:
                totals[column] += value
        return totals

    def order(self, order_keys: Callable[[Packed], bytes], dummy_keys: bytes) -> None:
        """See ``Ledger.order``."""
        keys = order_keys(pack([account for account, _ in self._rows]))
        keyed = [(keys[32 * i : 32 * i + 32], row) for i, row in enumerate(self._rows)]
        keyed += [(dummy_keys[i : i + 32], (b"", [])) for i in range(0, len(dummy_keys), 32)]
        self._final = [row for _, row in sorted(keyed, key=lambda item: item[0])]

    def blocks(self, rows_per_block: int) -> Iterator[Block]:
        """See ``OrderedRows.blocks``."""
        for start in range(0, len(self._final), rows_per_block):
            part = self._final[start : start + rows_per_block]
            yield Block(start, pack([account for account, _ in part]), pack_rows([cells for _, cells in part]))

    def save_snapshot(self, path: Path, caller: Caller) -> None:
        """See ``Ledger.save_snapshot``."""
        save(path, self.blocks(65536), caller)


def pack(items: Sequence[bytes]) -> Packed:
    """Byte strings one after the other."""
    ends = array("Q")
    for item in items:
        ends.append((ends[-1] if ends else 0) + len(item))
    return Packed(b"".join(items), ends)


def pack_rows(rows: Sequence[Sequence[tuple[int, int]]]) -> SparseRows:
    """Rows given as (column, value) pairs, columns rising, values not zero."""
    ends, columns, values = array("Q"), array("H"), bytearray()
    for cells in rows:
        for column, value in cells:
            columns.append(column)
            values += value.to_bytes(16, "big")
        ends.append(len(columns))
    return SparseRows(ends, columns, bytes(values))


def _checked(schema: Schema, account: str, cells: Mapping[str, int]) -> list[tuple[int, int]]:
    where = f"account {account!r}"
    for name, value in cells.items():
        if name not in schema.position:
            raise Malformed(f"there is no column {name!r}", where=where, code="E_LEDGER")
        if not 0 <= value < 1 << schema.columns[schema.position[name]].bits:
            raise Malformed(f"{name} is negative or does not fit its bits", where=where, code="E_LEDGER")
    for rule in schema.rules:
        if sum(weight * cells.get(name, 0) for name, weight in rule.weights):
            raise Malformed(f"rule {rule.name} does not hold", where=where, code="E_LEDGER")
    return sorted((schema.position[name], value) for name, value in cells.items() if value)
