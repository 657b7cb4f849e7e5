"""The files and the members of the predicate that a proposal becomes, and the proof of what is hidden in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from attest.claims_proof import prove_claims
from attest.rows import weighted_sum
from attest.secrets import Masks
from attest.statement.inputs import Inputs
from attest.statement.proposal import Proposal
from attest.store import write_private
from attest.totals import ColumnSum
from verifier.attestation import Attestation
from verifier.claims_proof import ClaimsStatement
from verifier.engine import Engine
from verifier.errors import Malformed
from verifier.group import G, H, Point
from verifier.markets.linear import Aux, Holding, Reference, Total
from verifier.predicate import SignedHolding
from verifier.transcript import Transcript
from verifier.wire import HIDDEN

OPENINGS: Final = "claims.json"
"""In the private directory of an epoch: what its auxiliary quantities and hidden holdings open to."""


@dataclass(frozen=True, slots=True)
class AuxOpening:
    """One auxiliary quantity and the blinding of its commitment."""

    value: int = field(repr=False)
    gamma: int = field(repr=False)

    def commit(self, engine: Engine) -> Point:
        """V = value*G + gamma*H."""
        return weighted_sum(engine, (self.value, G), (self.gamma, H))


@dataclass(frozen=True)
class Publication:
    """Everything of an attestation that the book alone does not have."""

    inputs: Inputs
    proposal: Proposal
    aux: Mapping[str, AuxOpening] = field(repr=False)

    @classmethod
    def draw(cls, inputs: Inputs, proposal: Proposal, masks: Masks, ctx: bytes) -> Publication:
        """With a fresh blinding for every auxiliary quantity."""
        start = Transcript.start("aux")
        start.absorb_bytes("context", ctx)
        drawn = masks.group(start)
        hidden = proposal.hidden
        return cls(inputs, proposal, {n: AuxOpening(hidden[Aux(n)], next(drawn)) for n in proposal.derivation.aux})

    def files(self) -> dict[str, bytes]:
        """Every published document beside the schema, by name."""
        prepared = self.proposal.prepared
        if prepared.held.envelope is None:
            raise Malformed("the collateral snapshot was not signed", where="collateral.json", code="E_SIGNER")
        found = {
            "policy.json": self.inputs.policy.to_bytes(),
            "prices.json": prepared.priced.document.to_bytes(),
            "collateral.json": prepared.held.envelope.to_bytes(),
            "root.json": self.inputs.root.to_bytes(),
        }
        if self.inputs.scenarios is not None:
            found["scenarios.json"] = self.inputs.scenarios.to_bytes()
        return found

    def digests(self) -> dict[str, str]:
        """The digests of the predicate, the schema's aside."""
        prepared, scenarios = self.proposal.prepared, self.inputs.scenarios
        return {
            "policy": self.inputs.policy.digest,
            "prices": prepared.priced.document.digest,
            "collateral": prepared.held.envelope.digest if prepared.held.envelope else "",
            "scenarios": scenarios.digest if scenarios else "",
        }

    def complete(self, attestation: Attestation, engine: Engine) -> Attestation:
        """The attestation of the book with documents, holdings, auxiliary commitments and claims added."""
        judged = self.proposal.prepared.held.judged
        return replace(
            attestation,
            digests={**attestation.digests, **self.digests()},
            holdings=tuple(SignedHolding(held.pool, held.asset, held.public, held.hidden) for held in judged.holdings),
            aux={name: opening.commit(engine) for name, opening in self.aux.items()},
            claims=tuple(claim.claim for claim in self.proposal.derivation.claims),
        )

    def prove(self, attestation: Attestation, sums: Sequence[ColumnSum], masks: Masks, engine: Engine) -> bytes:
        """The bytes of claims.proof; none where every claim is plain arithmetic and there is nothing to prove."""
        if not self.proposal.derivation.hidden_rows():
            return b""
        statement = ClaimsStatement.of(attestation, self.proposal.derivation)
        return prove_claims(statement, self.openings(sums), masks, engine)

    def openings(self, sums: Sequence[ColumnSum]) -> dict[Reference, tuple[int, int]]:
        """Value and blinding of every commitment that a claim may read."""
        columns = zip(self.proposal.book.schema.columns, sums, strict=True)
        found: dict[Reference, tuple[int, int]] = {
            Total(column.name): (total.value, total.gamma) for column, total in columns if total.mode == HIDDEN
        }
        found |= {Holding(*key): opening for key, opening in self.proposal.prepared.held.openings.items()}
        return found | {Aux(name): (opening.value, opening.gamma) for name, opening in self.aux.items()}

    def save_openings(self, path: Path) -> None:
        """The private openings, as decimal strings."""
        held = self.proposal.prepared.held.openings
        document = {
            "aux": {name: _opening(opening.value, opening.gamma) for name, opening in self.aux.items()},
            "holdings": [
                {"pool": pool, "asset": asset, **_opening(*held[pool, asset])} for pool, asset in sorted(held)
            ],
        }
        write_private(path, json.dumps(document, indent=1).encode())


def _opening(value: int, gamma: int) -> dict[str, str]:
    return {"value": str(value), "gamma": str(gamma)}
