"""Prices of an epoch from the quotes at hand, and why a quote or a price is not among them.

Only quotes that count are published. The others are named to the operator: a feed that stopped must not go unnoticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attest.documents.price_sets import doubt, role_met
from verifier.dsse import Envelope
from verifier.markets.policy import Policy
from verifier.markets.prices import Prices, PriceSet, build
from verifier.markets.quotes import Quote
from verifier.trust.root import Root


@dataclass(frozen=True)
class Priced:
    """The price set to publish, what it comes to, and one sentence for every quote or price that is missing."""

    document: PriceSet
    prices: Prices
    notes: tuple[str, ...]


def price(policy: Policy, taken_at: int, quotes: Mapping[str, Envelope], root: Root) -> Priced:
    """Prices at ``taken_at``. Raises Malformed for a file that is no quote, Rejected for one in another currency."""
    for name, envelope in quotes.items():
        Quote.from_envelope(envelope, name)
    doubts = {name: doubt(policy, root, envelope, taken_at) for name, envelope in quotes.items()}
    met = role_met(root)
    document = build(policy, taken_at, [quotes[name] for name, why in doubts.items() if not why], met)
    prices = document.verify(policy, taken_at, met)
    lost = [f"quote {name} does not count: {why}" for name, why in sorted(doubts.items()) if why]
    failed = [f"{sym} has no price: {error.message} ({error.code})" for sym, error in sorted(prices.failures.items())]
    return Priced(document, prices, (*lost, *failed))
