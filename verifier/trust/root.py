"""The root document: which keys an exchange, its price sources and its custodians sign with, and for how long.

A reader pins one root document by its digest; every later one is reached from it, version by version
(verifier.trust.succession).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from verifier import canonical, fields
from verifier.dsse import Envelope, key_id
from verifier.errors import Malformed, Rejected
from verifier.trust import names
from verifier.trust.revocation import Revocation
from verifier.trust.threshold import Threshold

TYPE: Final = names.document_type("root")
PAYLOAD_TYPE: Final = names.payload_type("root")
MAX_ROLES: Final = 1024
MAX_REVOKED: Final = 4096
_MEMBERS: Final = ("type", "exchange", "version", "expires_at", "roles", "cadence", "revoked")
_CADENCE: Final = ("book_s", "pulse_s", "grace_s", "ttl_s")


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often the exchange says it publishes, in seconds; ``pulse_s`` is 0 where there are no pulses."""

    book_s: int
    pulse_s: int
    grace_s: int
    ttl_s: int

    @classmethod
    def from_json(cls, document: Any, where: str) -> Cadence:
        """Parse ``{book_s, pulse_s, grace_s, ttl_s}``. Raises Malformed."""
        parts = fields.members(document, where, _CADENCE)
        return cls(**{name: fields.integer(parts[name], f"{where}.{name}") for name in _CADENCE})

    def to_json(self) -> dict[str, int]:
        """The document's form."""
        return {name: getattr(self, name) for name in _CADENCE}


@dataclass(frozen=True, slots=True)
class Root:
    """A parsed root document; nothing about its signatures is implied.

    ``roles`` is role -> keys and threshold, no key in two of them; ``expires_at`` is POSIX seconds.
    """

    exchange: str
    version: int
    expires_at: int
    roles: Mapping[str, Threshold]
    cadence: Cadence
    revoked: tuple[Revocation, ...]

    @classmethod
    def from_envelope(cls, envelope: Envelope, where: str = "root.json") -> Root:
        """Parse what an envelope of root documents holds; its signatures are for verifier.trust.succession to check."""
        fields.constant(envelope.payload_type, f"{where}: payloadType", PAYLOAD_TYPE)
        return cls.from_payload(envelope.payload, where)

    @classmethod
    def from_payload(cls, payload: bytes, where: str = "root.json") -> Root:
        """Parse canonical bytes. Raises Malformed, or Rejected (E_TRUST_ROLE) for a key in two roles."""
        return cls.from_json(canonical.decode(payload, where=where), where)

    @classmethod
    def from_json(cls, document: Any, where: str = "root.json") -> Root:
        """Parse a decoded document; see ``from_payload``."""
        parts = fields.members(document, where, _MEMBERS)
        fields.constant(parts["type"], f"{where}: type", TYPE)
        root = cls(
            exchange=fields.name(parts["exchange"], f"{where}: exchange"),
            version=fields.integer(parts["version"], f"{where}: version", low=1),
            expires_at=fields.integer(parts["expires_at"], f"{where}: expires_at"),
            roles=_roles(parts["roles"], f"{where}: roles"),
            cadence=Cadence.from_json(parts["cadence"], f"{where}: cadence"),
            revoked=_revoked(parts["revoked"], f"{where}: revoked"),
        )
        require_public_keys(root.revoked, root.roles, f"{where}: revoked")
        return root

    def to_json(self) -> dict[str, Any]:
        """The document, ready for canonical encoding."""
        return {
            "type": TYPE,
            "exchange": self.exchange,
            "version": self.version,
            "expires_at": self.expires_at,
            "roles": {name: role.to_json() for name, role in self.roles.items()},
            "cadence": self.cadence.to_json(),
            "revoked": [revocation.to_json() for revocation in self.revoked],
        }

    def to_payload(self) -> bytes:
        """The canonical bytes that are signed."""
        return canonical.encode(self.to_json())

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, hex: what a reader pins."""
        return canonical.digest(self.to_json())

    @property
    def signing(self) -> Threshold:
        """The keys that may sign root documents: role root without what this document revokes."""
        return self.roles[names.ROOT].without(revocation.key for revocation in self.revoked)

    def expired(self, now: int) -> bool:
        """Whether ``now`` (POSIX seconds) is at or after the end of its life."""
        return now >= self.expires_at


def require_public_keys(revoked: Iterable[Revocation], roles: Mapping[str, Threshold], where: str) -> None:
    """Raises Malformed (E_FIELD) where a revocation gives the id of a key of ``roles``: it would revoke nothing."""
    ids = {key_id(key) for role in roles.values() for key in role.keys}
    for revocation in revoked:
        if revocation.key.hex() in ids:
            raise Malformed(
                "this is the id of a key, and a revocation names the public key itself",
                where=where,
                code="E_FIELD",
                hint="write the 64 digits that stand under roles",
            )


def _roles(value: Any, where: str) -> dict[str, Threshold]:
    entries = fields.mapping(value, where, MAX_ROLES)
    roles = {
        names.role(name, f"{where}.{name[:110]}"): Threshold.from_json(item, f"{where}.{name[:110]}")
        for name, item in entries.items()
    }
    if names.ROOT not in roles:
        raise Malformed(
            "member 'root' is missing: nobody could sign the next root document", where=where, code="E_FIELD"
        )
    _require_one_role_each(roles, where)
    return roles


def _require_one_role_each(roles: Mapping[str, Threshold], where: str) -> None:
    role_of: dict[bytes, str] = {}
    for name, role in roles.items():
        for key in role.keys:
            other = role_of.setdefault(key, name)
            if other != name:
                raise Rejected(
                    f"one key sits in two roles, {other} and {name}",
                    where=where,
                    code="E_TRUST_ROLE",
                    hint="give every role keys of its own: whoever holds a shared key could sign for both",
                )


def _revoked(value: Any, where: str) -> tuple[Revocation, ...]:
    listed = fields.items(value, where, MAX_REVOKED)
    revoked = tuple(Revocation.from_json(item, f"{where}[{i}]") for i, item in enumerate(listed))
    if len({revocation.key for revocation in revoked}) != len(revoked):
        raise Malformed("one key is revoked twice", where=where, code="E_FIELD")
    return revoked
