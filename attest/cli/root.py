"""`solvent root`: the root document, its next version, and putting it in force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from attest.cli import guide_documents as guide
from attest.cli.groups import AS_JSON, PATH, explain_alone, group
from attest.cli.options import document_options, read_config

_CHANGES = (
    ("--add", "add", "ROLE=KEY", "Add a key to a role, which is made if it is new; repeat it."),
    ("--remove", "remove", "ROLE=KEY", "Take a key out of a role; repeat it."),
    ("--rotate", "rotate", "ROLE=KEY", "Give a role of one key another one; repeat it."),
    ("--threshold", "threshold", "ROLE=N", "How many keys of a role must sign; repeat it."),
    ("--revoke", "revoke", "KEY", "A key that counts no more, taken out of its role; repeat it."),
    ("--cadence", "cadence", "NAME=SECONDS", "Of book_s, pulse_s, grace_s, ttl_s; repeat it."),
    ("--key", "key", "KEY", "A root key that signs; repeat it. Default: keys/root-*.key."),
)


def _changes(command: Any) -> Any:
    for flag, name, form, text in reversed(_CHANGES):
        command = click.option(flag, name, multiple=True, metavar=form, help=text)(command)
    return command


@group("root", guide.ROOT, "Which keys sign what.")
def root() -> None:
    """The group."""
    explain_alone()


@root.command("show", help=guide.ROOT_SHOW, short_help="Show a root document.")
@click.argument("file", metavar="[FILE]", type=PATH, required=False)
@document_options
@AS_JSON
def show(file: Path | None, config_path: Path | None, as_json: bool, **flags: Any) -> None:
    """Roles, keys, signatures."""
    from attest.cli import rooting

    path = file or read_config(config_path, flags).document_path("root")
    rooting.show_root(path, as_json)


@root.command("new-version", help=guide.ROOT_NEW, short_help="Add, remove, rotate or revoke keys.")
@_changes
@click.option("--reason", default="", metavar="TEXT", help="Why the keys of --revoke are revoked.")
@click.option(
    "--from-epoch", type=click.IntRange(min=0), default=None, help="The first epoch for which they do not count."
)
@click.option("--expires-in", default="1 year", show_default=True, metavar="SPAN", help="How long this version lasts.")
@document_options
@AS_JSON
def new_version(config_path: Path | None, **typed: Any) -> None:
    """The next version, in force or as a draft."""
    from attest.cli import rooting

    names = (*(name for _, name, *_ in _CHANGES), "reason", "from_epoch", "expires_in", "as_json")
    request = rooting.Request(**{name: typed.pop(name) for name in names})
    rooting.new_version(read_config(config_path, typed), request)


@root.command("install", help=guide.ROOT_INSTALL, short_help="Put a signed draft in force.")
@click.argument("file", metavar="FILE", type=PATH)
@document_options
@AS_JSON
def install(file: Path, config_path: Path | None, as_json: bool, **flags: Any) -> None:
    """The draft becomes documents/root.json."""
    from attest.cli import rooting

    rooting.install(read_config(config_path, flags), file, as_json)
