"""site.toml, read strictly."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.settings import Settings
from tests.support.refusals import refused
from verifier.errors import Malformed

WHOLE = """
database = "postgresql://solvent:secret-word@db/site"
public_url = "https://por.ex.example"
compare_at = ["https://ex.example/security", "the annual report, page 4"]
rate_limit = "60 per minute"
rate_storage = "redis://cache:6379"
proxies = 1
tls = true
"""


def test_without_a_file(tmp_path: Path) -> None:
    assert Settings.load(tmp_path, {}) == Settings(tmp_path)


def test_everything(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(WHOLE)
    assert Settings.load(tmp_path, {}) == Settings(
        tmp_path,
        database="postgresql+psycopg://solvent:secret-word@db/site",
        public_url="https://por.ex.example",
        compare_at=("https://ex.example/security", "the annual report, page 4"),
        rate_limit="60 per minute",
        rate_storage="redis://cache:6379",
        proxies=1,
        tls=True,
    )


def test_the_environment_names_the_database(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(WHOLE)
    assert Settings.load(tmp_path, {"SOLVENT_DATABASE": "sqlite:///x.db"}).database == "sqlite:///x.db"


def test_passwords_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(WHOLE)
    assert "secret-word" not in repr(Settings.load(tmp_path, {}))


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("colour = 1", "colour"),
        ("tls = 1", "tls"),
        ("proxies = true", "proxies"),
        ("proxies = -1", "proxies"),
        ("proxies = 17", "proxies"),
        ("rate_limit = 60", "rate_limit"),
        ('compare_at = "x"', "compare_at"),
        ("compare_at = [1]", "compare_at"),
        ("root = 'x'", "root"),
        ("[database]\nurl = 'x'", "database"),
    ],
)
def test_refused(tmp_path: Path, line: str, where: str) -> None:
    (tmp_path / "site.toml").write_text(line)
    with refused(Malformed, "E_CONFIG", where=f"{tmp_path / 'site.toml'}: {where}"):
        Settings.load(tmp_path, {})


@pytest.mark.parametrize("data", [b"x = ", b"\xff = 1"])
def test_no_toml(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "site.toml").write_bytes(data)
    with refused(Malformed, "E_CONFIG"):
        Settings.load(tmp_path, {})
