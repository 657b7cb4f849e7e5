"""Two days of the exchange with a policy: its ledger, its documents, and what an auditor with a reader's file finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from attest.plan import Plan
from attest.statement.inputs import Inputs
from attest.statement.preparing import policy_schema
from vectors.make import held, roles
from vectors.make.books import account
from vectors.make.build import EXCHANGE, VALID_FOR, Made, engine
from verifier import audit, canonical
from verifier.dsse import Envelope
from verifier.markets.policy import Policy
from verifier.report import AuditReport
from verifier.trust import names
from verifier.trust.reader import Reader

READER: Final = "reader.json"
LEDGER: Final[Mapping[str, Mapping[str, int]]] = {
    "ada": {"BTC": 100_000_000, "BTC:pledged": 60_000_000, "USDT": 20_000_000_000, "USDT:debt": 40_000_000_000},
    "bob": {"BTC": 25_000_000, "USDT": 120_000_000_000},
    "cho": {"ETH": 42_500_000_001, "USD": 450_000},
    "dan": {"BTC": 75_000_000, "BTC:pledged": 75_000_000, "USDT:debt": 30_000_000_000},
    "Zo\u00eb": {"ETH": 10_000_000_000, "USD": 50_000, "USDT": 1},
}
LATER: Final[Mapping[str, Mapping[str, int]]] = {
    **LEDGER,
    "bob": {"BTC": 20_000_000, "USDT": 125_000_000_000},
    "eve": {"ETH": 1},
}


@dataclass(frozen=True)
class Day:
    """One epoch of the exchange."""

    number: int
    taken_at: int

    @property
    def accounts(self) -> dict[str, Mapping[str, int]]:
        """The ledger of the day."""
        return {account(name): cells for name, cells in (LEDGER if self.number == 1 else LATER).items()}

    def plan(self) -> Plan:
        """What the exchange attests: the snapshot signed by an observer first, as its policy asks."""
        inputs = self.inputs()
        return Plan(
            EXCHANGE,
            policy_schema(Policy.from_bytes(inputs.policy.payload)),
            roles.MODES,
            self.taken_at,
            VALID_FOR,
            rows="next power of two",
            chunk_bits=2,
            first=self.number == 1,
            issued_at=self.taken_at + 600,
            inputs=inputs,
        )

    def inputs(self) -> Inputs:
        """Every document of the day."""
        policy, files = roles.policy(), held.collateral(self.number, self.taken_at)
        snapshot = files.document(EXCHANGE, self.number, self.taken_at, policy.digest)
        observed: Envelope = roles.sign("collateral", snapshot.to_payload(), names.OBSERVER)
        quotes = roles.quotes(self.taken_at)
        return Inputs(roles.root(), policy, quotes, roles.scenarios(), files, observed)


def report(directory: Path, made: Made) -> dict[str, Any]:
    """What must be found: verdict, claims, figures. Sentences may become clearer, so they are not frozen."""
    reader = Reader.from_json(roles.reader())
    return findings(audit(directory, reader=reader, now=made.now, engine=engine()))


def findings(found: AuditReport) -> dict[str, Any]:
    """The part of a report that stays for ever."""
    document = found.to_json()
    told = ("id", "value", "unit", "status")
    return {
        "overall": document["overall"],
        "reader": document["reader"],
        "claims": {name: claim["status"] for name, claim in document["claims"].items()},
        "lines": document["lines"],
        "codes": document["codes"],
        "figures": [{name: figure[name] for name in told} for figure in document["figures"]],
    }


def reader_file() -> dict[str, bytes]:
    """The auditor's file."""
    return {READER: canonical.encode(roles.reader())}


def secrets_told() -> dict[str, Any]:
    """The private keys of every role, so that others can sign what they change."""
    return {"signing_keys": {role: roles.seed(role).hex() for role in (names.EXCHANGE, *roles.ROLES, *roles.ROOT_KEYS)}}
