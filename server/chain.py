"""Whether an epoch may be published beside those that stand already: nothing is replaced, the chain has no fork."""

from __future__ import annotations

from sqlalchemy import Engine, select

from server.database import tables
from server.database.connecting import reading
from server.documents import Documents
from verifier.errors import Rejected, Unavailable

_EVIDENCE = "both are signed: keep them, and do not publish a second history"


def stands(documents: Documents, database: Engine) -> bool:
    """Whether exactly this epoch is published. Raises Rejected (E_REPLACE) when another one has its number."""
    number = documents.attestation.identity.epoch
    with reading(database) as session:
        found = session.execute(select(tables.Epoch.digest).where(tables.Epoch.number == number)).scalar()
    if found is not None and found != documents.envelope.digest:
        raise Rejected(
            "another attestation is published for this epoch, and a published epoch is never replaced",
            where=f"epoch {number}",
            code="E_REPLACE",
            hint=_EVIDENCE,
        )
    return found is not None


def signer(documents: Documents, database: Engine, given: bytes | None) -> bytes:
    """The key that should have signed: the given one, else a known one that did. Raises Unavailable (E_KEY)."""
    if given is not None:
        return given
    with reading(database) as session:
        query = select(tables.Key.public_key).where(tables.Key.keyid.in_(documents.signed_by))
        known = session.execute(query).scalars().first()
    if known is None:
        raise Unavailable(
            "it is not known whose signature this should be",
            where="attestation.json",
            code="E_KEY",
            hint="give the exchange's public key with --key, once: a file such as exchange-key.txt, or 64 hex digits",
        )
    return bytes.fromhex(known)


def require_fit(documents: Documents, database: Engine) -> None:
    """Raises Rejected (E_CHAIN) unless the epoch continues the published chain, or the site is empty."""
    identity, digest = documents.attestation.identity, documents.envelope.digest
    with reading(database) as session:
        known = list(session.execute(select(tables.Epoch)).scalars())
    if not known:
        return
    if any(epoch.exchange != identity.exchange for epoch in known):
        raise _misfit(documents, "it is by another exchange than what is published here")
    twin = next((epoch for epoch in known if epoch.previous == identity.previous), None)
    if twin is not None:
        raise _misfit(documents, f"epoch {twin.number} names the same predecessor")
    if any(epoch.previous == digest and epoch.number > identity.epoch for epoch in known):
        return
    before = next((epoch for epoch in known if epoch.digest == identity.previous), None)
    if before is None:
        raise _misfit(documents, "the attestation it continues is not published here")
    if before.number >= identity.epoch or before.taken_at >= identity.taken_at:
        raise _misfit(documents, f"it is not later than epoch {before.number}, which it continues")


def _misfit(documents: Documents, message: str) -> Rejected:
    hint = "publish the epochs of one chain in their order; where two name one predecessor, keep both as evidence"
    return Rejected(message, where=f"epoch {documents.attestation.identity.epoch}", code="E_CHAIN", hint=hint)
