"""``solvent init``: keys, a configuration, and what to do with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from attest.cli import show
from attest.config_template import template
from attest.keys import create_master_key, create_signing_key
from verifier import fields
from verifier.errors import Malformed, Unavailable

MASTER: Final = Path("keys/master.key")
SIGNING: Final = Path("keys/signing.key")
CONFIG: Final = Path("solvent.toml")
PUBLIC_KEY: Final = Path("exchange-key.txt")


def init(directory: Path, exchange: str, as_json: bool) -> None:
    """Make everything a first attestation needs, or nothing. Raises Malformed or Unavailable."""
    _check_name(exchange)
    _require_room(directory)
    with _all_or_nothing(directory) as made:
        directory.mkdir(parents=True, exist_ok=True)
        create_master_key(directory / MASTER)
        made.append(MASTER)
        signer = create_signing_key(directory / SIGNING)
        made.append(SIGNING)
        _write_new(directory / PUBLIC_KEY, f"{signer.public_key.hex()}\n")
        made.append(PUBLIC_KEY)
        _write_new(directory / CONFIG, template(exchange))
    if as_json:
        show.as_json({"done": True, "directory": str(directory), "exchange_key": signer.public_key.hex()})
        return
    _explain(directory)


def _explain(directory: Path) -> None:
    """What was made; the last words are about the backup."""
    show.say(f"Ready in {directory}:")
    width = max(len(str(path)) for path in (CONFIG, PUBLIC_KEY, SIGNING, MASTER))
    for path, words in (
        (CONFIG, "describe your ledger here, then run: solvent attest --check"),
        (PUBLIC_KEY, "your public key: publish it where customers trust it"),
        (SIGNING, "signs attestations; only you can read it"),
        (MASTER, "every customer's key comes from it; only you can read it"),
    ):
        show.say(f"  {path!s:<{width}}  {words}")
    show.say(
        f"Back up {directory / MASTER} now, in two offline places. Without it no account key can be given again",
        "and no old epoch opened; whoever copies it can read every balance of every epoch.",
    )


def _check_name(exchange: str) -> None:
    try:
        fields.name(exchange, "--exchange")
    except Malformed as error:
        hint = "your domain is a good choice: exchange.example"
        raise Malformed(error.message, where=error.where, code="E_CONFIG", hint=hint) from None


def _require_room(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise Unavailable(
            "this is not a directory", where=str(directory), code="E_FILE", hint="name a new or an empty directory"
        )
    for path in (CONFIG, MASTER, SIGNING, PUBLIC_KEY):
        if (directory / path).is_symlink() or (directory / path).exists():
            raise Unavailable(
                "this exists already; nothing was written",
                where=str(directory / path),
                code="E_FILE",
                hint="choose an empty directory: a second master key would orphan every account key of the first",
            )


@contextmanager
def _all_or_nothing(directory: Path) -> Iterator[list[Path]]:
    """Collects what was made; when the block fails, exactly that is removed again."""
    made: list[Path] = []
    new = [path for path in (directory / MASTER.parent, directory) if not path.exists()]
    try:
        yield made
    except BaseException:
        for path in made:
            (directory / path).unlink(missing_ok=True)
        for empty in new:
            with suppress(OSError):
                empty.rmdir()
        raise


def _write_new(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as file:
        try:
            file.write(text)
            file.flush()
        except BaseException:
            path.unlink()
            raise
