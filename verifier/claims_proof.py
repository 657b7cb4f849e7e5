"""The claims argument, verifier's side (docs/protocol.md, section 6).

It proves of every hidden row of the claims that ``Z = sum(weight * X) + constant`` lies in 0..2^128 - 1, for the values
X behind the SIGNED commitments. Rows that hold nothing hidden are plain arithmetic and are not here.
Prover: attest/claims_proof.py.  Attacks: tests/adversarial/test_claims.py.  Bytes: 33 per row, then wire.RowProof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from verifier import canonical
from verifier.attestation import Attestation
from verifier.book import generator_labels, generators_digest
from verifier.engine import Engine
from verifier.equations import Batch, Equations, OneByOne
from verifier.errors import Malformed, Rejected
from verifier.group import G, Point, scalar_to_bytes
from verifier.hashing import PROTOCOL, tagged
from verifier.markets.claims import Derivation
from verifier.markets.descriptors import Claim
from verifier.markets.linear import Aux, Held, Holding, Quantities, Reference, Row, Total
from verifier.predicate import CLAIMS_FILE
from verifier.rows import Layout, Link, verify_rows
from verifier.schema import Schema
from verifier.sources import DAMAGED, Source
from verifier.transcript import Transcript
from verifier.wire import HIDDEN, NONE, POINT, RowProof, RowShape

LAYOUT: Final = Layout((128,))
"""One column: a value of 0..2^128 - 1."""


@dataclass(frozen=True)
class ClaimsStatement:
    """What a claims proof is checked against: the signed claims and commitments, and the rows derived from them.

    ``context`` is the attestation's ``claims_context``; ``rows`` are all hidden rows, in the order of section 6;
    ``commitments`` holds every X that a row reads.
    """

    context: bytes
    claims: tuple[Claim, ...]
    rows: tuple[Row, ...]
    commitments: Mapping[Reference, Point]

    @classmethod
    def of(cls, attestation: Attestation, derivation: Derivation) -> ClaimsStatement:
        """The statement of a signed attestation whose claims were derived from what it says.

        Raises Rejected: E_CLAIM (other claims), E_AUX (other auxiliary values than the claims create), E_BINDING (other
        totals or holdings than the signed ones), or the refusal of a claim that cannot be formed.
        """
        if tuple(rows.claim for rows in derivation.claims) != attestation.claims:
            raise Rejected("these are not the claims that were signed", where="claims", code="E_CLAIM", step="6")
        if derivation.quantities != signed_quantities(attestation, derivation.quantities.schema):
            message = "the claims were derived from other totals or holdings than the signed ones"
            raise Rejected(message, where="claims", code="E_BINDING", step="6")
        rows = derivation.hidden_rows()
        if set(derivation.aux) != set(attestation.aux):
            raise Rejected("the claims create other auxiliary values", where="aux", code="E_AUX", step="6")
        return cls(attestation.claims_context, attestation.claims, rows, signed_commitments(attestation))

    @property
    def shape(self) -> RowShape:
        """The shape of the row argument."""
        return LAYOUT.shape(len(self.rows), links=1)

    @property
    def proof_size(self) -> int:
        """Bytes of claims.proof, computed; 0 where there is nothing to prove."""
        return POINT * len(self.rows) + self.shape.size if self.rows else 0

    def slacks(self, engine: Engine) -> tuple[Point, ...]:
        """S_i = sum(w X) + c G of every row, from the signed commitments. Raises Rejected (E_IDENTITY)."""
        return tuple(_slack(row, self.commitments, engine) for row in self.rows)


def signed_quantities(attestation: Attestation, schema: Schema) -> Quantities:
    """What an attestation tells everybody; claims are derived from nothing else. Raises Rejected (E_BINDING, E_TOTAL).

    A total that is left out is not told at all.
    """
    told = zip(schema.columns, attestation.totals_for(schema), strict=True)
    totals = {column.name: _public(total.value) for column, total in told if total.mode != NONE}
    holdings = {(held.pool, held.asset): Held(held.public, held.hidden is not None) for held in attestation.holdings}
    return Quantities(attestation.accounts, schema, totals, holdings)


def signed_commitments(attestation: Attestation) -> dict[Reference, Point]:
    """The commitments behind hidden totals, hidden parts of holdings, and auxiliary values."""
    found: dict[Reference, Point] = {}
    for name, total in attestation.totals.items():
        if total.mode == HIDDEN and isinstance(total.value, Point):
            found[Total(name)] = total.value
    for held in attestation.holdings:
        if held.hidden is not None:
            found[Holding(held.pool, held.asset)] = held.hidden
    return found | {Aux(name): value for name, value in attestation.aux.items()}


def open_transcript(statement: ClaimsStatement, slacks: Iterable[Point], generators: bytes) -> Transcript:
    """Everything the argument is about, but for the rows E_i; ``generators`` is the digest for L = 128."""
    transcript = Transcript.start("claims")
    transcript.absorb_bytes("protocol", PROTOCOL.encode())
    transcript.absorb_bytes("generators", generators)
    transcript.absorb_bytes("context", statement.context)
    descriptors = canonical.encode([claim.to_json() for claim in statement.claims])
    transcript.absorb_bytes("claims", tagged("claims", descriptors))
    for slack in slacks:
        transcript.absorb_point("slack", slack)
    return transcript


def verify_claims(statement: ClaimsStatement, proof: Source | None, engine: Engine) -> None:
    """Check claims.proof; None where no such file was signed. Raises Malformed or Rejected naming the step.

    1. There is a proof exactly where there are hidden rows, and it has exactly the computed size.
    2. Every S_i is computed from the signed commitments, and none is the identity.
    3. The transcript absorbs context, claims, every S_i and every E_i.
    4. The row argument over the E_i, linked to the S_i: 3.5a to 3.5d hold.
    """
    source = _require_presence(statement, proof)
    if source is None:
        return
    slacks = statement.slacks(engine)
    count = len(statement.rows)
    rows = read_rows(source.read(0, POINT * count), count, source.name, engine)
    data = source.read(POINT * count, statement.shape.size)
    argument = RowProof.from_bytes(data, statement.shape, source.name, engine.decompress)
    generators = engine.generators(generator_labels(LAYOUT.row_bits))
    transcript = open_transcript(statement, slacks, generators_digest(engine, generators))
    for row in rows:
        transcript.absorb_point("row", row)

    def require(equations: Equations) -> None:
        links = [Link(0, _combination(slacks, engine))]
        fork = Transcript(transcript.state)
        verify_rows(LAYOUT, _combination(rows, engine), argument, fork, equations, source.name, links)

    batch = Batch(engine, generators)
    require(batch)
    if not batch.holds():
        require(OneByOne(engine, generators))  # which names the equation
        raise Rejected("the proof does not hold", where=source.name, code="E_PROOF", step="6")


def read_rows(data: bytes, count: int, where: str, engine: Engine) -> tuple[Point, ...]:
    """The E_i at the front of claims.proof. Raises Malformed (E_POINT)."""
    if len(data) == POINT * count:
        with suppress(Malformed):  # one by one says which
            points = engine.decompress(data)
            return tuple(Point.from_sum(points[i : i + 64]) for i in range(0, len(points), 64))
    starts = range(0, POINT * count, POINT)
    return tuple(Point.from_bytes(data[s : s + POINT], f"{where}: E[{i}]") for i, s in enumerate(starts))


def _require_presence(statement: ClaimsStatement, proof: Source | None) -> Source | None:
    if proof is None and statement.rows:
        message = "claims about hidden values need a proof, and none was signed"
        raise Rejected(message, where=CLAIMS_FILE, code="E_BINDING", step="6")
    if proof is not None and not statement.rows:
        message = "nothing that is claimed is hidden, so no proof belongs here"
        raise Rejected(message, where=proof.name, code="E_BINDING", step="6")
    if proof is not None and proof.size != statement.proof_size:
        what = f"{statement.proof_size} bytes expected, {proof.size} found"
        raise Malformed(what, where=proof.name, code="E_LENGTH", step="6", hint=DAMAGED)
    return proof


def _slack(row: Row, commitments: Mapping[Reference, Point], engine: Engine) -> Point:
    terms = [(weight, commitments[reference]) for reference, weight in row.hidden]
    terms += [(row.constant, G)] if row.constant else []
    points = b"".join((point if weight > 0 else -point).to_xy() for weight, point in terms)
    slack = Point.from_sum(engine.multiply_sum(points, b"".join(scalar_to_bytes(abs(weight)) for weight, _ in terms)))
    if slack.is_identity:
        raise Rejected("the commitments cancel each other", where=f"claims: {row.label}", code="E_IDENTITY", step="6")
    return slack


def _combination(points: Sequence[Point], engine: Engine) -> Callable[[Sequence[int]], Point]:
    """``sum(eq(r,i) * P_i)`` as a function of r."""
    packed = b"".join(point.to_xy() for point in points)
    return lambda r: Point.from_sum(engine.multiply_sum(packed, engine.eq_table(r, len(points))))


def _public(value: int | Point | None) -> int | None:
    return value if isinstance(value, int) else None
