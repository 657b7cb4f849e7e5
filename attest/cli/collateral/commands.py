"""``solvent collateral``: what can be typed. What each command does is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from attest.cli.collateral import guide

_F = TypeVar("_F", bound=Callable[..., Any])
_PATH: Final = click.Path(path_type=Path)
_TIME: Final = click.IntRange(min=0)
_JSON = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
_REPLACE = click.option("--replace", is_flag=True, help="Let a new signature take the place of an old line.")


def _placed(command: _F) -> _F:
    """Where to work; the command gets these five as ``places`` through ``_home``."""
    for option in (
        click.option("--root-document", "root", type=_PATH, metavar="FILE", help="The signed root document."),
        click.option("--policy", type=_PATH, metavar="FILE", help="The signed policy: units, pools, what counts."),
        click.option("--exchange", metavar="NAME", help="The exchange; default: that of solvent.toml."),
        click.option("--dir", "directory", type=_PATH, metavar="DIR", help="The working files; default: [documents]."),
        click.option("--config", type=_PATH, metavar="FILE", help="Default: solvent.toml here."),
    ):
        command = option(command)
    return command


def _home(typed: dict[str, Any]) -> Any:
    """The home of what was typed, whose five names are taken out of ``typed``."""
    from attest.cli.collateral.home import Places, find_home

    return find_home(
        Places(**{name: typed.pop(name) for name in ("config", "directory", "exchange", "policy", "root")})
    )


@click.group(name="collateral", help=guide.GROUP, short_help="What you hold, line by line, and its evidence.")
def collateral() -> None:
    """The group; its help is in ``guide``."""


@collateral.command(help=guide.CHALLENGE, short_help="What every owner must sign this epoch.")
@_placed
@click.option("--epoch", type=click.IntRange(min=1), help="Which epoch; default: the next one of the store.")
@click.option(
    "--beacon",
    type=(str, click.IntRange(min=0), _TIME, str),
    metavar="SOURCE ROUND TIME VALUE",
    help="A value that nobody could know before.",
)
@click.option("--account", "accounts", multiple=True, metavar="CAIP-10", help="An account to ask; repeat it.")
@click.option("--accounts", "accounts_file", type=_PATH, metavar="FILE", help="Accounts to ask, one in a row.")
@click.option("--evm-once", is_flag=True, help="One signature serves an EVM key on all its chains.")
@click.option("--csv", "table", type=_PATH, metavar="FILE", help="Write a new table for the owners to fill in.")
@click.option("--qr", "pictures", type=_PATH, metavar="DIR", help="Write each message as a QR code (SVG).")
@click.option("--replace", is_flag=True, help="Give up the challenge that is there, and signatures of it.")
@_JSON
def challenge(**typed: Any) -> None:
    """Make or repeat a challenge."""
    from attest.cli.collateral import asking

    home = _home(typed)
    asking.ask(home, asking.Asked(**typed))


@collateral.command(help=guide.CHAIN, short_help="At which block a chain was read.")
@click.argument("name", metavar="[CAIP-2]", required=False)
@_placed
@click.option("--height", type=click.IntRange(min=0), help="The height of the block.")
@click.option("--hash", "block", metavar="HEX", help="Its hash, 32 bytes.")
@click.option("--time", "at", type=_TIME, metavar="SECONDS", help="Its time (POSIX).")
@click.option("--csv", "table", type=_PATH, metavar="FILE", help="Many at once: columns chain, height, hash, time.")
@_JSON
def chain(as_json: bool, **typed: Any) -> None:
    """Note blocks."""
    from attest.cli.collateral import blocks

    read = blocks.Read(**{name: typed.pop(name) for name in ("name", "height", "block", "at", "table")})
    blocks.note(_home(typed), read, as_json)


@collateral.command(help=guide.ADD, short_help="Add one line, or the entries of a statement.")
@_placed
@click.option("--account", metavar="CAIP-10", help="Whose line it is; a validator is <chain>:0x<public key>.")
@click.option("--scheme", metavar="NAME", help="How it was signed; default: as ordinary wallets of the chain do.")
@click.option("--signature", "signatures", multiple=True, metavar="TEXT", help="A signature; repeat it.")
@click.option("--script", metavar="HEX", help="The script of a multisig address.")
@click.option("--public-key", metavar="HEX", help="The public key, for Solana.")
@click.option("--withdrawal", metavar="HEX", help="A validator's withdrawal credentials.")
@click.option("--message", metavar="TEXT", help="What was signed, where it is not this epoch's message.")
@click.option("--asset", metavar="SYM", help="The asset; default: that of the unit.")
@click.option("--unit", metavar="CAIP-19", help="The unit; default: the asset's only one on this chain.")
@click.option("--pool", metavar="NAME", required=False, help="The pool it belongs to.")
@click.option("--amount", metavar="UNITS", help="Base units of the unit.")
@click.option("--coins", metavar="DECIMAL", help="The same in whole coins, by the policy's decimals.")
@click.option("--encumbered", metavar="UNITS", help="Base units that are pledged or lent; default: 0.")
@click.option("--id", metavar="NAME", help="A name of your own for the line.")
@click.option("--statement", type=_PATH, metavar="FILE", help="A signed statement whose entries to add.")
@click.option("--entry", "entries", multiple=True, type=click.IntRange(min=0), help="Which entry; default: all.")
@click.option("--openings", type=_PATH, metavar="FILE", help="What opens the statement's hidden amounts.")
@_REPLACE
@_JSON
def add(replace: bool, as_json: bool, **typed: Any) -> None:
    """Add what was typed."""
    from attest.cli.collateral import holding

    home = _home(typed)
    statement, entries, openings = (typed.pop(name) for name in ("statement", "entries", "openings"))
    holding.require_something([statement, openings, typed["account"], *typed["signatures"]])
    if statement is not None:
        holding.require_plain(typed)
        vouched = holding.Vouched(statement, entries, openings, typed["pool"] or "", typed["id"] or "")
        holding.add_vouched(home, vouched, as_json=as_json)
    elif openings is not None:
        holding.take_openings_alone(home, openings, as_json)
    else:
        cells = {name: value or "" for name, value in typed.items()}
        cells["signatures"] = " ".join(typed["signatures"])
        holding.add_typed(home, cells, replacing=replace, as_json=as_json)


@collateral.command(name="import", help=guide.IMPORT, short_help="Import signed answers, or OKX's files.")
@click.argument("file", type=_PATH)
@_placed
@click.option("--pool", default="", metavar="NAME", help="The pool of rows that name none.")
@_REPLACE
@_JSON
def import_file(file: Path, pool: str, replace: bool, as_json: bool, **typed: Any) -> None:
    """Import a table."""
    from attest.cli.collateral import holding

    holding.import_table(_home(typed), file, pool, replacing=replace, as_json=as_json)


@collateral.command(help=guide.CHECK, short_help="The verdict on every line, and what counts.")
@_placed
@click.option("--taken-at", type=_TIME, metavar="SECONDS", help="When the snapshot is taken (POSIX time): now.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "reference", "core"]),
    default="auto",
    show_default=True,
    help="Which arithmetic to use.",
)
@click.option("--problems", type=click.IntRange(min=1), default=20, show_default=True, help="How many lines to list.")
@_JSON
def check(**typed: Any) -> None:
    """Judge every line."""
    from attest.cli.collateral import checking

    home = _home(typed)
    checking.check(home, checking.Request(**typed))


@collateral.command(name="list", help=guide.LIST, short_help="The lines as they stand.")
@_placed
@_JSON
def list_all(as_json: bool, **typed: Any) -> None:
    """Show the list."""
    from attest.cli.collateral import holding

    holding.list_lines(_home(typed), as_json)


@collateral.command(help=guide.REMOVE, short_help="Remove lines.")
@click.argument("names", nargs=-1, metavar="[ID]...")
@_placed
@click.option("--statement", default="", metavar="NAME", help="The statement's file in statements/.")
@_JSON
def remove(names: tuple[str, ...], statement: str, as_json: bool, **typed: Any) -> None:
    """Remove what was named."""
    from attest.cli.collateral import holding

    home = _home(typed)
    holding.require_something([*names, statement])
    holding.remove(home, names, statement, as_json)


@collateral.command(help=guide.VOUCH, short_help="For custodians: sign what you hold for an exchange.")
@click.argument("entries", type=_PATH)
@click.option("--kind", type=click.Choice(["custody", "bank", "rwa", "backstop"]), required=True, help="What you are.")
@click.option("--issuer", required=True, metavar="NAME", help="Your name in the exchange's root document.")
@click.option("--challenge", type=_PATH, metavar="FILE", help="The exchange's challenge.json of this epoch.")
@click.option("--exchange", metavar="NAME", help="The exchange, for a statement that belongs to no epoch.")
@click.option("--as-of", type=_TIME, metavar="SECONDS", help="The time it speaks of (POSIX): now.")
@click.option("--expires-at", type=_TIME, metavar="SECONDS", help="Until when it may be used: a week later.")
@click.option("--key", "reference", required=True, metavar="KEY", help="Your key: a file, or pkcs11:token=...")
@click.option("--passphrase-file", type=_PATH, help="Its first line opens an encrypted key; else you are asked.")
@click.option("--passphrase-env", default="", help="The environment variable with the passphrase.")
@click.option("--pin-file", type=_PATH, help="Its first line is the PIN of the token; default: you are asked.")
@click.option("--pin-env", default="", help="The environment variable with the PIN.")
@click.option("--pkcs11-module", "module", type=_PATH, help="The library of the token's vendor.")
@click.option("--output", type=_PATH, required=True, metavar="FILE", help="The signed statement, a new file.")
@click.option("--openings", type=_PATH, metavar="FILE", help="What opens hidden amounts, a new private file.")
@_JSON
def vouch(**typed: Any) -> None:
    """Sign a statement."""
    from attest.cli.collateral import vouching

    names = ("reference", "passphrase_file", "passphrase_env", "pin_file", "pin_env", "module")
    key = vouching.Key(**{name: typed.pop(name) for name in names})
    vouching.run(vouching.Request(**typed), key)
