"""The tutorials, followed word by word: what an exchange makes in the first one is what the two others check."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks, read
from tests.docs.shell import Command, File, Shell, like, steps

EXCHANGE, CUSTOMER, AUDITOR = (
    read(ROOT / "docs" / f"tutorial-{who}.md") for who in ("exchange", "customer", "auditor")
)


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of an exchange that followed its tutorial."""
    place = tmp_path_factory.mktemp("tutorial")
    assert Shell(place).follow(EXCHANGE) > 40
    return place


def test_what_the_exchange_hands_out_is_there(exchange: Path) -> None:
    site = sorted(path.relative_to(exchange / "site").as_posix() for path in (exchange / "site").glob("*/*"))
    assert site == ["epochs/1", "epochs/2", "keys/1.json", "keys/2.json", "keys/3.json"]


def test_a_customer_follows_the_tutorial(exchange: Path, tmp_path: Path) -> None:
    shutil.copytree(exchange / "site", tmp_path / "site")
    shutil.copytree(exchange / "for-alice", tmp_path, dirs_exist_ok=True)
    assert Shell(tmp_path).follow(CUSTOMER) > 5


def test_an_auditor_follows_the_tutorial(exchange: Path, tmp_path: Path) -> None:
    shutil.copytree(exchange / "site", tmp_path / "site")
    shutil.copytree(exchange / "for-auditors", tmp_path, dirs_exist_ok=True)
    assert Shell(tmp_path).follow(AUDITOR) > 8


@pytest.mark.parametrize("page", [EXCHANGE, CUSTOMER, AUDITOR], ids=["exchange", "customer", "auditor"])
def test_every_command_of_a_tutorial_is_run(page: str) -> None:
    typed = [line for block in blocks(page, "console") for line in block.splitlines() if line.startswith("$ ")]
    assert len(typed) == len([step for step in steps(page) if isinstance(step, Command)])


@pytest.mark.parametrize("page", [EXCHANGE, CUSTOMER, AUDITOR], ids=["exchange", "customer", "auditor"])
def test_every_file_of_a_tutorial_is_saved(page: str) -> None:
    files = [body for language in ("csv", "json", "python", "toml") for body in blocks(page, language)]
    assert sorted(files) == sorted(step.text for step in steps(page) if isinstance(step, File))


def test_a_page_is_read_as_its_reader_reads_it() -> None:
    page = "Save this as `a.txt`, once:\n\n```text\none\n```\n\n```console\n$ cat \\\n  a.txt\none\n$ pwd\n```\n"
    page += "Add this at the end of `a.txt`:\n\n```text\ntwo\n```\nand `$ this` is no step\n```\n$ nor this\n```\n"
    assert steps(page) == [
        File("a.txt", "one\n", append=False),
        Command("cat \\\n  a.txt", "one\n"),
        Command("pwd", ""),
        File("a.txt", "two\n", append=True),
    ]


def test_a_page_that_says_something_else_is_noticed(tmp_path: Path) -> None:
    assert like("VERIFIED: ...\n  rows  3\n", "VERIFIED: all of it\n  rows   3\n")
    assert not like("VERIFIED\n", "REFUSED\n")
    Shell(tmp_path).follow("```console\n$ echo one; cd /; echo two >&2\none\ntwo\n$ pwd\n/\n```\n")
    for wrong in ("$ echo one\ntwo", "$ false"):
        with pytest.raises(AssertionError, match=re.escape(wrong.splitlines()[0])):
            Shell(tmp_path).follow(f"```console\n{wrong}\n```\n")
