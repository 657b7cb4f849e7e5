"""Keys and how many of them must sign: the one place where signatures are counted for a role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from verifier import fields
from verifier.dsse import Envelope, key_id, pre_authentication_encoding, verify_signature
from verifier.errors import Rejected
from verifier.trust import names


@dataclass(frozen=True, slots=True)
class Threshold:
    """``threshold`` distinct keys of ``keys`` must sign; keys are raw Ed25519 public keys."""

    keys: tuple[bytes, ...]
    threshold: int

    @classmethod
    def from_json(cls, document: Any, where: str) -> Threshold:
        """Parse ``{keys, threshold}``. Raises Malformed (E_LIMIT for a threshold that is 0 or can never be met)."""
        parts = fields.members(document, where, ("keys", "threshold"))
        keys = names.public_keys(parts["keys"], f"{where}.keys")
        return cls(keys, fields.integer(parts["threshold"], f"{where}.threshold", low=1, high=len(keys)))

    def to_json(self) -> dict[str, Any]:
        """The document's form."""
        return {"keys": [key.hex() for key in self.keys], "threshold": self.threshold}

    def without(self, revoked: Iterable[bytes]) -> Threshold:
        """The same threshold over fewer keys; it may then be out of reach."""
        gone = frozenset(revoked)
        return Threshold(tuple(key for key in self.keys if key not in gone), self.threshold)

    def require(self, envelope: Envelope, who: str, where: str) -> tuple[bytes, ...]:
        """The keys that signed ``envelope``, in this object's order; ``who`` names them in a refusal.

        A key counts once, unknown keys never, and a wrong signature under a known key refuses the whole envelope.
        Raises Rejected (E_SIG_THRESHOLD).
        """
        signed = signers(envelope, self.keys, where)
        if len(signed) < self.threshold:
            raise Rejected(
                f"it needs {self.threshold} signatures of {who} and has {len(signed)}",
                where=where,
                code="E_SIG_THRESHOLD",
                hint="signatures of other keys do not count; compare the keys you trust, and if they are right, "
                "do not trust this file",
            )
        return signed


def signers(envelope: Envelope, keys: Iterable[bytes], where: str) -> tuple[bytes, ...]:
    """Those of ``keys`` that signed, each once. Raises Rejected (E_SIG_THRESHOLD) where one of them signed wrongly."""
    by_id = dict(envelope.signatures)
    message = pre_authentication_encoding(envelope.payload_type, envelope.payload)
    signed = tuple(key for key in dict.fromkeys(keys) if key_id(key) in by_id)
    for key in signed:
        if not verify_signature(key, message, by_id[key_id(key)]):
            raise Rejected(
                f"the signature of the key {key.hex()[:16]}... is wrong",
                where=where,
                code="E_SIG_THRESHOLD",
                hint="the file was changed after it was signed, or damaged on its way: fetch it again",
            )
    return signed
