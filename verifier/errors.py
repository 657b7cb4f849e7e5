"""What can go wrong, sorted by what the reader should do about it.

Four kinds. ``Malformed``: these bytes are not what they claim to be. ``Rejected``: well formed, and what is claimed
does not hold. ``Unavailable``: nothing was decided, because a file, a key or a supported version is missing. All of
them are ``SolventError``; nothing else leaves the package's public functions.
"""

from __future__ import annotations


class SolventError(Exception):
    """Base of every error of the verifier and of the prover.

    ``message`` is one plain sentence. ``where`` names the file, row or field, ``code`` is a stable ``E_...`` name for
    machines and ``step`` the step of docs/protocol.md that refused (for example ``3.5a``); ``hint`` says what
    to do; ``details`` lists what the message sums up, where there are several.
    """

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        code: str = "",
        step: str = "",
        hint: str = "",
        details: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.code = code
        self.step = step
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class Malformed(SolventError):
    """These bytes are not an attestation, a bundle, a proof or a key."""


class Rejected(SolventError):
    """Well formed, and what it claims does not hold."""


class Unavailable(SolventError):
    """Nothing was decided: a file, a key or a supported version is missing."""
