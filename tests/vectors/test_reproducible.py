"""The generator writes the same bytes as lie here, and never touches what is frozen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vectors.run import VECTORS
from vectors.generate import main, write_all
from vectors.make.frozen import write_frozen


def contents(place: Path) -> dict[str, bytes]:
    """Every generated JSON file."""
    generated = [path for name in ("books", "claims", "negative") for path in (place / name).glob("*.json")]
    paths = [place / "primitives.json", *generated]
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in paths}


def test_what_is_generated_is_what_lies_here(tmp_path: Path) -> None:
    write_all(tmp_path)
    here, made = contents(VECTORS), contents(tmp_path)
    assert sorted(here) == sorted(made)
    assert [name for name in here if here[name] != made[name]] == [], "run: make vectors"


def test_the_frozen_directory_is_never_written_again(tmp_path: Path) -> None:
    (tmp_path / "v1").mkdir()
    with pytest.raises(FileExistsError, match="v1 is frozen"):
        write_frozen(tmp_path / "v1")
    assert list((tmp_path / "v1").iterdir()) == []


def test_generating_leaves_a_frozen_directory_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = tmp_path / "frozen" / "v1"
    frozen.mkdir(parents=True)
    (frozen / "kept").write_text("kept")
    monkeypatch.setattr("vectors.generate.write_all", lambda place: None)
    main([str(tmp_path)])
    assert [path.name for path in frozen.iterdir()] == ["kept"]
