"""Whole books of provers that lie consistently: files, root, totals and transcript all fit, one statement is false."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from attest.book import BookSpec, CommittedBook, RunKeys, commit_book
from attest.ordered import MemoryLedger
from attest.prover import BookWitness, draw_sums, prove_book
from attest.secrets import Masks
from attest.sums import ColumnSums
from attest.totals import published
from vectors.make.books import MARGIN, account, margin
from vectors.make.build import MASTER, Spec, engine, entropy_of, sign
from vectors.make.mutate import REJECTED, TOTAL, Case, Refusal
from vectors.make.proofs import fails
from verifier.attestation import Attestation, Identity
from verifier.book import BookStatement
from verifier.engine import SparseRows, Tick
from verifier.epoch import ATTESTATION, no_progress
from verifier.group import Point, bit_generator
from verifier.hashing import N
from verifier.predicate import NO_DIGESTS
from verifier.reference import ReferenceEngine
from verifier.reference.commit import ReferenceCommitter
from verifier.reference.sumcheck import ReferenceSumcheck

Bits = Mapping[tuple[int, int], int]
"""(row, bit of the row) -> what is added to a bit that is 0."""
MODES = ("hidden", "public", "public", "none")


class Unchecked(MemoryLedger):
    """A ledger that holds whatever it is given."""

    def __init__(self, rows: Sequence[tuple[bytes, list[tuple[int, int]]]]) -> None:
        self._rows = list(rows)
        self._final = []


class BentCommitter(ReferenceCommitter):
    """Adds to the commitments what no bit can be."""

    def __init__(self, column_bits: Sequence[int], bits: Bits) -> None:
        super().__init__(column_bits)
        self._bent, self._next = bits, 0

    def commit(self, rows: SparseRows, blindings: bytes, progress: Tick | None = None) -> bytes:
        """Honest commitments, and the bent bits on top."""
        data = super().commit(rows, blindings, progress)
        points = [Point.from_sum(data[i : i + 64]) for i in range(0, len(data), 64)]
        for (row, k), value in self._bent.items():
            if self._next <= row < self._next + len(points):
                points[row - self._next] += value * bit_generator(k)
        self._next += len(points)
        return b"".join(point.to_xy() for point in points)


class BentSumcheck(ReferenceSumcheck):
    """Sums over the bent rows of one chunk."""

    def __init__(self, bits: Bits, first: int, rows: SparseRows, *rest: Any) -> None:
        super().__init__(rows, *rest)
        for (row, k), value in bits.items():
            if first <= row < first + len(rows):
                bent = self._rows.setdefault(row - first, {})
                bent[k] = (bent.get(k, 0) + value) % N


class BentEngine(ReferenceEngine):
    """The reference engine of a prover whose rows are not made of bits."""

    def __init__(self, bits: Bits) -> None:
        self._bent, self._first = bits, 0

    def committer(self, column_bits: Sequence[int]) -> ReferenceCommitter:
        """See BentCommitter."""
        return BentCommitter(column_bits, self._bent)

    def row_sumcheck(
        self,
        rows: SparseRows,
        column_bits: Sequence[int],
        y: int,
        tau: Sequence[int],
        linear: dict[int, int],
        progress: Tick | None = None,
    ) -> ReferenceSumcheck:
        """See BentSumcheck; chunks come in order."""
        first, self._first = self._first, self._first + len(rows)
        return BentSumcheck(self._bent, first, rows, column_bits, y, tau, linear, progress)


@dataclass(frozen=True)
class BentSums(ColumnSums):
    """Column sums that count the bent bits too."""

    bits: Bits = field(default_factory=dict)

    def bit_counts(self) -> list[int]:
        """s_k."""
        counts = super().bit_counts()
        for (_, k), value in self.bits.items():
            counts[k] += value
        return [count % N for count in counts]

    def totals(self) -> list[int]:
        """The sums as the liar publishes them."""
        totals, starts = super().totals(), [sum(self.column_bits[:c]) for c in range(len(self.column_bits))]
        for (_, k), value in self.bits.items():
            column = max(c for c, start in enumerate(starts) if start <= k)
            totals[column] += value << (k - starts[column])
        return totals


@dataclass(frozen=True)
class Lie:
    """What is false: rows that no ledger has, bits that are none, totals that are off, by column index."""

    name: str
    refusal: Refusal
    bug: str
    rows: tuple[tuple[bytes, list[tuple[int, int]]], ...] = ()
    bits: Bits = field(default_factory=dict)
    shift: Mapping[int, int] = field(default_factory=dict)
    modes: tuple[str, ...] = MODES

    def spec(self) -> Spec:
        """The plan of the book."""
        accounts = margin([f"customer-{i}" for i in range(5)], "lies")
        return Spec(f"lie: {self.name}", self.bug, MARGIN, self.modes, accounts, chunk_bits=2)

    def files(self) -> dict[str, bytes | None]:
        """The published files."""
        spec = self.spec()
        position = MARGIN.position
        honest = [
            (name.encode(), sorted((position[c], v) for c, v in cells.items() if v))
            for name, cells in spec.accounts.items()
        ]
        return {**told(spec, Unchecked(self.rows or honest), self)}


def told(spec: Spec, ledger: Unchecked, lie: Lie) -> dict[str, bytes]:
    """The files of one lie, made as an honest prover makes them but for the lie."""
    entropy, plan, bent = entropy_of(spec.name), spec.plan(), BentEngine(lie.bits)
    identity = Identity(spec.exchange, spec.epoch, entropy(32).hex(), plan.taken_at, "")
    count = ledger.accounts
    ctx = identity.context(spec.schema.digest, count)
    keys = RunKeys.derive(MASTER, ctx, entropy)
    ledger.order(lambda accounts: keys.order_keys(accounts, engine()), b"")
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        book = BookSpec(spec.schema, count, 0, 1 << spec.chunk_bits, True)
        committed = bend(commit_book(ledger, book, keys, bent, directory, no_progress), lie.bits)
        drawn = draw_sums(committed.sums.totals(), spec.modes, Masks.for_book(keys.book_key, entropy), ctx)
        sums = tuple(replace(column, value=column.value + lie.shift.get(c, 0)) for c, column in enumerate(drawn))
        totals = published(sums, engine())
        statement = BookStatement(ctx, spec.schema, count, spec.chunk_bits, totals)
        prove_book(statement, BookWitness(ledger, keys, committed, sums), bent, directory / "book.proof", no_progress)
        (directory / "schema.json").write_bytes(spec.schema.to_bytes())
        files = {path.name: path.read_bytes() for path in sorted(directory.iterdir())}
    attestation = Attestation(
        identity=identity,
        accounts=count,
        issued_at=plan.issued_at or 0,
        expires_at=(plan.issued_at or 0) + plan.valid_for,
        chunk_bits=spec.chunk_bits,
        root_commitment=committed.root.C,
        root_hash=committed.root.h,
        digests={**NO_DIGESTS, "schema": spec.schema.digest},
        totals={column.name: total for column, total in zip(spec.schema.columns, totals, strict=True)},
        files={name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    )
    return {**files, ATTESTATION: sign(attestation.to_payload())}


def bend(committed: CommittedBook, bits: Bits) -> CommittedBook:
    """The sums with the bent bits counted."""
    honest = committed.sums
    return replace(committed, sums=BentSums(honest.column_bits, honest.counts, bits))


def row(name: str, **cells: int) -> tuple[bytes, list[tuple[int, int]]]:
    """One row of MARGIN, not checked."""
    named = {"BTC": "BTC", "debt": "BTC:debt", "ETH": "ETH", "slack": "slack"}
    return account(name).encode(), sorted((MARGIN.position[named[c]], v) for c, v in cells.items() if v)


def lies() -> list[Lie]:
    """Every lie. Bits 24 to 31 are the ETH column, which no rule reads; 25, 28 and 29 are 0 in every row."""
    honest = (
        row("a", BTC=300, debt=100, slack=200),
        row("b", BTC=50, slack=50, ETH=9),
        row("c", ETH=200),
        row("d", BTC=1, slack=1),
    )
    broken = (*honest[:3], row("d", BTC=1, debt=200, slack=1))
    twice = (*honest, honest[0])
    bits, rules = "the bits of the rows are not checked", "the rules of the rows are not checked"
    sums = "the totals are not the sums of the rows"
    bent, wrong = fails("3.5c"), "an account's debt exceeds its balance"
    return [
        Lie("honest but for nothing", TOTAL, "", honest),
        Lie("a bit of 2", bent, bits, honest, {(1, 28): 2}),
        Lie("a bit of -1: a negative balance with a plausible total", bent, bits, honest, {(2, 25): -1}),
        Lie(
            "a bit of n - 5",
            bent,
            bits,
            honest,
            {(0, 28): N - 5, (1, 28): 5},
            modes=("hidden", "public", "hidden", "none"),
        ),
        Lie(
            "bits of 1/2 that cancel",
            bent,
            bits,
            honest,
            {(0, 29): pow(2, -1, N), (1, 29): -pow(2, -1, N)},
            modes=("hidden", "public", "hidden", "none"),
        ),
        Lie("a rule that does not hold in one row", bent, f"{rules}: {wrong}", broken),
        Lie("a slack too small by one", bent, rules, (row("a", BTC=300, debt=100, slack=199), *honest[1:])),
        Lie("two rows of one id", Refusal(REJECTED, "E_DUPLICATE", "2"), "one row answers for two customers", twice),
        Lie("a public total too small by one", fails("4b"), sums, honest, shift={1: -1}),
        Lie("a public total too large by one", fails("4b"), sums, honest, shift={1: 1}),
        Lie("a hidden total too small by one", fails("4c"), sums, honest, shift={0: -1}),
        Lie("a hidden total of nothing", fails("4c"), sums, honest, shift={0: -351}),
        Lie(
            "a balance without a total",
            TOTAL,
            "what is owed is left unsaid",
            honest,
            modes=("none", "public", "public", "none"),
        ),
        Lie(
            "a debt without a total",
            TOTAL,
            "what is owed is left unsaid",
            honest,
            modes=("hidden", "none", "public", "none"),
        ),
    ]


def honest_twin() -> Lie:
    """The same machinery telling the truth, so that a refusal is due to the lie alone."""
    return lies()[0]


def cases() -> dict[str, list[Case]]:
    """By group."""
    found = [
        Case(f"liar: {lie.name}", "margin", "audit", "prover", lie.refusal, lie.bug, lie.files()) for lie in lies()[1:]
    ]
    return {"liar": found}
