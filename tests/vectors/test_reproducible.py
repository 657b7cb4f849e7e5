"""The generator writes the same bytes as lie here, and never touches what is frozen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vectors.run import VECTORS
from vectors.generate import main, write_all
from vectors.make.frozen import VERSIONS, write_frozen


def contents(place: Path) -> dict[str, bytes]:
    """Every generated JSON file."""
    generated = [path for name in ("books", "claims", "edits", "negative") for path in (place / name).glob("*.json")]
    paths = [place / "primitives.json", *generated]
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in paths}


def test_what_is_generated_is_what_lies_here(tmp_path: Path) -> None:
    write_all(tmp_path)
    here, made = contents(VECTORS), contents(tmp_path)
    assert sorted(here) == sorted(made)
    assert [name for name in here if here[name] != made[name]] == [], "run: make vectors"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_frozen_directory_is_never_written_again(version: str, tmp_path: Path) -> None:
    (tmp_path / version).mkdir()
    with pytest.raises(FileExistsError, match=f"{version} is frozen"):
        write_frozen(tmp_path / version, version)
    assert list((tmp_path / version).iterdir()) == []


def test_generating_leaves_frozen_directories_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in VERSIONS:
        (tmp_path / "frozen" / version).mkdir(parents=True)
        (tmp_path / "frozen" / version / "kept").write_text("kept")
    monkeypatch.setattr("vectors.generate.write_all", lambda place: None)
    main([str(tmp_path)])
    assert [path.name for path in (tmp_path / "frozen").rglob("*") if path.is_file()] == ["kept"] * len(VERSIONS)


def test_generating_writes_a_version_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the maker of the first version still makes the bytes that were frozen."""
    (tmp_path / "frozen" / "v2").mkdir(parents=True)
    monkeypatch.setattr("vectors.generate.write_all", lambda place: None)
    main([str(tmp_path)])
    made = tmp_path / "frozen" / "v1"
    assert (made / "CHECKSUMS").read_bytes() == (VECTORS / "frozen" / "v1" / "CHECKSUMS").read_bytes()
