"""The README keeps its promises: eight lines that verify, a picture that shows the files there are."""

from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from tests.docs.pages import ROOT, blocks, read
from verifier.epoch import ATTESTATION
from verifier.predicate import CLAIMS_FILE, FILE_OF, OPTIONAL_FILES, REQUIRED_FILES, ROOT_FILE

README = read(ROOT / "README.md")
SVG = "{http://www.w3.org/2000/svg}"


def test_eight_lines_of_python_verify() -> None:
    (code,) = blocks(README, "python")
    assert len([line for line in code.splitlines() if line.strip()]) == 8
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (printed,) = blocks(README, "text")
    assert done.stdout == printed


FILES = (ATTESTATION, *REQUIRED_FILES, *OPTIONAL_FILES, *FILE_OF.values(), ROOT_FILE, CLAIMS_FILE)


@pytest.mark.parametrize("name", FILES)
def test_both_pictures_show_every_public_file(name: str) -> None:
    drawn = ET.parse(ROOT / "docs" / "data-flow.svg").getroot()  # noqa: S314 (a file of this repository)
    assert name in [text.text for text in drawn.iter(f"{SVG}text")]
    (diagram,) = blocks(README, "mermaid")
    assert name in diagram


def test_the_picture_can_be_read_aloud() -> None:
    drawn = ET.parse(ROOT / "docs" / "data-flow.svg").getroot()  # noqa: S314 (a file of this repository)
    assert drawn.findtext(f"{SVG}title")
    assert drawn.findtext(f"{SVG}desc")


def test_the_first_screen_says_what_is_proved_and_what_is_not() -> None:
    screen = "\n".join(README.splitlines()[:30])
    assert "**Proved**" in screen
    assert "**Not proved:**" in screen
    assert "has not been reviewed" in screen
