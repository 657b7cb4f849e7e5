"""The quotes of an exchange's home, and what they come to under a policy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from attest.config import Config
from attest.documents.kinds import QUOTE
from attest.documents.sign import read_root
from verifier.dsse import Envelope
from verifier.errors import Rejected
from verifier.markets.policy import Policy
from verifier.markets.prices import Prices, RoleMet, compute
from verifier.markets.quotes import Quote
from verifier.trust.root import Root


@dataclass(frozen=True, slots=True)
class Doubt:
    """A quote that does not count, and why."""

    source: str
    reason: str


def quote_envelopes(directory: Path) -> tuple[Envelope, ...]:
    """The signed quotes in ``directory``, sorted by source. Raises Malformed, naming the file."""
    found = []
    for path in sorted(directory.glob("*.json")) if directory.is_dir() else []:
        envelope = Envelope.from_bytes(path.read_bytes(), QUOTE.payload_type, path.name)
        found.append((Quote.from_envelope(envelope, path.name).source, envelope))
    return tuple(envelope for _, envelope in sorted(found, key=lambda one: (one[0], one[1].payload)))


def computed(config: Config, policy: Policy, at: int) -> Prices:
    """A price or a reason for every sym of ``policy`` at ``at``. Raises SolventError."""
    root = read_root(config.document_path("root"))
    return compute(policy, at, quote_envelopes(config.document_path("quotes")), role_met(root))


def role_met(root: Root) -> RoleMet:
    """Whether the keys of a role signed an envelope, for ``verifier.markets.prices``."""

    def met(role: str, envelope: Envelope) -> bool:
        return not _unmet(root, role, envelope)

    return met


def doubts(policy: Policy, root: Root, envelopes: tuple[Envelope, ...], at: int) -> tuple[Doubt, ...]:
    """The quotes that do not count at ``at``, each with its reason."""
    found = []
    for envelope in envelopes:
        reason = doubt(policy, root, envelope, at)
        if reason:
            found.append(Doubt(Quote.from_envelope(envelope, "quote").source, reason))
    return tuple(found)


def doubt(policy: Policy, root: Root, envelope: Envelope, at: int) -> str:
    """Why a quote does not count at ``at``; "" where it does."""
    quote = Quote.from_envelope(envelope, "quote")
    return _late(policy, quote, at) or _unmet(root, f"price/{quote.source}", envelope)


def _late(policy: Policy, quote: Quote, at: int) -> str:
    away, rules = abs(quote.at - at), policy.price
    if away > rules.window_s:
        return f"{away:,} seconds away, and window_s is {rules.window_s:,}"
    if quote.scale > rules.scale:
        return f"it has {quote.scale} decimals, and the policy's scale is {rules.scale}"
    return ""


def _unmet(root: Root, role: str, envelope: Envelope) -> str:
    if role not in root.roles:
        return f"the root document has no role {role}"
    keys = root.roles[role].without(revocation.key for revocation in root.revoked)
    try:
        keys.require(envelope, f"the role {role}", "quote")
    except Rejected as error:
        return error.message
    return ""
