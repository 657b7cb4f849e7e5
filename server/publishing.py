"""``solvent publish``: an epoch directory becomes part of the site, whole or not at all.

1. Read the documents; the signature is by the exchange's key; the chain fits and nothing is replaced.
2. Link the files into a directory in the making (copy, on another disk); each has the SHA-256 that was signed.
3. Derive the cache; the rows lead to the signed root.
4. Rename both directories into place.
5. Insert the epoch into the database, in one transaction: from that commit on it is published.
6. Put its root document at ``keys/<version>.json``, unless it stands there (server.roots).

A publisher that is killed leaves at most directories that no row of the database names. The next one removes them.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Final

from sqlalchemy import Engine as Database

from server import caches, chain, roots
from server.database import records
from server.database.connecting import for_publisher, writing
from server.documents import Documents
from server.settings import Settings
from server.site import Site, sync
from verifier.engine import Engine
from verifier.epoch import ATTESTATION, no_progress
from verifier.errors import Rejected, SolventError
from verifier.leaves import RECORD
from verifier.sealed_file import require_layout
from verifier.sources import FileSource, require_digest, sha256

Progress = Callable[[str, int, int], None]
_READABLE: Final = 0o444


@dataclass(frozen=True, slots=True)
class Published:
    """What a publisher did: ``new`` is False where the epoch stood there already."""

    epoch: int
    digest: str
    new: bool
    seconds: float


def publish(
    directory: Path, settings: Settings, engine: Engine, key: bytes | None = None, progress: Progress = no_progress
) -> Published:
    """Publish an epoch directory. ``key`` is the exchange's public key, needed at first and when it changes.

    Raises Malformed, Rejected, Unavailable, or OSError when the disk refuses; then nothing has changed.
    """
    started = time.monotonic()
    documents = Documents.read(directory)
    site = settings.site
    with site.locked():
        database = for_publisher(settings)
        try:
            new = _publish(documents, site, database, engine, key, progress)
        finally:
            database.dispose()
    number = documents.attestation.identity.epoch
    return Published(number, documents.envelope.digest, new, time.monotonic() - started)


def _publish(
    documents: Documents, site: Site, database: Database, engine: Engine, key: bytes | None, progress: Progress
) -> bool:
    number = documents.attestation.identity.epoch
    if chain.stands(documents, database):
        roots.put(number, site)
        return False
    documents.require_signature(signer := chain.signer(documents, database, key))
    chain.require_fit(documents, database)
    roots.require_fit(documents, site, signer)
    with _noted(documents, database), _made(site) as (files, cache):
        _take(documents, files, progress)
        caches.build(files, documents.attestation, cache, engine, progress)
        _into_place(documents, site, files, cache)
        _insert(documents, site, database, signer)
        roots.put(number, site)
    return True


def _insert(documents: Documents, site: Site, database: Database, signer: bytes) -> None:
    """The commit. Where it fails for certain the directories go; where it may have happened they stay."""
    try:
        with writing(database) as session:
            records.insert(session, documents, signer, site)
    except BaseException:
        if not chain.stands(documents, database):
            _out_of_place(documents, site)
        raise


@contextmanager
def _noted(documents: Documents, database: Database) -> Iterator[None]:
    """Remember the attempt and how it ended, for the status page."""
    with writing(database) as session:
        note = records.begin(session, documents)
    try:
        yield
    except SolventError as error:
        with writing(database) as session:
            records.failed(session, note, error.code)
        raise
    except OSError:
        with writing(database) as session:
            records.failed(session, note, "E_FILE")
        raise
    with writing(database) as session:
        records.done(session, note)


@contextmanager
def _made(site: Site) -> Iterator[tuple[Path, Path]]:
    """Directories in the making, gone afterwards unless they were renamed into place."""
    name = token_hex(8)
    try:
        yield site.making(name)
    finally:
        site.discard(name)


def _take(documents: Documents, target: Path, progress: Progress) -> None:
    """Link every file and compare it with what was signed."""
    signed = documents.attestation.files
    for i, name in enumerate((ATTESTATION, *signed)):
        path = target / name
        _link(documents.directory / name, path)
        if name in signed:
            require_digest(name, sha256(FileSource(path)), signed[name])
        progress("taking files", i + 1, len(signed) + 1)
    again = Documents.read(target)
    if again.envelope != documents.envelope:
        raise Rejected("it changed while it was published", where=ATTESTATION, code="E_BINDING", hint="try again")
    _require_sizes(again, target)
    sync(target)


def _require_sizes(documents: Documents, target: Path) -> None:
    accounts = documents.attestation.accounts
    size = (target / "leaves.bin").stat().st_size
    if size != RECORD * accounts:
        message = f"{accounts} rows make {RECORD * accounts} bytes, {size} found"
        raise Rejected(message, where="leaves.bin", code="E_LENGTH")
    if "sealed.bin" in documents.attestation.files:
        require_layout(FileSource(target / "sealed.bin"), accounts)


def _link(source: Path, target: Path) -> None:
    """A hard link where source and site share a disk, else a copy; readable by the user who serves it."""
    real = source.resolve(strict=True)
    try:
        os.link(real, target)
    except OSError:
        shutil.copyfile(real, target)
        sync(target)
    mode = target.stat().st_mode
    if mode & _READABLE != _READABLE:
        target.chmod(mode | _READABLE)


def _into_place(documents: Documents, site: Site, files: Path, cache: Path) -> None:
    number = documents.attestation.identity.epoch
    _require_vacant(documents, site.epoch(number))
    _out_of_place(documents, site)
    cache.rename(site.cache(number))
    files.rename(site.epoch(number))
    sync(site.caches)
    sync(site.epochs)


def _require_vacant(documents: Documents, place: Path) -> None:
    """What lies at the place may be left over from a killed publisher; anything else is not thrown away."""
    there = place / ATTESTATION
    if there.exists() and there.read_bytes() != documents.envelope.to_bytes():
        raise Rejected(
            "another attestation of this epoch lies in the site, though its database does not know it",
            where=str(place),
            code="E_REPLACE",
            hint="is this the database of this site? If it is, move that directory away",
        )


def _out_of_place(documents: Documents, site: Site) -> None:
    """Remove what lies at an epoch's place; called only while the database does not name that epoch."""
    number = documents.attestation.identity.epoch
    for path in (site.epoch(number), site.cache(number)):
        shutil.rmtree(path, ignore_errors=True)
