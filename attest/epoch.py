"""One epoch, start to end: ledger -> book -> tree -> proof -> sealed records -> signed attestation -> directory.

Nothing is released before the verifier has accepted it, whole, from the files as they lie on disk.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from attest.book import BookSpec, CommittedBook, RunKeys, commit_book
from attest.ordered import Ledger
from attest.prover import BookWitness, draw_sums, prove_book
from attest.secrets import Entropy, Masks, MasterKey
from attest.signing import Signer, sign_payload
from attest.store import Head, Run, Store, write_private
from attest.totals import ColumnSum
from verifier.attestation import MAX_CHUNK_BITS, Attestation, Identity
from verifier.book import BookStatement, Progress
from verifier.engine import Engine
from verifier.epoch import ATTESTATION, open_directory, verify_directory
from verifier.errors import Malformed, Rejected, SolventError
from verifier.predicate import NO_DIGESTS
from verifier.schema import Schema
from verifier.sources import FileSource, sha256
from verifier.wire import PUBLIC

EXACT = "exact"
NEXT_POWER_OF_TWO = "next power of two"


@dataclass(frozen=True)
class Plan:
    """What to attest. Times are POSIX seconds; ``modes`` tells per column how its total is published.

    ``rows`` is ``exact``, ``next power of two``, or a number of rows: the difference is filled with dummy rows.
    """

    exchange: str
    schema: Schema
    modes: tuple[str, ...]
    taken_at: int
    valid_for: int
    rows: str | int = EXACT
    chunk_bits: int = 16
    sealed: bool = True
    first: bool = False
    issued_at: int | None = None
    """When it is signed; None is now."""

    def __post_init__(self) -> None:
        """Raises Malformed (E_CONFIG) for what no attestation can say, before any work is done."""
        if not 0 <= self.chunk_bits <= MAX_CHUNK_BITS:
            raise _config("chunk_bits", f"chunk_bits is 0 to {MAX_CHUNK_BITS}, not {self.chunk_bits}")
        if self.valid_for < 1:
            raise _config("valid_for", "an attestation is valid for at least a second")
        if len(self.modes) != len(self.schema.columns):
            raise _config("modes", "every column needs to say how its total is told")


@dataclass(frozen=True, slots=True)
class Secrets:
    """The master key, the signing key and the source of randomness of a run."""

    master: MasterKey
    signer: Signer = field(repr=False)
    entropy: Entropy = field(default=os.urandom, repr=False)


@dataclass(frozen=True, slots=True)
class Released:
    """A finished epoch: where it lies, its number, the digest of its payload, and seconds spent per stage."""

    directory: Path
    epoch: int
    payload: str
    accounts: int
    rows: int
    seconds: dict[str, float]


OpenLedger = Callable[[Path], Ledger]
"""Validates a ledger into a private work directory."""


class Stopwatch:
    """Seconds per stage, for the closing table."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Book the time since the last lap to ``stage``."""
        now = time.perf_counter()
        self.seconds[stage] = now - self._last
        self._last = now


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run works with besides its inputs."""

    engine: Engine
    progress: Progress
    watch: Stopwatch = field(default_factory=Stopwatch)


def attest(
    plan: Plan, secrets: Secrets, store: Store, open_ledger: OpenLedger, engine: Engine, progress: Progress
) -> Released:
    """Make, verify and release one epoch. Raises SolventError; then nothing is left of the run.

    ``open_ledger`` stages the ledger into the run's private directory.
    """
    tools = Tools(engine, progress)
    with store.locked(), _run(store, secrets.entropy) as run:
        work = run.private / "work"
        work.mkdir(mode=0o700)
        previous = store.head()
        store.require_last(previous)
        require_same_keys(secrets, previous)
        identity = next_identity(plan, previous, secrets.entropy(32).hex())
        ledger = open_ledger(work)
        tools.watch.lap("read and check the ledger")
        attestation = build(plan, identity, ledger, secrets, run, tools)
        envelope = sign_payload(attestation.to_payload(), secrets.signer)
        (run.public / ATTESTATION).write_bytes(envelope.to_bytes())
        self_check(run.public, secrets.signer.public_key, tools)
        ledger.save_snapshot(run.private / "ledger.parquet")
        shutil.rmtree(work)
        directory = store.commit(run, _head(identity, envelope.digest, secrets))
        tools.watch.lap("release")
        seconds = tools.watch.seconds
        return Released(directory, identity.epoch, envelope.digest, ledger.accounts, attestation.accounts, seconds)


def require_same_keys(secrets: Secrets, head: Head | None) -> None:
    """Raises Malformed (E_CHAIN) when a key is not the one of the last epoch: a wrong backup is noticed here.

    Under another signing key nobody's pinned key verifies; under another master key no customer finds their row.
    """
    if head is None:
        return
    if secrets.signer.public_key.hex() != head.signing_key:
        raise _chain("the signing key is not the one that signed the last epoch", "put the right key file in place")
    head.require_master(secrets.master.check())


def _head(identity: Identity, digest: str, secrets: Secrets) -> Head:
    return Head(
        exchange=identity.exchange,
        epoch=identity.epoch,
        digest=digest,
        taken_at=identity.taken_at,
        signing_key=secrets.signer.public_key.hex(),
        master_check=secrets.master.check(),
    )


def next_identity(plan: Plan, head: Head | None, nonce: str) -> Identity:
    """Epoch, previous and nonce of the next link of the chain. Raises Malformed (E_CHAIN) when it does not fit."""
    if head is None and not plan.first:
        raise _chain("this store holds no epoch yet", "say --first to begin a chain; do it once in the life of a key")
    if head is not None and plan.first:
        raise _chain(
            f"this store already has epoch {head.epoch}", "leave --first out: the next epoch continues the chain"
        )
    if plan.taken_at > _signing_time(plan):
        raise _chain("the snapshot lies in the future", "check the snapshot time and this computer's clock")
    if head is None:
        return Identity(plan.exchange, 1, nonce, plan.taken_at, "")
    if head.exchange != plan.exchange:
        raise _chain(f"this store belongs to {head.exchange}", "use one store for each exchange name")
    if plan.taken_at <= head.taken_at:
        raise _chain("the snapshot is not later than the last one", "check the snapshot time and this computer's clock")
    return Identity(plan.exchange, head.epoch + 1, nonce, plan.taken_at, head.digest)


def row_count(rows: str | int, accounts: int) -> int:
    """N, dummy rows included. Raises Malformed (E_CONFIG) when a fixed number is too small."""
    if accounts < 1:
        raise Malformed(
            "the ledger has no accounts", where="ledger", code="E_LEDGER", hint="check the query or the file"
        )
    if rows == EXACT:
        return accounts
    if rows == NEXT_POWER_OF_TWO:
        return 1 << (accounts - 1).bit_length()
    if isinstance(rows, int) and rows >= accounts:
        return rows
    raise Malformed(
        f"the book is to have {rows} rows and the ledger has {accounts} accounts",
        where="book.accounts",
        code="E_CONFIG",
        hint="choose a larger number, or next power of two",
    )


def build(plan: Plan, identity: Identity, ledger: Ledger, secrets: Secrets, run: Run, tools: Tools) -> Attestation:
    """Write every file but the signed attestation; returns what is to be signed."""
    directory, engine = run.public, tools.engine
    rows = row_count(plan.rows, ledger.accounts)
    plan.schema.check_count(rows)
    ctx = identity.context(plan.schema.digest, rows)
    keys = RunKeys.derive(secrets.master, ctx, secrets.entropy)
    dummies = rows - ledger.accounts
    ledger.order(lambda accounts: keys.order_keys(accounts, engine), secrets.entropy(32 * dummies))
    spec = BookSpec(plan.schema, rows, dummies, min(1 << plan.chunk_bits, engine.block_rows), plan.sealed)
    committed = commit_book(ledger, spec, keys, engine, directory, tools.progress)
    tools.watch.lap("commit and seal every row")
    column_totals = committed.sums.totals()
    require_publishable(plan, column_totals)
    sums = draw_sums(column_totals, plan.modes, Masks.for_book(keys.book_key, secrets.entropy), ctx)
    totals = tuple(column.published(engine) for column in sums)
    statement = BookStatement(ctx, plan.schema, rows, plan.chunk_bits, totals)
    witness = BookWitness(ledger, keys, committed, sums)
    prove_book(statement, witness, engine, directory / "book.proof", tools.progress)
    (directory / "schema.json").write_bytes(plan.schema.to_bytes())
    _save_totals(run.private / "totals.json", plan.schema, sums)
    tools.watch.lap("prove the whole book")
    return _attestation(plan, identity, committed, statement, directory)


def _signing_time(plan: Plan) -> int:
    return int(time.time()) if plan.issued_at is None else plan.issued_at


def require_publishable(plan: Plan, totals: list[int]) -> None:
    """Raises Malformed (E_TOTAL) for a public total that no document can hold: amounts are below 2^128."""
    for column, mode, total in zip(plan.schema.columns, plan.modes, totals, strict=True):
        if mode == PUBLIC and total >= 2**128:
            raise Malformed(
                "the total is 2^128 or more and cannot be published as a number",
                where=f"column {column.name}",
                code="E_TOTAL",
                hint='set total = "hidden" for this column, or use fewer decimals',
            )


def _attestation(
    plan: Plan, identity: Identity, committed: CommittedBook, statement: BookStatement, directory: Path
) -> Attestation:
    issued_at = _signing_time(plan)
    names = ["book.proof", "leaves.bin", "schema.json", *(["sealed.bin"] if plan.sealed else [])]
    return Attestation(
        identity=identity,
        accounts=statement.accounts,
        issued_at=issued_at,
        expires_at=issued_at + plan.valid_for,
        chunk_bits=plan.chunk_bits,
        root_commitment=committed.root.C,
        root_hash=committed.root.h,
        digests={**NO_DIGESTS, "schema": plan.schema.digest},
        totals={column.name: total for column, total in zip(plan.schema.columns, statement.totals, strict=True)},
        files={name: sha256(FileSource(directory / name)) for name in names},
    )


def self_check(directory: Path, public_key: bytes, tools: Tools) -> None:
    """Verify the files as an auditor would. Raises Rejected (E_SELF_CHECK): then the run is thrown away."""
    try:
        verify_directory(directory, open_directory(directory, public_key), tools.engine, tools.progress)
    except SolventError as error:
        raise Rejected(
            f"the finished epoch does not pass its own check ({error}); nothing was released",
            where=error.where,
            code="E_SELF_CHECK",
            step=error.step,
            hint="this is a bug or a failing machine: keep the log and report it",
        ) from error
    tools.watch.lap("check everything as an auditor would")


@contextmanager
def _run(store: Store, entropy: Entropy) -> Iterator[Run]:
    """A run that leaves nothing behind unless it was committed."""
    run = store.run(entropy(8).hex())
    try:
        store.begin(run)
        yield run
    finally:
        if not store.committed(run):
            store.discard(run)


def _save_totals(path: Path, schema: Schema, sums: tuple[ColumnSum, ...]) -> None:
    """The private opening of every total: value and blinding, as decimal strings."""
    openings = {
        column.name: {"mode": total.mode, "value": str(total.value), "gamma": str(total.gamma)}
        for column, total in zip(schema.columns, sums, strict=True)
    }
    write_private(path, json.dumps(openings, indent=1).encode())


def _config(where: str, message: str) -> Malformed:
    return Malformed(message, where=f"book.{where}", code="E_CONFIG", hint="correct solvent.toml")


def _chain(message: str, hint: str) -> Malformed:
    return Malformed(message, where="chain", code="E_CHAIN", hint=hint)
