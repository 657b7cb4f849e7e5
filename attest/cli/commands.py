"""The commands themselves: read what was typed, call the prover, present the result."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from attest import customer, ledger
from attest.cli import endings, guide, setup, show
from attest.cli.inspection import show_chain, show_epoch
from attest.cli.options import book_options, configured, read_config
from attest.cli.show import Advance
from attest.config import Config
from attest.epoch import Plan, Released, Secrets, attest, row_count
from attest.keys import load_master_key, load_signer
from attest.ledger import LedgerConfig, snapshot_accounts
from attest.ordered import Ledger
from attest.store import Store, write_private
from verifier import __version__
from verifier.cli.text import utc
from verifier.engine import get_engine
from verifier.errors import Unavailable
from verifier.inclusion import account_bytes
from verifier.schema import Schema

_PATH = click.Path(path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
_ENGINE = click.option(
    "--engine", type=click.Choice(["auto", "reference", "core"]), default="auto", help="Which arithmetic to use."
)
_EPOCH = click.option("--epoch", type=int, help="Which epoch; default: the last one.")


class Commands(click.Group):
    """A group whose every ending is an exit code of ours."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *_: Any, **extra: Any) -> Any:
        """Run and exit."""
        arguments = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        inner = super().main
        code = endings.attempt(lambda: inner(arguments or ["--help"], prog_name or "solvent", **extra), arguments)
        sys.exit(code if arguments else endings.NOT_DONE)


@click.group(cls=Commands, name="solvent", help=guide.GROUP, context_settings={"max_content_width": 110})
@click.version_option(__version__, prog_name="solvent")
@click.option("--debug", is_flag=True, expose_value=False, help="After a fault of the program, show where.")
def main() -> None:
    """The group; its help is in ``guide``."""


@main.command(help=guide.INIT, short_help="Make keys and a configuration.")
@click.argument("directory", metavar="DIR", type=_PATH, default=Path())
@click.option("--exchange", required=True, metavar="NAME", help="Your name in every attestation; it never changes.")
def init(directory: Path, exchange: str) -> None:
    """Keys, solvent.toml, and a word about backups."""
    setup.init(directory, exchange)


@main.command(name="attest", help=guide.ATTEST, short_help="Make, check and release an epoch.")
@configured
@book_options
@click.option("--first", is_flag=True, help="Begin a chain: say it once in the life of a signing key.")
@click.option("--check", is_flag=True, help="Read and check the ledger; write nothing.")
@click.option("--taken-at", type=int, metavar="SECONDS", help="The time of the snapshot (POSIX); default: now.")
@click.option("--problems", default=20, show_default=True, help="How many problems of a ledger to list.")
@_ENGINE
@_JSON
def attest_book(
    config_path: Path | None,
    first: bool,
    check: bool,
    taken_at: int | None,
    problems: int,
    engine: str,
    as_json: bool,
    **flags: Any,
) -> None:
    """One epoch, or only the check of its ledger."""
    config = read_config(config_path, flags)
    schema = config.schema()
    with show.bars(as_json) as advance:
        if check:
            _check(config, schema, problems, advance, as_json)
            return
        plan = _plan(config, schema, first, taken_at)
        secrets = Secrets(load_master_key(config.keys.master), load_signer(config.keys.signing))
        store = Store(config.store.public, config.store.private)
        stage = _Stage(config.ledger, schema, problems, advance)
        released = attest(plan, secrets, store, stage, get_engine(engine), advance)
    _show_released(released, secrets.signer.public_key.hex(), as_json)


class _Stage:
    """Opens the ledger into a work directory."""

    def __init__(self, source: LedgerConfig, schema: Schema, problems: int, advance: Advance) -> None:
        self._source, self._schema, self._problems, self._advance = source, schema, problems, advance

    def __call__(self, work: Path) -> Ledger:
        return ledger.stage(self._source, self._schema, work, problem_limit=self._problems, progress=self._advance)


def _plan(config: Config, schema: Schema, first: bool, taken_at: int | None) -> Plan:
    return Plan(
        exchange=config.exchange,
        schema=schema,
        modes=tuple(config.total_mode(column.name) for column in schema.columns),
        taken_at=int(time.time()) if taken_at is None else taken_at,
        valid_for=config.book.valid_for,
        rows=config.book.accounts,
        chunk_bits=config.book.chunk_bits,
        sealed=config.book.sealed,
        first=first,
    )


def _check(config: Config, schema: Schema, problems: int, advance: Advance, as_json: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="solvent-check-") as work:
        staged = ledger.stage(config.ledger, schema, Path(work), problem_limit=problems, progress=advance)
        accounts = staged.accounts
        staged.close()
    rows = row_count(config.book.accounts, accounts)
    if as_json:
        show.as_json({"done": True, "checked": config.ledger.source_name, "accounts": accounts, "rows": rows})
        return
    print(f"The ledger can be attested: {config.ledger.source_name}. Nothing was written.")
    columns = f"{len(schema.columns)}, and {len(schema.rules)} rules that hold in every row"
    show.facts([("accounts", f"{accounts:,}"), ("rows of the book", f"{rows:,}"), ("columns", columns)])


def _show_released(released: Released, public_key: str, as_json: bool) -> None:
    if as_json:
        show.as_json(
            {
                "done": True,
                "epoch": released.epoch,
                "directory": str(released.directory),
                "payload": released.payload,
                "accounts": released.accounts,
                "rows": released.rows,
                "exchange_key": public_key,
                "seconds": {stage: round(seconds, 3) for stage, seconds in released.seconds.items()},
            }
        )
        return
    print(f"Epoch {released.epoch} is released, checked as an auditor would check it.")
    show.facts(
        [
            ("directory", f"{released.directory} (publish all of it)"),
            ("accounts", f"{released.accounts:,} in {released.rows:,} rows"),
            ("payload SHA-256", released.payload),
            ("exchange key", public_key),
        ]
    )
    print()
    show.table(["stage", "seconds"], [(stage, f"{took:.2f}") for stage, took in released.seconds.items()], right=(1,))


@main.command(name="customer-key", help=guide.CUSTOMER_KEY, short_help="The account key of one customer.")
@click.argument("account")
@configured
@click.option("--output", type=_PATH, metavar="FILE", help="Write it to a file that only you can read.")
def customer_key(account: str, config_path: Path | None, output: Path | None, **flags: Any) -> None:
    """Print one account key."""
    config = read_config(config_path, flags)
    key = customer.account_key(load_master_key(config.keys.master), account)
    _note_unknown(Store(config.store.public, config.store.private), account)
    if output is None:
        print(key)
        return
    write_private(output, f"{key}\n".encode())
    print(f"The account key is in {output}: give it to that customer alone.")


@main.command(name="customer-keys", help=guide.CUSTOMER_KEYS, short_help="The account keys of all customers.")
@configured
@_EPOCH
@click.option("--output", type=_PATH, metavar="FILE", help="Write to a file that only you can read.")
def customer_keys(config_path: Path | None, epoch: int | None, output: Path | None, **flags: Any) -> None:
    """All account keys as CSV."""
    config = read_config(config_path, flags)
    store = Store(config.store.public, config.store.private)
    master = load_master_key(config.keys.master)
    accounts = (account for _, account in snapshot_accounts(customer.snapshot_path(store, _epoch(store, epoch))))
    if output is None:
        customer.write_account_keys(master, accounts, sys.stdout)
        return
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        count = customer.write_account_keys(master, accounts, file)
    print(f"{count:,} account keys are in {output}: guard it like the master key.")


@main.command(help=guide.BUNDLE, short_help="One customer's row in one file.")
@click.argument("account")
@configured
@_EPOCH
@click.option("--output", type=_PATH, metavar="FILE", help="Default: a name that tells nobody whose it is.")
@_ENGINE
def bundle(
    account: str, config_path: Path | None, epoch: int | None, output: Path | None, engine: str, **flags: Any
) -> None:
    """Write a bundle."""
    config = read_config(config_path, flags)
    store = Store(config.store.public, config.store.private)
    number = _epoch(store, epoch)
    master, signer = load_master_key(config.keys.master), load_signer(config.keys.signing)
    with show.bars(quiet=False) as advance:
        data = customer.make_bundle(store, number, account, master, signer.public_key, get_engine(engine), advance)
    path = output or Path(customer.bundle_name(config.exchange, number, account))
    write_private(path, data)
    print(f"The bundle is in {path}: it shows this customer's balances, give it to them alone.")


@main.command(help=guide.INSPECT, short_help="What the store or an epoch directory says.")
@click.argument("directory", metavar="[DIR]", type=_PATH, required=False)
@configured
@_JSON
def inspect(directory: Path | None, config_path: Path | None, as_json: bool, **flags: Any) -> None:
    """Look, without verifying."""
    if directory is not None:
        show_epoch(directory, as_json)
        return
    config = read_config(config_path, flags)
    show_chain(Store(config.store.public, config.store.private), as_json)


def _epoch(store: Store, epoch: int | None) -> int:
    head = store.head()
    if epoch is not None:
        return epoch
    if head is None:
        raise Unavailable("this store holds no epoch yet", code="E_CHAIN", hint="run solvent attest --first")
    return head.epoch


def _note_unknown(store: Store, account: str) -> None:
    """A key can be made for any text; say so when the last book has no such account."""
    head = store.head()
    path = None if head is None else store.private_epoch(head.epoch) / "ledger.parquet"
    if head is None or path is None or not path.exists():
        return
    if ledger.snapshot_row(path, account_bytes(account).decode()) is None:
        when = utc(head.taken_at)
        print(f"note: the last book ({when}) has no such account; compare the id letter by letter", file=sys.stderr)
