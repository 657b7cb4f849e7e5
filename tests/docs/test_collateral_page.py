"""docs/collateral.md: its tables are the code's, and every row of a rule has a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, cited, inline_code, read
from tests.vectors.test_collateral_vectors import AS_PUBLISHED, NOT_AS_PUBLISHED
from verifier.collateral.custody import _ROLES
from verifier.collateral.schemes import SCHEMES

PAGE = read(ROOT / "docs" / "collateral.md")
SECTIONS = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n?)*)", PAGE, re.MULTILINE))
CHECKLIST = "Where each rule is tested"


def rows(section: str) -> list[list[str]]:
    """The rows of a section's table, without its heads."""
    lines = [line for line in SECTIONS[section].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines[2:]]


TESTED = {row[0]: row[1] for row in rows(CHECKLIST)}
NAMED = {code for rule in TESTED for code in inline_code(rule)}


def test_the_checklist_names_tests_that_are_there() -> None:
    assert len(TESTED) == len(rows(CHECKLIST))
    for rule, test in TESTED.items():
        ((path, name),) = cited(test)
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), (rule, test)


@pytest.mark.parametrize("section", ["Lines", "Schemes", "Verdicts"])
def test_every_row_of_a_rule_is_in_the_checklist(section: str) -> None:
    asked = {code for row in rows(section) for code in inline_code(row[0])}
    assert asked
    assert asked <= NAMED


def test_the_schemes_are_those_of_the_code() -> None:
    assert {code for row in rows("Schemes") for code in inline_code(row[0])} == {scheme for scheme, _ in SCHEMES}


def test_the_codes_are_those_of_the_code() -> None:
    """Every code that a line can be refused with stands in the table of verdicts."""
    named = {code for row in rows("Verdicts") for code in inline_code(row[0])}
    sources = (path.read_text("utf-8") for path in (ROOT / "verifier" / "collateral").glob("*.py"))
    used = {code for text in sources for code in re.findall(r"\bE_LINE_[A-Z]+", text)}
    assert used <= named


def test_the_roles_are_those_of_the_code() -> None:
    told = {row[0].strip("`"): row[1] for row in rows("Statements of others")}
    assert set(told) == set(_ROLES)
    assert all(f"`{role}/<issuer>`" in told[kind] for kind, role in _ROLES.items())


def test_the_vectors_are_those_that_are_run() -> None:
    """The table's numbers: what is run, and what comes out otherwise than published."""
    told = {
        row[0]: (int(row[1]), int(row[2])) for row in rows("Vectors of other projects, and what of them does not apply")
    }
    high = NOT_AS_PUBLISHED["ecdsa valid, high S"][0]
    script = NOT_AS_PUBLISHED["bip-0322 simple: P2WSH"][0]
    assert told == {
        "BIP-322, transaction hashes": (AS_PUBLISHED["bip-0322 hashes"], 0),
        "BIP-322, simple signatures": (AS_PUBLISHED["bip-0322 simple"] + script, script),
        "BIP-322, errors": (AS_PUBLISHED["bip-0322 error"], NOT_AS_PUBLISHED["bip-0322 error: UNSUPPORTED"][0]),
        "BIP-340": (AS_PUBLISHED["bip-0340"], 0),
        "EIP-191": (AS_PUBLISHED["eip-191"], 0),
        "Wycheproof, ECDSA secp256k1 SHA-256, valid": (AS_PUBLISHED["ecdsa valid"] + high, high),
        "Wycheproof, ECDSA secp256k1 SHA-256, invalid": (AS_PUBLISHED["ecdsa invalid"], 0),
        "Wycheproof, Ed25519": (AS_PUBLISHED["ed25519"], 0),
        "signatures of other wallets": (AS_PUBLISHED["signatures"], 0),
    }


def test_a_name_that_is_not_there_would_be_noticed() -> None:
    path = Path("tests/unit/verifier/collateral/test_verdicts.py")
    assert not re.search(r"^def test_of_nothing\(", (ROOT / path).read_text("utf-8"), re.MULTILINE)
