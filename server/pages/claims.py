"""Claims in the words of a page's language: the sentences of verifier/markets/sentences.py, from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, Protocol

from server.backing import Claim as Told
from server.backing import scenario_names
from server.documents import Documents
from server.pages.words import text
from verifier.markets.descriptors import (
    EXCLUDE,
    OWN,
    Assets,
    Claim,
    Coverage,
    InKind,
    Ladder,
    Ltv,
    Mismatch,
    ScenarioOf,
    ShareCap,
)
from verifier.markets.exact import percent
from verifier.markets.policy import Policy

_SPANS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_NAMED: Final = 3
"""Up to so many scenarios are named; more are counted."""


class Say(Protocol):
    """A text of one language."""

    def __call__(self, key: str, **values: Any) -> str:
        """The text ``key`` with its values."""


def claims(lang: str, documents: Documents) -> tuple[Told, ...]:
    """The claims of an epoch, in its order."""
    policy, made = documents.policy, documents.attestation.claims
    if policy is None:
        return ()
    return tuple(
        replace(told, sentence=sentence(lang, claim, policy, made, scenario_names(claim, documents.scenarios)))
        for told, claim in zip(documents.claims(), made, strict=True)
    )


def sentence(lang: str, claim: Claim, policy: Policy, made: Iterable[Claim], scenarios: Sequence[str] = ()) -> str:
    """What the claim says. ``made`` holds the base of a scenario claim, ``scenarios`` the names in its set."""
    say, said = partial(text, lang), claim.parameters
    if not isinstance(said, ScenarioOf):
        return _book(say, claim, policy)
    base = next((other for other in made if other.name == said.base), None)
    inner = said.base if base is None else _book(say, base, policy)
    return say("claim.scenario", inner=inner, days=_days(say, said.set, scenarios))


def _book(say: Say, claim: Claim, policy: Policy) -> str:
    said = claim.parameters
    if isinstance(said, InKind):
        return say("claim.in-kind", assets=_assets(say, said.assets), share=percent(said.k))
    if isinstance(said, Coverage):
        return _coverage(say, said, policy)
    if isinstance(said, Ltv):
        return say("claim.ltv", share=percent(said.l))
    if isinstance(said, ShareCap):
        return _share_cap(say, said)
    if isinstance(said, Ladder):
        return say("claim.ladder", span=_span(say, said.horizon))
    if isinstance(said, Mismatch):
        return say("claim.mismatch", assets=_assets(say, said.assets), share=percent(said.theta))
    return say(f"claim.{claim.kind}")


def _coverage(say: Say, claim: Coverage, policy: Policy) -> str:
    own = sorted(sym for sym, asset in policy.assets.items() if asset.asset_class == OWN)
    if claim.own == EXCLUDE and own:
        return say("claim.coverage.except", share=percent(claim.k), own=_listing(say, own))
    return say("claim.coverage", share=percent(claim.k))


def _share_cap(say: Say, claim: ShareCap) -> str:
    cap = percent(claim.cap)
    what = [*claim.syms, *(say("claim.class", name=name) for name in claim.classes)]
    if not what:
        return say("claim.share-cap.pools", pools=_listing(say, claim.pools), share=cap)
    if claim.pools:
        pools = _listing(say, claim.pools)
        return say("claim.share-cap.within", what=_listing(say, what), share=cap, pools=pools)
    return say("claim.share-cap", what=_listing(say, what), share=cap)


def _days(say: Say, name: str, scenarios: Sequence[str]) -> str:
    if not scenarios:
        return name
    if len(scenarios) <= _NAMED:
        return _listing(say, scenarios)
    return say("claim.scenarios", count=len(scenarios), name=name)


def _assets(say: Say, assets: Assets) -> str:
    return say("claim.each") if assets is None else _listing(say, assets)


def _listing(say: Say, names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else say("claim.listing", first=", ".join(names[:-1]), last=names[-1])


def _span(say: Say, seconds: int) -> str:
    unit, size = next(span for span in _SPANS if seconds % span[1] == 0)
    count = seconds // size
    return say(f"span.{unit}.{'one' if count == 1 else 'many'}", count=count)
