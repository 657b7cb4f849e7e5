"""Scenarios: the document, exact prices, silence refused, and the shipped days."""

from __future__ import annotations

import csv
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.support.refusals import refused
from verifier.errors import Malformed, Rejected
from verifier.markets import historic
from verifier.markets.scenarios import Scenario, Scenarios, fill, require_in_force

DAY = {"name": "day", "shocks": {"BTC": "-3910"}, "prices": {"USDT": "98"}, "models": {"USDT": "desk"}}


def document(*days: dict[str, Any], **changes: Any) -> dict[str, Any]:
    base = {"type": "solvent:scenarios/v1", "exchange": "example.org", "version": 1, "sets": {"s": list(days)}}
    return {**base, **changes}


def test_round_trip() -> None:
    parsed = Scenarios.from_json(document(DAY))
    assert parsed.to_json() == document(DAY)
    assert Scenarios.from_bytes(parsed.to_bytes()) == parsed
    assert len(parsed.digest) == 64


def test_prices_are_exact() -> None:
    [day] = Scenarios.from_json(document(DAY)).require_set("s")
    assert day.price("BTC", 11577001) == Fraction(11577001 * 6090, 10000)
    assert day.price("USDT", None) == 98
    assert day.told("BTC")
    assert not day.told("ETH")


def test_silence_is_refused() -> None:
    [day] = Scenarios.from_json(document(DAY)).require_set("s")
    with refused(Rejected, "E_SCENARIO"):
        day.price("ETH", 369840)
    with refused(Rejected, "E_SCENARIO"):
        Scenarios.from_json(document(DAY)).require_set("t")


@pytest.mark.parametrize(
    ("kind", "code", "parts"),
    [
        (Malformed, "E_FIELD", document(extra="")),
        (Malformed, "E_TYPE", document(type="x")),
        (Malformed, "E_FIELD", document({**DAY, "weight": 1})),
        (Malformed, "E_TYPE", document({**DAY, "shocks": {"BTC": -3910}})),
        (Malformed, "E_TYPE", document({**DAY, "shocks": {"BTC": "-0"}})),
        (Malformed, "E_TYPE", document({**DAY, "prices": {"USDT": "-1"}})),
        (Malformed, "E_LIMIT", document(*({**DAY, "name": f"d{i}"} for i in range(1025)))),
        (Rejected, "E_SCENARIO", document({**DAY, "shocks": {"BTC": "-10001"}})),
        (Rejected, "E_SCENARIO", document({**DAY, "shocks": {"USDT": "0"}})),
        (Rejected, "E_SCENARIO", document({**DAY, "models": {"ETH": "desk"}})),
        (Rejected, "E_SCENARIO", document(DAY, DAY)),
        (Rejected, "E_SCENARIO", document()),
    ],
)
def test_refusals(kind: type[Malformed | Rejected], code: str, parts: dict[str, Any]) -> None:
    with refused(kind, code):
        Scenarios.from_json(parts)


def test_all_of_a_price_may_be_lost() -> None:
    assert Scenario("gone", {"BTC": -10000}, {}, {}).price("BTC", 5) == 0


def test_filled_shocks_are_flagged() -> None:
    [day] = fill([Scenario("day", {"BTC": -3910}, {"USDT": 98}, {})], ["BTC", "SOL", "USDT"], -5000)
    assert day.shocks == {"BTC": -3910, "SOL": -5000}
    assert day.prices == {"USDT": 98}
    assert set(day.models) == {"SOL"}


def test_versions_never_fall() -> None:
    old, new = (Scenarios.from_json(document(DAY, version=version)) for version in (1, 2))
    require_in_force(new, "example.org", old)
    with refused(Rejected, "E_SCENARIO"):
        require_in_force(old, "example.org", new)
    with refused(Rejected, "E_BINDING"):
        require_in_force(old, "example.com")


def test_the_shipped_days_are_the_published_ones(root: Path) -> None:
    with (root / "tests/data/markets/historic_days.csv").open(encoding="utf-8", newline="") as lines:
        published = {row["set"].removeprefix("hist_"): row["shock"] for row in csv.DictReader(lines)}
    shocks = {name: dict(re.findall(r"([A-Z]+) (-[0-9.]+)", text)) for name, text in published.items()}
    assert {day.name: {s: Fraction(z, 100) for s, z in day.shocks.items()} for day in historic.DAYS} == {
        name: {sym: Fraction(z) for sym, z in day.items()} for name, day in shocks.items()
    }
