"""docs/protocol.md runs: every example gives what the page prints, every number is one of them, every label is code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.examples import failures
from tests.docs.pages import ROOT, blocks, read, without_blocks

PAGE = ROOT / "docs" / "protocol.md"
STEPS = (
    *("3.1", "3.2", "3.3", "3.4"),
    *("3.5a", "3.5b", "3.5c", "3.5d"),
    *("4a", "4b", "4c"),
    *("5.1", "5.2", "5.3", "5.4", "5.5", "5.6"),
)


def test_every_example_gives_what_the_page_prints() -> None:
    report: list[str] = []
    assert failures(read(PAGE), report) == 0, "".join(report)


def test_there_are_examples_in_every_normative_section() -> None:
    parts = re.split(r"^## ", read(PAGE), flags=re.MULTILINE)
    silent = [part.splitlines()[0] for part in parts[1:] if part[0].isdigit() and ">>>" not in part]
    assert silent == ["5. Inclusion"]


@pytest.mark.parametrize(
    "text",
    [
        "```python\n>>> 1 + 1\n3\n```",
        "```python\n>>> undefined\n```",
        "```python\n>>> x = 1\n```\nand later\n```python\n>>> x\n2\n```",
    ],
)
def test_a_wrong_example_is_noticed(text: str) -> None:
    assert failures(text, []) == 1


def test_blocks_of_one_page_share_their_names() -> None:
    assert failures("```python\n>>> x = 1\n```\nand later\n```python\n>>> x\n1\n```", []) == 0


def test_every_hexadecimal_number_comes_from_an_example() -> None:
    assert re.findall(r"[0-9a-f]{16,}", without_blocks(read(PAGE))) == []
    others = "".join(blocks(read(PAGE), ""))
    assert re.findall(r"[0-9a-f]{16,}", others) == []


def sources(package: str) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / package).rglob("*.py")))


def mentions(text: str, label: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(label)}(?![\w])", text) is not None


@pytest.mark.parametrize("label", STEPS)
def test_every_step_stands_in_the_page(label: str) -> None:
    assert mentions(read(PAGE), label)


@pytest.mark.parametrize("label", [step for step in STEPS if step not in ("3.2", "3.3")])
def test_every_step_can_be_found_in_the_verifier(label: str) -> None:
    assert mentions(sources("verifier"), label)


@pytest.mark.parametrize("label", ["3.1", "3.2", "3.3", "3.4"])
def test_every_step_of_the_prover_can_be_found(label: str) -> None:
    assert mentions(sources("attest"), label)


def test_every_step_that_a_refusal_quotes_stands_in_the_page() -> None:
    quoted = set(re.findall(r'step="([^"]+)"', sources("verifier")))
    assert quoted > {"5.1", "4b"}
    sections = {str(number) for number in range(1, 10)}
    assert {step for step in quoted if step not in sections and not mentions(read(PAGE), step)} == set()


def test_the_page_names_the_modules_of_each_section() -> None:
    named = set(re.findall(r"`((?:verifier|attest)/[\w/]+\.py)`", read(PAGE)))
    assert len(named) > 15
    assert {path for path in named if not Path(ROOT, path).is_file()} == set()
