"""``solvent init``: keys, a configuration, and what to do with them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from attest.config_template import template
from attest.keys import create_master_key, create_signing_key
from verifier import fields
from verifier.errors import Malformed, Unavailable

MASTER: Final = Path("keys/master.key")
SIGNING: Final = Path("keys/signing.key")
CONFIG: Final = Path("solvent.toml")
PUBLIC_KEY: Final = Path("exchange-key.txt")


def init(directory: Path, exchange: str) -> None:
    """Make everything a first attestation needs. Raises Malformed or Unavailable before anything is written."""
    try:
        fields.name(exchange, "--exchange")
    except Malformed as error:
        hint = "your domain is a good choice: exchange.example"
        raise Malformed(error.message, where=error.where, code="E_CONFIG", hint=hint) from None
    for path in (CONFIG, MASTER, SIGNING, PUBLIC_KEY):
        if (directory / path).exists():
            raise Unavailable(
                "this file exists already; nothing was written",
                where=str(directory / path),
                code="E_FILE",
                hint="choose an empty directory: a second master key would orphan every account key of the first",
            )
    directory.mkdir(parents=True, exist_ok=True)
    create_master_key(directory / MASTER)
    signer = create_signing_key(directory / SIGNING)
    (directory / PUBLIC_KEY).write_text(f"{signer.public_key.hex()}\n", encoding="ascii")
    (directory / CONFIG).write_text(template(exchange), encoding="utf-8")
    print(f"Ready in {directory}:")
    print(f"  {CONFIG}      describe your ledger here, then run: solvent attest --check")
    print(f"  {PUBLIC_KEY}  your public key: publish it where customers trust it")
    print(f"  {SIGNING}  signs attestations; only you can read it")
    print(f"  {MASTER}   every customer's key comes from it; only you can read it")
    print(
        f"Back up {directory / MASTER} now, in two offline places. Without it no account key can be given again\n"
        "and no old epoch opened; whoever copies it can read every balance of every epoch."
    )
