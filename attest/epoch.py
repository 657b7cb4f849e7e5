"""One epoch, start to end: ledger -> book -> tree -> proof -> sealed records -> signed attestation -> directory.

Nothing is released before the verifier has accepted it, whole, from the files as they lie on disk.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from attest.book import BookSpec, CommittedBook, RunKeys, commit_book
from attest.chain import next_head, next_identity, require_same_keys
from attest.ordered import Ledger
from attest.plan import OpenLedger, Plan, Released, Secrets, Tools, row_count
from attest.prover import BookWitness, draw_sums, prove_book
from attest.secrets import Entropy, Masks
from attest.signing import sign_payload
from attest.statement.findings import Finding, require_true
from attest.statement.preparing import prepare
from attest.statement.proposal import Book, Prepared, Proposal, propose
from attest.statement.published import OPENINGS, Publication
from attest.statement.trusted import own_reader
from attest.statement.truth import examine
from attest.store import Head, Run, Store, write_private
from attest.totals import ColumnSum, published
from verifier.ahead import Caller, meanwhile
from verifier.attestation import PAYLOAD_TYPE, Attestation, Identity
from verifier.audit import audit
from verifier.book import BookStatement, Progress
from verifier.dsse import Envelope
from verifier.engine import Engine
from verifier.epoch import ATTESTATION, read_document
from verifier.errors import Malformed, Rejected, SolventError, Unavailable
from verifier.markets.policy import Policy
from verifier.predicate import CLAIMS_FILE, NO_DIGESTS
from verifier.schema import Schema
from verifier.sources import FileSource, sha256
from verifier.statement.backing import with_progress
from verifier.statement.verdict import PREVIOUS_UNKNOWN
from verifier.wire import PUBLIC

_NOTES: Final = 20
"""How many remarks about lines and quotes a refusal carries."""


@dataclass(frozen=True)
class Case:
    """What an epoch says beyond its book, settled before a row is committed."""

    proposal: Proposal
    findings: tuple[Finding, ...] = field(repr=False)


def attest(
    plan: Plan, secrets: Secrets, store: Store, open_ledger: OpenLedger, engine: Engine, progress: Progress
) -> Released:
    """Make, verify and release one epoch. Raises SolventError; then nothing is left of the run.

    ``open_ledger`` stages the ledger into the run's private directory. A claim that does not hold is refused before a
    row is committed (E_CLAIM_FALSE).
    """
    tools = Tools(engine, progress)
    with store.locked(), _run(store, secrets.entropy) as run:
        work = run.private / "work"
        work.mkdir(mode=0o700)
        previous = store.head()
        store.require_last(previous)
        require_same_keys(secrets, previous)
        identity = next_identity(plan, previous, secrets.entropy(32).hex())
        prepared = None
        if plan.inputs is not None:
            multiply = with_progress(engine.sums_with_generator, len(plan.inputs.collateral.lines), progress)
            prepared = prepare(plan, plan.inputs, previous, secrets.signer, multiply)
            tools.watch.lap("check documents, prices and collateral")
        ledger = open_ledger(work)
        tools.watch.lap("read and check the ledger")
        case = None if prepared is None else settle(plan, prepared, ledger)
        attestation = build(plan, identity, ledger, secrets, run, tools, case.proposal if case else None)
        envelope = sign_payload(attestation.to_payload(), secrets.signer)
        (run.public / ATTESTATION).write_bytes(envelope.to_bytes())
        with meanwhile(lambda caller: ledger.save_snapshot(run.private / "ledger.parquet", caller)):
            self_check(run.public, plan, secrets.signer.public_key, _at_hand(store, previous), tools)
        shutil.rmtree(work)
        directory = store.commit(run, next_head(identity, envelope.digest, secrets, previous, prepared))
        tools.watch.lap("release")
        return Released(
            directory=directory,
            epoch=identity.epoch,
            payload=envelope.digest,
            accounts=ledger.accounts,
            rows=attestation.accounts,
            seconds=tools.watch.seconds,
            findings=case.findings if case else (),
            notes=prepared.notes if prepared else (),
        )


def settle(plan: Plan, prepared: Prepared, ledger: Ledger) -> Case:
    """The claims over this ledger, all of which hold. Raises FalseClaims (E_CLAIM_FALSE), Malformed, Rejected."""
    book = book_of(plan, ledger)
    proposal = propose(prepared, book)
    findings = examine(proposal)
    require_true(findings, prepared.notes[:_NOTES])
    return Case(proposal, findings)


def book_of(plan: Plan, ledger: Ledger) -> Book:
    """What the ledger comes to. Raises Malformed (E_CONFIG, E_LEDGER, E_TOTAL, E_LIMIT), Rejected (E_BOUND)."""
    rows, totals = row_count(plan.rows, ledger.accounts), ledger.totals()
    plan.schema.check_count(rows)
    require_publishable(plan, totals)
    return Book(plan.schema, rows, plan.modes, totals)


def build(
    plan: Plan,
    identity: Identity,
    ledger: Ledger,
    secrets: Secrets,
    run: Run,
    tools: Tools,
    proposal: Proposal | None = None,
) -> Attestation:
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
    masks = Masks.for_book(keys.book_key, secrets.entropy)
    sums = draw_sums(column_totals, plan.modes, masks, ctx)
    totals = published(sums, engine)
    statement = BookStatement(ctx, plan.schema, rows, plan.chunk_bits, totals)
    witness = BookWitness(ledger, keys, committed, sums)
    bulk = sorted(directory.iterdir())
    with meanwhile(lambda caller: hashes_of(bulk, caller)) as hashed:
        prove_book(statement, witness, engine, directory / "book.proof", tools.progress)
    (directory / "schema.json").write_bytes(plan.schema.to_bytes())
    _save_totals(run.private / "totals.json", plan.schema, sums)
    tools.watch.lap("prove the whole book")
    policy = proposal.prepared.ground.policy if proposal else None
    attestation = _attestation(plan, identity, committed, statement, policy)
    if plan.inputs is not None and proposal is not None:
        _require_same_totals(proposal, column_totals)
        publication = Publication.draw(plan.inputs, proposal, masks, ctx)
        attestation = _publish(attestation, publication, sums, masks, run, tools)
    others = sorted(set(directory.iterdir()) - set(bulk))
    return replace(attestation, files=dict(sorted({**hashed.result(), **hashes_of(others)}.items())))


def _publish(
    attestation: Attestation,
    publication: Publication,
    sums: tuple[ColumnSum, ...],
    masks: Masks,
    run: Run,
    tools: Tools,
) -> Attestation:
    """Write the documents, the proof of the claims and what it opens to; returns the whole attestation."""
    for name, data in publication.files().items():
        (run.public / name).write_bytes(data)
    attestation = publication.complete(attestation, tools.engine)
    proof = publication.prove(attestation, sums, masks, tools.engine)
    if proof:
        (run.public / CLAIMS_FILE).write_bytes(proof)
    publication.save_openings(run.private / OPENINGS)
    tools.watch.lap("prove the claims")
    return attestation


def _require_same_totals(proposal: Proposal, totals: list[int]) -> None:
    """Raises Unavailable (E_WORKDIR) unless the committed rows come to what the claims were checked against."""
    if list(proposal.book.totals) != totals:
        raise Unavailable(
            "the rows do not come to the totals that the claims were checked against",
            where="ledger",
            code="E_WORKDIR",
            hint="run again, and report this: the ledger itself may be fine",
        )


def hashes_of(paths: Sequence[Path], caller: Caller | None = None) -> dict[str, str]:
    """The SHA-256 of each file by its name; ends soon once nobody waits."""
    waiting = caller.require if caller else lambda: None
    return {path.name: sha256(FileSource(path), waiting) for path in paths}


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
    plan: Plan, identity: Identity, committed: CommittedBook, statement: BookStatement, policy: Policy | None
) -> Attestation:
    issued_at = plan.signing_time()
    return Attestation(
        identity=identity,
        accounts=statement.accounts,
        issued_at=issued_at,
        expires_at=plan.expires_at(issued_at, policy),
        chunk_bits=plan.chunk_bits,
        root_commitment=committed.root.C,
        root_hash=committed.root.h,
        digests={**NO_DIGESTS, "schema": plan.schema.digest},
        totals={column.name: total for column, total in zip(plan.schema.columns, statement.totals, strict=True)},
        files={},
    )


def self_check(directory: Path, plan: Plan, public_key: bytes, previous: Path | None, tools: Tools) -> None:
    """Audit the files as an auditor would who trusts this exchange's own root document, at the time of signing.

    ``previous`` is the last epoch's attestation, where it still lies here. Raises Rejected (E_SELF_CHECK) where the
    verdict is less than QUALIFIED: then the run is thrown away.
    """
    reader = own_reader(plan.exchange, plan.inputs.root) if plan.inputs else None
    try:
        report = audit(
            directory,
            None if reader else public_key,
            reader=reader,
            previous=previous,
            now=_issued_at(directory),
            engine=tools.engine,
            progress=tools.progress,
        )
    except SolventError as error:
        raise _self_check_failed(str(error), error.where, error.step) from error
    reasons = [reason for reason in report.reasons if previous or reason != PREVIOUS_UNKNOWN]
    if reasons:
        raise _self_check_failed(f"{report.overall}: {reasons[0]}")
    tools.watch.lap("check everything as an auditor would")


def _issued_at(directory: Path) -> int:
    envelope = Envelope.from_bytes(read_document(directory / ATTESTATION), PAYLOAD_TYPE, ATTESTATION)
    return Attestation.from_payload(envelope.payload).issued_at


def _self_check_failed(reason: str, where: str = "", step: str = "") -> Rejected:
    return Rejected(
        f"the finished epoch does not pass its own check ({reason}); nothing was released",
        where=where,
        code="E_SELF_CHECK",
        step=step,
        hint="this is a bug or a failing machine: keep the log and report it",
    )


def _at_hand(store: Store, last: Head | None) -> Path | None:
    """The attestation of the last epoch, unless its directory was moved away."""
    path = store.epoch(last.epoch) / ATTESTATION if last else None
    return path if path is not None and path.exists() else None


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
