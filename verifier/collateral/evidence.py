"""What is claimed of an account, and what was found: VALID, INVALID or UNSUPPORTED, with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from verifier.errors import Malformed, SolventError, Unavailable

MAX_SIGNATURES: Final = 32
MAX_MESSAGE: Final = 1024
MAX_TEXT: Final = 4096
"""Characters of any other member; the longest real one is the script of sixteen keys, 1,094."""

PROVEN: Final = ("account", "message")
NOT_PROVEN: Final = (
    "The signature proves who controls the account, not what is in it: amount, unit and encumbrance are vouched for by "
    "whoever signed the snapshot."
)


class Verdict(Enum):
    """What a line of the snapshot is worth: only VALID counts. EXPIRED is for entries, never for signatures."""

    VALID = "VALID"
    INVALID = "INVALID"
    UNSUPPORTED = "UNSUPPORTED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class OwnershipClaim:
    """Ownership evidence as a line of the snapshot carries it; nothing here has been checked.

    ``message`` is what was signed, M or another text; ``account`` is CAIP-10, for a validator ``<chain>:0x<public
    key>``; ``script`` and ``public_key`` are hex, "" where the scheme needs none.
    """

    scheme: str
    message: str
    account: str
    signatures: Sequence[str]
    script: str = ""
    public_key: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The verdict on one claim; ``code`` is "" and ``reason`` says who signed where it is VALID."""

    verdict: Verdict
    code: str
    reason: str

    @property
    def counts(self) -> bool:
        """Whether the line may count."""
        return self.verdict is Verdict.VALID

    @property
    def proven(self) -> tuple[str, ...]:
        """The members of the line that the signatures bind; the amount is never one of them (``NOT_PROVEN``)."""
        return PROVEN if self.counts else ()

    @classmethod
    def refused(cls, error: SolventError) -> Evidence:
        """The verdict that an error stands for: nothing decided is UNSUPPORTED, E_EXPIRED EXPIRED, the rest INVALID."""
        if isinstance(error, Unavailable):
            return cls(Verdict.UNSUPPORTED, error.code, str(error))
        verdict = Verdict.EXPIRED if error.code == "E_EXPIRED" else Verdict.INVALID
        return cls(verdict, error.code, str(error))


def check_shape(claim: OwnershipClaim) -> bytes:
    """The message as bytes. Raises Malformed (E_TYPE, E_LIMIT, E_LINE_UNSIGNED) for values no scheme can read."""
    members = {name: getattr(claim, name) for name in ("scheme", "account", "script", "public_key")}
    listed: object = claim.signatures
    if not isinstance(listed, (tuple, list)):
        raise Malformed("should be a list", where="signatures", code="E_TYPE")
    if len(listed) > MAX_SIGNATURES:
        raise Malformed(f"has more than {MAX_SIGNATURES} items", where="signatures", code="E_LIMIT")
    members |= {f"signatures[{i}]": signature for i, signature in enumerate(listed)}
    for name, value in members.items():
        _text(name, value, MAX_TEXT)
    if not listed:
        raise Malformed("there is no signature", where="signatures", code="E_LINE_UNSIGNED")
    return _text("message", claim.message, MAX_MESSAGE)


def _text(where: str, value: object, limit: int) -> bytes:
    if not isinstance(value, str):
        raise Malformed("should be a string", where=where, code="E_TYPE")
    try:
        data = value.encode()
    except UnicodeEncodeError as error:
        raise Malformed("is not valid Unicode", where=where, code="E_TYPE") from error
    if len(data) > limit:
        raise Malformed(f"is longer than {limit} bytes", where=where, code="E_LIMIT")
    return data
