"""What the verifier promises to its callers, and what the README promises about it."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

import verifier

ROOT = Path(__file__).resolve().parents[2]
MOST_NAMES = 12


def pages() -> list[Path]:
    found = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "verifier" / "README.md", *(ROOT / "docs").rglob("*.md")]
    return sorted(found)


def relative_links(text: str) -> set[str]:
    """Targets of Markdown links into the repository, without their anchors."""
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    return {t.split("#")[0] for t in targets if not re.match(r"[a-z]+:", t) and not t.startswith("#")}


def test_the_surface_is_small_and_real() -> None:
    assert 0 < len(verifier.__all__) <= MOST_NAMES
    assert len(set(verifier.__all__)) == len(verifier.__all__)
    for name in verifier.__all__:
        assert hasattr(verifier, name), name


@pytest.mark.parametrize("name", sorted(verifier.__all__))
def test_every_public_name_is_documented_and_typed(name: str) -> None:
    thing = getattr(verifier, name)
    if not callable(thing):
        return
    assert inspect.getdoc(thing), f"{name} has no docstring"
    if inspect.isfunction(thing):
        signature = inspect.signature(thing)
        assert signature.return_annotation not in (bool, "bool"), "verification raises; it never returns a bool"
        assert all(p.annotation is not p.empty for p in signature.parameters.values())


def test_the_errors_are_public() -> None:
    assert {"SolventError", "Malformed", "Rejected", "Unavailable"} <= set(verifier.__all__)


def test_the_readme_imports_only_public_names() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    imported = {
        alias.name
        for block in blocks
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.ImportFrom) and node.module == "verifier"
        for alias in node.names
    }
    assert imported, "the README shows how to verify from Python"
    assert imported <= set(verifier.__all__)


def test_the_readme_names_only_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(
        re.findall(r"`make ([a-z]+)|^make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    wanted = {first or second for first, second in named}
    assert {"demo", "test"} <= wanted <= targets


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    broken = {link for link in relative_links(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()}
    assert not broken


def test_links_are_found() -> None:
    assert relative_links("[a](x.md#y) [b](https://example.org) [c](#here)") == {"x.md"}
