"""Publishing: whole or not at all, never twice, never in place of another, on either database."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import stat
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError

from server import caches, publishing
from server.database import records, tables
from server.database.connecting import for_publisher, for_service, is_current, reading
from server.publishing import publish
from server.settings import Settings
from tests.support.books import PUBLIC_KEY, SIGNER, Epoch, make_epoch, new_store, plan
from tests.support.refusals import refused
from tests.support.site import ENGINE, FROZEN, KEY, asking, attestation, publish_frozen
from verifier.errors import Malformed, Rejected, SolventError, Unavailable


@pytest.fixture
def settings(tmp_path: Path, database: str) -> Settings:
    """An empty site on either database."""
    return Settings(tmp_path / "site", database=database)


def stored(settings: Settings, table: type[tables.Table]) -> list[Any]:
    engine = for_service(settings)
    with reading(engine) as session:
        found = list(session.execute(select(table)).scalars())
        session.expunge_all()
    engine.dispose()
    return found


def left(settings: Settings) -> list[str]:
    """Everything in the epochs' and the caches' directories."""
    return sorted(
        str(path.relative_to(settings.root))
        for part in ("epochs", "cache")
        for path in (settings.root / part).glob("*")
    )


def test_an_epoch_appears(settings: Settings) -> None:
    done = publish(FROZEN / "1", settings, ENGINE, KEY)
    assert (done.epoch, done.new) == (1, True)
    (epoch,) = stored(settings, tables.Epoch)
    a = attestation(1)
    assert (epoch.number, epoch.digest, epoch.accounts, epoch.previous) == (1, done.digest, a.accounts, "")
    files = {file.name: file for file in stored(settings, tables.File)}
    assert set(files) == {*a.files, "attestation.json"}
    for name, file in files.items():
        path = settings.site.epoch(1) / name
        assert path.read_bytes() == (FROZEN / "1" / name).read_bytes()
        assert [file.bytes, file.mtime_ns] == caches.stamp(path)
        assert stat.S_IMODE(path.stat().st_mode) & 0o444 == 0o444
    assert left(settings) == ["cache/1", "epochs/1"]
    (attempt,) = stored(settings, tables.Publication)
    assert (attempt.epoch, attempt.state, attempt.code) == (1, "published", "")


def test_both_databases_answer_alike(settings: Settings, request: pytest.FixtureRequest) -> None:
    publish_frozen(settings, 1, 2)
    client = asking(settings)
    request.addfinalizer(client.application.extensions["solvent.library"].database.dispose)
    listed = client.get("/v1/attestations").json
    assert listed is not None
    assert [epoch["epoch"] for epoch in listed["attestations"]] == [2, 1]
    assert client.get("/v1/attestations/2").status_code == 200
    assert client.get("/").status_code == 200
    assert client.get("/epochs/2").status_code == 200
    assert client.get("/status").status_code == 200


def test_twice_changes_nothing(settings: Settings) -> None:
    publish_frozen(settings, 1)
    before = [(p, p.stat().st_mtime_ns) for p in sorted(settings.root.rglob("*")) if "epochs" in str(p)]
    again = publish(FROZEN / "1", settings, ENGINE)
    assert not again.new
    assert [(p, p.stat().st_mtime_ns) for p in sorted(settings.root.rglob("*")) if "epochs" in str(p)] == before
    assert len(stored(settings, tables.Publication)) == 1


def test_the_tables_are_the_newest(settings: Settings) -> None:
    publish_frozen(settings, 1)
    engine = for_service(settings)
    assert is_current(engine)
    engine.dispose()


def test_the_service_cannot_write(settings: Settings) -> None:
    publish_frozen(settings, 1)
    engine = for_service(settings)
    with refused(Unavailable, "E_DATABASE"):
        delete_figures(engine)
    engine.dispose()
    assert stored(settings, tables.Figure)


def delete_figures(engine: Engine) -> None:
    with reading(engine) as session:
        session.execute(text("delete from figures"))
        session.commit()


def test_files_are_linked_on_one_disk(tmp_path: Path) -> None:
    source = shutil.copytree(FROZEN / "1", tmp_path / "1")
    settings = Settings(tmp_path / "site")
    publish(source, settings, ENGINE, KEY)
    assert (settings.site.epoch(1) / "leaves.bin").stat().st_ino == (source / "leaves.bin").stat().st_ino


def test_files_are_copied_from_another_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_disk(*_: object) -> None:
        raise OSError(errno.EXDEV, "other disk")

    monkeypatch.setattr(os, "link", other_disk)
    settings = Settings(tmp_path / "site")
    publish(FROZEN / "1", settings, ENGINE, KEY)
    assert (settings.site.epoch(1) / "leaves.bin").read_bytes() == (FROZEN / "1" / "leaves.bin").read_bytes()


def test_a_private_file_becomes_readable(tmp_path: Path) -> None:
    source = shutil.copytree(FROZEN / "1", tmp_path / "1")
    (source / "leaves.bin").chmod(0o600)
    settings = Settings(tmp_path / "site")
    publish(source, settings, ENGINE, KEY)
    assert stat.S_IMODE((settings.site.epoch(1) / "leaves.bin").stat().st_mode) == 0o644


def changed(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def apply(directory: Path) -> None:
        (directory / name).write_bytes(change((directory / name).read_bytes()))

    return apply


def flip(data: bytes) -> bytes:
    return data[:200] + bytes([data[200] ^ 1]) + data[201:]


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a row altered": (changed("leaves.bin", flip), "E_BINDING"),
    "a sealed record altered": (changed("sealed.bin", flip), "E_BINDING"),
    "a proof altered": (changed("book.proof", flip), "E_BINDING"),
    "the schema altered": (changed("schema.json", lambda d: d.replace(b"BTC", b"BTK")), "E_BINDING"),
    "the attestation altered": (changed("attestation.json", lambda d: d.replace(b'"sig":"', b'"sig":"A', 1)), "E_TYPE"),
    "a row more": (changed("leaves.bin", lambda d: d + d[:96]), "E_BINDING"),
    "a file less": (lambda directory: (directory / "book.proof").unlink(), "E_FILE"),
    "no attestation": (lambda directory: (directory / "attestation.json").unlink(), "E_FILE"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged(name: str, tmp_path: Path) -> None:
    apply, code = DAMAGES[name]
    source = shutil.copytree(FROZEN / "1", tmp_path / "1")
    apply(source)
    settings = Settings(tmp_path / "site")
    with pytest.raises((SolventError, FileNotFoundError)) as caught:
        publish(source, settings, ENGINE, KEY)
    assert isinstance(caught.value, FileNotFoundError) or getattr(caught.value, "code", "") == code, caught.value
    assert left(settings) == []
    if settings.site.database.exists():
        assert stored(settings, tables.Epoch) == []
        assert [attempt.state for attempt in stored(settings, tables.Publication)] == ["failed"]


def test_whose_signature_must_be_known(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "site")
    with refused(Unavailable, "E_KEY"):
        publish(FROZEN / "1", settings, ENGINE)
    with refused(Rejected, "E_SIG_THRESHOLD"):
        publish(FROZEN / "1", settings, ENGINE, PUBLIC_KEY)
    publish(FROZEN / "1", settings, ENGINE, KEY)
    publish(FROZEN / "2", settings, ENGINE)
    (key,) = stored(settings, tables.Key)
    assert (key.public_key, key.first_epoch, key.last_epoch) == (KEY.hex(), 1, 2)


@pytest.fixture(scope="module")
def rival(tmp_path_factory: pytest.TempPathFactory) -> Epoch:
    """Another first epoch, by another exchange and key."""
    return make_epoch(new_store(tmp_path_factory.mktemp("rival")), plan(), engine=ENGINE)


def test_nothing_is_replaced(tmp_path: Path, rival: Epoch) -> None:
    settings = Settings(tmp_path / "site")
    publish_frozen(settings, 1)
    with refused(Rejected, "E_REPLACE"):
        publish(rival.directory, settings, ENGINE, SIGNER.public_key)
    assert (settings.site.epoch(1) / "leaves.bin").read_bytes() == (FROZEN / "1" / "leaves.bin").read_bytes()


def test_what_lies_there_unknown_to_the_database_is_not_thrown_away(tmp_path: Path, rival: Epoch) -> None:
    """As with the database of another site, or an empty one after a loss."""
    settings = Settings(tmp_path / "site")
    publish_frozen(settings, 1)
    settings.site.database.unlink()
    with refused(Rejected, "E_REPLACE"):
        publish(rival.directory, settings, ENGINE, SIGNER.public_key)
    assert (settings.site.epoch(1) / "leaves.bin").read_bytes() == (FROZEN / "1" / "leaves.bin").read_bytes()
    assert publish(FROZEN / "1", settings, ENGINE, KEY).new


def test_the_chain(tmp_path: Path, rival: Epoch) -> None:
    settings = Settings(tmp_path / "site")
    later = make_epoch(rival.store, plan(first=False, taken_at=1_700_009_000, issued_at=1_700_009_060), engine=ENGINE)
    publish(later.directory, settings, ENGINE, SIGNER.public_key)
    with refused(Rejected, "E_REPLACE"):
        publish_frozen(settings, 2)
    publish(rival.directory, settings, ENGINE)
    numbers = sorted(epoch.number for epoch in stored(settings, tables.Epoch))
    assert numbers == [1, 2], "a site may begin late and be completed backwards"


def test_a_second_history_is_refused(tmp_path: Path) -> None:
    """Two epochs that name one predecessor, both signed by the exchange."""
    store = new_store(tmp_path / "one")
    first = make_epoch(store, plan(), engine=ENGINE)
    other = shutil.copytree(tmp_path / "one", tmp_path / "two")
    second = make_epoch(store, plan(first=False, taken_at=1_700_009_000, issued_at=1_700_009_060), engine=ENGINE)
    settings = Settings(tmp_path / "site")
    publish(first.directory, settings, ENGINE, SIGNER.public_key)
    publish(second.directory, settings, ENGINE)
    fork = make_epoch(
        new_store(other), plan(first=False, taken_at=1_700_009_999, issued_at=1_700_010_060), engine=ENGINE
    )
    with refused(Rejected, "E_REPLACE"):
        publish(fork.directory, settings, ENGINE)
    with refused(Rejected, "E_CHAIN"):
        publish(FROZEN / "1", Settings(settings.root, database=f"sqlite:///{_renumbered(settings)}"), ENGINE, KEY)


def _renumbered(settings: Settings) -> Path:
    """The same database, whose epochs have other numbers: only the chain can refuse."""
    path = settings.root / "other.db"
    shutil.copy(settings.site.database, path)
    connection = sqlite3.connect(path)
    for table, column in (("epochs", "number"), ("files", "epoch"), ("figures", "epoch")):
        connection.execute(f"update {table} set {column} = {column} + 100")  # noqa: S608 (names of ours)
    connection.commit()
    connection.close()
    return path


def test_two_publishers(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "site")
    with settings.site.locked(), refused(Unavailable, "E_LOCKED"):
        publish_frozen(settings, 1)
    publish_frozen(settings, 1)


def test_what_a_killed_publisher_left_is_removed(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "site")
    publish_frozen(settings, 1)
    for part in ("epochs", "cache"):
        (settings.root / part / ".publish-dead").mkdir()
        (settings.root / part / ".publish-dead" / "leaves.bin").write_bytes(b"half")
    shutil.copytree(FROZEN / "2", settings.site.epoch(2))
    publish_frozen(settings, 2)
    assert left(settings) == ["cache/1", "cache/2", "epochs/1", "epochs/2"]


FULL = [(caches, "_write_order"), (caches, "_write_made"), (publishing, "_link"), (records, "insert")]


@pytest.mark.parametrize(("module", "name"), FULL, ids=[name for _, name in FULL])
def test_a_full_disk(module: Any, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(tmp_path / "site")
    publish_frozen(settings, 1)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(module, name, full)
        with pytest.raises(OSError, match="No space"):
            publish_frozen(settings, 2)
    assert left(settings) == ["cache/1", "epochs/1"]
    assert [attempt.code for attempt in stored(settings, tables.Publication)] == ["", "E_FILE"]
    assert asking(settings).get("/v1/attestations/1").status_code == 200
    publish_frozen(settings, 2)


def test_a_database_that_fails_at_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(tmp_path / "site")
    publish_frozen(settings, 1)

    def gone(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("gone"))

    with monkeypatch.context() as patched:
        patched.setattr(records, "insert", gone)
        with refused(Unavailable, "E_DATABASE"):
            publish_frozen(settings, 2)
    assert left(settings) == ["cache/1", "epochs/1"]


def test_no_database_there(tmp_path: Path) -> None:
    for url in ("postgresql+psycopg://nobody@127.0.0.1:1/none", "nosuch://x", "sqlite:////proc/none/site.db"):
        with pytest.raises(Unavailable) as caught:
            publish_frozen(Settings(tmp_path / "site", database=url), 1)
        assert caught.value.code == "E_DATABASE"
        shown = "".join(traceback.format_exception(caught.value)) + str(vars(caught.value))
        assert url not in shown


def test_a_site_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("a file")
    with refused(Unavailable, "E_FILE"):
        publish_frozen(Settings(tmp_path / "site"), 1)


def test_a_document_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "attestation.json").write_text(json.dumps({"a": 1}))
    with pytest.raises(Malformed):
        publish(tmp_path, Settings(tmp_path / "site"), ENGINE, KEY)
    assert not (tmp_path / "site").exists()


def test_migrations_lead_to_the_declared_tables(settings: Settings) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    settings.root.mkdir()
    engine = for_publisher(settings)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.Table.metadata) == []
    engine.dispose()
