"""Prices from several sources, recomputed exactly (docs/statement.md, section 3).

A price is the median of the quotes that count. Whatever makes a price doubtful leaves its sym without one, with the
reason: a claim that reads the sym then fails, and nothing is ever valued at zero instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from verifier import canonical, fields
from verifier.dsse import Envelope
from verifier.errors import Malformed, Rejected
from verifier.markets import quotes, reading
from verifier.markets.exact import median
from verifier.markets.policy import MAX_PRICE_SCALE, Policy, PriceRules
from verifier.markets.quotes import Quote
from verifier.markets.reading import WHOLE

TYPE: Final = "solvent:prices/v1"
MAX_QUOTES: Final = 64
MAX_PRICE: Final = 2**96
_MEMBERS: Final = ("type", "quote", "scale", "at", "policy", "quotes", "prices")

RoleMet = Callable[[str, Envelope], bool]
"""Whether the keys of a role (``price/<source>``) signed an envelope as the root document demands."""


@dataclass(frozen=True, slots=True)
class Price:
    """``price`` in 10^-scale quote per whole unit: the median of ``n`` quotes between ``low`` and ``high``."""

    price: int
    n: int
    low: int
    high: int

    def to_json(self) -> dict[str, Any]:
        """The document's form."""
        return {"price": str(self.price), "n": self.n, "low": str(self.low), "high": str(self.high)}


@dataclass(frozen=True)
class Prices:
    """What the quotes come to: a price or a reason for every sym of the policy, and which prices are models."""

    prices: Mapping[str, Price]
    failures: Mapping[str, Rejected]
    models: Mapping[str, str]

    def require(self, sym: str) -> int:
        """The price of ``sym``. Raises Rejected (E_PRICE_MISSING), with the reason in the hint."""
        if sym in self.prices:
            return self.prices[sym].price
        reason = self.failures.get(sym)
        why = f"{reason.message} ({reason.code})" if reason else "no quote names it"
        raise Rejected(f"{sym} has no price", where=f"prices: {sym}", code="E_PRICE_MISSING", hint=why)


@dataclass(frozen=True)
class PriceSet:
    """The published document: quotes as signed, sorted by source, and the prices they come to."""

    quote: str
    scale: int
    at: int
    policy: str
    quotes: tuple[Envelope, ...]
    prices: Mapping[str, Price]

    @classmethod
    def from_bytes(cls, data: bytes, where: str = "prices.json") -> PriceSet:
        """Parse canonical bytes. Raises Malformed."""
        return cls.from_json(canonical.decode(data, where=where), where)

    @classmethod
    def from_json(cls, document: Any, where: str = "prices") -> PriceSet:
        """Parse a decoded document. Raises Malformed."""
        parts = fields.members(document, where, _MEMBERS)
        fields.constant(parts["type"], f"{where}: type", TYPE)
        listed = fields.items(parts["quotes"], f"{where}: quotes", MAX_QUOTES)
        envelopes = (Envelope.from_json(e, quotes.PAYLOAD_TYPE, f"{where}: quotes[{i}]") for i, e in enumerate(listed))
        return cls(
            quote=reading.quote(parts["quote"], f"{where}: quote"),
            scale=fields.integer(parts["scale"], f"{where}: scale", high=MAX_PRICE_SCALE),
            at=fields.integer(parts["at"], f"{where}: at"),
            policy=fields.digest(parts["policy"], f"{where}: policy"),
            quotes=tuple(envelopes),
            prices=reading.by_sym(parts["prices"], f"{where}: prices", _price),
        )

    def to_json(self) -> dict[str, Any]:
        """The document, ready for canonical encoding."""
        return {
            "type": TYPE,
            "quote": self.quote,
            "scale": self.scale,
            "at": self.at,
            "policy": self.policy,
            "quotes": [envelope.to_json() for envelope in self.quotes],
            "prices": {sym: price.to_json() for sym, price in self.prices.items()},
        }

    def to_bytes(self) -> bytes:
        """The canonical bytes: the file prices.json."""
        return canonical.encode(self.to_json())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, hex."""
        return canonical.digest(self.to_json())

    def verify(self, policy: Policy, at: int, role_met: RoleMet) -> Prices:
        """Recompute every price and require that this document says the same.

        ``at`` is the time prices must be of: the attestation's taken_at. Raises Malformed for a quote that is none,
        Rejected (E_BINDING) for another policy, currency, scale, time or price than the quotes come to, and
        E_PRICE_SOURCES for a quote in another currency or out of order.
        """
        self._require_fixed(policy, at)
        found = compute(policy, at, self.quotes, role_met)
        for sym in sorted({*found.prices, *self.prices}):
            if found.prices.get(sym) != self.prices.get(sym):
                raise Rejected(
                    f"the quotes do not come to this price of {sym}{_why_none(found, sym)}",
                    where=f"prices: {sym}",
                    code="E_BINDING",
                    details=_out_of_time(policy, at, self.quotes),
                )
        return found

    def _require_fixed(self, policy: Policy, at: int) -> None:
        fixed = {"quote": policy.quote, "scale": policy.price.scale, "at": at, "policy": policy.digest}
        for name, wanted in fixed.items():
            if getattr(self, name) != wanted:
                raise Rejected(
                    f"the prices are of another {name}: {getattr(self, name)} instead of {wanted}",
                    where=f"prices: {name}",
                    code="E_BINDING",
                )


def build(policy: Policy, at: int, envelopes: Iterable[Envelope], role_met: RoleMet) -> PriceSet:
    """The price set of these quotes, which are put in order. Raises as PriceSet.verify does."""
    by_source = sorted(envelopes, key=lambda e: (Quote.from_envelope(e, "quote").source, e.payload))
    found = compute(policy, at, by_source, role_met)
    return PriceSet(policy.quote, policy.price.scale, at, policy.digest, tuple(by_source), found.prices)


def compute(policy: Policy, at: int, envelopes: Iterable[Envelope], role_met: RoleMet) -> Prices:
    """A price, or the reason why there is none, for every sym of the policy."""
    kept = _kept(policy, at, list(envelopes), role_met)
    prices: dict[str, Price] = {}
    failures: dict[str, Rejected] = {}
    models: dict[str, str] = {}
    for sym, asset in policy.assets.items():
        try:
            prices[sym] = _price_of(sym, asset.use, policy.price, kept)
        except Rejected as error:
            failures[sym] = error
        named = [f"{quote.source}: {quote.models[sym]}" for quote in kept if sym in quote.models]
        if sym in prices and named:
            models[sym] = "; ".join(named)
    return Prices(prices, failures, models)


def _why_none(found: Prices, sym: str) -> str:
    return f": {found.failures[sym].message}" if sym in found.failures else ""


def _out_of_time(policy: Policy, at: int, envelopes: Iterable[Envelope]) -> tuple[str, ...]:
    """The quotes that are too old or too new to count, and by how much."""
    quoted = [Quote.from_envelope(envelope, "prices: quotes") for envelope in envelopes]
    return tuple(
        f"the quote of {quote.source} is {abs(quote.at - at):,} seconds {'older' if quote.at < at else 'newer'} "
        f"than the snapshot; the policy allows {policy.price.window_s:,}"
        for quote in quoted
        if abs(quote.at - at) > policy.price.window_s
    )


def _kept(policy: Policy, at: int, envelopes: list[Envelope], role_met: RoleMet) -> list[Quote]:
    """The quotes that count: in time, signed by their source, no finer than the set."""
    if len(envelopes) > MAX_QUOTES:
        raise Malformed(f"more than {MAX_QUOTES} quotes", where="prices: quotes", code="E_LIMIT")
    parsed = [(Quote.from_envelope(e, f"prices: quotes[{i}]"), e) for i, e in enumerate(envelopes)]
    sources = [quote.source for quote, _ in parsed]
    if sources != sorted(sources):
        raise Rejected("quotes are sorted by source", where="prices: quotes", code="E_PRICE_SOURCES")
    for i, (quote, _) in enumerate(parsed):
        if quote.quote != policy.quote:
            message = f"this quote is in {quote.quote}, the policy in {policy.quote}"
            raise Rejected(message, where=f"prices: quotes[{i}]", code="E_PRICE_SOURCES")
    return [
        quote
        for quote, envelope in parsed
        if abs(quote.at - at) <= policy.price.window_s
        and quote.scale <= policy.price.scale
        and role_met(f"price/{quote.source}", envelope)
    ]


def _price_of(sym: str, use: str, rules: PriceRules, kept: list[Quote]) -> Price:
    """The rules of section 3 in their order. Raises Rejected with the code of the first that fails."""
    where = f"prices: {sym}"
    both = [(q, _scaled(q, q.index, sym, rules.scale), _scaled(q, q.mark, sym, rules.scale)) for q in kept]
    used = [(q.source, p) for q, index, mark in both if (p := index if use == "index" else mark) is not None]
    _require_sources([source for source, _ in used], rules.min_sources, where)
    values = [p for _, p in used]
    price = median(values)
    for p in values:
        if abs(p - price) * WHOLE > rules.deviation_bps * price:
            raise Rejected("a quote is too far from the median", where=where, code="E_PRICE_DEVIATION")
    for _, index, mark in both:
        if index is not None and mark is not None and abs(index - mark) * WHOLE > rules.basis_bps * index:
            raise Rejected("index and mark are too far apart", where=where, code="E_PRICE_BASIS")
    if not 1 <= price < MAX_PRICE:
        hint = "raise the policy's price scale" if price == 0 else "lower the policy's price scale"
        raise Rejected("the price does not fit its scale", where=where, code="E_PRICE_ZERO", hint=hint)
    return Price(price, len(values), min(values), max(values))


def _require_sources(sources: list[str], least: int, where: str) -> None:
    if len(set(sources)) != len(sources):
        raise Rejected("one source quotes it twice", where=where, code="E_PRICE_SOURCES")
    if len(sources) < least:
        message = f"only {len(sources)} of its sources count, the policy needs {least}"
        raise Rejected(message, where=where, code="E_PRICE_SOURCES")


def _scaled(quote: Quote, prices: Mapping[str, int], sym: str, scale: int) -> int | None:
    """The quote's price of ``sym`` at the set's scale, exactly; None where it has none."""
    return prices[sym] * 10 ** (scale - quote.scale) if sym in prices else None


def _price(item: Any, where: str) -> Price:
    parts = fields.members(item, where, ("price", "n", "low", "high"))
    return Price(
        price=fields.amount(parts["price"], f"{where}.price"),
        n=fields.integer(parts["n"], f"{where}.n", low=1, high=MAX_QUOTES),
        low=fields.amount(parts["low"], f"{where}.low"),
        high=fields.amount(parts["high"], f"{where}.high"),
    )
