"""``solvent attest``: a plan from the configuration, the run, and what came out of it."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from attest import ledger
from attest.cli import show, signals
from attest.cli.show import Advance
from attest.config import Config
from attest.epoch import Plan, Released, Secrets, attest, row_count
from attest.key_ring import KeyRing
from attest.ordered import Ledger
from attest.store import Head, Run, Store
from verifier.engine import get_engine
from verifier.schema import Schema


@dataclass(frozen=True)
class Request:
    """What was typed besides the configuration. ``taken_at`` is POSIX seconds, None is now."""

    first: bool
    check: bool
    taken_at: int | None
    problems: int
    engine: str
    as_json: bool


def run(config: Config, request: Request) -> None:
    """One epoch, or only the check of its ledger. Raises SolventError."""
    if request.check:
        _check(config, request)
        return
    ring = KeyRing.of(config.keys)
    secrets = Secrets(ring.master(config.keys.master), ring.signer(config.keys.signing))
    engine, schema = get_engine(request.engine), config.schema()
    store = _Store(config.store.public, config.store.private)
    with show.bars(request.as_json) as advance:
        stage = _Stage(config, schema, request.problems, advance)
        released = attest(_plan(config, schema, request), secrets, store, stage, engine, advance)
    _show_released(released, secrets.signer.public_key.hex(), request.as_json)


class _Store(Store):
    """A store whose last step cannot be interrupted: the answer says whether there is an epoch, and it is right."""

    def commit(self, run: Run, head: Head) -> Path:
        """See ``Store.commit``."""
        signals.hold()
        return super().commit(run, head)


@dataclass(frozen=True)
class _Stage:
    """Reads and checks the ledger into a work directory."""

    config: Config
    schema: Schema
    problems: int
    advance: Advance

    def __call__(self, work: Path) -> Ledger:
        return ledger.stage(self.config.ledger, self.schema, work, problem_limit=self.problems, progress=self.advance)


def _plan(config: Config, schema: Schema, request: Request) -> Plan:
    return Plan(
        exchange=config.exchange,
        schema=schema,
        modes=tuple(config.total_mode(column.name) for column in schema.columns),
        taken_at=int(time.time()) if request.taken_at is None else request.taken_at,
        valid_for=config.book.valid_for,
        rows=config.book.accounts,
        chunk_bits=config.book.chunk_bits,
        sealed=config.book.sealed,
        first=request.first,
    )


def _check(config: Config, request: Request) -> None:
    """Everything that reading the ledger can find, in a private temporary directory that is removed again."""
    schema = config.schema()
    with show.bars(request.as_json) as advance, tempfile.TemporaryDirectory(prefix="solvent-check-") as work:
        staged = ledger.stage(config.ledger, schema, Path(work), problem_limit=request.problems, progress=advance)
        accounts = staged.accounts
        staged.close()
    rows = row_count(config.book.accounts, accounts)
    schema.check_count(rows)
    if request.as_json:
        show.as_json({"done": True, "checked": config.ledger.source_name, "accounts": accounts, "rows": rows})
        return
    show.say(f"The ledger can be attested: {config.ledger.source_name}. Nothing was written.")
    facts = [
        ("accounts", f"{accounts:,}"),
        ("rows of the book", f"{rows:,}"),
        ("columns", f"{len(schema.columns):,}"),
        ("rules", f"{len(schema.rules):,}, true in every row" if schema.rules else "none"),
    ]
    show.facts(facts)


def _show_released(released: Released, public_key: str, as_json: bool) -> None:
    if as_json:
        body = {
            "done": True,
            "epoch": released.epoch,
            "directory": str(released.directory),
            "payload": released.payload,
            "accounts": released.accounts,
            "rows": released.rows,
            "exchange_key": public_key,
            "seconds": {stage: round(seconds, 3) for stage, seconds in released.seconds.items()},
        }
        show.as_json(body)
        return
    show.say(f"Epoch {released.epoch} is released, checked as an auditor would check it.")
    show.facts(
        [
            ("directory", f"{released.directory} (publish all of it)"),
            ("accounts", f"{released.accounts:,} in {released.rows:,} rows"),
            ("payload SHA-256", released.payload),
            ("exchange key", public_key),
        ]
    )
    show.say("")
    show.table(["stage", "seconds"], [(stage, f"{took:.2f}") for stage, took in released.seconds.items()], right=(1,))
