"""The Fiat-Shamir transcript, typed (docs/protocol.md, section 1).

The methods below are the only way code touches it, so nothing is absorbed without a label, a length and a check.
"""

from __future__ import annotations

from verifier.group import Point, scalar_to_bytes
from verifier.hashing import lp, tagged, u32, u64, wide


class Transcript:
    """A 32-byte state that every absorbed item and every challenge changes."""

    __slots__ = ("_state",)

    def __init__(self, state: bytes) -> None:
        self._state: bytes = state

    @classmethod
    def start(cls, label: str) -> Transcript:
        """A new transcript for the argument called ``label``."""
        return cls(tagged("transcript", label.encode()))

    @property
    def state(self) -> bytes:
        """The current state, for the prover's hedged randomness and for tests."""
        return self._state

    def fork(self, label: str, index: int) -> Transcript:
        """An independent transcript bound to everything absorbed so far; this one is unchanged."""
        return Transcript(tagged("fork", self._state + lp(label.encode()) + u64(index)))

    def absorb_bytes(self, label: str, data: bytes) -> None:
        """Bind ``data``."""
        self._state = tagged("absorb", self._state + lp(label.encode()) + u64(len(data)) + data)

    def absorb_u32(self, label: str, value: int) -> None:
        """Bind a count of 32 bits."""
        self.absorb_bytes(label, u32(value))

    def absorb_u64(self, label: str, value: int) -> None:
        """Bind a count of 64 bits."""
        self.absorb_bytes(label, u64(value))

    def absorb_point(self, label: str, point: Point, prefix: bytes = b"") -> None:
        """Bind a point; raises Rejected (E_IDENTITY) for the identity."""
        self.absorb_bytes(label, prefix + point.to_bytes())

    def absorb_scalar(self, label: str, value: int, prefix: bytes = b"") -> None:
        """Bind a scalar below n."""
        self.absorb_bytes(label, prefix + scalar_to_bytes(value))

    def challenge(self, label: str) -> int:
        """A scalar that depends on everything absorbed; the state moves on, so two challenges never repeat."""
        self._state = tagged("challenge", self._state + lp(label.encode()))
        return wide("expand", self._state)
