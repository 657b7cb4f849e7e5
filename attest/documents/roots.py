"""Root documents in the making: the first one, the next one, and putting it in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from attest.documents import files
from attest.documents.kinds import ROOT
from attest.documents.sign import read_root
from attest.signing import Signer, sign_payload
from verifier.dsse import Envelope, key_id
from verifier.errors import Malformed, Rejected
from verifier.trust import names
from verifier.trust.revocation import Revocation
from verifier.trust.root import Cadence, Root
from verifier.trust.succession import self_signed_root, verify_successor
from verifier.trust.threshold import Threshold, signers

DAY: Final = 86_400
YEAR: Final = 365 * DAY
CADENCE: Final = Cadence(book_s=DAY, pulse_s=0, grace_s=DAY // 4, ttl_s=7 * DAY)
"""One book a day, at most six hours late, good for a week."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What the next root document says differently. Keys are raw public keys; times are POSIX seconds.

    ``rotate`` gives a role of one key another one. ``thresholds`` is role -> how many must sign.
    """

    add: Sequence[tuple[str, bytes]] = ()
    remove: Sequence[tuple[str, bytes]] = ()
    rotate: Sequence[tuple[str, bytes]] = ()
    thresholds: Mapping[str, int] = field(default_factory=dict)
    revoke: Sequence[Revocation] = ()
    cadence: Cadence | None = None


def first_root(exchange: str, roles: Mapping[str, Threshold], expires_at: int) -> Root:
    """Version 1. Raises as Root.from_json does."""
    return _checked(Root(exchange, 1, expires_at, roles, CADENCE, ()))


def next_root(old: Root, changes: Changes, expires_at: int) -> Root:
    """The version after ``old``. Raises Malformed or Rejected, saying which change cannot be made."""
    roles = dict(old.roles)
    for role, key in changes.rotate:
        roles[role] = _rotated(roles, role, key)
    for role, key in changes.add:
        kept = roles.get(role, Threshold((), 1))
        roles[role] = Threshold((*kept.keys, key), kept.threshold)
    for role, key in changes.remove:
        roles[role] = _removed(roles, role, key)
    for revocation in changes.revoke:
        roles = {role: keys.without((revocation.key,)) for role, keys in roles.items()}
    for role, threshold in changes.thresholds.items():
        roles[role] = replace(_existing(roles, role), threshold=threshold)
    return _checked(
        replace(
            old,
            version=old.version + 1,
            expires_at=expires_at,
            roles={role: keys for role, keys in roles.items() if keys.keys or role == names.ROOT},
            cadence=changes.cadence or old.cadence,
            revoked=(*old.revoked, *changes.revoke),
        )
    )


def sign_root(root: Root, by: Iterable[Signer], old: Root | None = None) -> Envelope:
    """The envelope with the signatures of ``by``, each a root key of this version or of ``old``.

    Raises Rejected (E_TRUST_ROLE).
    """
    payload = root.to_payload()
    known = {*root.signing.keys, *(old.signing.keys if old else ())}
    signatures: dict[str, bytes] = {}
    for signer in by:
        if signer.public_key not in known:
            raise Rejected(
                f"the key {key_id(signer.public_key)[:16]} is no root key of this version or of the one before",
                where="root.json",
                code="E_TRUST_ROLE",
                hint="sign with the root keys: solvent root show lists them",
            )
        signatures |= dict(sign_payload(payload, signer, ROOT.payload_type).signatures)
    return Envelope(ROOT.payload_type, payload, tuple(sorted(signatures.items())))


def missing_signatures(envelope: Envelope, old: Root | None) -> tuple[int, int]:
    """How many root signatures of the version before, and of this one, are still missing."""
    root = Root.from_envelope(envelope)
    return (_missing(envelope, old.signing) if old else 0), _missing(envelope, root.signing)


def install(path: Path, envelope: Envelope) -> Root:
    """Put a root document in force at ``path``; the one there is kept beside it as root-<version>.json.

    Raises Rejected (E_BINDING, E_SIG_THRESHOLD) unless it follows from the one there, signed by the root keys of both.
    """
    if not path.exists():
        root = self_signed_root(envelope, path.name)
        if root.version != 1:
            raise Rejected("the first root document has version 1", where=path.name, code="E_BINDING")
        files.replace(path, envelope.to_bytes())
        return root
    old = read_root(path)
    if old.digest == envelope.digest:
        files.replace(path, envelope.to_bytes())
        return old
    root = verify_successor(old, envelope, path.name)
    archive(path, old)
    files.replace(path, envelope.to_bytes())
    return root


def archive(path: Path, old: Root) -> Path:
    """Keep the version in force beside the next: readers who pinned it follow the chain from there."""
    kept = archived(path, old.version)
    files.replace(kept, path.read_bytes())
    return kept


def archived(path: Path, version: int) -> Path:
    """Where version ``version`` is kept once another is in force."""
    return path.with_name(f"{path.stem}-{version}{path.suffix}")


def _missing(envelope: Envelope, keys: Threshold) -> int:
    return max(0, keys.threshold - len(signers(envelope, keys.keys, "root.json")))


def _checked(root: Root) -> Root:
    """Parsed back, so that no document is signed that a reader would refuse."""
    try:
        return Root.from_payload(root.to_payload(), "root.json")
    except (Malformed, Rejected) as error:
        hint = error.hint or "give every role enough keys of its own, or lower its --threshold"
        raise type(error)(error.message, where=error.where, code=error.code, hint=hint) from error


def _existing(roles: Mapping[str, Threshold], role: str) -> Threshold:
    if role not in roles:
        hint = f"the roles are {', '.join(sorted(roles))}"
        raise Malformed(f"the root document has no role {role}", where="root.json", code="E_FIELD", hint=hint)
    return roles[role]


def _rotated(roles: Mapping[str, Threshold], role: str, key: bytes) -> Threshold:
    if len(_existing(roles, role).keys) != 1:
        hint = f"use --remove {role}=OLD and --add {role}=NEW"
        raise Malformed(f"the role {role} has several keys", where="root.json", code="E_FIELD", hint=hint)
    return Threshold((key,), 1)


def _removed(roles: Mapping[str, Threshold], role: str, key: bytes) -> Threshold:
    """Without the key; a threshold that is then out of reach is for the caller to lower."""
    kept = _existing(roles, role)
    if key not in kept.keys:
        message = f"the key {key_id(key)[:16]} is not in the role {role}"
        raise Malformed(message, where="root.json", code="E_FIELD", hint="compare with solvent root show")
    return kept.without((key,))
