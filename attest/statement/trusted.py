"""The documents that an epoch rests on, checked as an auditor would check them (docs/statement.md, 1, 4 and 5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from attest.statement.inputs import Inputs
from attest.store import Head
from verifier.dsse import Envelope
from verifier.errors import Malformed, Rejected, SolventError
from verifier.markets import policy as policies
from verifier.markets import scenarios as scenario_sets
from verifier.markets.descriptors import Coverage
from verifier.markets.policy import Policy
from verifier.markets.reading import WHOLE
from verifier.markets.scenarios import Scenarios
from verifier.trust import names
from verifier.trust.reader import Reader
from verifier.trust.roles import Trust, establish
from verifier.trust.root import Root

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Occasion:
    """The epoch that is to be made. ``now`` is when it will be signed, about; ``last`` the epoch before it."""

    exchange: str
    epoch: int
    taken_at: int
    now: int
    last: Head | None


@dataclass(frozen=True)
class Ground:
    """Documents whose signatures and places were checked."""

    trust: Trust
    policy: Policy
    scenarios: Scenarios | None

    @property
    def root(self) -> Root:
        """The root document, the only one of this trust."""
        return self.trust.chain[-1]

    @property
    def notes(self) -> tuple[str, ...]:
        """What readers will say of the policy, however true its claims are."""
        claims = [claim.parameters for claim in self.policy.claims]
        if any(isinstance(said, Coverage) and said.k >= WHOLE for said in claims):
            return ()
        return ("the policy claims no coverage of 100 %: whoever audits without a reader file will call it INCOMPLETE",)

    def require_signer(self, public_key: bytes) -> None:
        """Raises Malformed (E_KEY) unless this key alone may sign for the exchange: it is the only one at hand."""
        role = self.trust.keys_of(names.EXCHANGE)
        if public_key not in role.keys:
            raise Malformed(
                "the signing key is not a key of the role exchange in the root document",
                where="root.json: roles.exchange",
                code="E_KEY",
                hint="put the right key file in place, or have the root document name this key",
            )
        if role.threshold > 1:
            raise Malformed(
                f"the root document asks for {role.threshold} signatures of the exchange, and there is one key here",
                where="root.json: roles.exchange",
                code="E_KEY",
                hint="set the threshold of role exchange to 1",
            )


def own_reader(exchange: str, root: Envelope) -> Reader:
    """A reader who trusts exactly this root document and asks for nothing that the policy does not promise."""
    return Reader(exchange, root.digest, (), {}, {})


def open_documents(inputs: Inputs, occasion: Occasion) -> Ground:
    """Root document, policy and scenarios. Raises Malformed, Rejected or Unavailable, naming the document.

    1. The root document is the exchange's, signed by its own root keys, not expired, no older than the last epoch's.
    2. The policy is signed by role risk, in force for this epoch, no older than the last epoch's.
    3. So are the scenarios.
    """
    trust = _trust(inputs.root, occasion)
    policy = _signed(inputs.policy, Policy.from_bytes, "policy.json", trust, "solvent policy sign")
    policies.require_in_force(policy, occasion.exchange, occasion.epoch)
    last = occasion.last
    _not_older("policy", policy.version, last.policy_version if last else 0, "E_POLICY_VERSION")
    scenarios = None
    if inputs.scenarios is not None:
        how = "solvent scenarios sign"
        scenarios = _signed(inputs.scenarios, Scenarios.from_bytes, "scenarios.json", trust, how)
        scenario_sets.require_in_force(scenarios, occasion.exchange)
        _not_older("scenarios", scenarios.version, last.scenarios_version if last else 0, "E_SCENARIO")
    return Ground(trust, policy, scenarios)


def _trust(root: Envelope, occasion: Occasion) -> Trust:
    trust = establish(own_reader(occasion.exchange, root), [root])
    version = trust.chain[-1].version
    if occasion.last is not None:
        _not_older("root", version, occasion.last.root_version, "E_BINDING")
        _same_version_same_document(trust.chain[-1], occasion.last)
    if trust.expired(occasion.now):
        raise Rejected(
            "the root document has expired: every auditor would call this epoch stale",
            where="root.json: expires_at",
            code="E_EXPIRED",
            hint="have the root keys sign a new version",
        )
    return trust


def _same_version_same_document(root: Root, last: Head) -> None:
    """Whoever pinned the one would refuse the other, and with both in hand every epoch since."""
    if root.version == last.root_version and last.root_digest not in ("", root.digest):
        raise Rejected(
            f"there are two root documents of version {root.version}: the last epoch was made under another one",
            where="root.json",
            code="E_BINDING",
            hint="put that one back; a change of keys is a new version: solvent root new-version",
        )


def _signed(envelope: Envelope, parse: Callable[[bytes, str], T], name: str, trust: Trust, how: str) -> T:
    try:
        trust.require_role(envelope, names.RISK, name)
    except SolventError as error:
        raise Rejected(error.message, where=name, code=error.code, hint=f"sign it with the risk key: {how}") from error
    return parse(envelope.payload, name)


def _not_older(what: str, version: int, last: int, code: str) -> None:
    if version < last:
        raise Rejected(
            f"its version is {version}, and the last epoch was made under version {last}",
            where=f"{what}.json: version",
            code=code,
            hint="versions never fall: put the newer document back, or sign this one under a higher version",
        )
