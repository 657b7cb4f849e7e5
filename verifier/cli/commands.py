"""The commands themselves: read what was typed, ask the verifier, present the answer."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from verifier import AuditReport, __version__, audit, check_account, check_bundle, codes
from verifier.cli import guide, inputs, outcome, present
from verifier.cli.audit_page import audit_page
from verifier.cli.held import read_held
from verifier.cli.page_html import html_page
from verifier.cli.page_text import text_lines
from verifier.engine import get_engine
from verifier.epoch import ATTESTATION, read_document
from verifier.inclusion import VerifiedRow
from verifier.progress import shown_progress
from verifier.report import AuditFailed

_F = TypeVar("_F", bound=Callable[..., Any])
_PATH = click.Path(path_type=Path)


class Commands(click.Group):
    """A group whose every ending is an exit code of ours."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *_: Any, **extra: Any) -> Any:
        """Run and exit: 0 verified, 1 refused, 2 could not check. No arguments, or a command alone, show the help."""
        arguments = list(sys.argv[1:] if args is None else args)
        bare = not arguments or (len(arguments) == 1 and arguments[0] in self.commands)
        extra["standalone_mode"] = False
        inner, words = super().main, [*arguments, "--help"] if bare else arguments
        code = outcome.attempt(lambda: inner(words, prog_name or "solvent-verify", **extra), arguments)
        sys.exit(outcome.UNDECIDED if bare else code)


@dataclass(frozen=True)
class Question:
    """What the customer typed for ``me`` and ``bundle``, unread."""

    account: str | None
    key: str | None
    holds: tuple[str, ...]
    holdings: Path | None
    engine: str
    as_json: bool


@dataclass(frozen=True)
class Audited:
    """What the auditor typed for ``audit``, unread."""

    key: str | None
    reader: Path | None
    previous: Path | None
    at: str | None
    engine: str
    as_json: bool


def everywhere(command: _F) -> _F:
    """The options of every command."""
    for option in (
        click.option("--debug", is_flag=True, expose_value=False, help="After a fault of the program, show where."),
        click.option("--json", "as_json", is_flag=True, help="Answer in JSON."),
        click.option(
            "--engine",
            type=click.Choice(["auto", "reference", "core"]),
            default="auto",
            show_default=True,
            help="Which arithmetic to use.",
        ),
        click.option("--key", metavar="HEX", help="The exchange's public key: 64 hex digits from a place you trust."),
    ):
        command = option(command)
    return command


def own_row(command: _F) -> _F:
    """The options of the commands that look at one customer's row."""
    for option in (
        click.option("--holdings", type=_PATH, metavar="FILE", help="Your own records, as JSON or CSV."),
        click.option("--holds", multiple=True, metavar="NAME=AMOUNT", help="What you held or owed; repeat it."),
        click.option("--account", metavar="ID", help="Your account id, exactly as the exchange shows it."),
    ):
        command = option(command)
    return command


@click.group(cls=Commands, name="solvent-verify", help=guide.GROUP, context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="solvent-verify")
def main() -> None:
    """The group; its help is in ``guide``."""


@main.command(help=guide.ME, short_help="Find and check your own row in a published directory.")
@click.argument("directory", metavar="DIR", type=_PATH)
@own_row
@click.option(
    "--account-key-file", metavar="FILE", help="Holds your account key (- is standard input). Else you are asked."
)
@everywhere
def me(directory: Path, account_key_file: str | None, **typed: Any) -> int:
    """Find, open and check one's own row."""
    question = Question(**typed)
    exchange_key, account = inputs.exchange_key(question.key), inputs.account(question.account)
    held = read_held(question.holds, question.holdings)
    engine, directory = get_engine(question.engine), inputs.epoch_directory(directory)
    secret = inputs.account_key(account_key_file)
    with shown_progress(question.as_json) as progress:
        row = check_account(directory, account, secret, exchange_key, holdings=held, engine=engine, progress=progress)
    return _show_row(row, question.as_json)


@main.command(help=guide.BUNDLE, short_help="Check one file about your own row.")
@click.argument("file", metavar="FILE", type=_PATH)
@own_row
@click.option("--attestation", type=_PATH, metavar="FILE", help="attestation.json, where the bundle has none inside.")
@click.option("--schema", type=_PATH, metavar="FILE", help="schema.json, where the bundle has none inside.")
@everywhere
def bundle(file: Path, attestation: Path | None, schema: Path | None, **typed: Any) -> int:
    """Check one's own row in a single file."""
    question = Question(**typed)
    exchange_key, account = inputs.exchange_key(question.key), inputs.account(question.account)
    held = read_held(question.holds, question.holdings)
    row = check_bundle(
        _document(file),
        account,
        exchange_key,
        holdings=held,
        attestation=None if attestation is None else _document(attestation),
        schema=None if schema is None else _document(schema),
        engine=get_engine(question.engine),
    )
    return _show_row(row, question.as_json)


@main.command(name="audit", help=guide.AUDIT, short_help="Check everything public, every claim included.")
@click.argument("directory", metavar="DIR", type=_PATH)
@click.option("--reader", type=_PATH, metavar="FILE", help="Your reader file: whom you trust and what you ask for.")
@click.option(
    "--root", "roots", type=_PATH, multiple=True, metavar="FILE", help="One more version of root.json; repeat it."
)
@click.option("--previous", type=_PATH, metavar="FILE", help="The attestation before this one.")
@click.option("--at", metavar="TIME", help="The moment at which expiry is judged: 2026-01-31 or POSIX seconds.")
@click.option("--html", type=_PATH, metavar="FILE", help="Write the report as a page for browsers and printers, too.")
@everywhere
def audit_epoch(directory: Path, roots: tuple[Path, ...], html: Path | None, **typed: Any) -> int:
    """Recompute everything public."""
    wanted = Audited(**typed)
    settings: dict[str, Any] = {
        "exchange_key": None if wanted.key is None else inputs.exchange_key(wanted.key),
        "reader": inputs.reader_file(wanted.reader),
        "now": inputs.moment(wanted.at),
        "engine": get_engine(wanted.engine),
        "previous": None if wanted.previous is None else _attestation_file(wanted.previous),
        "roots": [path for path in roots if _document(path)],
    }
    directory = inputs.epoch_directory(directory)
    with shown_progress(wanted.as_json) as progress:
        try:
            report = audit(directory, progress=progress, **settings)
        except AuditFailed as failed:
            report = failed.report
    return _show_report(report, html, wanted.as_json)


@main.command(help=guide.EXPLAIN, short_help="Say what a code such as E_HOLDING means, and what to do.")
@click.argument("code", metavar="CODE", required=False)
@click.option("--all", "everything", is_flag=True, help="List every code.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.option("--debug", is_flag=True, expose_value=False, help="After a fault of the program, show where.")
def explain(code: str | None, everything: bool, as_json: bool) -> int:
    """Say what a code means, or list them all."""
    found = codes.EXPLAINED if everything else inputs.explained(code or "")
    if as_json:
        outcome.say_json({name: one.to_json() for name, one in found.items()})
    else:
        outcome.say(present.codes_text(found))
    return outcome.VERIFIED


def _show_report(report: AuditReport, html: Path | None, as_json: bool) -> int:
    page = audit_page(report)
    if html is not None:
        outcome.write_page(html, html_page(page, str(report.to_json()["verifier"])))
    if as_json:
        outcome.say_json(report.to_json())
    else:
        outcome.say(text_lines(page))
    return outcome.report_code(report)


def _show_row(row: VerifiedRow, as_json: bool) -> int:
    now = int(time.time())
    if as_json:
        outcome.say_json(present.row_json(row, now))
    else:
        outcome.say(present.row_text(row, now))
    return outcome.VERIFIED


def _document(path: Path) -> bytes:
    """A file under check: whatever is in it is evidence, but it must be a file."""
    if not path.is_file():
        what = "this is a directory, not a file" if path.is_dir() else "there is no such file"
        raise inputs.WrongUsage(what, where=str(path), code="E_FILE")
    return read_document(path)


def _attestation_file(path: Path) -> Path:
    """The attestation itself, or the one in the epoch directory given; it must exist."""
    found = path / ATTESTATION if path.is_dir() else path
    _document(found)
    return found
