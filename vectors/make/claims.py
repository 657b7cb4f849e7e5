"""Positive vectors of claims as JSON: inputs, derived rows, and every value on the way to an accepted claims.proof."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attest.claims_proof import describe
from vectors.make import text
from vectors.make.build import engine
from vectors.make.claiming import PRICES, Claiming
from verifier import canonical
from verifier.book import generator_labels, generators_digest
from verifier.claims_proof import LAYOUT, ClaimsStatement, read_rows
from verifier.group import Point
from verifier.hashing import PROTOCOL, tagged
from verifier.markets.linear import Row
from verifier.predicate import CLAIMS_FILE
from verifier.rows import replay
from verifier.transcript import Transcript
from verifier.wire import POINT, RowProof


def document(made: Claiming) -> dict[str, Any]:
    """The whole document of one vector."""
    return {
        "name": made.name,
        "about": made.about,
        "files": text.as_files(made.files),
        "prices": {sym: str(price) for sym, price in PRICES.items()},
        "openings": {
            describe(x): {"value": str(value), "blinding": text.scalar(blinding)}
            for x, (value, blinding) in made.openings.items()
        },
        "expected": expected(made),
    }


def expected(made: Claiming) -> dict[str, Any]:
    """Rows, slacks, and the transcript step by step; the public rows are those that nothing hidden is left in."""
    statement = made.statement
    public = [row for claim in made.derivation.claims for row in claim.rows if not row.hidden]
    found: dict[str, Any] = {
        "context": statement.context.hex(),
        "public_rows": {row.label: str(row.constant) for row in public},
        "rows": [row_of(row, statement) for row in statement.rows],
        "proof_size": statement.proof_size,
    }
    return {**found, **argument(made)} if statement.rows else found


def row_of(row: Row, statement: ClaimsStatement) -> dict[str, Any]:
    """One hidden row: weights by commitment, and the commitments themselves."""
    return {
        "label": row.label,
        "weights": {describe(x): str(weight) for x, weight in row.hidden},
        "commitments": {describe(x): text.point(statement.commitments[x]) for x, _ in row.hidden},
        "constant": str(row.constant),
    }


def argument(made: Claiming) -> dict[str, Any]:
    """What is absorbed, what the transcript answers, and the two sums that the equations are about."""
    statement, count, proof = made.statement, len(made.statement.rows), made.files[CLAIMS_FILE]
    slacks, rows = statement.slacks(engine()), read_rows(proof, count, CLAIMS_FILE, engine())
    transcript, steps = absorbed(statement, slacks, rows)
    seen = replay(RowProof.from_bytes(proof[POINT * count :], statement.shape), transcript)
    return {
        "transcript": steps,
        "y": text.scalar(seen.y),
        "tau": [text.scalar(t) for t in seen.tau],
        "r": [text.scalar(r) for r in seen.r],
        "x": text.scalar(seen.x),
        "E_star": text.point(combined(rows, seen.r)),
        "S_star": text.point(combined(slacks, seen.r)),
    }


def absorbed(
    statement: ClaimsStatement, slacks: Sequence[Point], rows: Sequence[Point]
) -> tuple[Transcript, list[dict[str, str]]]:
    """The transcript of section 6, rebuilt here item by item, with the state after each."""
    generators = engine().generators(generator_labels(LAYOUT.row_bits))
    descriptors = canonical.encode([claim.to_json() for claim in statement.claims])
    items = [
        ("protocol", PROTOCOL.encode()),
        ("generators", generators_digest(engine(), generators)),
        ("context", statement.context),
        ("claims", tagged("claims", descriptors)),
        *(("slack", point.to_bytes()) for point in slacks),
        *(("row", point.to_bytes()) for point in rows),
    ]
    transcript, steps = Transcript.start("claims"), []
    for label, data in items:
        transcript.absorb_bytes(label, data)
        steps.append({"absorb": label, "data": data.hex(), "state": transcript.state.hex()})
    return transcript, steps


def combined(points: Sequence[Point], r: Sequence[int]) -> Point:
    """``sum(eq(r, i) * P_i)``."""
    packed = b"".join(point.to_xy() for point in points)
    return Point.from_sum(engine().multiply_sum(packed, engine().eq_table(r, len(points))))
