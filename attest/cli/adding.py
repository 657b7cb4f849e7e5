"""`solvent sign` and `solvent reader`: signatures beside others, and reader files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from attest.cli import guide_documents as guide
from attest.cli.groups import AS_JSON, PATH, explain_alone, group
from attest.cli.options import DEFAULT, document_options, key_ring, key_sources, read_config


@click.command("sign", help=guide.SIGN, short_help="Add a signature to a document.")
@click.argument("file", metavar="FILE", type=PATH)
@click.option("--role", required=True, metavar="ROLE", help="In which role the key signs.")
@click.option("--key", required=True, metavar="KEY", help="A key file, or pkcs11:token=...;object=...")
@click.option(
    "--root-document", "root_path", type=PATH, metavar="FILE", help="Compare the key with it; default: the one here."
)
@click.option("--output", type=PATH, metavar="FILE", help="Write there; default: FILE itself.")
@click.option("--config", "config_path", type=PATH, metavar="FILE", help="Default: solvent.toml here, if there is one.")
@key_sources
@AS_JSON
def sign(file: Path, config_path: Path | None, root_path: Path | None, **typed: Any) -> None:
    """One more signature. Who signs for somebody else has no solvent.toml, and needs none."""
    from attest.cli import signing

    if root_path is None and (config_path is not None or DEFAULT.exists()):
        found = read_config(config_path, {}).document_path("root")
        root_path = found if found.exists() else None
    chosen = {name: typed.pop(name) for name in ("role", "key", "output", "as_json")}
    signing.add(signing.Request(file, root_path, **chosen), key_ring(typed))


@group("reader", guide.READER, "What auditors ask for.")
def reader() -> None:
    """The group."""
    explain_alone()


@reader.command("make", help=guide.READER_MAKE, short_help="Write a reader file.")
@click.option("--require", multiple=True, metavar="KIND[:ASSET]=K", help="A claim asked for; repeat it.")
@click.option("--pin", "pins", multiple=True, metavar="ROLE", help="Pin the keys that a role has now; repeat it.")
@click.option(
    "--cosign", multiple=True, metavar="TAG=KEY", help="Your own key that must sign such documents too; repeat it."
)
@click.option("--log", type=PATH, metavar="FILE", help="A C2SP log policy.")
@click.option("--output", type=PATH, metavar="FILE", help="A new file; default: reader.json beside solvent.toml.")
@document_options
@AS_JSON
def make(config_path: Path | None, **typed: Any) -> None:
    """One reader file."""
    from attest.cli import reading

    names = ("require", "pins", "cosign", "log", "output", "as_json")
    request = reading.Request(**{name: typed.pop(name) for name in names})
    reading.make(read_config(config_path, typed), request)
