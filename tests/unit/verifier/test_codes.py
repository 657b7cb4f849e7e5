"""Every code that the sources use is explained; command and page say the same."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from verifier import codes
from verifier.cli import main
from verifier.cli.text import harmless

ROOT = Path(__file__).resolve().parents[3]
CODE = re.compile(r"E_[A-Z][A-Z_]*")
PAGE = (ROOT / "docs" / "codes.md").read_text("utf-8")


def used(package: str) -> set[str]:
    """The codes that are written out as strings in a package, docstrings and the table itself left out."""
    found: set[str] = set()
    for path in (ROOT / package).rglob("*.py"):
        if path == ROOT / "verifier" / "codes.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found.add(node.value)
    return found


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments])


def test_every_code_of_the_sources_is_explained() -> None:
    found = used("verifier") | used("attest") | used("server")
    assert len(found) > 60
    assert sorted(found - set(codes.EXPLAINED)) == []


@pytest.mark.parametrize("code", sorted(codes.EXPLAINED))
def test_an_explanation_is_sentences_for_people(code: str) -> None:
    said = codes.EXPLAINED[code]
    for text in (said.what, said.do):
        assert text[0].isupper()
        assert text.endswith(".")
        assert harmless(text) == text
    assert said.where in {
        codes.FILES, codes.SIGNED, codes.POLICY, codes.LINE, codes.ROW, codes.TYPED, codes.RUN, codes.MACHINE,
    }  # fmt: skip


@pytest.mark.parametrize("code", sorted(codes.EXPLAINED))
def test_the_page_has_the_same_table(code: str) -> None:
    said = codes.EXPLAINED[code]
    assert f"| `{code}` | {said.where} | {said.what} | {said.do} |" in PAGE.splitlines()


def test_the_page_has_no_other_rows() -> None:
    assert re.findall(r"^\| `(E_[A-Z_]+)`", PAGE, re.MULTILINE) == list(codes.EXPLAINED)


@pytest.mark.parametrize("typed", ["E_HOLDING", "e_holding", "holding", " Holding "])
def test_a_code_is_understood_as_people_type_it(typed: str) -> None:
    done = run(typed)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == f"E_HOLDING: {codes.EXPLAINED['E_HOLDING'].what}"
    assert "what to do" in done.stdout


def test_all_of_them() -> None:
    done = run("--all")
    assert done.exit_code == 0
    listed = [line.partition(":")[0] for line in done.stdout.splitlines() if line.startswith("E_")]
    assert listed == list(codes.EXPLAINED)


def test_for_machines() -> None:
    done = run("--all", "--json")
    assert set(json.loads(done.stdout)) == set(codes.EXPLAINED)
    assert json.loads(run("E_PROOF", "--json").stdout)["E_PROOF"]["where"] == codes.FILES


@pytest.mark.parametrize("arguments", [["E_NONSENSE"], ["x" * 500]])
def test_a_code_that_does_not_exist(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert done.stderr.splitlines()[0].startswith("could not check: there is no code ")
    assert done.stderr.splitlines()[1] == "hint: solvent-verify explain --all lists every code"
