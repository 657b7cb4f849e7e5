"""The commands themselves: what can be typed. What each one does is imported when it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click

from attest.cli import endings, guide, signals
from attest.cli.adding import reader, sign
from attest.cli.collateral.commands import collateral
from attest.cli.keys import key
from attest.cli.options import book_options, configured, read_config
from attest.cli.policy import policy
from attest.cli.prices import prices
from attest.cli.root import root
from attest.cli.scenarios import scenarios
from verifier import __version__

_PATH = click.Path(path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
_ENGINE = click.option(
    "--engine",
    type=click.Choice(["auto", "reference", "core"]),
    default="auto",
    show_default=True,
    help="Which arithmetic to use.",
)
_EPOCH = click.option("--epoch", type=click.IntRange(min=1), help="Which epoch; default: the last one.")
_OUTPUT = click.option("--output", type=_PATH, metavar="FILE", help="Write to a new file that only you can read.")


class Commands(click.Group):
    """A group whose every ending is an exit code of ours."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *_: Any, **extra: Any) -> Any:
        """Run and exit."""
        arguments = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        inner = super().main
        with signals.interruptible():
            code = endings.attempt(lambda: inner(arguments or ["--help"], prog_name or "solvent", **extra), arguments)
        sys.exit(code if arguments else endings.NOT_DONE)


@click.group(cls=Commands, name="solvent", help=guide.GROUP, context_settings={"max_content_width": 110})
@click.version_option(__version__, prog_name="solvent")
@click.option("--debug", is_flag=True, expose_value=False, help="After a fault of the program, show where.")
def main() -> None:
    """The group; its help is in ``guide``."""


@main.command(help=guide.INIT, short_help="Make keys, documents and a configuration.")
@click.argument("directory", metavar="DIR", type=_PATH, default=Path())
@click.option("--exchange", required=True, metavar="NAME", help="Your name in every attestation; it never changes.")
@click.option("--encrypt", is_flag=True, help="Encrypt every private key under one passphrase.")
@click.option("--passphrase-file", type=_PATH, metavar="FILE", help="Its first line; default: you are asked.")
@click.option("--passphrase-env", metavar="NAME", default="", help="The environment variable with the passphrase.")
@_JSON
def init(directory: Path, exchange: str, encrypt: bool, as_json: bool, **source: Any) -> None:
    """Keys, documents, solvent.toml, and a word about backups."""
    from attest.cli import setup
    from attest.passphrases import passphrase_source

    named = passphrase_source(source["passphrase_file"], source["passphrase_env"])
    setup.init(directory, exchange, named if encrypt or named.named else None, as_json)


@main.command(name="attest", help=guide.ATTEST, short_help="Make, check and release an epoch.")
@configured
@book_options
@click.option("--first", is_flag=True, help="Begin a chain: say it once in the life of a signing key.")
@click.option("--check", is_flag=True, help="Read and check ledger, documents and claims; write nothing.")
@click.option("--prepare", is_flag=True, help="Make the collateral snapshot for others to sign, and stop.")
@click.option(
    "--taken-at", type=click.IntRange(min=0), metavar="SECONDS", help="When the snapshot was taken (POSIX time): now."
)
@click.option(
    "--problems", type=click.IntRange(min=1), default=20, show_default=True, help="How many problems to list."
)
@_ENGINE
@_JSON
def attest_book(config_path: Path | None, **typed: Any) -> None:
    """One epoch, or only the check of its ledger and documents."""
    from attest.cli import attesting

    names = ("first", "check", "prepare", "taken_at", "problems", "engine", "as_json")
    request = attesting.Request(**{name: typed.pop(name) for name in names})
    attesting.run(read_config(config_path, typed), request)


@main.command(name="customer-key", help=guide.CUSTOMER_KEY, short_help="The account key of one customer.")
@click.argument("account")
@configured
@_OUTPUT
@_JSON
def customer_key(account: str, config_path: Path | None, output: Path | None, as_json: bool, **flags: Any) -> None:
    """Print one account key."""
    from attest.cli import handing_out

    handing_out.give_key(read_config(config_path, flags), account, output, as_json)


@main.command(name="customer-keys", help=guide.CUSTOMER_KEYS, short_help="The account keys of all customers.")
@configured
@_EPOCH
@_OUTPUT
def customer_keys(config_path: Path | None, epoch: int | None, output: Path | None, **flags: Any) -> None:
    """All account keys as CSV."""
    from attest.cli import handing_out

    handing_out.give_all_keys(read_config(config_path, flags), epoch, output)


@main.command(help=guide.BUNDLE, short_help="One customer's row in one file.")
@click.argument("account")
@configured
@_EPOCH
@click.option("--output", type=_PATH, metavar="FILE", help="A new file; default: a name that tells nobody whose it is.")
@_ENGINE
@_JSON
def bundle(account: str, config_path: Path | None, **typed: Any) -> None:
    """Write a bundle."""
    from attest.cli import handing_out

    chosen = {name: typed.pop(name) for name in ("epoch", "output", "engine", "as_json")}
    handing_out.give_bundle(read_config(config_path, typed), account, **chosen)


main.add_command(collateral)


@main.command(help=guide.INSPECT, short_help="What the store or an epoch directory says.")
@click.argument("directory", metavar="[DIR]", type=_PATH, required=False)
@configured
@_JSON
def inspect(directory: Path | None, config_path: Path | None, as_json: bool, **flags: Any) -> None:
    """Look, without verifying."""
    from attest.cli import inspection

    if directory is not None:
        inspection.show_epoch(directory, as_json)
        return
    config = read_config(config_path, flags)
    inspection.show_chain(config.store.public, config.store.private, as_json)


main.add_command(key)
main.add_command(root)
main.add_command(policy)
main.add_command(scenarios)
main.add_command(prices)
main.add_command(sign)
main.add_command(reader)

for _other in entry_points(group="solvent.commands"):  # the commands of the service, where it is installed
    main.add_command(_other.load(), _other.name)
