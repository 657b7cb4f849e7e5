"""Negative cases of book.proof: every element of every field, signed again so that the proof itself must refuse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from vectors.make.books import books
from vectors.make.build import Made
from vectors.make.describe import statement_of
from vectors.make.kinds import POINT as BAD_POINT
from vectors.make.kinds import SCALAR as BAD_SCALAR
from vectors.make.kinds import off_curve
from vectors.make.mutate import BINDING, MALFORMED, REJECTED, Case, Refusal, flip, resigned
from verifier.attestation import Total
from verifier.group import G, P
from verifier.hashing import N
from verifier.wire import HIDDEN, PUBLIC

PROOF = "book.proof"
LENGTH = Refusal(MALFORMED, "E_LENGTH", "4")


def fails(step: str) -> Refusal:
    """The proof's equation ``step`` does not hold."""
    return Refusal(REJECTED, "E_PROOF", step)


@dataclass(frozen=True, slots=True)
class Element:
    """One point (33 bytes) or scalar (32) of a proof, where it lies, and the step that refuses another value."""

    field: str
    label: str
    start: int
    size: int
    step: str


def row_elements(start: int, variables: int, row_bits: int, chunk: int, links: int = 0) -> Iterator[Element]:
    """A row proof's elements in the order of section 3 step 4, counted here apart from the verifier."""
    fields: list[tuple[str, int, int, str]] = [
        ("alpha", variables, 33, "3.5a"),
        ("D", 1, 33, "3.5a"),
        ("D_rounds", variables, 33, "3.5a"),
        ("T1", 1, 33, "3.5a"),
        ("T0", 1, 33, "3.5a"),
        ("DL", links, 33, "3.5a"),
        ("z", row_bits, 32, "3.5a"),
        ("z_delta", 1, 32, "3.5a"),
        ("rounds", 3 * variables, 32, "3.5b"),
        ("z_T", 1, 32, "3.5c"),
        ("zl", links, 32, "3.5d"),
    ]
    for name, count, size, step in fields:
        for i in range(count):
            yield Element(f"RowProof.{name}", f"chunk {chunk}, {name}[{i}]", start + i * size, size, step)
        start += count * size


def totals_elements(start: int, totals: tuple[Total, ...], column_bits: tuple[int, ...]) -> Iterator[Element]:
    """The elements of the totals' opening, as section 4 lists them; a changed mask moves x, which 4a meets first."""
    yield Element("TotalsProof.D_S", "totals, D_S", start, 33, "4a")
    start += 33
    for c, total in enumerate(totals):
        size = {HIDDEN: 33, PUBLIC: 32}.get(total.mode, 0)
        if size:
            yield Element("TotalsProof.e", f"totals, e[{c}] ({total.mode})", start, size, "4a")
        start += size
    for k in range(sum(column_bits)):
        yield Element("TotalsProof.zs", f"totals, zs[{k}]", start, 32, "4a")
        start += 32
    yield Element("TotalsProof.z_R", "totals, z_R", start, 32, "4a")
    start += 32
    for i in range(sum(total.mode == HIDDEN for total in totals)):
        yield Element("TotalsProof.z_gamma", f"totals, z_gamma[{i}]", start + 32 * i, 32, "4c")


def elements(made: Made) -> list[Element]:
    """Every element of a book's proof; they fill it without a gap."""
    statement, start, found = statement_of(made), 0, list[Element]()
    for chunk, (_, rows) in enumerate(statement.chunks()):
        found += row_elements(start, (rows - 1).bit_length(), statement.layout.row_bits, chunk)
        start = found[-1].start + found[-1].size
    found += totals_elements(start, statement.totals, statement.layout.column_bits)
    if sum(e.size for e in found) != len(made.files[PROOF]):
        raise ValueError("the elements do not fill the proof")
    return found


def chosen(made: Made) -> list[Element]:
    """Of each field of each part the first two and the last elements, of the others none."""
    groups: dict[tuple[str, str], list[Element]] = {}
    for element in elements(made):
        groups.setdefault((element.label.split(",")[0], element.field), []).append(element)
    return [e for group in groups.values() for e in dict.fromkeys([group[0], group[-1]])]


def replacements(element: Element, value: bytes) -> Iterator[tuple[str, bytes, Refusal]]:
    """Other values for one element."""
    refused = fails(element.step)
    if element.size == 33:
        yield "negated", flip(value, 0), refused
        yield "another point", G.to_bytes(), refused
        yield "the identity", bytes(33), BAD_POINT
        yield "prefix 04", b"\x04" + value[1:], BAD_POINT
        yield "off the curve", b"\x02" + off_curve().to_bytes(32, "big"), BAD_POINT
        yield "x = p", b"\x03" + P.to_bytes(32, "big"), BAD_POINT
        return
    number = int.from_bytes(value, "big")
    yield "plus one", ((number + 1) % N).to_bytes(32, "big"), refused
    yield "negated", (-number % N).to_bytes(32, "big"), refused
    yield "zero", bytes(32), refused
    yield "the group order", N.to_bytes(32, "big"), BAD_SCALAR
    yield "2^256 - 1", b"\xff" * 32, BAD_SCALAR


def element_cases(base: str) -> list[Case]:
    """Every chosen element with every other value."""
    made = books()[base]
    proof, found = made.files[PROOF], []
    for element in chosen(made):
        end = element.start + element.size
        for label, value, refusal in replacements(element, proof[element.start : end]):
            changed = proof[: element.start] + value + proof[end:]
            name = f"{base}, {element.label}: {label}"
            bug = f"equation {element.step} is not checked, or {element.field.split('.')[1]} is not bound"
            found.append(proof_case(made, name, element.field, changed, refusal, bug))
    return found


def swaps(base: str) -> list[Case]:
    """Neighbours of one size and field change places: order matters."""
    made = books()[base]
    proof, all_of = made.files[PROOF], elements(made)
    found, seen = [], set()
    for a, b in pairwise(all_of):
        if a.size != b.size or (a.label.split(",")[0], a.field, b.field) in seen:
            continue
        seen.add((a.label.split(",")[0], a.field, b.field))
        changed = proof[: a.start] + proof[b.start : b.start + b.size] + proof[a.start : b.start]
        changed += proof[b.start + b.size :]
        label = f"{base}, {a.label} and {b.label.split(', ')[1]}: swapped"
        if a.label.split(",")[0] == b.label.split(",")[0]:
            step = min(a.step, b.step)
            bug = "elements are read in another order than they were sent"
            found.append(proof_case(made, label, a.field, changed, fails(step), bug))
    return found


def proof_case(made: Made, name: str, field: str, proof: bytes, refusal: Refusal, bug: str) -> Case:
    """A changed proof, properly signed."""
    return Case(f"book.proof: {name}", made.spec.name, "audit", field, refusal, bug, resigned(made, {PROOF: proof}))


def parts(made: Made) -> list[bytes]:
    """The proof cut into its chunks and the totals."""
    statement, proof, cut, start = statement_of(made), made.files[PROOF], [], 0
    for _, rows in statement.chunks():
        size = statement.layout.shape(rows).size
        cut.append(proof[start : start + size])
        start += size
    return [*cut, proof[start:]]


def whole() -> list[Case]:
    """Lengths, order of chunks, proofs of other books."""
    made, many = books()["margin"], books()["seventeen-rows"]
    proof, cut, pieces = made.files[PROOF], parts(made), parts(many)
    shape = "a count is read from the proof, or what is left over is not looked at"
    replay = "a proof of one book is accepted for another"
    lengths = {
        "one byte missing": proof[:-1],
        "one byte more": proof + b"\0",
        "empty": b"",
        "half": proof[: len(proof) // 2],
        "without its first chunk": b"".join(cut[1:]),
        "without its totals": b"".join(cut[:-1]),
        "with a chunk twice": cut[0] + proof,
        "with totals twice": proof + cut[-1],
        "a byte removed from the middle": proof[:1000] + proof[1001:],
    }
    found = [proof_case(made, label, "RowProof", data, LENGTH, shape) for label, data in lengths.items()]
    swapped = b"".join([pieces[1], pieces[0], *pieces[2:]])
    repeated = b"".join([pieces[0], pieces[0], *pieces[2:]])
    found += [
        proof_case(
            many, "chunks 0 and 1 swapped", "RowProof", swapped, fails("3.5a"), "a chunk is not bound to its rows"
        ),
        proof_case(
            many, "chunk 0 also in place of 1", "RowProof", repeated, fails("3.5a"), "a chunk is not bound to its rows"
        ),
    ]
    for name in ("margin-next", "margin-elsewhere"):
        other = books()[name].files[PROOF]
        found.append(proof_case(made, f"that of {name}", "RowProof", other, fails("3.5a"), replay))
    return [*found, unsigned(made)]


def unsigned(made: Made) -> Case:
    """A changed proof without a new signature."""
    files = {PROOF: flip(made.files[PROOF], 100)}
    bug = "a file is read that is not the one that was signed"
    return Case(
        "book.proof: changed, not signed", "margin", "audit", "attestation.subject[].digest.sha256", BINDING, bug, files
    )


def hidden_only() -> list[Case]:
    """Where no total is public, 4a and 4c are met first."""
    made = books()["two-rows"]
    proof, found = made.files[PROOF], []
    for element in [e for e in chosen(made) if e.label.startswith("totals")]:
        step = {"TotalsProof.D_S": "4a", "TotalsProof.e": "4a"}.get(element.field, element.step)
        value = proof[element.start : element.start + element.size]
        other = flip(value, 0) if element.size == 33 else ((int.from_bytes(value, "big") + 1) % N).to_bytes(32, "big")
        changed = proof[: element.start] + other + proof[element.start + element.size :]
        name = f"two-rows, {element.label}: another value"
        found.append(proof_case(made, name, element.field, changed, fails(step), f"equation {step} is not checked"))
    return found


def cases() -> dict[str, list[Case]]:
    """By group."""
    return {"proof": [*element_cases("margin"), *swaps("margin"), *whole(), *hidden_only()]}
