"""Policies, prices, lines and keys that are wrong in one thing, each with the code that says so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vectors.run import load
from tests.vectors.test_edits import files
from vectors.make import roles
from vectors.make.edits import READER, ROOT, Place, apply, at, opened, payload, steps
from verifier import canonical
from verifier.collateral import Facts, LineVerdict, Snapshot, judge_snapshot, rules_of
from verifier.dsse import Envelope
from verifier.errors import Rejected, SolventError
from verifier.markets.policy import Policy, require_in_force
from verifier.markets.prices import PriceSet, compute
from verifier.trust.reader import Reader
from verifier.trust.root import Root

EPOCH = 2
CASES = load("edits/parts.json")["cases"]


def changed(case: dict[str, Any]) -> dict[str, bytes]:
    """The files after every change of a case, signed anew."""
    found = dict(files())
    for change in case["changes"]:
        document = payload(found, case["document"])
        inside = steps(change["inside"], document)
        within = opened(at(document, inside)) if inside else document
        found = apply(found, Place(case["document"], inside, steps(change["pointer"], within)), change["value"])
    return found


def policy_of(found: dict[str, bytes]) -> Policy:
    return Policy.from_bytes(canonical.encode(payload(found, "policy.json")))


def signed_by(role: str, envelope: Envelope) -> None:
    """Raises unless the only key of the role signed."""
    if role not in roles.ROLES:
        raise Rejected("there is no such role", where=role, code="E_TRUST_ROLE")
    envelope.require_signatures([roles.signer(role).public_key], 1, role)


def met(role: str, envelope: Envelope) -> bool:
    try:
        signed_by(role, envelope)
    except SolventError:
        return False
    return True


def require_policy(found: dict[str, bytes], _: dict[str, Any]) -> None:
    policy = policy_of(found)
    require_in_force(policy, policy.exchange, EPOCH)


def require_trust(found: dict[str, bytes], _: dict[str, Any]) -> None:
    Root.from_payload(canonical.encode(payload(found, ROOT)))
    Reader.from_bytes(found[READER])


def require_price(found: dict[str, bytes], case: dict[str, Any]) -> None:
    """Of an asset: that the quotes come to one."""
    document = PriceSet.from_bytes(found["prices.json"])
    prices = compute(policy_of(found), document.at, document.quotes, met)
    if case["sym"] in prices.failures:
        raise prices.failures[case["sym"]]
    assert prices.prices[case["sym"]] == document.prices[case["sym"]]


def judged(found: dict[str, bytes], case: dict[str, Any]) -> LineVerdict:
    snapshot = Snapshot.from_payload(canonical.encode(payload(found, "collateral.json")), "collateral.json")
    observed = case.get("observer", True)
    facts = Facts(snapshot.exchange, snapshot.epoch, snapshot.taken_at, snapshot.policy, observed)
    number: int = case["line"]
    return judge_snapshot(snapshot, rules_of(policy_of(found)), facts, signed_by)[number]


REQUIRE = {"policy": require_policy, "trust": require_trust, "price": require_price}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_wrong_has_its_code(case: dict[str, Any]) -> None:
    if case["target"] == "line":
        whole, broken = judged(dict(files()), {**case, "observer": True}), judged(changed(case), case)
        assert (whole.verdict.value, whole.code, whole.counted) == ("VALID", "", True)
        assert (broken.verdict.value, broken.code, broken.counted) == (case["verdict"], case["code"], False)
        return
    require = REQUIRE[case["target"]]
    require(dict(files()), case)
    with pytest.raises(SolventError) as caught:
        require(changed(case), case)
    assert caught.value.code == case["code"]
    assert caught.value.where


def test_each_case_has_a_name_of_its_own() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES) > 35
