"""Rows written by the publisher."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import insert as insert_into
from sqlalchemy import update
from sqlalchemy.orm import Session

from server.backing import Claim, Figure, Line
from server.caches import stamp
from server.database import tables
from server.documents import Documents
from server.site import Site
from verifier.dsse import key_id
from verifier.epoch import ATTESTATION
from verifier.sources import FileSource, sha256


def begin(session: Session, documents: Documents) -> int:
    """Note that a publisher began; returns the note's number."""
    note = tables.Publication(
        epoch=documents.attestation.identity.epoch,
        digest=documents.envelope.digest,
        started_at=int(time.time()),
        state="started",
    )
    session.add(note)
    session.flush()
    return note.id


def failed(session: Session, note: int, code: str) -> None:
    """Note why it ended."""
    _end(session, note, "failed", code)


def done(session: Session, note: int) -> None:
    """Note that it ended well."""
    _end(session, note, "published", "")


def insert(session: Session, documents: Documents, signer: bytes, site: Site) -> None:
    """Everything that the database holds about one epoch."""
    identity, attestation = documents.attestation.identity, documents.attestation
    due_at, late_from = documents.due
    session.add(
        tables.Epoch(
            number=identity.epoch,
            digest=documents.envelope.digest,
            previous=identity.previous,
            exchange=identity.exchange,
            taken_at=identity.taken_at,
            issued_at=attestation.issued_at,
            expires_at=attestation.expires_at,
            published_at=int(time.time()),
            accounts=attestation.accounts,
            due_at=due_at,
            late_from=late_from,
        )
    )
    session.flush()
    _files(session, documents, site)
    _lists(session, documents)
    _key(session, signer, identity.epoch)


def _files(session: Session, documents: Documents, site: Site) -> None:
    number = documents.attestation.identity.epoch
    directory = site.epoch(number)
    digests = {ATTESTATION: sha256(FileSource(directory / ATTESTATION)), **documents.attestation.files}
    for name, digest in digests.items():
        size, changed = stamp(directory / name)
        session.add(tables.File(epoch=number, name=name, bytes=size, sha256=digest, mtime_ns=changed, removed_at=0))


def _lists(session: Session, documents: Documents) -> None:
    """Figures, claims and lines, in the order of the documents."""
    number = documents.attestation.identity.epoch
    listed: tuple[tuple[type[tables.Table], Sequence[Figure | Claim | Line]], ...] = (
        (tables.Figure, documents.figures()),
        (tables.Claim, documents.claims()),
        (tables.Line, documents.lines()),
    )
    for table, items in listed:
        rows = [{"epoch": number, "position": i, **asdict(item)} for i, item in enumerate(items)]
        if rows:
            session.execute(insert_into(table), rows)


def _key(session: Session, signer: bytes, epoch: int) -> None:
    known = session.get(tables.Key, key_id(signer))
    if known is None:
        session.add(
            tables.Key(
                keyid=key_id(signer), public_key=signer.hex(), role="exchange", first_epoch=epoch, last_epoch=epoch
            )
        )
        return
    known.first_epoch, known.last_epoch = min(known.first_epoch, epoch), max(known.last_epoch, epoch)


def _end(session: Session, note: int, state: str, code: str) -> None:
    ended = {"state": state, "code": code[:32], "finished_at": int(time.time())}
    session.execute(update(tables.Publication).where(tables.Publication.id == note).values(**ended))
