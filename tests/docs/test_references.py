"""What the pages point to exists: files, anchors, tests by name, decisions in the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, anchors, cited, links, name, pages, read


@pytest.mark.parametrize("page", pages(), ids=name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    broken = []
    for target, anchor in links(read(page)):
        path = page.parent / target if target else page
        if not path.exists() or (anchor and anchor not in anchors(read(path))):
            broken.append(f"{target}#{anchor}")
    assert broken == []


@pytest.mark.parametrize("page", pages(), ids=name)
def test_files_and_tests_that_a_page_names_exist(page: Path) -> None:
    missing = [f"{path}::{test}" for path, test in cited(read(page)) if not stands(path, test)]
    assert missing == []


def stands(path: str, test: str) -> bool:
    """Whether ``path`` exists and, where ``test`` names a test, holds it."""
    file = ROOT / path
    if not test:
        return file.exists()
    return file.is_file() and re.search(rf"^\s*(?:def|class) {test}\b", read(file), re.MULTILINE) is not None


@pytest.mark.parametrize("package", ["verifier", "attest", "vectors", "bench", "demo", "tests/support"])
def test_pages_and_tests_that_the_sources_name_exist(package: str) -> None:
    named = {
        found
        for path in (ROOT / package).rglob("*.py")
        for found in re.findall(r"(?:tests|docs)/[a-z_/-]+\.(?:py|md)", read(path))
    }
    assert {found for found in named if not (ROOT / found).is_file()} == set()


def test_every_decision_stands_in_the_index() -> None:
    index = read(ROOT / "docs" / "adr" / "index.md")
    decisions = sorted(path.name for path in (ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert [target for target, _ in sorted(links(index))] == decisions
    numbers = [int(decision[:4]) for decision in decisions]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_threat_model_names_a_test_for_most_attacks() -> None:
    named = {test for _, test in cited(read(ROOT / "docs" / "threat-model.md")) if test}
    assert len(named) > 30


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see `tests/docs/pages.py`", {("tests/docs/pages.py", "")}),
        ("`tests/docs/pages.py::read`", {("tests/docs/pages.py", "read")}),
        ("`vectors/`, `public/epochs/1`, `private/epochs/<n>/totals.json`", {("vectors/", "")}),
        ("in `tests/x.py`: `::one`, `::two`", {("tests/x.py", ""), ("tests/x.py", "one"), ("tests/x.py", "two")}),
        ("```\nattest/none.py\n```", set()),
    ],
)
def test_citations_are_recognised(text: str, found: set[tuple[str, str]]) -> None:
    assert cited(text) == found


def test_what_does_not_exist_is_noticed() -> None:
    assert stands("tests/docs/pages.py", "read")
    assert not stands("tests/docs/pages.py", "write")
    assert not stands("tests/docs/none.py", "")
    assert not stands("tests/docs/none.py", "read")
    assert "a-heading-with-3-parts" in anchors("# A heading, with 3 parts\n")
    assert links("[a](x.md#y) [b](https://example.org) [c](#here)") == {("x.md", "y"), ("", "here")}
