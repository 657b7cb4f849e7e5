"""Whatever JSON a document holds, a parser answers with a document or with one of our errors."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.markets import POOL, claim, coverage, policy_json
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.markets.policy import Policy
from verifier.markets.prices import PriceSet
from verifier.markets.quotes import Quote
from verifier.markets.scenarios import Scenarios

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3),
    st.sampled_from(["*", "0", "-1", "BTC", POOL, "coverage", "concave"]),
)  # fmt: skip
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)
POLICY = policy_json(
    coverage(),
    claim("held", "in-kind", assets="*", pools=[POOL], k=10000),
    claim("m", "mismatch", assets=["BTC"], theta=1),
    claim("cap", "share-cap", syms=["BTC"], classes=[], pools=[], cap=6000),
    claim("week", "ladder", horizon=1, liquid={"BTC": 1}, outflow={"BTC": 1}),
    claim("stress", "scenario", base="coverage", set="s"),
    claim("d", "delta", column="BTC"),
    tables={"t": {"kind": "concave", "tiers": [{"from": "0", "bps": 1}]}},
)
DAY = {"name": "d", "shocks": {"BTC": "-1"}, "prices": {"ETH": "1"}, "models": {"BTC": "m"}}
SCENARIOS = {"type": "solvent:scenarios/v1", "exchange": "e", "version": 1, "sets": {"s": [DAY]}}
QUOTE = {
    "type": "solvent:quote/v1", "source": "a", "quote": "iso4217:USD", "at": 1, "scale": 2, "index": {"BTC": "1"},
    "mark": {}, "models": {},
}  # fmt: skip
PRICES = {
    "type": "solvent:prices/v1", "quote": "iso4217:USD", "scale": 2, "at": 1, "policy": "00" * 32, "quotes": [],
    "prices": {"BTC": {"price": "1", "n": 1, "low": "1", "high": "1"}},
}  # fmt: skip
DOCUMENTS: dict[str, tuple[Callable[[Any], Any], dict[str, Any]]] = {
    "policy": (Policy.from_json, POLICY),
    "scenarios": (Scenarios.from_json, SCENARIOS),
    "quote": (Quote.from_json, QUOTE),
    "prices": (PriceSet.from_json, PRICES),
}


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a document."""
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.copy(document)
    changed[path[0]] = replaced(document[path[0]], path[1:], value)
    return changed


@pytest.mark.parametrize("name", DOCUMENTS)
@given(data=st.data())
def test_only_our_errors(name: str, data: st.DataObject) -> None:
    parse, document = DOCUMENTS[name]
    assert parse(document).to_json() == document
    changed = replaced(document, data.draw(st.sampled_from(places(document))), data.draw(JSON))
    code = ""
    parsed: Any = None
    try:
        parsed = parse(changed)
    except (Malformed, Rejected, Unavailable) as error:
        code = error.code
    assert code.startswith("E_") or parsed.to_json() == changed
