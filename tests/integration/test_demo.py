"""The demo: the whole story ends well, in its own folder, in the time it promises."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.exchange import found

STEPS = (
    "The exchange makes keys and a configuration",
    "It checks its ledger; nothing is written",
    "It attests what it owes, without showing it",
    "It gives a customer their key",
    "... or one file for keeping",
    "The customer finds the right balances in the book",
    "The same from the file alone",
    "An auditor recomputes everything public",
    "A customer with other records is told so",
    "One altered byte is caught",
    "A second exchange makes its keys",
    "Generating its ledger: 200 accounts, 60 assets",
    "It attests the large book",
    "One of its customers gets a key",
    "... and finds the right balances among all rows",
    "The auditor of the large book",
)


def demo(root: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "demo.run", *map(str, words), "--accounts", "200"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=180, check=False)


@pytest.fixture(scope="module")
def told(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the demo prints, and its folder."""
    folder = tmp_path_factory.mktemp("demo") / "output"
    started = time.monotonic()
    done = demo(root, folder)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert time.monotonic() - started < 180, "under three minutes"
    assert done.stderr == ""
    return done.stdout, folder


def test_the_closing_table_names_every_step_and_its_time(told: tuple[str, Path]) -> None:
    lines = told[0].partition("\nWhat happened")[2].splitlines()
    assert lines[0].split() == ["seconds"]
    took = []
    for line, step in zip(lines[1:], STEPS, strict=False):
        assert line.startswith(step)
        took.append(float(line.split()[-1]))
    assert len(took) == len(STEPS)
    total = lines[len(STEPS) + 1]
    assert total.startswith("in all")
    assert float(total.split()[-1]) == pytest.approx(sum(took), abs=0.1)


def test_every_answer_is_there(told: tuple[str, Path]) -> None:
    for words in (
        "Nothing was written.",
        "VERIFIED: your balances are in the book of demo.example",
        "You are in the book with THESE balances: compare them with your own records.",
        "REFUSED: the book differs from your own records:",
        "BTC: the book says 1.34840528, you say 1000000",
        "FAILED: leaves.bin: this is not the file that was signed",
    ):
        assert told[0].count(words) == 1, words
    assert told[0].count("Epoch 1 is released, checked as an auditor would check it.") == 2
    assert told[0].count("QUALIFIED: every proof of this book holds") == 2
    assert "VERIFIED: your balances are in the book of large.example" in told[0]


def test_everything_lies_in_its_folder(told: tuple[str, Path]) -> None:
    assert "exchange/public/epochs/1/attestation.json" in found(told[1])
    assert [path.name for path in told[1].parent.iterdir()] == ["output"]


def test_a_folder_that_exists_is_left_alone(root: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    done = demo(root, tmp_path)
    assert done.returncode == 1
    assert "the demo needs a new folder" in done.stderr
    assert found(tmp_path) == ["mine"]
