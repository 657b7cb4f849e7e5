"""Keys that no longer count, and from when on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from verifier import fields
from verifier.trust import names


@dataclass(frozen=True, slots=True)
class Occasion:
    """When something was signed, as far as that is known.

    ``seq`` is the log index under which it was shown to be included, ``issued_at`` the POSIX seconds that a customer's
    statement gives for itself. Nothing else dates a signature: a stolen key can write any date.
    """

    seq: int | None = None
    issued_at: int | None = None


UNDATED: Final = Occasion()


@dataclass(frozen=True, slots=True)
class Revocation:
    """``key`` (raw public key) does not count from log index ``from_seq`` on, nor in statements after ``time``."""

    key: bytes
    from_seq: int
    time: int
    reason: str

    @classmethod
    def from_json(cls, document: Any, where: str) -> Revocation:
        """Parse ``{key, from_seq, time, reason}``. Raises Malformed."""
        parts = fields.members(document, where, ("key", "from_seq", "time", "reason"))
        return cls(
            key=names.public_key(parts["key"], f"{where}.key"),
            from_seq=fields.integer(parts["from_seq"], f"{where}.from_seq"),
            time=fields.integer(parts["time"], f"{where}.time"),
            reason=fields.text(parts["reason"], f"{where}.reason"),
        )

    def to_json(self) -> dict[str, Any]:
        """The document's form."""
        return {"key": self.key.hex(), "from_seq": self.from_seq, "time": self.time, "reason": self.reason}

    def cuts(self, occasion: Occasion) -> bool:
        """Whether a signature of this occasion is lost: earlier logged objects stand, and earlier statements."""
        if occasion.seq is not None:
            return occasion.seq >= self.from_seq
        return occasion.issued_at is None or occasion.issued_at > self.time
