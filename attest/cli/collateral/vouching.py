"""``solvent collateral vouch``: a custodian, bank, issuer, backstop or observer signs what it holds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attest.cli import show
from attest.cli.outputs import new_private, require_new
from attest.collateral.challenge import Challenge
from attest.collateral.vouching import Header, Vouched, vouch
from attest.key_reference import key_reference
from attest.key_ring import KeyRing
from attest.passphrases import passphrase_source, pin_source
from verifier.cli.text import utc
from verifier.errors import SolventError, Unavailable

CUSTODY: Final = "custody"
A_WEEK: Final = 7 * 86400


@dataclass(frozen=True, slots=True)
class Request:
    """What was typed; times are POSIX seconds."""

    entries: Path
    kind: str
    issuer: str
    challenge: Path | None
    exchange: str | None
    as_of: int | None
    expires_at: int | None
    output: Path
    openings: Path | None
    as_json: bool


@dataclass(frozen=True, slots=True)
class Key:
    """The signing key and where its passphrase or PIN comes from."""

    reference: str
    passphrase_file: Path | None
    passphrase_env: str
    pin_file: Path | None
    pin_env: str
    module: Path | None


def run(request: Request, key: Key) -> None:
    """Sign and write; both files appear, or neither. Raises SolventError."""
    for path in filter(None, (request.output, request.openings)):
        require_new(path)
    table, header = _text(request.entries), _header(request)
    ring = KeyRing(
        passphrase_source(key.passphrase_file, key.passphrase_env), pin_source(key.pin_file, key.pin_env), key.module
    )
    signer = ring.signer(key_reference(key.reference))
    try:
        made = vouch(header, table, signer)
    except SolventError as error:
        error.where = f"{request.entries.name}: {error.where}" if error.where.startswith("row") else error.where
        raise
    _write(request, made)
    _tell(request, made)


def _header(request: Request) -> Header:
    bound = _challenge(request.challenge)
    exchange = bound.exchange if bound else request.exchange
    if exchange is None or (bound is None and request.kind == CUSTODY):
        raise Unavailable(
            "a custodian's statement answers this epoch's challenge"
            if request.kind == CUSTODY
            else "nobody says for which exchange",
            where="challenge",
            code="E_USAGE",
            hint="add --challenge FILE, the challenge.json that the exchange gave you"
            + ("" if request.kind == CUSTODY else "; or --exchange NAME for a statement that belongs to no epoch"),
        )
    as_of = int(time.time()) if request.as_of is None else request.as_of
    return Header(
        issuer=request.issuer,
        kind=request.kind,
        exchange=exchange,
        epoch=bound.epoch if bound else 0,
        challenge=bound.value if bound else "",
        as_of=as_of,
        expires_at=as_of + A_WEEK if request.expires_at is None else request.expires_at,
    )


def _challenge(path: Path | None) -> Challenge | None:
    return None if path is None else Challenge.from_bytes(_text(path).encode(), path.name)


def _write(request: Request, made: Vouched) -> None:
    """The openings first: a statement whose openings are lost can never be used."""
    if made.openings.entries and request.openings is None:
        raise Unavailable(
            "an amount is hidden, and there is no file for what opens it",
            where="openings",
            code="E_USAGE",
            hint="add --openings FILE, and give that file to the exchange alone, in secret",
        )
    if request.openings is None:
        _put(request.output, made.envelope.to_bytes())
        return
    _put(request.openings, made.openings.to_bytes())
    try:
        _put(request.output, made.envelope.to_bytes())
    except BaseException:
        request.openings.unlink()
        raise


def _put(path: Path, data: bytes) -> None:
    with new_private(path) as file:
        file.write(data.decode())


def _tell(request: Request, made: Vouched) -> None:
    if request.as_json:
        told = {
            "done": True,
            "statement": str(request.output),
            "role": made.custody.role,
            "digest": made.envelope.digest,
        }
        show.as_json({**told, "entries": len(made.custody.entries), "hidden": len(made.openings.entries)})
        return
    show.say(f"Signed as {made.custody.role}: {request.output}.")
    show.facts(
        [
            ("entries", f"{len(made.custody.entries):,}, {len(made.openings.entries):,} of them hidden"),
            ("payload SHA-256", made.envelope.digest),
            ("expires", utc(made.custody.expires_at)),
        ]
    )
    if made.openings.entries:
        show.say(f"{request.openings} opens the hidden amounts: hand it to the exchange in secret, then delete it.")


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise Unavailable(
            f"the file cannot be read: {reason}", where=str(path), code="E_FILE", hint="check the path"
        ) from None
    except UnicodeDecodeError:
        raise Unavailable("is not UTF-8", where=str(path), code="E_FILE", hint="save the file as UTF-8") from None
