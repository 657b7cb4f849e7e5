"""The program of a dishonest exchange: solvent, with its conscience taken out, signing with the exchange's own key.

Each cheat is a real attempt. It uses the real ledger, documents and keys, makes every file that an honest epoch has
and signs them; only the checks that would stop it are patched away. ``solvent-verify audit`` then finds out.

  negative-account   an invented account owes the exchange coins, so that less seems to be owed in all
  missing-coin       the attestation states a holding that its lines do not come to
  false-claim        a claim that does not hold is proven all the same
  stale-price        prices are made of quotes of yesterday
"""

from __future__ import annotations

import argparse
import csv
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from attest import config, ledger
from attest.cli.attesting import Request, make_plan
from attest.documents.price_sets import role_met
from attest.epoch import attest
from attest.key_ring import KeyRing
from attest.ledger import binance
from attest.ledger.staged import StagedLedger
from attest.plan import Secrets
from attest.statement.inputs import read_inputs
from attest.statement.preparing import prepare
from attest.statement.pricing import Priced
from attest.statement.proposal import Prepared
from attest.store import Store
from attest.sums import ColumnSums
from verifier.amounts import format_amount, parse_amount
from verifier.dsse import Envelope
from verifier.engine import Engine, RowCommitter, RowSumcheck, SparseRows, Tick, get_engine
from verifier.epoch import no_progress
from verifier.group import Point, bit_generator
from verifier.hashing import N
from verifier.markets.linear import Row
from verifier.markets.policy import Policy
from verifier.markets.prices import build
from verifier.reference.sumcheck import ReferenceSumcheck
from verifier.trust.root import Root

Patches = Sequence[AbstractContextManager[Any]]
DAY: Final = 86_400
SIGN: Final = 2**63
"""A 64-bit cell of this size or more is negative, to a program that reads it with a sign."""


def signed(cell: int) -> int:
    """The number that the bits of a cell mean to such a program."""
    return cell - 2 * SIGN if cell >= SIGN else cell


class SignedRows:
    """Rows with their negative cells apart: ``plain`` has none of them, ``below`` lists (row, column, amount)."""

    def __init__(self, rows: SparseRows) -> None:
        self.below: list[tuple[int, int, int]] = []
        ends, columns, values = array("Q"), array("H"), bytearray()
        for i in range(len(rows)):
            for column, cell in rows.row(i):
                if signed(cell) < 0:
                    self.below.append((i, column, signed(cell)))
                else:
                    columns.append(column)
                    values += cell.to_bytes(16, "big")
            ends.append(len(columns))
        self.plain = SparseRows(ends, columns, bytes(values))


class SignedCommitter(RowCommitter):
    """Commits to negative amounts too: an amount stands whole where the lowest bit of its column should be."""

    def __init__(self, honest: RowCommitter, column_bits: Sequence[int]) -> None:
        self._honest = honest
        self._first_bits = [sum(column_bits[:c]) for c in range(len(column_bits))]

    def expect(self, rows: int) -> None:
        """See ``RowCommitter.expect``."""
        self._honest.expect(rows)

    def commit(self, rows: SparseRows, blindings: bytes, progress: Tick | None = None) -> bytes:
        """One point per row, and the sums of the tree fit: in a plain sum tree nobody would notice."""
        split = SignedRows(rows)
        points = bytearray(self._honest.commit(split.plain, blindings, progress))
        for i, column, amount in split.below:
            place = slice(64 * i, 64 * i + 64)
            moved = Point.from_xy(bytes(points[place])) + amount % N * bit_generator(self._first_bits[column])
            points[place] = moved.to_xy()
        return bytes(points)


class SignedSumcheck(ReferenceSumcheck):
    """Proves the rows as they were committed to, as well as they can be proven."""

    def __init__(self, rows: SparseRows, column_bits: Sequence[int], *rest: Any) -> None:
        split = SignedRows(rows)
        super().__init__(split.plain, column_bits, *rest)
        for i, column, amount in split.below:
            self._rows.setdefault(i, {})[sum(column_bits[:column])] = amount % N


class SignedEngine:
    """An engine that commits to and proves negative amounts; everything else is left to ``honest``."""

    def __init__(self, honest: Engine) -> None:
        self._honest = honest

    def __getattr__(self, name: str) -> Any:
        return getattr(self._honest, name)

    def committer(self, column_bits: Sequence[int]) -> SignedCommitter:
        """See ``Engine.committer``."""
        return SignedCommitter(self._honest.committer(column_bits), column_bits)

    def row_sumcheck(self, rows: SparseRows, column_bits: Sequence[int], *rest: Any) -> RowSumcheck:
        """See ``Engine.row_sumcheck``."""
        return SignedSumcheck(rows, column_bits, *rest)


class SignedSums(ColumnSums):
    """Sums in which negative amounts count as such."""

    below: list[int]

    def __init__(self, column_bits: tuple[int, ...], counts: npt.NDArray[np.uint64]) -> None:
        super().__init__(column_bits, counts)
        object.__setattr__(self, "below", [0] * len(column_bits))

    @classmethod
    def zero(cls, column_bits: Sequence[int]) -> SignedSums:
        """Nothing summed yet."""
        return cls(tuple(column_bits), np.zeros((len(column_bits), 128), dtype=np.uint64))

    def add(self, rows: SparseRows) -> None:
        """Add some rows."""
        split = SignedRows(rows)
        ColumnSums.add(self, split.plain)
        for _, column, amount in split.below:
            self.below[column] += amount

    def bit_counts(self) -> list[int]:
        """What the root's commitment opens to."""
        counts, position = ColumnSums.bit_counts(self), 0
        for bits, amount in zip(self.column_bits, self.below, strict=True):
            counts[position] = (counts[position] + amount) % N
            position += bits
        return counts

    def totals(self) -> list[int]:
        """The sum of each column."""
        return [total + amount for total, amount in zip(ColumnSums.totals(self), self.below, strict=True)]


def negative_account(ledger_path: Path) -> Patches:
    """An account of the ledger is below zero; its cells are stored as 64-bit numbers with a sign."""
    below = wrap_negative(ledger_path)
    honest_totals = StagedLedger.totals

    def totals(staged: StagedLedger) -> list[int]:
        return [total - 2 * SIGN * below[column] for column, total in enumerate(honest_totals(staged))]

    return (patch("attest.book.ColumnSums", SignedSums), patch.object(StagedLedger, "totals", totals))


def wrap_negative(path: Path) -> Counter[int]:
    """Write -1 base unit of a balance as 2^64 - 1: what a number with a sign is to a reader who expects none.

    Returns how many cells of each column of the book are below zero.
    """
    with path.open(newline="") as file:
        header, *rows = list(csv.reader(file))
    columns = {f"e_{asset}": 2 * i for i, asset in enumerate(binance.assets(header))}  # a balance, a debt for each
    below: Counter[int] = Counter()
    for row in rows:
        for i, name in enumerate(header):
            if row[i].startswith("-") and name in columns:
                units = 2 * SIGN - parse_amount(row[i][1:], binance.DECIMALS, name)
                row[i] = format_amount(units, binance.DECIMALS)
                below[columns[name]] += 1
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return below


def missing_coin(asset: str, coins: str) -> Patches:
    """The holding of ``asset`` is stated as if ``coins`` more lay there."""

    def overstated(*arguments: Any) -> Prepared:
        prepared = prepare(*arguments)
        judged = prepared.held.judged
        extra = parse_amount(coins, prepared.ground.policy.assets[asset].decimals, asset)
        holdings = tuple(replace(h, public=h.public + extra) if h.asset == asset else h for h in judged.holdings)
        return replace(prepared, held=replace(prepared.held, judged=replace(judged, holdings=holdings)))

    return (patch("attest.epoch.prepare", overstated),)


def false_claim() -> Patches:
    """Whatever a claim comes to, the prover says that it is zero or more, and proves that as well as it can."""
    honest = Row.value

    def at_least_zero(row: Row, opening: Mapping[Any, int]) -> int:
        return max(0, honest(row, opening))

    return (
        patch("attest.epoch.require_true", lambda *arguments: None),
        patch("attest.claims_proof.require_provable", lambda *arguments: None),
        patch.object(Row, "value", at_least_zero),
    )


def stale_price() -> Patches:
    """The price set is made of yesterday's quotes, as it was right yesterday, and dated today."""

    def yesterdays(policy: Policy, taken_at: int, quotes: Mapping[str, Envelope], root: Root) -> Priced:
        met = role_met(root)
        document = build(policy, taken_at - DAY, quotes.values(), met)
        prices = document.verify(policy, taken_at - DAY, met)
        return Priced(replace(document, at=taken_at), prices, ())

    return (patch("attest.statement.preparing.price", yesterdays),)


def release(config_path: Path, engine: Any, patches: Patches) -> Path:
    """An epoch as ``solvent attest --first`` makes it, but for ``patches`` and without the check of its own result."""
    read = config.load(config_path)
    ring = KeyRing.of(read.keys)
    secrets = Secrets(ring.master(read.keys.master), ring.signer(read.keys.signing))
    request = Request(True, False, False, None, 20, "auto", False)
    plan = make_plan(read, request, read_inputs(read.documents))

    def stage(work: Path) -> StagedLedger:
        return ledger.stage(read.ledger, plan.schema, work, problem_limit=20)

    with ExitStack() as dishonest:
        for one in (*patches, patch("attest.epoch.self_check", lambda *arguments: None)):
            dishonest.enter_context(one)
        released = attest(plan, secrets, Store(read.store.public, read.store.private), stage, engine, no_progress)
    return released.directory


CHEATS: Final[Mapping[str, Callable[[argparse.Namespace], Patches]]] = {
    "negative-account": lambda typed: negative_account(config.load(typed.config).ledger.path or Path()),
    "missing-coin": lambda typed: missing_coin(*typed.more.split("=", 1)),
    "false-claim": lambda typed: false_claim(),
    "stale-price": lambda typed: stale_price(),
}


def main() -> None:
    """``python -m demo.cheats CHEAT --config FILE``."""
    parser = argparse.ArgumentParser(description="A dishonest exchange, for the demo.")
    parser.add_argument("cheat", choices=CHEATS)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--more", default="BTC=0", metavar="SYM=COINS", help="How much missing-coin adds to a holding.")
    typed = parser.parse_args()
    engine: Any = get_engine()
    if typed.cheat == "negative-account":
        engine = SignedEngine(engine)
    directory = release(typed.config, engine, CHEATS[typed.cheat](typed))
    print(f"Signed and released without any check: {directory}")


if __name__ == "__main__":
    main()
