"""Document files: replaced whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from attest.documents.files import read_bytes, read_text, replace
from tests.support.exchange import found
from tests.support.refusals import refused
from verifier.errors import Malformed, Unavailable


def test_what_is_there_is_replaced(tmp_path: Path) -> None:
    for data in (b"one", b"two"):
        replace(tmp_path / "deep/file.json", data)
        assert (tmp_path / "deep/file.json").read_bytes() == data
    assert found(tmp_path) == ["deep", "deep/file.json"]
    assert (tmp_path / "deep/file.json").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("step", ["fsync", "rename"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    replace(tmp_path / "file.json", b"before")

    def fail(*_: object) -> None:
        raise error

    target: object = os if step == "fsync" else Path
    monkeypatch.setattr(target, step, fail)
    with pytest.raises(type(error)):
        replace(tmp_path / "file.json", b"after")
    assert found(tmp_path) == ["file.json"]
    assert (tmp_path / "file.json").read_bytes() == b"before"


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with refused(Unavailable, "E_FILE", where=str(tmp_path / "no")):
        read_bytes(tmp_path / "no", "the document")
    (tmp_path / "latin").write_bytes(b"\xe9")
    with refused(Malformed, "E_FILE", where=str(tmp_path / "latin")):
        read_text(tmp_path / "latin", "the text")
    (tmp_path / "bom").write_bytes(b"\xef\xbb\xbfx")
    assert read_text(tmp_path / "bom", "the text") == "x"
