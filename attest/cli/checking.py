"""``solvent attest --check`` and ``--prepare``: everything about an epoch that can be known without making it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from attest import ledger
from attest.cli import show
from attest.cli.attesting import Request, make_plan, show_claims, show_notes
from attest.cli.show import Advance
from attest.config import Config
from attest.epoch import book_of
from attest.key_ring import KeyRing
from attest.plan import Plan
from attest.statement.findings import Finding, require_true
from attest.statement.held import hold
from attest.statement.inputs import PREPARED, Inputs, read_inputs
from attest.statement.preparing import occasion_of, open_ground, prepare
from attest.statement.proposal import Book, Prepared, propose
from attest.statement.truth import examine
from attest.store import Head, Store, write_private
from verifier.cli.text import utc
from verifier.collateral.ecmult import SumsWithGenerator
from verifier.engine import get_engine
from verifier.errors import Malformed, Unavailable
from verifier.statement.backing import with_progress


def check(config: Config, request: Request) -> None:
    """Documents, prices, collateral, ledger and claims; nothing is written or signed. Raises SolventError.

    The ledger's copy lies in a private temporary directory that is removed again.
    """
    inputs = read_inputs(config.documents)
    plan = make_plan(config, request, inputs)
    with show.bars(request.as_json) as advance, tempfile.TemporaryDirectory(prefix="solvent-check-") as work:
        prepared = None if inputs is None else _rehearse(config, request, plan, inputs, advance)
        staged = ledger.stage(config.ledger, plan.schema, Path(work), problem_limit=request.problems, progress=advance)
        accounts, book = staged.accounts, book_of(plan, staged)
        staged.close()
    findings = () if prepared is None else examine(propose(prepared, book))
    if request.as_json:
        require_true(findings)
        show.as_json(_checked_json(config, accounts, book, prepared, findings))
        return
    if prepared is not None:
        show_notes(prepared.notes)
        show_claims(findings)
    require_true(findings)
    _show_checked(config, plan, accounts, book)


def prepare_snapshot(config: Config, request: Request) -> None:
    """Write the collateral snapshot of the next epoch, signed by the exchange, for others to sign too.

    Raises SolventError; then nothing is written.
    """
    paths, inputs = config.documents, read_inputs(config.documents)
    if inputs is None or paths.collateral is None:
        raise Unavailable(
            "there is no collateral to make a snapshot of",
            where="[documents]",
            code="E_CONFIG",
            hint="name the signed policy in [documents] of solvent.toml",
        )
    inputs = replace(inputs, prepared=None)
    plan, signer = make_plan(config, request, inputs), KeyRing.of(config.keys).signer(config.keys.signing)
    occasion = occasion_of(plan, _last(config))
    ground = open_ground(plan, inputs, occasion, signer)
    with show.bars(request.as_json) as advance:
        multiply = _multiplier(request, inputs, advance)
        held = hold(inputs, ground, occasion, signer, final=False, multiply=multiply)
    if held.envelope is None:
        raise Malformed("the snapshot was not signed", where=PREPARED, code="E_SIGNER")
    path = paths.collateral / PREPARED
    write_private(path, held.envelope.to_bytes())
    show_notes(held.notes)
    _show_prepared(path, occasion.epoch, plan.taken_at, len(held.judged.snapshot.lines), request.as_json)


def _rehearse(config: Config, request: Request, plan: Plan, inputs: Inputs, advance: Advance) -> Prepared:
    """Documents, prices and holdings, without a signature."""
    multiply = _multiplier(request, inputs, advance)
    return prepare(plan, inputs, _last(config), None, multiply)


def _multiplier(request: Request, inputs: Inputs, advance: Advance) -> SumsWithGenerator:
    engine = get_engine(request.engine)
    return with_progress(engine.sums_with_generator, len(inputs.collateral.lines), advance)


def _last(config: Config) -> Head | None:
    """The last epoch of the store, which may not be there yet."""
    return Store(config.store.public, config.store.private).head()


def _checked_json(
    config: Config, accounts: int, book: Book, prepared: Prepared | None, findings: tuple[Finding, ...]
) -> dict[str, object]:
    return {
        "done": True,
        "checked": config.ledger.source_name,
        "accounts": accounts,
        "rows": book.rows,
        "claims": {finding.claim: {"how": finding.how, "sentence": finding.sentence} for finding in findings},
        "notes": list(prepared.notes) if prepared else [],
    }


def _show_checked(config: Config, plan: Plan, accounts: int, book: Book) -> None:
    show.say(f"The ledger can be attested: {config.ledger.source_name}. Nothing was written.")
    schema = plan.schema
    facts = [
        ("accounts", f"{accounts:,}"),
        ("rows of the book", f"{book.rows:,}"),
        ("columns", f"{len(schema.columns):,}"),
        ("rules", f"{len(schema.rules):,}, true in every row" if schema.rules else "none"),
    ]
    show.facts(facts)


def _show_prepared(path: Path, epoch: int, taken_at: int, lines: int, as_json: bool) -> None:
    if as_json:
        show.as_json({"done": True, "prepared": str(path), "epoch": epoch, "taken_at": taken_at, "lines": lines})
        return
    show.say(f"The collateral snapshot of epoch {epoch} is signed by the exchange and waits for others to sign it.")
    show.facts([("file", str(path)), ("snapshot", utc(taken_at)), ("lines", f"{lines:,}")])
    show.say(
        f"The observer adds a signature: solvent sign {path.name} --role observer --key KEY",
        "Put the file back in its place then and run solvent attest, which uses it as it is.",
    )
