"""The page's sources are strictly typed, its tests pass, and what is committed is exactly what they build."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.node import PAGE, node_modules, run

BUILT = [
    "static/check.css", "static/check.js", "static/copy.js", "static/solvent-check.d.mts", "static/solvent-check.mjs",
    "static/verifier.html", "templates/check.html", "templates/check/de.html", "templates/check/en.html",
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def installed() -> Path:
    return node_modules()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("built")
    run("node", "build.mjs", place)
    return place


@pytest.mark.parametrize("project", [".", "tests"])
def test_types(project: str) -> None:
    run("tsc", "-p", project)


def test_the_page_s_own_tests() -> None:
    told = run("node", "test.mjs")
    assert "# fail 0" in told
    assert "# skipped 0" in told
    assert int(told.split("# pass ")[1].split()[0]) > 150


def test_nothing_else_is_built(built: Path) -> None:
    assert sorted(path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()) == BUILT


@pytest.mark.parametrize("name", BUILT)
def test_what_is_committed_is_what_the_sources_build(name: str, built: Path) -> None:
    assert (PAGE.parent / name).read_bytes() == (built / name).read_bytes()


def test_every_package_is_pinned_and_hashed() -> None:
    lock = json.loads((PAGE / "package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert len(packages) > 5
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    wanted = json.loads((PAGE / "package.json").read_text("utf-8"))
    versions = [*wanted["dependencies"].values(), *wanted["devDependencies"].values()]
    assert all(version[0].isdigit() for version in versions)


def test_both_languages_say_the_same_things() -> None:
    english, german = (json.loads((PAGE / f"texts/{lang}.json").read_text("utf-8")) for lang in ("en", "de"))
    assert list(english) == list(german)
    places = [{key: text.count("{") for key, text in texts.items()} for texts in (english, german)]
    assert places[0] == places[1]


def test_the_page_speaks_plainly() -> None:
    """No words of the trade, and sentences that a child of twelve can read."""
    texts = json.loads((PAGE / "texts/en.json").read_text("utf-8"))
    said = " ".join(texts.values()).lower()
    for word in ("zk", "zero-knowledge", "merkle", "hash", "cryptograph", "commitment", "leaf", "attestation "):
        assert word not in said
    sentences = [s for text in texts.values() for s in text.replace("?", ".").replace(":", ".").split(". ") if s]
    assert max(len(sentence.split()) for sentence in sentences) <= 32


def test_the_offline_page_may_load_and_send_nothing(built: Path) -> None:
    page = (built / "static/verifier.html").read_text("utf-8")
    policy = page.split('Content-Security-Policy" content="')[1].split('"')[0]
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy
    assert "unsafe" not in policy
    assert "src=" not in page.split("<script>")[0].replace("-src", "")
    assert len(page) < 200_000


def test_no_text_becomes_markup() -> None:
    """What is read is only ever put into the page as text."""
    sources = "".join(path.read_text("utf-8") for path in (PAGE / "src").rglob("*.ts"))
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert way not in sources
