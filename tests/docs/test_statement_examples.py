"""docs/statement.md runs, and says of the sources what they do: kinds, members, roles, documents, codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.examples import failures
from tests.docs.pages import ROOT, blocks, inline_code, read, without_blocks
from verifier.errors import Unavailable
from verifier.markets import descriptors, policy, prices, quotes
from verifier.markets.reading import MAX_POOLS, MAX_SCENARIOS, MAX_TIERS
from verifier.markets.sentences import _LATER
from verifier.statement.claims import FAILED, NOT_CLAIMED, PROVEN, PUBLIC, STALE, UNSUPPORTED, UNVERIFIED
from verifier.trust import names, reader, requirement, root

PAGE = read(ROOT / "docs" / "statement.md")
PROSE = without_blocks(PAGE)


def section(number: int) -> str:
    """The text of ``## <number>.``, up to the next one."""
    parts = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    return next(part for part in parts if part.startswith(f"{number}. "))


def row(number: int, kind: str) -> str:
    """The line of a section's tables that begins with ``kind``."""
    return next(line for line in section(number).splitlines() if line.startswith("|") and f"`{kind}`" in line[:30])


def test_every_example_gives_what_the_page_prints() -> None:
    report: list[str] = []
    assert failures(PAGE, report) == 0, "".join(report)


def test_every_section_that_is_not_later_has_an_example_or_a_page() -> None:
    silent = [number for number in range(1, 10) if ">>>" not in section(number)]
    assert silent == [2, 6, 7]
    assert "collateral.md" in section(2)
    assert all(section(number).splitlines()[2].startswith("Later: ") for number in (6, 7))


def test_every_hexadecimal_number_comes_from_an_example() -> None:
    assert re.findall(r"[0-9a-f]{16,}", PROSE + "".join(blocks(PAGE, ""))) == []


@pytest.mark.parametrize("package", ["verifier.markets", "verifier.trust", "verifier.collateral"])
def test_the_audit_uses_it_as_the_top_of_the_page_says(package: str) -> None:
    sources = (ROOT / "verifier" / "statement").glob("*.py")
    assert any(f"from {package}" in path.read_text(encoding="utf-8") for path in sources)


@pytest.mark.parametrize("status", [PROVEN, PUBLIC, FAILED, STALE, NOT_CLAIMED, UNVERIFIED, UNSUPPORTED])
def test_every_status_of_a_claim_is_told(status: str) -> None:
    assert f"| `{status}` |" in section(8)


@pytest.mark.parametrize("verdict", ["FAILED", "STALE", "INCOMPLETE", "QUALIFIED", "VERIFIED"])
def test_verdicts_stand_in_the_order_of_the_code(verdict: str) -> None:
    rows = re.findall(r"^\| ([A-Z]+) \|", section(8), re.MULTILINE)
    assert rows == ["FAILED", "STALE", "INCOMPLETE", "QUALIFIED", "VERIFIED"]
    code = {"VERIFIED": 0, "QUALIFIED": 0, "FAILED": 1}.get(verdict, 2)
    assert re.search(rf"^\| {verdict} \|.*\| {code} \|$", section(8), re.MULTILINE)


@pytest.mark.parametrize("kind", descriptors.KINDS)
def test_every_kind_stands_there_with_its_parameters(kind: str) -> None:
    line = row(5, kind)
    parameters = line.split("|")[2]
    for form in descriptors._READERS[kind]:
        assert all(re.search(rf"\b{name}\b", parameters) for name in form)


@pytest.mark.parametrize(
    ("kind", "sentence"), [item for item in _LATER.items() if item[0] not in ("breach", "healthy")]
)
def test_sentences_of_later_kinds_are_those_of_the_code(kind: str, sentence: str) -> None:
    assert sentence in row(5, kind)


@pytest.mark.parametrize("member", [*policy._MEMBERS, *prices._MEMBERS, *quotes._MEMBERS, *root._MEMBERS])
def test_every_member_is_named(member: str) -> None:
    assert re.search(rf"\b{member}\b", PROSE)


@pytest.mark.parametrize("member", [*reader._MEMBERS, "log"])
def test_every_member_of_the_readers_file_is_named(member: str) -> None:
    assert re.search(rf"\b{member}\b", section(1).split("### The reader's file")[1])


@pytest.mark.parametrize("name", [*names.SINGLE_ROLES, *names.NAMED_ROLES, *names.SIGNED_TAGS])
def test_every_role_and_signed_document_is_named(name: str) -> None:
    assert re.search(rf"\b{name}\b", section(1))


@pytest.mark.parametrize(("kinds", "before"), [(requirement.FLOORS, "A floor"), (requirement.CEILINGS, "a ceiling")])
def test_floors_and_ceilings_are_those_of_the_code(kinds: tuple[str, ...], before: str) -> None:
    assert f"{before} ({', '.join(kinds)})" in section(1)


def test_every_kind_without_an_asset_is_named() -> None:
    listed = requirement._NO_ASSET
    assert f"{', '.join(listed[:-1])} and {listed[-1]} take" in " ".join(section(1).split())


def test_limits_are_those_of_the_code() -> None:
    text = " ".join(section(4).split())
    assert f"at most {MAX_POOLS}" in text
    assert f"up to {MAX_TIERS} tiers" in text
    assert f"at most {policy.MAX_MESSAGES} legacy messages" in text
    assert f"scale up to {policy.MAX_PRICE_SCALE}" in text
    assert f"at most {prices.MAX_QUOTES} quotes" in section(3)
    assert f"{MAX_SCENARIOS:,} scenarios" in section(5)


def test_every_code_of_the_page_is_one_of_the_sources() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "verifier").rglob("*.py")))
    named = {code for code in inline_code(PAGE) if code.startswith("E_")}
    assert len(named) > 20
    assert {code for code in named if f'"{code}"' not in text} == set()


def test_every_code_of_markets_and_trust_is_on_the_page() -> None:
    raised: set[str] = set()
    for package in ("markets", "trust"):
        for path in sorted((ROOT / "verifier" / package).glob("*.py")):
            raised |= set(re.findall(r'code="(E_\w+)"', path.read_text(encoding="utf-8")))
    assert len(raised) > 20
    assert raised - set(inline_code(PAGE)) == set()


def test_account_rules_are_answered_as_the_page_says() -> None:
    with pytest.raises(Unavailable) as caught:
        policy._no_rules_yet([{}], "policy: rules")
    assert caught.value.code == "E_UNSUPPORTED"


def test_modules_that_the_page_names_exist() -> None:
    named = {code for code in inline_code(PAGE) if re.fullmatch(r"verifier/[\w/]+(?:\.py)?", code)}
    assert len(named) > 10
    assert {path for path in named if not Path(ROOT, path).exists()} == set()
