"""Every figure of a report, each with the place it was read from or the figures it was computed from.

A pointer (RFC 6901) leads into the document whose digest is ``doc``; what stands there is the figure's value. A figure
without a pointer has a formula over other figures, by their ids. Values are text, exact; "" where only a commitment is
published.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from verifier.amounts import format_amount
from verifier.attestation import Attestation, Total
from verifier.epoch import SignedBook
from verifier.group import Point
from verifier.markets.claims import Market
from verifier.markets.descriptors import InKind
from verifier.markets.exact import round_down, unit_value
from verifier.markets.linear import Aux, Holding, Inequality, Reference
from verifier.statement.claims import PUBLIC, ClaimResult
from verifier.wire import NONE

PROVEN: Final = "proven"
PROVEN_HIDDEN: Final = "proven, hidden"
WITHHELD: Final = "withheld"
RECOMPUTED: Final = "recomputed"
WARNING: Final = "warning"
COARSE: Final = Fraction(1, 1000)
"""Rounding that is worth a warning."""
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. It has a ``doc`` and a ``pointer`` into it, or a ``formula``."""

    id: str
    value: str
    unit: str
    status: str
    doc: str = ""
    pointer: str = ""
    formula: str = ""
    inputs: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The report's form: a pointer or a formula, never both."""
        place = {"formula": self.formula} if self.formula else {"pointer": self.pointer}
        named = {name: getattr(self, name) for name in ("id", "value", "unit", "status", "doc")}
        return {**named, **place, "inputs": list(self.inputs)}


def figures(book: SignedBook, market: Market | None, claims: tuple[ClaimResult, ...]) -> tuple[Figure, ...]:
    """All figures of one audit, in a fixed order."""
    a = book.attestation
    found = [Figure("accounts", str(a.accounts), "rows", PROVEN, book.payload, "/predicate/accounts")]
    for column in book.schema.columns:
        found += _total(book, column.name, column.asset, column.decimals)
    if market is not None:
        for sym, lost in rounding_errors(market).items():
            found += _price(a, market, sym, lost)
        found += _holdings(book, market)
        for result in claims:
            found += _claim(result, market)
    return tuple(found)


def rounding_errors(market: Market) -> dict[str, Fraction]:
    """By asset with a price: how much of a base unit's value is lost when it is rounded down to a whole weight."""
    found = {}
    for sym, price in sorted(market.prices.prices.items()):
        value = _unit_value(market, sym, price.price)
        found[sym] = 1 - Fraction(round_down(value)) / value
    return found


def token(name: str) -> str:
    """A member's name as RFC 6901 writes it."""
    return name.replace("~", "~0").replace("/", "~1")


def _total(book: SignedBook, name: str, asset: str, decimals: int) -> Iterator[Figure]:
    total: Total = book.attestation.totals[name]
    pointer = f"/predicate/totals/{token(name)}/value"
    if total.mode == NONE or isinstance(total.value, Point):
        status = WITHHELD if total.mode == NONE else PROVEN_HIDDEN
        yield Figure(f"total:{name}", "", asset, status, book.payload, pointer)
        return
    units = f"units:total:{name}"
    yield Figure(units, str(total.value), _scaled(asset, decimals), PROVEN, book.payload, pointer)
    yield _shown(f"total:{name}", total.value or 0, asset, decimals, PROVEN, units)


def _price(a: Attestation, market: Market, sym: str, lost: Fraction) -> Iterator[Figure]:
    policy, price = market.policy, market.prices.prices[sym].price
    money, scale = _money(market), policy.price.scale
    status = "model" if sym in market.prices.models else RECOMPUTED
    scaled, pointer = f"scaled:price:{sym}", f"/prices/{token(sym)}/price"
    yield Figure(scaled, str(price), _scaled(money, scale), status, a.digests["prices"], pointer)
    yield _shown(f"price:{sym}", price, money, scale, status, scaled)
    exponent = policy.value_scale - scale - policy.assets[sym].decimals
    formula = f"100 * (1 - floor(v) / v), v = {scaled} * 10^{exponent}"
    verdict = WARNING if lost > COARSE else RECOMPUTED
    yield Figure(f"rounding:{sym}", percent_text(lost), "%", verdict, formula=formula, inputs=(scaled,))


def _holdings(book: SignedBook, market: Market) -> Iterator[Figure]:
    for i, held in enumerate(book.attestation.holdings):
        status = RECOMPUTED if held.hidden is None else "recomputed, a part is hidden"
        decimals, name = market.policy.assets[held.asset].decimals, f"holding:{held.pool}:{held.asset}"
        pointer = f"/predicate/holdings/{i}/public"
        unit = _scaled(held.asset, decimals)
        yield Figure(f"units:{name}", str(held.public), unit, status, book.payload, pointer)
        if held.hidden is None:
            yield _shown(name, held.public, held.asset, decimals, status, f"units:{name}")


def _claim(result: ClaimResult, market: Market) -> Iterator[Figure]:
    """Z of every row in which nothing is hidden: the margin by which the claim holds."""
    in_kind = result.claim.parameters if isinstance(result.claim.parameters, InKind) else None
    for inequality, row in zip(result.inequalities, result.rows, strict=True):
        if row.hidden:
            continue
        if in_kind is not None:
            sym = inequality.label.rpartition("/")[2]
            unit = _scaled(sym, market.policy.assets[sym].decimals + 4)
        else:
            unit = _scaled(_money(market), market.policy.value_scale)
        status = PUBLIC if row.constant >= 0 else "failed"
        formula, inputs = _formula(inequality)
        yield Figure(f"Z:{row.label}", str(row.constant), unit, status, formula=formula, inputs=inputs)


def _formula(inequality: Inequality) -> tuple[str, tuple[str, ...]]:
    named = [(_id(reference), weight) for reference, weight in inequality.terms]
    terms = [f"{weight} * {name}" for name, weight in named]
    constant = [str(inequality.constant)] if inequality.constant or not terms else []
    return " + ".join([*terms, *constant]), tuple(dict.fromkeys(name for name, _ in named))


def _id(reference: Reference) -> str:
    if isinstance(reference, Holding):
        return f"units:holding:{reference.pool}:{reference.asset}"
    return f"aux:{reference.name}" if isinstance(reference, Aux) else f"units:total:{reference.column}"


def _shown(name: str, value: int, unit: str, decimals: int, status: str, source: str) -> Figure:
    formula = f"{source} / 10^{decimals}"
    return Figure(name, format_amount(value, decimals), unit, status, formula=formula, inputs=(source,))


def _scaled(unit: str, decimals: int) -> str:
    return f"{unit} * 10^-{decimals}" if decimals else unit


def _money(market: Market) -> str:
    return market.policy.quote.rpartition(":")[2]


def _unit_value(market: Market, sym: str, price: int) -> Fraction:
    policy = market.policy
    return unit_value(Fraction(price), policy.price.scale, policy.assets[sym].decimals, policy.value_scale)


def percent_text(share: Fraction) -> str:
    """A share of one as a percentage with six decimals, rounded up: it never looks smaller than it is."""
    scaled = share * 100 * 10**_DIGITS
    return format_amount(-(-scaled.numerator // scaled.denominator), _DIGITS)
