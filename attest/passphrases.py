"""Where passphrases and PINs come from: a file, an environment variable, or the person at the terminal.

They are never an argument of a command, never logged, and no error quotes them.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from verifier.errors import Unavailable

LEAST: Final = 12
"""Bytes of a passphrase that encrypts a key: shorter ones are guessed from a stolen file."""

Ask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Gives one secret: the first of ``file``, the variable ``env``, the answer of whoever is asked.

    ``what`` is ``passphrase`` or ``PIN``.
    """

    what: str
    file: Path | None = None
    env: str = ""
    _typed: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def get(self, of: str, scope: str = "") -> bytes:
        """The secret that opens ``of``, a key's name. Raises Unavailable (E_KEY).

        What was typed is remembered for other keys of the same ``scope``, until :meth:`forget`.
        """
        if self.file is not None:
            return _from_file(self.file, self.what)
        if self.env:
            return self._from_environment()
        if scope not in self._typed:
            self._typed[scope] = self._ask(f"{self.what} of {of}: ", of).encode()
        return self._typed[scope]

    @property
    def named(self) -> bool:
        """Whether a file or a variable holds the secret, so that nobody is asked."""
        return self.file is not None or bool(self.env)

    def forget(self, scope: str = "") -> bool:
        """Forget what was typed; whether there was anything."""
        return self._typed.pop(scope, None) is not None

    def remembers(self, scope: str = "") -> bool:
        """Whether something was typed for ``scope`` already."""
        return scope in self._typed

    def new(self, of: str) -> bytes:
        """A secret for something new: asked for twice, and long enough. Raises Unavailable (E_KEY)."""
        secret = self.get(of)
        if not self.named and self._ask(f"the same {self.what} again: ", of).encode() != secret:
            raise _no_secret(f"the two {self.what}s differ", "", "run the command again; nothing was written")
        if len(secret) < LEAST:
            message = f"this {self.what} is too short: {LEAST} characters are the least"
            raise _no_secret(message, "", "five or six random words make a good one")
        return secret

    def _from_environment(self) -> bytes:
        value = os.environ.get(self.env, "")
        if not value:
            raise _no_secret(f"the environment variable {self.env} is not set", "", "set it for this one command")
        return value.encode("utf-8", "surrogateescape")

    def _ask(self, question: str, of: str) -> str:
        if not sys.stdin.isatty():
            option = self.what.lower()
            raise _no_secret(
                f"it needs a {self.what}, and there is nobody to ask",
                of,
                f"name its place with --{option}-file or --{option}-env",
            )
        return getpass.getpass(question)


def passphrase_source(file: Path | None = None, env: str = "") -> SecretSource:
    """Where the passphrases of encrypted keys come from."""
    return SecretSource("passphrase", file, env)


def pin_source(file: Path | None = None, env: str = "") -> SecretSource:
    """Where the PINs of tokens come from."""
    return SecretSource("PIN", file, env)


def _from_file(path: Path, what: str) -> bytes:
    """The first line of a file that only its owner reads."""
    try:
        if path.stat().st_mode & 0o077:
            raise _no_secret(f"other users of this machine can read this {what}", str(path), f"run: chmod 600 {path}")
        secret = path.read_bytes().partition(b"\n")[0].removesuffix(b"\r")
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise _no_secret(f"the {what} cannot be read: {reason}", str(path), "check the path and your rights") from None
    if not secret:
        raise _no_secret(f"there is no {what} in its first line", str(path), "write it there")
    return secret


def _no_secret(message: str, where: str, hint: str) -> Unavailable:
    return Unavailable(message, where=where, code="E_KEY", hint=hint)
