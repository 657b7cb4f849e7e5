"""The formulas of the claims of book totals, one function each (docs/statement.md, section 5).

L is the total of the balance columns: nothing is netted. Holdings are those of the attestation, so an asset without a
valid line counts as nothing, and an asset with one must have its price and its haircut.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from verifier.errors import Rejected
from verifier.markets.descriptors import EXCLUDE, Coverage, InKind, Ladder, Ltv, Mismatch, Parameters, ShareCap
from verifier.markets.draft import Draft, Item, Split
from verifier.markets.exact import rate
from verifier.markets.linear import Holding, Inequality, Quantities, Reference, Total, at_least_zero
from verifier.markets.reading import WHOLE
from verifier.markets.valuation import Valuation

Built = tuple[tuple[Split, ...], tuple[Inequality, ...]]


def build(owner: str, label: str, parameters: Parameters, valuation: Valuation, quantities: Quantities) -> Built:
    """The inequalities of one claim, or of one scenario of it, in the order of section 4.

    ``owner`` is the claim that haircuts are listed under, ``label`` is ``<claim>[/<scenario>]``. Raises Rejected:
    E_PRICE_MISSING, E_SCENARIO, E_HAIRCUT, E_CLAIM, E_TOTAL.
    """
    draft = Draft(label, valuation, quantities)
    if isinstance(parameters, InKind):
        return (), _in_kind(label, parameters, quantities)
    if isinstance(parameters, Mismatch):
        return (), _mismatch(label, parameters, valuation, quantities)
    if isinstance(parameters, Coverage):
        _coverage(draft, parameters)
    elif isinstance(parameters, Ltv):
        _ltv(draft, owner, parameters)
    elif isinstance(parameters, ShareCap):
        _share_cap(draft, parameters)
    elif isinstance(parameters, Ladder):
        _ladder(draft, parameters)
    else:
        raise Rejected("this kind has no formula of book totals", where=label, code="E_CLAIM")
    return tuple(draft.splits), draft.finish()


def _in_kind(label: str, claim: InKind, quantities: Quantities) -> tuple[Inequality, ...]:
    """F1: 10^4 (sum_p A_pa - k L_a)."""
    rows = []
    for sym in sorted(claim.assets or ()):
        terms: dict[Reference, Fraction] = {x: Fraction(WHOLE) for x in _held(quantities, claim.pools, (sym,))}
        terms |= {x: Fraction(-claim.k) for x in _balances(quantities, sym)}
        rows.append(at_least_zero(f"{label}/{sym}", terms))
    return tuple(rows)


def _coverage(draft: Draft, claim: Coverage) -> None:
    """F2, F3: sum v r A - k O, with O = sum v L."""
    syms = {s for s in draft.valuation.policy.assets if not (claim.own == EXCLUDE and draft.valuation.is_own(s))}
    items = _items(draft.quantities, claim.pools, syms)
    draft.add_discounted(items, claim.pools, lambda sym: Fraction(1))
    draft.add_balances(lambda sym: -rate(claim.k) * draft.valuation.value(sym), syms)


def _ltv(draft: Draft, owner: str, claim: Ltv) -> None:
    """F4: l sum v r T_C - sum v T_D."""
    columns = draft.quantities.columns
    items = [(owner, columns[name].asset, Total(name)) for name in claim.collateral]
    draft.add_discounted(items, (owner,), lambda sym: rate(claim.l))
    for name in claim.debt:
        draft.add(Total(name), -draft.valuation.value(columns[name].asset))


def _share_cap(draft: Draft, claim: ShareCap) -> None:
    """F5, F6: sum v (cap - [in set]) A."""
    policy = draft.valuation.policy
    by_asset = bool(claim.syms or claim.classes)
    pools = claim.pools if by_asset and claim.pools else policy.reserve_pools
    for holding in _held(draft.quantities, pools, policy.assets):
        asset_class = policy.assets[holding.asset].asset_class
        of_asset = holding.asset in claim.syms or asset_class in claim.classes
        inside = of_asset if by_asset else holding.pool in claim.pools
        draft.add(holding, (rate(claim.cap) - inside) * draft.valuation.value(holding.asset))


def _ladder(draft: Draft, claim: Ladder) -> None:
    """F13: sum liq v r A - sum out v L. What is not listed as liquid cannot be sold; all owed has an outflow."""
    pools = draft.valuation.policy.reserve_pools
    draft.add_discounted(_items(draft.quantities, pools, claim.liquid), pools, lambda sym: rate(claim.liquid[sym]))

    def outflow(sym: str) -> Fraction:
        if sym not in claim.outflow:
            raise Rejected(f"it does not say how much of {sym} is withdrawn", where=draft.label, code="E_CLAIM")
        return -rate(claim.outflow[sym]) * draft.valuation.value(sym)

    draft.add_balances(outflow)


def _mismatch(label: str, claim: Mismatch, valuation: Valuation, quantities: Quantities) -> tuple[Inequality, ...]:
    """F14: theta sum v A + v_a (A_a - L_a), then the same with minus."""
    holdings = _held(quantities, valuation.policy.reserve_pools, valuation.policy.assets)
    theta = rate(claim.theta)
    shares = {sym: theta * valuation.value(sym) for sym in sorted({holding.asset for holding in holdings})}
    rows: list[Inequality] = []
    for sym in sorted(claim.assets or ()):
        for sign, mark in ((1, "+"), (-1, "-")):
            terms: dict[Reference, Fraction] = {holding: shares[holding.asset] for holding in holdings}
            own = [holding for holding in holdings if holding.asset == sym]
            terms |= {holding: shares[sym] + sign * valuation.value(sym) for holding in own}
            terms |= {total: -sign * valuation.value(sym) for total in _balances(quantities, sym)}
            rows.append(at_least_zero(f"{label}/{sym}{mark}", terms))
    return tuple(rows)


def _held(quantities: Quantities, pools: Iterable[str], syms: Iterable[str]) -> list[Holding]:
    """The holdings that are there, by pool, then asset."""
    wanted_pools, wanted = set(pools), set(syms)
    return [holding for holding in quantities.listed if holding.pool in wanted_pools and holding.asset in wanted]


def _items(quantities: Quantities, pools: Iterable[str], syms: Iterable[str]) -> list[Item]:
    return [(holding.pool, holding.asset, holding) for holding in _held(quantities, pools, syms)]


def _balances(quantities: Quantities, sym: str) -> list[Total]:
    columns = quantities.columns.values()
    return [Total(column.name) for column in columns if column.kind == "balance" and column.asset == sym]
