"""Nothing is left out of the changed documents: members of every type, codes of every module."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.vectors.run import load, negative_cases
from vectors.make.edits import DOCUMENTS, READER
from verifier.collateral import AddressBacking, Beacon, ChainHead, Custody, Entry, EntryBacking, Line, Snapshot
from verifier.markets.descriptors import Claim, Coverage, InKind, Ladder, Ltv, Mismatch, ScenarioOf, ShareCap
from verifier.markets.policy import Asset, CollateralRules, Policy, PriceRules
from verifier.markets.prices import Price, PriceSet
from verifier.markets.quotes import Quote
from verifier.markets.scenarios import Scenario, Scenarios
from verifier.markets.tiers import Table, Tier
from verifier.predicate import SignedHolding
from verifier.schema import Column, Schema
from verifier.trust.reader import Reader
from verifier.trust.requirement import Requirement
from verifier.trust.revocation import Revocation
from verifier.trust.root import Cadence, Root
from verifier.trust.threshold import Threshold

VERIFIER: Final = Path(__file__).resolve().parents[2] / "verifier"
CASES: Final = [case for name in DOCUMENTS for case in load(f"edits/{name}")["cases"]]
PARTS: Final = load("edits/parts.json")["cases"]
TYPES: Final[dict[str, tuple[type, ...]]] = {
    "root.json": (Root, Cadence, Revocation, Threshold),
    READER: (Reader, Requirement, Threshold),
    "policy.json": (
        Policy, Asset, PriceRules, CollateralRules, Table, Tier, Column, Claim, InKind, Coverage, Ltv, ShareCap, Ladder,
        Mismatch, ScenarioOf,
    ),
    "scenarios.json": (Scenarios, Scenario),
    "prices.json": (PriceSet, Price, Quote),
    "collateral.json": (Snapshot, Beacon, ChainHead, Line, AddressBacking, EntryBacking, Custody, Entry),
    "schema.json": (Schema, Column),
    "attestation.json": (SignedHolding, Claim),
}  # fmt: skip
WRITTEN: Final = {
    ("Asset", "asset_class"): "class",
    ("Line", "value"): "amount",
    ("Entry", "value"): "amount",
    ("Line", "backing"): "account",
    ("Tier", "start"): "from",
}
"""Fields that documents write under another name."""
EXEMPT: Final = {
    ("Reader", "log"): "optional, and not there: tests/unit/verifier/trust/test_reader.py",
}
CODES_EXEMPT: Final = {
    "E_ENGINE": "names a program that is not installed; no document can cause it",
    "E_USAGE": "says that the reader asked for two things at once; no document can cause it",
}


def members(document: str) -> set[str]:
    """The last step of every pointer that is changed."""
    found = [case["pointer"].split("/") for case in CASES if case["document"] == document]
    return {step for steps in found for step in steps if step}


def fields() -> Iterator[tuple[str, type, str]]:
    for document, types in TYPES.items():
        for kind in types:
            yield from ((document, kind, field.name) for field in dataclasses.fields(kind))


@pytest.mark.parametrize(("document", "kind", "name"), list(fields()))
def test_every_field_of_every_type_is_changed(document: str, kind: type, name: str) -> None:
    written = WRITTEN.get((kind.__name__, name), name)
    assert (written in members(document)) != ((kind.__name__, name) in EXEMPT)


def test_a_validator_line_is_changed_where_it_is_judged() -> None:
    """Its signature is slow to check, so that the epoch that is changed here has none."""
    manifest = Path(__file__).parents[1] / "unit" / "verifier" / "collateral" / "test_manifest.py"
    assert "ValidatorBacking" in manifest.read_text("utf-8")


def test_every_document_of_the_epoch_is_changed() -> None:
    documents = {path.name for path in (VERIFIER.parent / "vectors" / "frozen" / "v2" / "epochs" / "2").glob("*.json")}
    assert set(DOCUMENTS) == documents | {READER} == set(TYPES)


def raised() -> set[str]:
    """Every code that the verifier's library gives a reason for; what commands say about themselves aside."""
    paths = [path for path in VERIFIER.rglob("*.py") if "cli" not in path.parts and path.name != "codes.py"]
    return {code for path in paths for code in re.findall(r'"(E_[A-Z_]+)"', path.read_text("utf-8"))}


def test_every_code_of_every_module_is_in_some_vector() -> None:
    cases: list[dict[str, Any]] = [*negative_cases(), *CASES, *PARTS]
    assert raised() - {case.get("code") for case in cases} == set(CODES_EXEMPT)
