"""What claims are weighed with: policy, scenarios and prices, signed and recomputed (docs/statement.md, 3 and 4)."""

from __future__ import annotations

from verifier.attestation import Attestation
from verifier.dsse import Envelope
from verifier.errors import Rejected
from verifier.markets import policy as policies
from verifier.markets import scenarios as scenario_sets
from verifier.markets.claims import Market
from verifier.markets.policy import Policy
from verifier.markets.prices import Prices, PriceSet
from verifier.markets.scenarios import Scenarios
from verifier.schema import Schema
from verifier.statement.published import Documents
from verifier.statement.standing import require_signed
from verifier.trust import names
from verifier.trust.roles import Trust

NO_PRICES = Prices({}, {}, {})


def read_policy(documents: Documents, attestation: Attestation, trust: Trust) -> Policy:
    """The policy: signed by risk, this exchange's, in force, and the attestation no longer valid than it allows.

    Raises Rejected (E_SIG_THRESHOLD, E_BINDING, E_POLICY_VERSION, E_EXPIRED), Malformed, Unavailable.
    """
    envelope = documents.envelopes["policy"]
    require_signed(trust, envelope, "policy", names.RISK, "policy.json")
    policy = Policy.from_bytes(envelope.payload)
    policies.require_in_force(policy, attestation.identity.exchange, attestation.identity.epoch)
    if attestation.expires_at > attestation.identity.taken_at + policy.max_age_s:
        raise Rejected(
            f"it says that it lasts longer than the {policy.max_age_s} seconds that the policy allows",
            where="attestation: predicate: expires_at",
            code="E_EXPIRED",
        )
    return policy


def read_scenarios(documents: Documents, attestation: Attestation, trust: Trust) -> Scenarios | None:
    """The scenarios, if there are any: signed by risk and this exchange's. Raises as ``read_policy`` does."""
    envelope = documents.envelopes.get("scenarios")
    if envelope is None:
        return None
    require_signed(trust, envelope, "scenarios", names.RISK, "scenarios.json")
    scenarios = Scenarios.from_bytes(envelope.payload)
    scenario_sets.require_in_force(scenarios, attestation.identity.exchange)
    return scenarios


def read_prices(documents: Documents, policy: Policy, taken_at: int, trust: Trust) -> Prices:
    """Every price, recomputed from the quotes that the published set embeds.

    Raises Rejected (E_BINDING for a price that the quotes do not come to, E_PRICE_SOURCES, E_SIG_THRESHOLD), Malformed.
    """
    if documents.prices is None:
        return NO_PRICES
    published = PriceSet.from_bytes(documents.prices)
    for i, envelope in enumerate(published.quotes):
        trust.require_cosigned("quote", envelope, f"prices: quotes[{i}]")
    return published.verify(policy, taken_at, lambda role, envelope: _is_met(trust, role, envelope))


def require_schema(schema: Schema, policy: Policy) -> None:
    """The book was made under this policy, with its columns and without account rules. Raises Rejected (E_SCHEMA)."""
    if schema.policy != policy.digest:
        raise Rejected("the book was made under another policy", where="schema.json: policy", code="E_SCHEMA")
    if schema.columns != policy.columns or schema.rules:
        raise Rejected("the book's columns are not the policy's", where="schema.json", code="E_SCHEMA")
    if schema.prices or schema.scenarios:
        raise Rejected(
            "the book says that it rests on prices or scenarios, and has no rule that reads them",
            where="schema.json",
            code="E_SCHEMA",
        )


def require_not_older(market: Market, policy: Policy | None, scenarios: Scenarios | None) -> None:
    """Neither version fell since the previous epoch, whose documents these are where they are at hand.

    Raises Rejected (E_POLICY_VERSION, E_SCENARIO).
    """
    policies.require_in_force(market.policy, market.policy.exchange, market.policy.effective_epoch, policy)
    if market.scenarios is not None:
        scenario_sets.require_in_force(market.scenarios, market.scenarios.exchange, scenarios)


def _is_met(trust: Trust, role: str, envelope: Envelope) -> bool:
    try:
        trust.require_role(envelope, role, role)
    except Rejected:
        return False
    return True
