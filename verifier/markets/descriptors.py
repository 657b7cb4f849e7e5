"""Claims as the policy lists them: a name, a kind and closed parameters (docs/statement.md, section 5).

The seven kinds that rest on book totals alone are types of their own. The kinds that rest on flows, positions or
per-account rules parse just as strictly, keep their parameters, and are reported as unsupported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from verifier import canonical, fields
from verifier.errors import Malformed, Rejected
from verifier.markets import reading
from verifier.schema import MAX_COLUMNS, Column

EVERY: Final = "*"
ZERO: Final = "zero"
EXCLUDE: Final = "exclude"
CLASSES: Final = ("crypto", "stablecoin", "fiat", "lst", "rwa", "own", "derivative")
OWN: Final = "own"

Assets = tuple[str, ...] | None
"""Symbols, or None for "*": every sym that has a balance column."""


@dataclass(frozen=True, slots=True)
class InKind:
    """F1: in each of ``assets``, holdings are at least ``k`` of what is owed."""

    kind: ClassVar[str] = "in-kind"
    assets: Assets
    pools: tuple[str, ...]
    k: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """F2, F3: after discounts, holdings in ``pools`` are worth at least ``k`` of all that is owed."""

    kind: ClassVar[str] = "coverage"
    pools: tuple[str, ...]
    k: int
    net_debt: int
    own: str


@dataclass(frozen=True, slots=True)
class Ltv:
    """F4: the ``debt`` columns are worth at most ``l`` of the discounted ``collateral`` columns."""

    kind: ClassVar[str] = "ltv"
    collateral: tuple[str, ...]
    debt: tuple[str, ...]
    l: int  # noqa: E741 (the statement's letter)


@dataclass(frozen=True, slots=True)
class ShareCap:
    """F5, F6: ``syms`` and ``classes`` together, or else ``pools``, are at most ``cap`` of holdings."""

    kind: ClassVar[str] = "share-cap"
    syms: tuple[str, ...]
    classes: tuple[str, ...]
    pools: tuple[str, ...]
    cap: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """F13: what can be sold within ``horizon`` seconds covers the withdrawals of that time."""

    kind: ClassVar[str] = "ladder"
    horizon: int
    liquid: Mapping[str, int]
    outflow: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """F14: in each of ``assets``, held and owed differ by at most ``theta`` of all holdings."""

    kind: ClassVar[str] = "mismatch"
    assets: Assets
    theta: int


@dataclass(frozen=True, slots=True)
class ScenarioOf:
    """F16: the claim ``base`` also holds in every scenario of ``set``."""

    kind: ClassVar[str] = "scenario"
    base: str
    set: str


@dataclass(frozen=True, slots=True)
class Later:
    """A kind that rests on a part of the statement that this version does not check; parameters as parsed."""

    kind: str
    parameters: Mapping[str, Any]


Parameters = InKind | Coverage | Ltv | ShareCap | Ladder | Mismatch | ScenarioOf | Later


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: ``name`` is unique in the policy."""

    name: str
    parameters: Parameters

    @classmethod
    def from_json(cls, document: Any, where: str) -> Claim:
        """Parse ``{name, kind, parameters}``. Raises Malformed, or Rejected (E_CLAIM) for what no claim can mean."""
        parts = fields.members(document, where, ("name", "kind", "parameters"))
        kind = reading.choice(parts["kind"], f"{where}.kind", KINDS)
        parameters = _parameters(kind, parts["parameters"], f"{where}.parameters")
        return cls(fields.name(parts["name"], f"{where}.name"), parameters)

    def to_json(self) -> dict[str, Any]:
        """The descriptor as the policy and the attestation write it."""
        return {"name": self.name, "kind": self.kind, "parameters": _to_json(self.parameters)}

    @property
    def kind(self) -> str:
        """in-kind, coverage, ..."""
        return self.parameters.kind


def parameter_names(kind: str) -> tuple[tuple[str, ...], ...]:
    """The parameters that a claim of ``kind`` has, in each of its forms."""
    return tuple(tuple(form) for form in _READERS[kind])


def expand(claims: Iterable[Claim], columns: Iterable[Column]) -> tuple[Claim, ...]:
    """Each "*" as one claim per sym that has a balance column, sorted, named ``<name>:<sym>``.

    Raises Rejected (E_CLAIM) when two claims then have one name, Malformed (E_LIMIT) when they are too many or a name
    grows too long.
    """
    syms = sorted({column.asset for column in columns if column.kind == "balance"})
    expanded = tuple(one for claim in claims for one in _expand(claim, syms))
    if len(expanded) > reading.MAX_CLAIMS:
        raise Malformed(f"more than {reading.MAX_CLAIMS} claims", where="claims", code="E_LIMIT")
    twice = sorted(name for name, count in Counter(claim.name for claim in expanded).items() if count > 1)
    if twice:
        raise Rejected("two claims have this name", where=f"claims: {twice[0]}", code="E_CLAIM")
    return expanded


def made(expanded: Iterable[Claim], listed: Any, where: str = "claims") -> tuple[bool, ...]:
    """Which of the policy's claims an attestation makes: its list is the policy's, in order, perhaps shorter.

    ``listed`` is the decoded list of descriptors. Raises Rejected (E_CLAIM) for a claim that the policy does not have,
    has in another form, or has in another place.
    """
    wanted = [canonical.encode(item) for item in fields.items(listed, where, reading.MAX_CLAIMS)]
    found, position = [], 0
    for claim in expanded:
        is_next = position < len(wanted) and canonical.encode(claim.to_json()) == wanted[position]
        position += is_next
        found.append(is_next)
    if position < len(wanted):
        raise Rejected(
            "this claim is not in the policy, or not in this place", where=f"{where}[{position}]", code="E_CLAIM"
        )
    return tuple(found)


def _expand(claim: Claim, syms: list[str]) -> tuple[Claim, ...]:
    if not isinstance(claim.parameters, InKind | Mismatch) or claim.parameters.assets is not None:
        return (claim,)
    parameters = claim.parameters
    expanded = tuple(Claim(f"{claim.name}:{sym}", replace(parameters, assets=(sym,))) for sym in syms)
    for one in expanded:
        if not fields.NAME.fullmatch(one.name):
            raise Malformed("the claim's name and the asset are too long together", where=one.name, code="E_LIMIT")
    return expanded


def _to_json(parameters: Parameters) -> dict[str, Any]:
    if isinstance(parameters, Later):
        return dict(parameters.parameters)
    return {name: _plain(getattr(parameters, name)) for name in _READERS[parameters.kind][0]}


def _plain(value: Any) -> Any:
    """A parsed parameter as JSON: tuples are lists, None is "*"."""
    if value is None:
        return EVERY
    return list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value


def _parameters(kind: str, document: Any, where: str) -> Parameters:
    readers = _choose(_READERS[kind], document, where)
    parts = fields.members(document, where, tuple(readers))
    parsed = {name: read(parts[name], f"{where}.{name}") for name, read in readers.items()}
    if kind not in _TYPES:
        return Later(kind, {name: parts[name] for name in readers})
    built: Parameters = _TYPES[kind](**parsed)
    if isinstance(built, ShareCap) and not (built.syms or built.classes or built.pools):
        raise Rejected("it names no set: give syms, classes or pools", where=where, code="E_CLAIM")
    return built


def _choose(forms: tuple[Form, ...], document: Any, where: str) -> Form:
    """Of a kind's closed forms the one whose members these are; the first one otherwise, so that it can complain."""
    given = set(fields.mapping(document, where, 16))
    return next((form for form in forms if set(form) == given), forms[0])


def _assets(value: Any, where: str) -> Assets:
    return None if value == EVERY else _some(value, where, reading.MAX_ASSETS, fields.sym)


def _some(value: Any, where: str, limit: int, read: reading.Reader[str]) -> tuple[str, ...]:
    """A list that is not empty: a claim about nothing would always hold."""
    found = reading.listed(value, where, limit, read)
    if not found:
        raise Malformed("should not be empty", where=where, code="E_LIMIT")
    return found


def _pools(value: Any, where: str) -> tuple[str, ...]:
    return _some(value, where, reading.MAX_POOLS, fields.name)


def _any_pools(value: Any, where: str) -> tuple[str, ...]:
    return reading.listed(value, where, reading.MAX_POOLS, fields.name)


def _columns(value: Any, where: str) -> tuple[str, ...]:
    return _some(value, where, MAX_COLUMNS, fields.name)


def _syms(value: Any, where: str) -> tuple[str, ...]:
    return reading.listed(value, where, reading.MAX_ASSETS, fields.sym)


def _some_syms(value: Any, where: str) -> tuple[str, ...]:
    return _some(value, where, reading.MAX_ASSETS, fields.sym)


def _classes(value: Any, where: str) -> tuple[str, ...]:
    return reading.listed(value, where, len(CLASSES), _class)


def _class(value: Any, where: str) -> str:
    return reading.choice(value, where, CLASSES)


def _own(value: Any, where: str) -> str:
    return reading.choice(value, where, (ZERO, EXCLUDE))


def _nu(value: Any, where: str) -> int:
    return fields.integer(value, where, high=1)


def _count(value: Any, where: str) -> int:
    return fields.integer(value, where, low=1)


def _shares(value: Any, where: str) -> dict[str, int]:
    return reading.by_sym(value, where, reading.share)


def _rates(value: Any, where: str) -> dict[str, int]:
    return reading.by_sym(value, where, reading.bps)


Form = dict[str, reading.Reader[Any]]

_READERS: Final[dict[str, tuple[Form, ...]]] = {
    "in-kind": ({"assets": _assets, "pools": _pools, "k": reading.bps},),
    "coverage": ({"pools": _pools, "k": reading.bps, "net_debt": _nu, "own": _own},),
    "ltv": ({"collateral": _columns, "debt": _columns, "l": reading.bps},),
    "share-cap": ({"syms": _syms, "classes": _classes, "pools": _any_pools, "cap": reading.bps},),
    "fund-oi": ({"pools": _pools, "instruments": _some_syms, "k": reading.bps},),
    "matched": ({"instrument": fields.sym}, {"currency": fields.sym}),
    "ladder": ({"horizon": _count, "liquid": _shares, "outflow": _rates},),
    "mismatch": ({"assets": _assets, "theta": reading.bps},),
    "delta": ({"column": fields.name}, {"pool": fields.name, "asset": fields.sym}),
    "scenario": ({"base": fields.name, "set": fields.name},),
    "es": ({"set": fields.name, "K": _count, "limit": fields.amount},),
    "var": ({"set": fields.name, "k": fields.integer, "limit": fields.amount, "M": fields.amount},),
    "deficit": ({"rule": fields.name, "max": fields.amount, "accounts": fields.integer},),
    "absorb": ({"pools": _pools, "shortfall": fields.name}, {"pools": _pools, "set": fields.name}),
    "cover": ({"pools": _pools, "k": _count, "excess": fields.name},),
    "breach": ({"rule": fields.name, "r": reading.bps},),
    "healthy": ({"rule": fields.name, "r": reading.bps},),
}
KINDS: Final = tuple(_READERS)
_TYPES: Final[dict[str, type[Any]]] = {
    t.kind: t for t in (InKind, Coverage, Ltv, ShareCap, Ladder, Mismatch, ScenarioOf)
}
