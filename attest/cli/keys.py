"""`solvent key`: new keys, and the public half of existing ones."""

from __future__ import annotations

from pathlib import Path

import click

from attest.cli import guide_documents as guide
from attest.cli.groups import AS_JSON, PATH, explain_alone, group
from attest.cli.options import key_ring, key_sources


@group("key", guide.KEY, "Make a signing key, or show a public one.")
def key() -> None:
    """The group."""
    explain_alone()


@key.command("new", help=guide.KEY_NEW, short_help="Make a key.")
@click.argument("file", metavar="FILE", type=PATH)
@click.option("--encrypt", is_flag=True, help="Encrypt it under a passphrase.")
@key_sources
@AS_JSON
def new(file: Path, encrypt: bool, as_json: bool, **sources: object) -> None:
    """One key file."""
    from attest.keys import create_signing_key

    passphrase = key_ring(sources).passphrase
    secret = passphrase.new(str(file)) if encrypt or passphrase.named else None
    _tell(create_signing_key(file, secret).public_key, as_json)


@key.command("show", help=guide.KEY_SHOW, short_help="Show the public half of a key.")
@click.argument("name", metavar="KEY")
@key_sources
@AS_JSON
def show_key(name: str, as_json: bool, **sources: object) -> None:
    """Its public key and key id."""
    from attest.documents.public_keys import public_key_of

    _tell(public_key_of(name, key_ring(sources)), as_json)


def _tell(public_key: bytes, as_json: bool) -> None:
    from attest.cli import show
    from verifier.dsse import key_id

    if as_json:
        show.as_json({"done": True, "public_key": public_key.hex(), "key_id": key_id(public_key)})
        return
    show.facts([("public key", public_key.hex()), ("key id", key_id(public_key))])
