"""What people type: keys, account ids, holdings, times. Nothing here is evidence, so every mistake is wrong usage."""

from __future__ import annotations

import getpass
import stat
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from verifier import codes, fields
from verifier.cli.text import without_secrets
from verifier.epoch import ATTESTATION, read_exchange_key
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.inclusion import ACCOUNT_KEY_PREFIX, account_bytes, read_account_key
from verifier.trust.reader import Reader

MAX_INPUT: Final = 2**20
_STDIN: Final = "-"
_T = TypeVar("_T")


class WrongUsage(Unavailable):
    """Nothing was decided, because of what was typed."""


def typed(read: Callable[[], _T]) -> _T:
    """``read()``; what it finds malformed was typed wrongly, and says nothing about the exchange."""
    try:
        return read()
    except Malformed as error:
        raise WrongUsage(error.message, where=error.where, code=error.code, hint=error.hint) from None


def exchange_key(text: str | None) -> bytes:
    """The exchange's public key, 32 bytes."""
    if text is None:
        raise WrongUsage(
            "could not check whose this is: the exchange's key was not given",
            code="E_KEY",
            hint="add --key with the exchange's public key (64 hex digits) from a place you trust: its own page, "
            "a print or an earlier visit; never from the files you are checking",
        )
    return typed(lambda: read_exchange_key(text))


def reader_file(path: Path | None) -> Reader | None:
    """The reader's own file: any layout, members strict. What is wrong with it says nothing about the exchange."""
    if path is None:
        return None
    data = small_file(path)
    try:
        return typed(lambda: Reader.from_text(data, path.name))
    except Rejected as error:
        raise WrongUsage(error.message, where=error.where, code=error.code, hint=error.hint) from None


def explained(code: str) -> dict[str, codes.Explanation]:
    """The code that was typed and what it means."""
    found = codes.find(code)
    if found is None:
        raise WrongUsage(
            f"there is no code {code[:40]!r}", code="E_USAGE", hint="solvent-verify explain --all lists every code"
        )
    return {found: codes.EXPLAINED[found]}


def account(text: str | None) -> str:
    """The customer's own account id, as typed."""
    if text is None:
        raise WrongUsage(
            "no account id was given",
            code="E_ACCOUNT",
            hint="add --account with your own account id, exactly as the exchange shows it to you",
        )
    typed(lambda: account_bytes(text))
    return text


def account_key(file: str | None) -> bytes:
    """The customer's secret, 32 bytes: from ``file`` ("-" is standard input), or asked for without echo."""
    text = _ask() if file is None else _read_secret(file)
    return typed(lambda: read_account_key(text))


def moment(text: str | None) -> int | None:
    """POSIX seconds from digits, or from an ISO date or time (UTC where it names no zone)."""
    if text is None:
        return None
    try:
        if text.isascii() and text.isdigit():
            return fields.integer(int(text), "--at")
        parsed = datetime.fromisoformat(text)
        return fields.integer(int((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()), "--at")
    except (ValueError, OverflowError, Malformed):
        raise WrongUsage(
            "this is not a time", where="--at", hint="write 2026-01-31, 2026-01-31T12:00:00Z or POSIX seconds"
        ) from None


def epoch_directory(path: Path) -> Path:
    """A directory that looks like one epoch."""
    if not path.is_dir():
        what = "this is a file, not a directory" if path.exists() else "there is no such directory"
        raise WrongUsage(what, where=str(path), code="E_FILE", hint="for a single bundle file: solvent-verify bundle")
    if not (path / ATTESTATION).exists():
        raise WrongUsage(
            f"this directory holds no {ATTESTATION}",
            where=str(path),
            code="E_FILE",
            hint="give the directory of one epoch, with all its files as they were published",
        )
    return path


def small_file(path: Path, limit: int = MAX_INPUT) -> bytes:
    """The bytes of a file that people give beside the one under check."""
    try:
        if path.is_dir():
            raise WrongUsage("this is a directory, not a file", where=str(path), code="E_FILE")
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a file name"
        raise WrongUsage(
            f"cannot be read: {reason}", where=str(path), code="E_FILE", hint="check the name of the file"
        ) from None
    if len(data) > limit:
        raise WrongUsage("is too large", where=str(path), code="E_LIMIT")
    return data


def _ask() -> str:
    if not sys.stdin.isatty():
        raise WrongUsage(
            "there is no terminal to ask for the account key on",
            code="E_KEY",
            hint="add --account-key-file with a file that only you can read, or - for standard input",
        )
    with warnings.catch_warnings():
        # Where the terminal cannot hide what is typed, getpass warns and shows it: refuse instead.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass("Account key (hidden while you type): ", stream=sys.stderr)
        except getpass.GetPassWarning:
            raise WrongUsage(
                "this terminal cannot hide what you type", code="E_KEY", hint="add --account-key-file"
            ) from None
        except EOFError:
            raise WrongUsage("no account key was typed", code="E_KEY", hint="add --account-key-file") from None


def _read_secret(file: str) -> str:
    if file.startswith(ACCOUNT_KEY_PREFIX):
        raise WrongUsage(
            "--account-key-file takes the name of a file, not the key",
            code="E_KEY",
            hint="the key is now in your shell's history: remove it there, and keep keys in files only you can read",
        )
    data = sys.stdin.buffer.read(MAX_INPUT) if file == _STDIN else small_file(Path(file))
    if file != _STDIN:
        _warn_if_shared(Path(file))
    # Undecodable bytes are no account key either; the reader says so without quoting them.
    return data.decode("utf-8-sig", "replace")


def _warn_if_shared(path: Path) -> None:
    """The key opens every balance of its owner: say so where others can read it."""
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH) and sys.platform != "win32":
        name = without_secrets(path.name)
        sys.stderr.write(f"warning: other users of this computer can read {name!a}; chmod 600 keeps it yours\n")
