"""``solvent collateral challenge``: what every owner must sign."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attest.cli import show
from attest.cli.collateral.home import Home
from attest.cli.outputs import new_private, require_new
from attest.collateral.answers import owner_of, write_answers
from attest.collateral.challenge import NAME, Challenge, read_challenge
from attest.collateral.files import load_collateral
from attest.collateral.guard import refuse_secrets
from attest.store import write_private
from verifier.cli.text import utc
from verifier.collateral import Beacon, Line
from verifier.collateral.accounts import parse_account
from verifier.errors import Malformed, Unavailable

CLOCK_SKEW: Final = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed. ``beacon`` is (source, round, time, value)."""

    epoch: int | None
    beacon: tuple[str, int, int, str] | None
    accounts: tuple[str, ...]
    accounts_file: Path | None
    evm_once: bool
    table: Path | None
    pictures: Path | None
    replace: bool
    as_json: bool


def ask(home: Home, asked: Asked) -> None:
    """Make the challenge if there is a beacon, and tell every owner's message. Raises SolventError."""
    if asked.table is not None:
        require_new(asked.table)
    made = _challenge(home, asked)
    lines = _lines(home)
    owners = _owners(asked, lines)
    messages = {owner: made.message(owner, once=asked.evm_once) for owner in owners}
    if asked.beacon is not None:
        _save(home.directory, made)
    if asked.table is not None:
        with new_private(asked.table) as file:
            file.write(write_answers(messages, lines))
    pictures = _draw(asked.pictures, made.epoch, messages) if asked.pictures is not None else 0
    if asked.as_json:
        told = [{"account": owner, "message": message} for owner, message in messages.items()]
        show.as_json({"done": True, **made.to_json(), "messages": told})
        return
    _tell(home, made, messages, asked, pictures)


def _challenge(home: Home, asked: Asked) -> Challenge:
    """The one of this beacon, or the one that was made before."""
    old = read_challenge(home.directory)
    if asked.beacon is None:
        if old is None or asked.epoch not in (None, old.epoch):
            raise Unavailable(
                f"there is no challenge of epoch {asked.epoch or home.next_epoch} yet, and a new one needs a beacon",
                where="challenge",
                code="E_USAGE",
                hint="add --beacon SOURCE ROUND TIME VALUE: a block's hash, or a round of drand",
            )
        return old
    made = Challenge(home.exchange, asked.epoch or home.next_epoch, _beacon(asked.beacon))
    made = Challenge.from_bytes(made.to_bytes(), "challenge")
    if old is not None and old != made and made.epoch <= old.epoch and not asked.replace:
        raise Unavailable(
            f"there is a challenge of epoch {old.epoch}, and signatures of it would be lost",
            where=str(home.directory / NAME),
            code="E_FILE",
            hint="add --replace to ask every owner again",
        )
    return made


def _beacon(typed: tuple[str, int, int, str]) -> Beacon:
    source, number, at, value = typed
    if at > time.time() + CLOCK_SKEW:
        raise Malformed(
            "the beacon's time lies in the future",
            where="beacon",
            code="E_FUTURE",
            hint="give the time of the block or round in POSIX seconds",
        )
    return Beacon(source, number, at, value.lower().removeprefix("0x"))


def _lines(home: Home) -> tuple[Line, ...]:
    return load_collateral(home.directory).lines if home.directory.is_dir() else ()


def _owners(asked: Asked, lines: Sequence[Line]) -> list[str]:
    """Those that were named; without any, every owner of the list."""
    named = [*asked.accounts, *_accounts_of(asked.accounts_file)]
    refuse_secrets([("account", account.rpartition(":")[2]) for account in named], "--account")
    found = dict.fromkeys(named or filter(None, map(owner_of, lines)))
    for owner in found:
        try:
            parse_account(owner, f"account {owner[:80]}")
        except Malformed as error:
            error.hint = error.hint or "for example bip122:000000000019d6689c085ae165831e93:ADDRESS, eip155:1:0x..."
            raise
    return list(found)


def _accounts_of(path: Path | None) -> Iterator[str]:
    """One account in a row; what follows a # is a remark."""
    if path is None:
        return
    try:
        rows = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise Unavailable(
            "the accounts cannot be read", where=str(path), code="E_FILE", hint="give a text file, one account in a row"
        ) from None
    yield from (account for row in rows if (account := row.partition("#")[0].strip()))


def _save(directory: Path, made: Challenge) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    write_private(directory / NAME, made.to_bytes())


def _draw(directory: Path, epoch: int, messages: dict[str, str]) -> int:
    """One picture for each message; returns how many."""
    import segno

    directory.mkdir(parents=True, exist_ok=True)
    owners: dict[str, str] = {}
    for owner, message in messages.items():
        owners.setdefault(message, owner)
    for number, (message, owner) in enumerate(owners.items(), 1):
        name = re.sub(r"[^A-Za-z0-9]+", "-", owner)[-60:]
        segno.make(message, error="m", micro=False).save(
            str(directory / f"epoch-{epoch}-{number:04}-{name}.svg"), scale=4, title=owner
        )
    return len(owners)


def _tell(home: Home, made: Challenge, messages: dict[str, str], asked: Asked, pictures: int) -> None:
    beacon = made.beacon
    pairs = [("exchange", made.exchange), ("epoch", str(made.epoch)), ("challenge", made.value)]
    pairs.append(("beacon", f"{beacon.source}, {beacon.round}, {utc(beacon.time)}"))
    policy = home.policy()
    if policy is not None:
        pairs.append(("snapshot before", utc(beacon.time + policy.collateral.beacon_age_s)))
    show.facts(pairs)
    if not messages:
        show.say("No account is named and no line is listed: add --account, --accounts FILE, or lines.")
        return
    if asked.table is None and asked.pictures is None:
        show.say("", "Each owner signs the one line under the account, exactly, in the wallet that holds the key:")
        for owner, message in messages.items():
            show.say("", f"# {owner}", message)
        return
    if asked.table is not None:
        show.say(
            f"{len(messages):,} accounts in {asked.table}: fill in signatures and hand it to solvent collateral import."
        )
    if pictures:
        show.say(f"{pictures:,} pictures in {asked.pictures}: each holds one message.")
