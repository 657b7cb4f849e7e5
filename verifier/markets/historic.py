"""Two days on which crypto prices fell at once: facts, from one close to the next, in basis points.

2020-03-12 and 2021-05-19, computed from daily closing prices of 2018 to 2022. Nothing is known here about other syms:
`verifier.markets.scenarios.fill` adds an explicit, flagged shock for them.
"""

from __future__ import annotations

from typing import Final

from verifier.markets.scenarios import Scenario

NAME: Final = "historic-days"
SOURCE: Final = "close-to-close changes, computed from daily closing prices of 2018 to 2022"
DAYS: Final = (
    Scenario("2020-03-12", {"BTC": -3910, "ETH": -4430, "XRP": -3450, "ADA": -2790}, {}, {}),
    Scenario("2021-05-19", {"BTC": -1450, "ETH": -2730, "XRP": -3330, "ADA": -2570}, {}, {}),
)
