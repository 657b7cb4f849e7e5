"""The claims argument, prover's side (docs/protocol.md, section 6).

Verifier: verifier/claims_proof.py.  Attacks: tests/adversarial/test_claims.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attest.ordered import pack_rows
from attest.rows import LinkWitness, Witness, prove_rows, weighted_sum
from attest.secrets import Masks
from verifier.book import generator_labels, generators_digest
from verifier.claims_proof import LAYOUT, ClaimsStatement, open_transcript, read_rows
from verifier.engine import Engine
from verifier.errors import Malformed, Rejected
from verifier.group import G, H, scalar_to_bytes
from verifier.hashing import N
from verifier.markets.linear import Holding, Reference, Row, Total
from verifier.predicate import CLAIMS_FILE

LIMIT = 2**128
Openings = Mapping[Reference, tuple[int, int]]
"""The value and the blinding behind every commitment."""


def prove_claims(statement: ClaimsStatement, openings: Openings, masks: Masks, engine: Engine) -> bytes:
    """The bytes of claims.proof; none where nothing that is claimed is hidden: then no file is published.

    Raises Rejected (E_CLAIM) naming the rows that do not hold, Malformed (E_OPENING) for an opening that is missing or
    does not fit its commitment.
    """
    if not statement.rows:
        return b""
    require_openings(statement, openings, engine)
    values = row_values(statement, openings)
    require_provable(statement.rows, values)
    return prove_values(statement, values, openings, masks, engine)


def prove_values(
    statement: ClaimsStatement, values: Sequence[int], openings: Openings, masks: Masks, engine: Engine
) -> bytes:
    """The argument over rows of these values, each of 0..2^128 - 1; it is accepted where they are the rows' Z."""
    generators = engine.generators(generator_labels(LAYOUT.row_bits))
    transcript = open_transcript(statement, statement.slacks(engine), generators_digest(engine, generators))
    drawn = masks.group(transcript, engine)
    blindings = b"".join(scalar_to_bytes(next(drawn)) for _ in values)
    rows = pack_rows([[(0, value)] if value else [] for value in values])
    commitments = engine.compress(engine.committer(LAYOUT.column_bits).commit(rows, blindings))
    for row in read_rows(commitments, len(values), CLAIMS_FILE, engine):
        transcript.absorb_point("row", row)
    witness = Witness(rows, blindings, (LinkWitness(0, slack_blindings(statement.rows, openings)),))
    return commitments + prove_rows(LAYOUT, witness, transcript, masks, engine, generators).to_bytes()


def row_values(statement: ClaimsStatement, openings: Openings) -> tuple[int, ...]:
    """Z of every row: what an operator may see, and nobody else. Below zero, so much is missing."""
    known = {reference: value for reference, (value, _) in openings.items()}
    return tuple(row.value(known) for row in statement.rows)


def require_provable(rows: Sequence[Row], values: Sequence[int]) -> None:
    """Raises Rejected (E_CLAIM) unless every value is in 0..2^128 - 1. The error names rows and tells no value."""
    short = [row.label for row, value in zip(rows, values, strict=True) if value < 0]
    if short:
        raise _refused("this does not hold, so it cannot be proven", short)
    large = [row.label for row, value in zip(rows, values, strict=True) if value >= LIMIT]
    if large:
        raise _refused("it holds by 2^128 or more: use a smaller value_scale or fewer decimals", large)


def require_openings(statement: ClaimsStatement, openings: Openings, engine: Engine) -> None:
    """Raises Malformed (E_OPENING) unless every commitment that a row reads is opened by its value and blinding."""
    for reference in dict.fromkeys(x for row in statement.rows for x, _ in row.hidden):
        opening = openings.get(reference)
        if opening is None:
            raise Malformed("its value and blinding are not given", where=describe(reference), code="E_OPENING")
        value, blinding = opening
        if weighted_sum(engine, (value, G), (blinding, H)) != statement.commitments[reference]:
            message = "the value and blinding that are given do not open its commitment"
            raise Malformed(message, where=describe(reference), code="E_OPENING")


def slack_blindings(rows: Iterable[Row], openings: Openings) -> bytes:
    """The blinding of every S_i, 32 bytes each."""
    return b"".join(scalar_to_bytes(sum(weight * openings[x][1] for x, weight in row.hidden) % N) for row in rows)


def describe(reference: Reference) -> str:
    """A commitment in words."""
    if isinstance(reference, Total):
        return f"total of {reference.column}"
    return f"{reference.asset} in {reference.pool}" if isinstance(reference, Holding) else f"aux {reference.name}"


def _refused(message: str, labels: Sequence[str]) -> Rejected:
    others = f" (and so {len(labels) - 1} more rows: {', '.join(labels[1:5])})" if labels[1:] else ""
    return Rejected(message + others, where=f"claims: {labels[0]}", code="E_CLAIM", step="6")
