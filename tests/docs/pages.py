"""The project's pages, and what stands in them: code blocks, links, anchors, cited files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CITED: Final = re.compile(
    r"((?:verifier|attest|tests|docs|vectors|demo|bench)/(?:[\w./-]*\w/?)?|(?:[\w-]+/)?README\.md|CHANGELOG\.md)"
    r"(?:::(\w+))?"
)


def pages() -> list[Path]:
    """Every page for readers."""
    front = [ROOT / name for name in ("README.md", "CHANGELOG.md", "verifier/README.md")]
    return [*front, *sorted((ROOT / "docs").rglob("*.md"))]


def name(path: Path) -> str:
    """A page's name in test reports."""
    return path.relative_to(ROOT).as_posix()


def read(path: Path) -> str:
    """The text of a page."""
    return path.read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced code blocks of one language, "" for those without one."""
    return [body for kind, body in _FENCE.findall(text) if kind == language]


def without_blocks(text: str) -> str:
    """The text without its fenced code."""
    return _FENCE.sub("", text)


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(text: str) -> set[tuple[str, str]]:
    """(file or "", anchor or "") of every link that stays in the repository."""
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    inner = {target for target in targets if not re.match(r"[a-z]+:", target)}
    return {(target.partition("#")[0], target.partition("#")[2]) for target in inner}


def inline_code(text: str) -> list[str]:
    """Everything between single backticks, outside of blocks."""
    return re.findall(r"`([^`\n]+)`", without_blocks(text))


def cited(text: str) -> set[tuple[str, str]]:
    """(path, name or "") of every file that the text names; placeholders such as ``<n>`` are no files.

    ``::name`` alone belongs to the file named last.
    """
    found, last = set(), ""
    for code in inline_code(text):
        if match := _CITED.fullmatch(code):
            last = match[1]
            found.add((last, match[2] or ""))
        elif code.startswith("::"):
            found.add((last, code[2:]))
    return found
