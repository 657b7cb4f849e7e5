"""Negative cases of claims.proof: every element of every field, lengths, other proofs, and provers that do not care."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from attest.claims_proof import prove_values
from vectors.make.build import engine
from vectors.make.claiming import IN_KIND, OWED, PAYLOAD, Claiming, altered, claimings, policy
from vectors.make.liars import BentEngine
from vectors.make.mutate import MALFORMED, REJECTED, Case, Refusal
from vectors.make.proofs import Element, fails, replacements, row_elements
from verifier.claims_proof import LAYOUT
from verifier.engine import Engine
from verifier.hashing import N
from verifier.markets.linear import Total
from verifier.predicate import CLAIMS_FILE

BASE: Final = "claims-totals"
LENGTH: Final = Refusal(MALFORMED, "E_LENGTH", "6")
PRESENCE: Final = Refusal(REJECTED, "E_BINDING", "6")
UNSOUND: Final = "the claims argument is not bound to the attestation it was made for"


def case(name: str, field: str, refusal: Refusal, bug: str, files: Mapping[str, bytes | None], **more: Any) -> Case:
    """One change of a vector of claims."""
    base = more.pop("base", BASE)
    return Case(f"claims: {name}", base, "claims", field, refusal, bug, files, more)


def elements(made: Claiming) -> list[Element]:
    """Every element of claims.proof; they fill it without a gap."""
    count = len(made.statement.rows)
    found = [Element("ClaimsProof.E", f"E[{i}]", 33 * i, 33, "3.5a") for i in range(count)]
    found += row_elements(33 * count, made.statement.shape.variables, LAYOUT.row_bits, 0, links=1)
    if sum(e.size for e in found) != len(made.files[CLAIMS_FILE]):
        raise ValueError("the elements do not fill the proof")
    return found


def element_cases(made: Claiming) -> list[Case]:
    """The first and the last element of each field, with every other value."""
    by_field: dict[str, list[Element]] = {}
    for element in elements(made):
        by_field.setdefault(element.field, []).append(element)
    proof, found = made.files[CLAIMS_FILE], []
    for element in [e for group in by_field.values() for e in dict.fromkeys([group[0], group[-1]])]:
        end = element.start + element.size
        for label, value, refusal in replacements(element, proof[element.start : end]):
            changed = proof[: element.start] + value + proof[end:]
            bug = f"equation {element.step} is not checked, or {element.field.split('.')[1]} is not bound"
            name = f"{element.label.removeprefix('chunk 0, ')}: {label}"
            found.append(case(name, element.field, refusal, bug, {CLAIMS_FILE: changed}))
    return found


def whole(made: Claiming) -> list[Case]:
    """Lengths, rows in another order, and proofs of something else."""
    proof, rows = made.files[CLAIMS_FILE], [made.files[CLAIMS_FILE][33 * i : 33 * i + 33] for i in range(4)]
    rest, shape = proof[33 * 4 :], "a count is read from the proof, or what is left over is not looked at"
    lengths = {
        "one byte missing": proof[:-1],
        "one byte more": proof + b"\0",
        "empty": b"",
        "without its last row": b"".join(rows[:3]) + rest,
        "with a row twice": b"".join([*rows, rows[3]]) + rest,
        "the rows alone": b"".join(rows),
        "that of fewer rows": claimings()["claims-one-row"].files[CLAIMS_FILE],
    }
    found = [case(label, "ClaimsProof", LENGTH, shape, {CLAIMS_FILE: data}) for label, data in lengths.items()]
    orders = {
        "rows 0 and 1 swapped": [1, 0, 2, 3],
        "row 0 also in place of row 1": [0, 0, 2, 3],
        "rows reversed": [3, 2, 1, 0],
    }
    for label, order in orders.items():
        data = b"".join(rows[i] for i in order) + rest
        found.append(
            case(label, "ClaimsProof.E", fails("3.5a"), "rows are not bound to their claims", {CLAIMS_FILE: data})
        )
    for name in ("claims-next", "claims-elsewhere"):
        other = claimings()[name].files[CLAIMS_FILE]
        found.append(case(f"the proof of {name}", "ClaimsProof", fails("3.5a"), UNSOUND, {CLAIMS_FILE: other}))
    missing, extra = (
        "hidden claims count as proven without a proof",
        "a proof that nobody looks at stands in a directory",
    )
    return [
        *found,
        case("no proof", "ClaimsProof", PRESENCE, missing, {CLAIMS_FILE: None}),
        case("a proof of nothing", "ClaimsProof", PRESENCE, extra, {CLAIMS_FILE: proof}, base="claims-public"),
    ]


def liar_cases() -> list[Case]:
    """One unit short, and proven by a prover that does not care."""
    short = replace(
        claimings()[BASE], name="claims-short", held={"BTC": OWED["BTC"] - 1, "ETH": 55000000000, "USDT": 180000000000}
    )
    short = replace(short, policy=policy(altered(IN_KIND, assets=["BTC"])))
    value = short.statement.rows[0].value({x: v for x, (v, _) in short.openings.items()})
    liars: dict[str, tuple[str, Callable[[], Engine], str]] = {
        "a row that says nothing is missing": ("3.5d", engine, "rows are not linked to what was signed"),
        "a row that is no number": ("3.5c", lambda: BentEngine({(0, 0): value % N}), "rows are not made of bits"),
    }
    found = []
    for name, (step, prover, bug) in liars.items():
        proof = prove_values(short.statement, [0], short.openings, short.masks, prover())
        files = {PAYLOAD: short.attestation.to_payload(), "schema.json": short.schema.to_bytes(),
                 "policy.json": short.policy.to_bytes(), CLAIMS_FILE: proof}  # fmt: skip
        found.append(case(f"one unit short, {name}", "statement.rows", fails(step), bug, files))
    return [*found, _cancelling()]


def _cancelling() -> Case:
    """What is held is the commitment to what is owed: their difference is the identity."""
    made = replace(claimings()[BASE], name="claims-cancel", hidden_holdings=frozenset({"BTC"}))
    told_total = made.commitments[Total("BTC")]
    holdings = tuple(replace(h, hidden=told_total) if h.asset == "BTC" else h for h in made.attestation.holdings)
    files: dict[str, bytes | None] = {
        PAYLOAD: replace(made.attestation, holdings=holdings).to_payload(),
        CLAIMS_FILE: bytes(made.statement.proof_size),
    }
    refusal = Refusal(REJECTED, "E_IDENTITY", "6")
    return case(
        "a holding that is the total's commitment", "statement.rows", refusal, "the identity is a commitment", files
    )


def cases() -> dict[str, list[Case]]:
    """By group."""
    made = claimings()[BASE]
    return {"claims_proof": [*element_cases(made), *whole(made), *liar_cases()]}
