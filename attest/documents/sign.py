"""Signing: the key must sit in the role, the version must grow, and no signature is lost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from attest.documents.files import read_bytes, replace
from attest.documents.kinds import ROOT, Kind
from attest.signing import Signer, countersign
from verifier.dsse import Envelope, key_id
from verifier.errors import Malformed, Rejected, SolventError, Unavailable
from verifier.trust.root import Root
from verifier.trust.threshold import signers


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature led to: of ``role``, ``have`` of the ``need`` signatures are there (0: no root document)."""

    envelope: Envelope
    role: str
    have: int
    need: int

    @property
    def missing(self) -> int:
        """How many more keys of the role must sign."""
        return max(0, self.need - self.have)


def read_root(path: Path) -> Root:
    """The root document of an exchange's home. Raises SolventError."""
    hint = "solvent init makes one; for an exchange without one, run solvent root new-version"
    data = read_bytes(path, "the root document", hint)
    return Root.from_envelope(Envelope.from_bytes(data, ROOT.payload_type, path.name), path.name)


def add_signature(envelope: Envelope, kind: Kind, role: str, signer: Signer, root: Root | None, where: str) -> Signed:
    """``envelope`` with the signature of ``signer`` beside the others.

    Raises Rejected (E_TRUST_ROLE) for a role that does not sign such documents, or a key that is not in the role.
    """
    if not kind.allows(role):
        hint = f"these do: {', '.join(kind.roles)}"
        raise Rejected(f"a {kind.tag} is not signed by the role {role}", where=where, code="E_TRUST_ROLE", hint=hint)
    if root is not None:
        require_key(root, role, signer.public_key)
    return count(countersign(envelope, signer), role, root, where)


def count(envelope: Envelope, role: str, root: Root | None, where: str) -> Signed:
    """How far ``role`` is met. Raises Rejected (E_SIG_THRESHOLD) for a wrong signature of one of its keys."""
    threshold = root.roles.get(role) if root else None
    if root is None or threshold is None:
        return Signed(envelope, role, len(envelope.signatures), 0)
    counting = threshold.without(revocation.key for revocation in root.revoked)
    return Signed(envelope, role, len(signers(envelope, counting.keys, where)), threshold.threshold)


def require_key(root: Root, role: str, key: bytes) -> None:
    """Raises Rejected (E_TRUST_ROLE) unless ``key`` may sign for ``role`` under ``root``."""
    if any(revocation.key == key for revocation in root.revoked):
        problem, hint = "is revoked", "sign with a key that the root document still lists"
    elif role not in root.roles:
        problem = "cannot sign for it: the root document has no such role"
        hint = f"add the key: solvent root new-version --add {role}={key.hex()}"
    elif key not in root.roles[role].keys:
        problem, hint = (
            "is not one of its keys",
            "compare with solvent root show, or add it by solvent root new-version",
        )
    else:
        return
    message = f"the key {key_id(key)[:16]} {problem}"
    raise Rejected(
        message, where=f"role {role} (root document, version {root.version})", code="E_TRUST_ROLE", hint=hint
    )


def sign_versioned(path: Path, payload: bytes, kind: Kind, role: str, signer: Signer, root: Root | None) -> Signed:
    """Sign ``payload`` and put it at ``path``, where its version must be above the one there.

    The same payload again only gains a signature. Raises Rejected (E_POLICY_VERSION), and as ``add_signature`` does.
    """
    document = kind.parse(payload, path.name)
    before = _existing(path, kind)
    if before is not None and before.payload != payload:
        version = kind.parse(before.payload, path.name).version
        if document.version <= version:
            raise Rejected(
                f"version {document.version} does not follow version {version}, which is signed already",
                where=path.name,
                code="E_POLICY_VERSION",
                hint=f"write version = {version + 1}",
            )
    start = before if before is not None and before.payload == payload else Envelope(kind.payload_type, payload, ())
    signed = add_signature(start, kind, role, signer, root, path.name)
    replace(path, signed.envelope.to_bytes())
    return signed


def _existing(path: Path, kind: Kind) -> Envelope | None:
    if not path.exists():
        return None
    try:
        envelope = Envelope.from_bytes(read_bytes(path, f"the signed {kind.tag}"), kind.payload_type, path.name)
        kind.parse(envelope.payload, path.name)
    except (Malformed, Rejected, Unavailable) as error:
        raise _not_replaced(path, error) from error
    return envelope


def _not_replaced(path: Path, error: SolventError) -> Unavailable:
    return Unavailable(
        f"what is signed there cannot be read, and is not replaced: {error.message}",
        where=str(path),
        code="E_FILE",
        hint="restore it from a copy, or move it away",
    )
