"""Another value for each place of a document: of the same form, so that decoding alone does not refuse it."""

from __future__ import annotations

import re
from typing import Any, Final

from vectors.make.edits import Place
from verifier.group import G

CHOICES: Final[dict[str, dict[str, str]]] = {
    "mode": {"hidden": "public", "public": "hidden", "none": "hidden"},
    "class": {"crypto": "lst", "stablecoin": "fiat", "fiat": "stablecoin"},
    "use": {"index": "mark", "mark": "index"},
    "legacy": {"count": "report"},
    "amounts": {"observer": "exchange"},
    "own": {"zero": "exclude"},
    "pools": {"reserve": "backstop", "insurance": "reserve"},
    "tables": {"concave": "convex"},
    "columns": {"balance": "debt", "debt": "balance", "collateral": "balance"},
    "kind": {"custody": "bank", "bank": "custody", "coverage": "in-kind", "in-kind": "mismatch", "address": "validator",
             "ltv": "in-kind", "share-cap": "ladder", "ladder": "in-kind", "mismatch": "delta", "scenario": "delta"},
    "scheme": {"bip137": "bip322-simple", "eip191": "okx-eip191", "okx-eip191": "eip191", "ed25519": "okx-ed25519",
               "bip137-multisig": "bip137"},
}  # fmt: skip
SYMS: Final = {"BTC": "ETH", "ETH": "BTC", "USD": "USDT", "USDT": "USD"}
OTHER: Final = {"cold": "fund", "fund": "cold", "BTC:pledged": "BTC", "USDT:debt": "USDT", "*": ["BTC"],
                "coverage": "loans", "steps": 100}  # fmt: skip
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)
_HEX: Final = re.compile(r"(0x)?[0-9a-f]{16,}", re.ASCII)
_POINT: Final = re.compile(r"0[23][0-9a-f]{64}", re.ASCII)


def another(place: Place, value: Any) -> Any:
    """Another value of the same form for a leaf."""
    if isinstance(value, int):
        return value + 1
    assert isinstance(value, str), "a leaf is a number or a text"
    for member in (place.path[-1], place.path[-2] if len(place.path) > 1 else "", place.path[0]):
        if value in CHOICES.get(str(member), {}):
            return CHOICES[str(member)][value]
    if value in SYMS or value in OTHER:
        return SYMS.get(value, OTHER.get(value))
    return another_text(value)


def another_text(value: str) -> Any:
    """Numbers one higher, points another point, other texts with one letter changed."""
    if _NUMBER.fullmatch(value):
        return str(int(value) + 1)
    if _POINT.fullmatch(value):
        return G.to_bytes().hex()
    if not value:
        return "x"
    if _HEX.fullmatch(value):
        return value[:-1] + ("0" if value[-1] != "0" else "1")
    middle = len(value) // 2
    letter = value[middle]
    if letter.isdigit():
        return value[:middle] + ("7" if letter != "7" else "8") + value[middle + 1 :]
    return value[:middle] + ("b" if letter.lower() != "b" else "c") + value[middle + 1 :]
