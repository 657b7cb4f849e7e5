"""Negative cases of what claims.proof is about: context, totals, holdings, claims, auxiliary values, policy, prices."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from vectors.make.claim_proofs import BASE, LENGTH, UNSOUND, case
from vectors.make.claiming import COVERAGE, IN_KIND, OWED, PAYLOAD, POOL, Claiming, altered, claimings, policy
from vectors.make.documents import Document
from vectors.make.mutate import BINDING, OTHER_SCHEMA, REJECTED, TOTAL, TYPE, Case, Refusal
from vectors.make.proofs import fails
from verifier.attestation import Total as TotalTold
from verifier.group import G
from verifier.markets.descriptors import InKind
from verifier.markets.linear import Total
from verifier.markets.policy import Policy
from verifier.predicate import SignedHolding

PARAMETERS: Final = {"assets[]": "symbol", "pools[]": "name", "k": "int"}
"""The kinds of an in-kind claim's parameters."""


def payload() -> Document:
    """The payload of a vector with everything in it, changed place by place."""
    made = claimings()["claims-portions"]
    at, missing = "statement.predicate", Refusal(REJECTED, "E_AUX", "6")
    kinds = {f"aux.{name}": "point" for name in made.attestation.aux}
    kinds |= {"holdings[].pool": "name", "holdings[].asset": "symbol", "holdings[].public": "amount"}
    kinds |= {"holdings[].hidden": "point", "claims[].name": "name", "claims[].kind": "choice"}
    kinds |= {f"claims[].parameters.{name}": kind for name, kind in PARAMETERS.items()}
    overrides: dict[str, Refusal | None] = {f"{at}.aux.{name}: removed": missing for name in made.attestation.aux}
    overrides |= {f"{at}.{place}: is empty": TYPE for place in ("holdings[].asset", "claims[].parameters.assets[]")}
    overrides |= {f"{at}.aux: joined by an unknown member": Refusal(REJECTED, "E_AUX")}
    return Document(
        "statement",
        made.name,
        "claims",
        json.loads(made.files[PAYLOAD]),
        {f"{at}.{place}": kind for place, kind in kinds.items()},
        lambda data: {PAYLOAD: data},
        overrides=overrides,
    )


def document_cases() -> list[Case]:
    """The members that only such an attestation has; the others are in the group ``attestation``."""
    at = "statement.predicate"
    kept = tuple(f"{at}.{name}" for name in ("holdings", "aux", "claims"))
    return [case for case in payload().cases() if case.field in ("statement", at) or case.field.startswith(kept)]


def told(made: Claiming, **changes: Any) -> dict[str, bytes | None]:
    """The payload with parts of the attestation replaced."""
    return {PAYLOAD: replace(made.attestation, **changes).to_payload()}


def context_cases(made: Claiming) -> list[Case]:
    """Members that the argument is bound to by its context alone."""
    a = made.attestation
    identities: dict[str, Any] = {"exchange": "other.example", "epoch": 2, "nonce": "ab" * 32, "previous": "cd" * 32}
    identities["taken_at"] = a.identity.taken_at - 1
    changes: dict[str, dict[str, Any]] = {
        name: {"identity": replace(a.identity, **{name: value})} for name, value in identities.items()
    }
    changes |= {name: {"digests": {**a.digests, name: "ab" * 32}} for name in ("prices", "collateral")}
    changes |= {"accounts": {"accounts": 4}, "chunk_bits": {"chunk_bits": 3}, "root.hash": {"root_hash": b"\1" * 32}}
    changes |= {"root.commitment": {"root_commitment": made.commitments[Total("BTC")]}}
    changes |= {name: {name: getattr(a, name) + 1} for name in ("issued_at", "expires_at")}
    place = {"prices": "digests.prices", "collateral": "digests.collateral"}
    return [
        case(
            f"another {name}",
            f"statement.predicate.{place.get(name, name)}",
            fails("3.5a"),
            UNSOUND,
            told(made, **change),
        )
        for name, change in changes.items()
    ]


def number_cases(made: Claiming) -> list[Case]:
    """Totals and holdings other than those the proof is about."""
    a, at = made.attestation, "statement.predicate"
    first, *others = a.holdings
    more, none = "what is signed and what is proven are two things", "a claim reads a total that nobody told"
    swapped = {**a.totals, "BTC": a.totals["ETH"], "ETH": a.totals["BTC"]}
    public = {**a.totals, "BTC": TotalTold("public", OWED["BTC"])}
    left_out = {**a.totals, "BTC": TotalTold("none")}
    holding, total = f"{at}.holdings[]", f"{at}.totals"
    return [
        case("another commitment to a total", f"{total}.BTC.value", fails("3.5a"), more,
             told(made, totals={**a.totals, "BTC": TotalTold("hidden", G)})),
        case("two totals swapped", total, fails("3.5a"), more, told(made, totals=swapped)),
        case("a hidden total made public", f"{total}.BTC.mode", LENGTH, more, told(made, totals=public)),
        case("a total left out", f"{total}.BTC.mode", TOTAL, none, told(made, totals=left_out)),
        case("one unit more is held", f"{holding}.public", fails("3.5a"), more,
             told(made, holdings=(replace(first, public=first.public + 1), *others))),
        case("one unit less is held", f"{holding}.public", fails("3.5a"), more,
             told(made, holdings=(replace(first, public=first.public - 1), *others))),
        case("a hidden part is added", f"{holding}.hidden", LENGTH, more,
             told(made, holdings=(replace(first, hidden=G), *others))),
        case("held in a pool of no policy", f"{holding}.pool", Refusal(REJECTED, "E_HOLDING"), more,
             told(made, holdings=(replace(first, pool="attic"), *others))),
        case("held of an asset of no policy", f"{holding}.asset", Refusal(REJECTED, "E_HOLDING"), more,
             told(made, holdings=(replace(first, asset="AAA"), *others))),
        case("a holding left out", f"{at}.holdings", fails("3.5a"), more, told(made, holdings=tuple(others))),
        case("a holding more", f"{at}.holdings", Refusal(REJECTED, "E_HOLDING"), more,
             told(made, holdings=(*a.holdings, SignedHolding("zzz", "BTC", 1)))),
        case("another schema", f"{at}.digests.schema", OTHER_SCHEMA, more,
             told(made, digests={**a.digests, "schema": "ab" * 32})),
        case("another policy than the schema's", f"{at}.digests.policy", BINDING, more,
             told(made, digests={**a.digests, "policy": "ab" * 32})),
    ]  # fmt: skip


def claim_cases(made: Claiming) -> list[Case]:
    """Lists of claims that are not what was proven, or not the policy's."""
    a, at = made.attestation, "statement.predicate.claims"
    left_out, invented = (
        "a claim that fails is left out, and the others' proof counts",
        "a claim is made up by who makes it",
    )
    first, second, *rest = a.claims
    renamed = replace(first, name="healthy")
    weaker = replace(first, parameters=InKind(("BTC",), (POOL,), 1))
    other_asset = replace(first, parameters=InKind(("ETH",), (POOL,), 10000))
    other_pool = replace(first, parameters=InKind(("BTC",), ("attic",), 10000))
    in_policy = Refusal(REJECTED, "E_CLAIM")
    return [
        case("a claim left out", at, LENGTH, left_out, told(made, claims=(second, *rest))),
        case("two claims swapped", at, fails("3.5a"), left_out, told(made, claims=(second, first, *rest))),
        case("a claim of another name", f"{at}[].name", in_policy, invented,
             told(made, claims=(renamed, second, *rest))),
        case("a weaker claim", f"{at}[].parameters.k", in_policy, invented, told(made, claims=(weaker, second, *rest))),
        case("a claim of another asset", f"{at}[].parameters.assets[]", in_policy, invented,
             told(made, claims=(other_asset, second, *rest))),
        case("a claim of another pool", f"{at}[].parameters.pools[]", in_policy, invented,
             told(made, claims=(other_pool, second, *rest))),
        case("a claim twice", at, in_policy, invented, told(made, claims=(*a.claims, first))),
    ]  # fmt: skip


def aux_cases() -> list[Case]:
    """Auxiliary values and hidden holdings of a claim with portions."""
    made = claimings()["claims-portions"]
    a, at, refused = made.attestation, "statement.predicate.aux", Refusal(REJECTED, "E_AUX", "6")
    bug, moved = "a value that no row bounds counts as collateral", "portions are not bound to what was signed"
    y0, y1 = "coverage/BTC/y0", "coverage/BTC/y1"
    less = {name: value for name, value in a.aux.items() if name != y1}
    swapped = {**a.aux, y0: a.aux[y1], y1: a.aux[y0]}
    holdings = tuple(replace(held, hidden=G) if held.asset == "ETH" else held for held in a.holdings)

    def of(name: str, field: str, refusal: Refusal, reason: str, **changes: Any) -> Case:
        return case(name, field, refusal, reason, told(made, **changes), base=made.name)

    return [
        of("a portion left out", at, refused, bug, aux=less),
        of("a portion more", at, refused, bug, aux={**a.aux, "coverage/BTC/y3": G}),
        of("a portion of another name", at, refused, bug, aux={**less, "coverage/BTC/y9": a.aux[y1]}),
        of("two portions swapped", at, fails("3.5a"), moved, aux=swapped),
        *(of(f"another commitment to {name}", f"{at}.{name}", fails("3.5a"), moved, aux={**a.aux, name: G})
          for name in a.aux),
        of("another commitment to a holding", "statement.predicate.holdings[].hidden", fails("3.5a"), moved,
           holdings=holdings),
        of("another digest of the scenarios", "statement.predicate.digests.scenarios", fails("3.5a"), UNSOUND,
           digests={**a.digests, "scenarios": "ab" * 32}),
        case("no scenarios", "statement.scenarios", Refusal(REJECTED, "E_SCENARIO"),
             "a day that nobody can read counts as survived", {"scenarios.json": None}, base=made.name),
    ]  # fmt: skip


def market_cases() -> list[Case]:
    """Weights of another policy or of other prices than the proof's."""
    prices = {"BTC": "11577000", "ETH": "369840", "USDT": "100"}
    dearer, missing = {**prices, "ETH": "369841"}, {name: p for name, p in prices.items() if name != "ETH"}
    stricter = policy(IN_KIND, altered(COVERAGE, k=9999))
    return [
        case("another price", "statement.prices", fails("3.5a"), "weights come from the prover", {}, prices=dearer),
        case("a missing price", "statement.prices", Refusal(REJECTED, "E_PRICE_MISSING"),
             "what has no price is worth nothing, also where it is owed", {}, prices=missing),
        case("another policy", "statement.policy", Refusal(REJECTED, "E_SCHEMA"), "the policy is not the book's",
             {"policy.json": stricter.to_bytes()}),
        _unbounded(),
    ]  # fmt: skip


def _unbounded() -> Case:
    """Weights that wrap around the group's order: nobody can be asked to prove that row."""
    made = claimings()[BASE]
    document = {**made.policy.to_json(), "value_scale": 24}
    document["price"] = {**document["price"], "scale": 0}
    wide = Policy.from_json(document)
    book = replace(made, policy=wide).schema
    first, *others = made.attestation.holdings
    changes = told(
        made,
        digests={**made.attestation.digests, "policy": wide.digest, "schema": book.digest},
        holdings=(replace(first, public=0, hidden=G), *others),
    )
    prices = {"BTC": str(2**95), "ETH": str(2**95), "USDT": str(2**95)}
    files = {**changes, "schema.json": book.to_bytes(), "policy.json": wide.to_bytes()}
    bug = "a sum that wraps around the group's order passes for a small one"
    return case("weights that wrap", "statement.prices", Refusal(REJECTED, "E_BOUND"), bug, files, prices=prices)


def cases() -> dict[str, list[Case]]:
    """By group."""
    made = claimings()[BASE]
    changed = [
        *document_cases(),
        *context_cases(made),
        *number_cases(made),
        *claim_cases(made),
        *aux_cases(),
        *market_cases(),
    ]
    return {"claims": changed}
