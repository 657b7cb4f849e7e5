"""``solvent attest``: a plan from the configuration, the run, and what came out of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from attest import ledger
from attest.cli import show, signals
from attest.cli.show import Advance
from attest.config import Config
from attest.epoch import attest
from attest.key_ring import KeyRing
from attest.ordered import Ledger
from attest.plan import Plan, Released, Secrets
from attest.statement.findings import Finding
from attest.statement.inputs import PREPARED, Inputs, read_inputs
from attest.store import Head, Run, Store
from verifier.collateral import Snapshot
from verifier.engine import get_engine
from verifier.markets.policy import Policy
from verifier.schema import Schema

_NOTES = 20
"""How many remarks about quotes and lines are shown."""


@dataclass(frozen=True)
class Request:
    """What was typed besides the configuration. ``taken_at`` is POSIX seconds, None is now."""

    first: bool
    check: bool
    prepare: bool
    taken_at: int | None
    problems: int
    engine: str
    as_json: bool


def run(config: Config, request: Request) -> None:
    """One epoch, or only the check of its ledger and documents. Raises SolventError."""
    from attest.cli import checking

    if request.prepare:
        checking.prepare_snapshot(config, request)
    elif request.check:
        checking.check(config, request)
    else:
        _release(config, request)


def _release(config: Config, request: Request) -> None:
    ring = KeyRing.of(config.keys)
    secrets = Secrets(ring.master(config.keys.master), ring.signer(config.keys.signing))
    plan = make_plan(config, request, read_inputs(config.documents))
    store = _Store(config.store.public, config.store.private)
    with show.bars(request.as_json) as advance:
        stage = Stage(config, plan.schema, request.problems, advance)
        released = attest(plan, secrets, store, stage, get_engine(request.engine), advance)
    _show_released(released, secrets.signer.public_key.hex(), request.as_json)


class _Store(Store):
    """A store whose last step cannot be interrupted: the answer says whether there is an epoch, and it is right."""

    def commit(self, run: Run, head: Head) -> Path:
        """See ``Store.commit``."""
        signals.hold()
        return super().commit(run, head)


@dataclass(frozen=True)
class Stage:
    """Reads and checks the ledger into a work directory."""

    config: Config
    schema: Schema
    problems: int
    advance: Advance

    def __call__(self, work: Path) -> Ledger:
        """Stage it."""
        return ledger.stage(self.config.ledger, self.schema, work, problem_limit=self.problems, progress=self.advance)


def make_plan(config: Config, request: Request, inputs: Inputs | None) -> Plan:
    """What to attest. Raises Malformed, Rejected or Unavailable where the schema cannot be read."""
    schema = config.schema()
    if inputs is not None:
        schema = replace(schema, policy=inputs.policy.digest)
    return Plan(
        exchange=config.exchange,
        schema=schema,
        modes=tuple(config.total_mode(column.name) for column in schema.columns),
        taken_at=_taken_at(request, inputs),
        valid_for=_valid_for(config, inputs),
        rows=config.book.accounts,
        chunk_bits=config.book.chunk_bits,
        sealed=config.book.sealed,
        first=request.first,
        inputs=inputs,
    )


def _taken_at(request: Request, inputs: Inputs | None) -> int:
    """What was typed, else the time of the prepared snapshot, else now."""
    if request.taken_at is not None:
        return request.taken_at
    if inputs is not None and inputs.prepared is not None:
        return Snapshot.from_payload(inputs.prepared.payload, PREPARED).taken_at
    return int(time.time())


def _valid_for(config: Config, inputs: Inputs | None) -> int:
    """What solvent.toml says; where it says nothing, no longer than the policy allows."""
    if inputs is None or "valid_for" in config.document.get("book", {}):
        return config.book.valid_for
    return min(config.book.valid_for, Policy.from_bytes(inputs.policy.payload).max_age_s)


def show_notes(notes: Sequence[str]) -> None:
    """What the operator should know about quotes, prices and lines."""
    for note in notes[:_NOTES]:
        show.note(note)
    if len(notes) > _NOTES:
        show.note(f"and {len(notes) - _NOTES} more: solvent collateral check shows every line")


def show_claims(findings: Sequence[Finding]) -> None:
    """A row for each claim."""
    if findings:
        rows = [(finding.claim, finding.status, finding.how, finding.sentence) for finding in findings]
        show.table(["claim", "", "how", "what it says"], rows)


def _show_released(released: Released, public_key: str, as_json: bool) -> None:
    if as_json:
        show.as_json(_released_json(released, public_key))
        return
    show_notes(released.notes)
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
    if released.findings:
        show_claims(released.findings)
        show.say("")
    show.table(["stage", "seconds"], [(stage, f"{took:.2f}") for stage, took in released.seconds.items()], right=(1,))


def _released_json(released: Released, public_key: str) -> dict[str, object]:
    return {
        "done": True,
        "epoch": released.epoch,
        "directory": str(released.directory),
        "payload": released.payload,
        "accounts": released.accounts,
        "rows": released.rows,
        "exchange_key": public_key,
        "claims": {finding.claim: {"how": finding.how, "sentence": finding.sentence} for finding in released.findings},
        "notes": list(released.notes),
        "seconds": {stage: round(seconds, 3) for stage, seconds in released.seconds.items()},
    }
