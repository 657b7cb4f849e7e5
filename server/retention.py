"""``solvent prune`` and ``solvent rebuild``: what a site may lose, and what it can make again.

Everything is kept by default. What may go is what makes a site large: rows, sealed records and proofs, 400 days after
the snapshot at the earliest. The attestation and the documents it names stay for ever, so the chain stays whole.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Engine as Database
from sqlalchemy import select

from server import caches, roots
from server.caches import stamp
from server.database import tables
from server.database.connecting import for_publisher, reading, writing
from server.documents import Documents
from server.publishing import Progress
from server.settings import Settings
from server.site import Site, sync
from verifier.engine import Engine
from verifier.epoch import no_progress
from verifier.errors import Malformed
from verifier.sources import FileSource, require_digest, sha256

LEAST_DAYS: Final = 400
DAY_S: Final = 86_400
REMOVABLE: Final = ("book.proof", "claims.proof", "leaves.bin", "sealed.bin")


@dataclass(frozen=True, slots=True)
class Removed:
    """A file that was removed, or would be."""

    epoch: int
    name: str
    bytes: int


def prune(settings: Settings, days: int, *, really: bool, now: int | None = None) -> list[Removed]:
    """Remove what is older than ``days`` (at least 400) and may go; without ``really`` only say what that is.

    The newest epoch keeps everything. The database says so first: a file that is half gone is never served.
    Raises Malformed (E_RETENTION), Unavailable.
    """
    if days < LEAST_DAYS:
        raise Malformed(
            f"files are kept for at least {LEAST_DAYS} days, not {days}",
            where="--older-than",
            code="E_RETENTION",
            hint="customers and auditors rely on this time; choose a longer one",
        )
    before = (int(time.time()) if now is None else now) - days * DAY_S
    site = settings.site
    with site.locked():
        database = for_publisher(settings)
        try:
            found = [
                Removed(file.epoch, file.name, file.bytes)
                for epoch, file in _removable(database)
                if epoch.taken_at < before
            ]
            if really:
                _remove(found, database)
            _finish(site, database)
            return found
        finally:
            database.dispose()


def rebuild(settings: Settings, engine: Engine, progress: Progress = no_progress) -> list[int]:
    """Compare every file with what was signed, derive the caches anew and note how the files lie now.

    Returns the epochs. Raises Rejected (E_BINDING) at a file that is not the one that was signed: restore it from a
    copy and rebuild again.
    """
    site = settings.site
    with site.locked():
        database = for_publisher(settings)
        try:
            with reading(database) as session:
                numbers = list(session.execute(select(tables.Epoch.number).order_by(tables.Epoch.number)).scalars())
            for number in numbers:
                _rebuild(number, site, database, engine, progress)
            return numbers
        finally:
            database.dispose()


def _removable(database: Database) -> list[tuple[tables.Epoch, tables.File]]:
    """Files that may go one day, of all epochs but the newest."""
    with reading(database) as session:
        query = (
            select(tables.Epoch, tables.File)
            .join(tables.File, tables.File.epoch == tables.Epoch.number)
            .where(tables.File.removed_at == 0, tables.File.name.in_(REMOVABLE))
            .order_by(tables.Epoch.number, tables.File.name)
        )
        found = [(epoch, file) for epoch, file in session.execute(query).all()]
        newest = session.execute(select(tables.Epoch.number).order_by(tables.Epoch.number.desc())).scalars().first()
        session.expunge_all()
    return [(epoch, file) for epoch, file in found if epoch.number != newest]


def _remove(found: list[Removed], database: Database) -> None:
    with writing(database) as session:
        for item in found:
            file = session.get(tables.File, (item.epoch, item.name))
            if file is not None:
                file.removed_at = int(time.time())


def _finish(site: Site, database: Database) -> None:
    """Delete what the database calls removed, also what an interrupted run left."""
    with reading(database) as session:
        query = select(tables.File.epoch, tables.File.name).where(tables.File.removed_at > 0)
        gone = [(int(epoch), str(name)) for epoch, name in session.execute(query).all()]
    for epoch, name in gone:
        (site.epoch(epoch) / name).unlink(missing_ok=True)
        if name == "leaves.bin":
            shutil.rmtree(site.cache(epoch), ignore_errors=True)


def _rebuild(number: int, site: Site, database: Database, engine: Engine, progress: Progress) -> None:
    directory = site.epoch(number)
    with reading(database) as session:
        query = select(tables.File).where(tables.File.epoch == number, tables.File.removed_at == 0)
        files = list(session.execute(query).scalars())
        session.expunge_all()
    for file in files:
        require_digest(f"epoch {number}: {file.name}", sha256(FileSource(directory / file.name)), file.sha256)
    if any(file.name == "leaves.bin" for file in files):
        _new_cache(number, site, engine, progress)
    roots.put(number, site)
    with writing(database) as session:
        for name, changed in _lies(files, directory):
            kept = session.get(tables.File, (number, name))
            if kept is not None:
                kept.mtime_ns = changed


def _new_cache(number: int, site: Site, engine: Engine, progress: Progress) -> None:
    """Beside the old one, then in its place."""
    files, cache = site.making(f"rebuild-{number}")
    try:
        caches.build(site.epoch(number), Documents.read(site.epoch(number)).attestation, cache, engine, progress)
        shutil.rmtree(site.cache(number), ignore_errors=True)
        cache.rename(site.cache(number))
        sync(site.caches)
    finally:
        site.discard(files.name.removeprefix(".publish-"))


def _lies(files: list[tables.File], directory: Path) -> Iterator[tuple[str, int]]:
    for file in files:
        yield file.name, stamp(directory / file.name)[1]
