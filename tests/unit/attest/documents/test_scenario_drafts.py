"""Scenario drafts: the shipped days, gaps filled explicitly, versions that grow when something changed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from attest.documents.scenario_drafts import fill_missing, made_up
from tests.support.refusals import refused
from verifier.errors import Malformed, Rejected
from verifier.markets.scenarios import Scenario, Scenarios

SYMS = ("BTC", "ETH", "USDT", "DOGE")
DATA = Path(__file__).resolve().parents[3] / "data/markets/historic_days.csv"


def test_the_shipped_days_are_those_of_the_data() -> None:
    filled = fill_missing("ex", (), -5000, ["historic"])
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert filled.version == 1
    assert [day.name for day in filled.sets["historic-days"]] == ["2020-03-12", "2021-05-19"]
    for day in filled.sets["historic-days"]:
        assert any(day.name in cell for row in rows for cell in row)


def test_every_other_sym_is_filled_and_flagged() -> None:
    filled = fill_missing("ex", SYMS, -5000, ["historic"])
    for day in filled.sets["historic-days"]:
        assert all(day.told(sym) for sym in SYMS)
        assert (day.shocks["USDT"], day.shocks["DOGE"]) == (-5000, -5000)
        assert set(day.models) == {"USDT", "DOGE"}
        assert day.shocks["BTC"] != -5000
    assert made_up(filled) == {"historic-days": 4}
    assert Scenarios.from_bytes(filled.to_bytes()) == filled


def test_what_the_draft_says_is_kept() -> None:
    own = Scenario("bad", {"BTC": -9000}, {"USDT": 50}, {})
    draft = Scenarios("ex", 4, {"own": (own,)})
    filled = fill_missing("ex", SYMS, 0, ["historic"], draft)
    assert filled.version == 4
    assert filled.sets["own"][0].shocks == {"BTC": -9000, "ETH": 0, "DOGE": 0}
    assert filled.sets["own"][0].prices == {"USDT": 50}
    assert set(filled.sets) == {"own", "historic-days"}


def test_versions() -> None:
    signed = fill_missing("ex", SYMS, -5000, ["historic"])
    assert fill_missing("ex", SYMS, -1, ["historic"], signed, signed).version == 1, "nothing changed"
    assert fill_missing("ex", (*SYMS, "XLM"), -1, ["historic"], signed, signed).version == 2
    assert fill_missing("ex", (*SYMS, "XLM"), -1, ["historic"], None, signed).version == 2
    later = Scenarios("ex", 7, signed.sets)
    assert fill_missing("ex", (*SYMS, "XLM"), -1, ["historic"], later, signed).version == 7


def test_what_is_refused() -> None:
    with pytest.raises(Rejected, match="no such set") as caught:
        fill_missing("ex", SYMS, -1, ["hystoric"])
    assert "historic-days" in caught.value.hint
    with refused(Rejected, "E_SCENARIO"):
        fill_missing("ex", SYMS, -10_001, ["historic"])
    many = Scenarios("ex", 1, {"own": tuple(Scenario(f"s{i}", {"BTC": 0}, {}, {}) for i in range(1023))})
    with refused(Malformed, "E_LIMIT"):
        fill_missing("ex", SYMS, -1, ["historic"], many)
