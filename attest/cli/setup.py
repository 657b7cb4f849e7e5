"""``solvent init``: keys, documents, a configuration, and what to do with them."""

from __future__ import annotations

from pathlib import Path

from attest.cli import show
from attest.documents.home import CONFIG, MASTER, POLICY, PUBLIC_KEY, READER, ROOT, ROOTS, SIGNING, make_home
from attest.passphrases import SecretSource
from verifier import fields
from verifier.errors import Malformed


def init(directory: Path, exchange: str, encrypt: SecretSource | None, as_json: bool) -> None:
    """Make everything a first attestation needs, or nothing. Raises Malformed or Unavailable."""
    _check_name(exchange)
    passphrase = None if encrypt is None else encrypt.new(f"every key in {directory / 'keys'}")
    home = make_home(directory, exchange, passphrase)
    if as_json:
        told = {"exchange_key": home.exchange_key, "root": home.root_digest, "encrypted": encrypt is not None}
        show.as_json({"done": True, "directory": str(directory), **told})
        return
    _explain(directory, home.root_digest)


def _explain(directory: Path, digest: str) -> None:
    """What was made; the last words are about the backup."""
    show.say(f"Ready in {directory}:")
    show.facts(
        [
            (str(CONFIG), "describe your ledger here, then run: solvent attest --check"),
            (str(POLICY), "for coverage: what holdings count, and what is claimed; see [documents] in solvent.toml"),
            (str(PUBLIC_KEY), "your public key: publish it where customers trust it"),
            (str(READER), "give it to auditors, outside of your own pages"),
            (str(ROOT), "who signs what; publish its digest beside your key"),
            (str(SIGNING), "signs attestations; risk.key, log.key and statement.key sign other documents"),
            ("keys/root-*.key", "two of these three change who signs what: they are not needed from day to day"),
            (str(MASTER), "every customer's key comes from it"),
        ]
    )
    show.say(f"The digest of the root document: {digest}")
    show.say(
        f"Move {', '.join(path.name for path in ROOTS)} off this machine, to three people or places that",
        "are offline: whoever holds two of them can replace every other key.",
        f"Back up {directory / MASTER} now, in two offline places. Without it no account key can be given again",
        "and no old epoch opened; whoever copies it can read every balance of every epoch.",
    )


def _check_name(exchange: str) -> None:
    try:
        fields.name(exchange, "--exchange")
    except Malformed as error:
        hint = "your domain is a good choice: exchange.example"
        raise Malformed(error.message, where=error.where, code="E_CONFIG", hint=hint) from None
