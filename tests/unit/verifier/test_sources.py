"""Files read in pieces, and what a missing or changed one says."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.support.refusals import refused
from verifier import sources
from verifier.errors import Rejected, Unavailable
from verifier.sources import BytesSource, FileSource, Source, pieces, require_digest, sha256


@pytest.fixture(params=["memory", "disk"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    data = bytes(range(100))
    if request.param == "memory":
        return BytesSource("x.bin", data)
    (tmp_path / "x.bin").write_bytes(data)
    return FileSource(tmp_path / "x.bin")


def test_reading(source: Source) -> None:
    assert (source.name, source.size) == ("x.bin", 100)
    assert source.read(10, 5) == bytes(range(10, 15))
    assert source.read(98, 5) == bytes([98, 99])
    assert source.read(200, 5) == b""
    assert source.read(0, 0) == b""


def test_pieces_and_digest(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "PIECE", 7)
    assert [len(piece) for piece in pieces(source)] == [7] * 14 + [2]
    assert sha256(source) == hashlib.sha256(bytes(range(100))).hexdigest()


def test_no_such_file(tmp_path: Path) -> None:
    missing = FileSource(tmp_path / "none.bin")
    with refused(Unavailable, "E_FILE", where=str(tmp_path / "none.bin")):
        missing.read(0, 1)
    with refused(Unavailable, "E_FILE"):
        assert missing.size
    with refused(Unavailable, "E_FILE"):
        FileSource(tmp_path).read(0, 1)


def test_require_digest() -> None:
    require_digest("x.bin", "aa", "aa")
    with refused(Rejected, "E_BINDING", where="x.bin"):
        require_digest("x.bin", "aa", "ab")


def test_a_source_in_memory_does_not_show_its_bytes() -> None:
    assert "secret" not in repr(BytesSource("x", b"secret"))
