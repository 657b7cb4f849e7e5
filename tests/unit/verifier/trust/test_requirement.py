"""Claims that a reader asks for: kinds, assets, floors and ceilings."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.refusals import refused
from verifier.errors import Malformed
from verifier.trust.requirement import CEILINGS, FLOORS, KINDS, PLAIN, SCENARIO, Requirement


def document(**changes: Any) -> dict[str, Any]:
    return {"kind": "in-kind", "asset": "BTC", "min_k": 10_000, **changes}


def asset_of(kind: str) -> str:
    return "*" if kind in ("in-kind", "mismatch") else ""


@pytest.mark.parametrize("kind", KINDS)
def test_round_trip(kind: str) -> None:
    parts = document(kind=kind, asset=asset_of(kind), min_k=0)
    assert Requirement.from_json(parts, "require[0]").to_json() == parts


def test_kinds_are_those_of_the_statement() -> None:
    listed = "in-kind coverage ltv share-cap fund-oi matched ladder mismatch delta scenario es var deficit absorb cover"
    assert sorted(KINDS) == sorted(listed.split())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "solvent"}, "E_TYPE"),
        ({"kind": "healthy"}, "E_TYPE"),
        ({"kind": ["in-kind"]}, "E_TYPE"),
        ({"kind": None}, "E_TYPE"),
        ({"asset": "btc"}, "E_TYPE"),
        ({"asset": "**"}, "E_TYPE"),
        ({"asset": None}, "E_TYPE"),
        ({"asset": ""}, "E_TYPE"),
        ({"kind": "mismatch", "asset": ""}, "E_TYPE"),
        *(
            ({"kind": kind, "asset": "BTC", "min_k": 0}, "E_TYPE")
            for kind in ("coverage", "ltv", "ladder", "es", "var", "deficit", "absorb", "cover")
        ),
        ({"kind": "coverage", "asset": "*"}, "E_TYPE"),
        ({"min_k": -1}, "E_LIMIT"),
        ({"min_k": 1_000_001}, "E_LIMIT"),
        ({"min_k": "10000"}, "E_TYPE"),
        *(({"kind": kind, "asset": "", "min_k": 1}, "E_LIMIT") for kind in PLAIN),
        ({"more": 1}, "E_FIELD"),
    ],
)
def test_malformed(change: dict[str, Any], code: str) -> None:
    Requirement.from_json(document(), "require[0]")
    with refused(Malformed, code):
        Requirement.from_json(document(**change), "require[0]")


@pytest.mark.parametrize("kind", FLOORS)
def test_floors(kind: str) -> None:
    asked = Requirement(kind, asset_of(kind), 10_000)
    assert [asked.is_met_by(k) for k in (9_999, 10_000, 10_001, None)] == [False, True, True, False]


@pytest.mark.parametrize("kind", CEILINGS)
def test_ceilings(kind: str) -> None:
    asked = Requirement(kind, asset_of(kind), 6_000)
    assert [asked.is_met_by(k) for k in (5_999, 6_000, 6_001, None)] == [True, True, False, False]


@pytest.mark.parametrize("kind", PLAIN)
def test_kinds_without_a_rate(kind: str) -> None:
    assert Requirement(kind, "", 0).is_met_by(None)


def test_a_scenario_has_the_direction_of_its_base() -> None:
    asked = Requirement(SCENARIO, "", 10_000)
    assert [asked.is_met_by(k, "coverage") for k in (9_999, 10_000)] == [False, True]
    assert [asked.is_met_by(k, "share-cap") for k in (10_000, 10_001)] == [True, False]
    assert not asked.is_met_by(None, "ladder")
    assert not asked.is_met_by(10_000)
    assert Requirement(SCENARIO, "", 0).is_met_by(None, "ladder")
