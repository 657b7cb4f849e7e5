"""Prices of an epoch from the quotes at hand, and why a quote or a price is not among them.

Only quotes that count are published. The others are named to the operator: a feed that stopped must not go unnoticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.dsse import Envelope
from verifier.errors import SolventError
from verifier.markets.policy import Policy
from verifier.markets.prices import Prices, PriceSet, RoleMet, build
from verifier.markets.quotes import Quote
from verifier.trust.roles import Trust


@dataclass(frozen=True)
class Priced:
    """The price set to publish, what it comes to, and one sentence for every quote or price that is missing."""

    document: PriceSet
    prices: Prices
    notes: tuple[str, ...]


def role_met(trust: Trust) -> RoleMet:
    """Whether the keys of a role signed an envelope, as ``PriceSet.verify`` asks."""

    def met(role: str, envelope: Envelope) -> bool:
        try:
            trust.require_role(envelope, role, "quote")
        except SolventError:
            return False
        return True

    return met


def price(policy: Policy, taken_at: int, quotes: Mapping[str, Envelope], trust: Trust) -> Priced:
    """Prices at ``taken_at``. Raises Malformed for a file that is no quote, Rejected for one in another currency."""
    met = role_met(trust)
    dropped = {name: _why_dropped(policy, taken_at, name, envelope, trust) for name, envelope in quotes.items()}
    kept = [envelope for name, envelope in quotes.items() if not dropped[name]]
    document = build(policy, taken_at, kept, met)
    prices = document.verify(policy, taken_at, met)
    lost = [f"quote {name} does not count: {why}" for name, why in sorted(dropped.items()) if why]
    failed = [f"{sym} has no price: {error.message} ({error.code})" for sym, error in sorted(prices.failures.items())]
    return Priced(document, prices, (*lost, *failed))


def _why_dropped(policy: Policy, taken_at: int, name: str, envelope: Envelope, trust: Trust) -> str:
    """The rules by which the verifier drops a quote (docs/statement.md, section 3); "" where it counts."""
    quote = Quote.from_envelope(envelope, name)
    apart = abs(quote.at - taken_at)
    if apart > policy.price.window_s:
        when = "before" if quote.at < taken_at else "after"
        return f"it is of {apart} seconds {when} the snapshot, and the policy allows {policy.price.window_s}"
    if quote.scale > policy.price.scale:
        return f"it has {quote.scale} decimals, and the policy's prices have {policy.price.scale}"
    try:
        trust.require_role(envelope, f"price/{quote.source}", name)
    except SolventError as error:
        return error.message
    return ""
