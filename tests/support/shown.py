"""What a malicious exchange shows to single customers: rows, trees and roots put together by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from attest.rows import commit_vector
from tests.support.cheat import ENGINE, Cells, bit_generators, digits_of
from verifier.attestation import Attestation, Identity, Total
from verifier.group import G, Point
from verifier.hashing import N
from verifier.inclusion import Opening, VerifiedRow, row_id, verify_inclusion
from verifier.predicate import NO_DIGESTS
from verifier.schema import Column, Schema
from verifier.tree import Node, join, leaf
from verifier.wire import HIDDEN

IDENTITY: Final = Identity("ex.example", 1, "11" * 32, 1_700_000_000, "")
PLAIN: Final = Schema((Column("BTC", "BTC", 0, 8, "balance"),))


@dataclass(frozen=True)
class Row:
    """A row as its customer is to see it."""

    account_id: str
    cells: Cells
    blinding: int = 77
    salt: bytes = bytes(32)

    def commitment(self, schema: Schema) -> Point:
        """C_j."""
        digits = digits_of(schema, self.cells)
        return commit_vector(digits, self.blinding % N, ENGINE, bit_generators(len(digits)))


@dataclass(frozen=True)
class Shown:
    """A signed root over some rows. ``root`` and ``accounts`` can be lies; so can everything in ``opening``."""

    rows: Sequence[Row]
    schema: Schema = PLAIN
    identity: Identity = IDENTITY
    told_accounts: int = 0
    told_root: Node | None = field(default=None)

    @property
    def accounts(self) -> int:
        """N as signed."""
        return self.told_accounts or len(self.rows)

    @property
    def ctx(self) -> bytes:
        """ctx as signed."""
        return self.identity.context(self.schema.digest, self.accounts)

    @cached_property
    def levels(self) -> list[list[Node]]:
        """The tree, leaves first."""
        nodes = [
            leaf(self.ctx, i, row.commitment(self.schema), row_id(row.salt, row.account_id.encode()))
            for i, row in enumerate(self.rows)
        ]
        levels = [nodes]
        while len(nodes) > 1:
            pairs = [join(left, right) for left, right in zip(nodes[::2], nodes[1::2], strict=False)]
            nodes = pairs + nodes[len(nodes) - len(nodes) % 2 :]
            levels.append(nodes)
        return levels

    def opening(self, index: int) -> Opening:
        """The honest opening of a row."""
        row, path, position = self.rows[index], [], index
        for level in self.levels[:-1]:
            if position ^ 1 < len(level):
                path.append(level[position ^ 1])
            position //= 2
        cells = {self.schema.position[name]: amount for name, amount in row.cells.items() if isinstance(amount, int)}
        return Opening(index, cells, row.blinding, row.salt, tuple(path))

    def attestation(self) -> Attestation:
        """What is signed."""
        root = self.told_root or self.levels[-1][0]
        totals = {column.name: Total(HIDDEN, G) for column in self.schema.columns}
        digests = {**NO_DIGESTS, "schema": self.schema.digest}
        times = (self.identity.taken_at, self.identity.taken_at + 100)
        return Attestation(self.identity, self.accounts, *times, 2, root.C, root.h, digests, totals, {})

    def check(self, account_id: str, opening: Opening | int, holdings: Mapping[str, str] | None = None) -> VerifiedRow:
        """What the customer runs, on the honest opening of a row or on another one."""
        opening = self.opening(opening) if isinstance(opening, int) else opening
        return verify_inclusion(self.attestation(), "", self.schema, account_id, opening, holdings, ENGINE)

    def with_root(self, root: Node, accounts: int = 0) -> Shown:
        """The same rows behind another root and row count."""
        return replace(self, told_root=root, told_accounts=accounts or self.accounts)
