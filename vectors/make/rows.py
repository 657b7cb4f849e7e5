"""Negative cases of leaves.bin: rows moved, repeated, dropped, damaged; signed again, and again with a new root."""

from __future__ import annotations

from collections.abc import Mapping

from vectors.make.books import books
from vectors.make.build import Made
from vectors.make.kinds import off_curve
from vectors.make.mutate import BINDING, MALFORMED, REJECTED, ROOT, Case, Refusal, flip, resigned
from vectors.make.proofs import fails
from vectors.make.text import node
from verifier.group import G, P, Point
from verifier.tree import Node, join, leaf

LEAVES = "leaves.bin"
DUPLICATE = Refusal(REJECTED, "E_DUPLICATE", "2")
BAD_POINT = Refusal(MALFORMED, "E_POINT", "1")
LENGTH = Refusal(MALFORMED, "E_LENGTH", "8")


def records(made: Made) -> list[bytes]:
    """The rows, 96 bytes each."""
    data = made.files[LEAVES]
    return [data[i : i + 96] for i in range(0, len(data), 96)]


def moved(made: Made) -> dict[str, list[bytes]]:
    """Other rows that decode well."""
    rows = records(made)
    negative = (-Point.from_xy(rows[1][:64])).to_xy()
    return {
        "rows 0 and 1 swapped": [rows[1], rows[0], *rows[2:]],
        "rows swapped across chunks": [rows[4], *rows[1:4], rows[0]],
        "ids of rows 0 and 1 swapped": [rows[0][:64] + rows[1][64:], rows[1][:64] + rows[0][64:], *rows[2:]],
        "rows in reverse": rows[::-1],
        "a point negated": [rows[0], negative + rows[1][64:], *rows[2:]],
        "another point": [G.to_xy() + rows[0][64:], *rows[1:]],
        "another id": [flip(rows[0], 95), *rows[1:]],
        "an id of zeros": [rows[0][:64] + bytes(32), *rows[1:]],
        "the last row's id changed": [*rows[:-1], flip(rows[-1], 64)],
    }


def with_root(made: Made, rows: list[bytes]) -> dict[str, bytes | None]:
    """The rows signed together with the root they lead to, as an exchange would that lies consistently."""
    ctx = made.attestation.ctx
    nodes = [leaf(ctx, j, Point.from_xy(row[:64]), row[64:]) for j, row in enumerate(rows)]
    root = node(root_of(nodes))
    return resigned(made, {LEAVES: b"".join(rows)}, root={"commitment": root["C"], "hash": root["h"]})


def root_of(nodes: list[Node]) -> Node:
    """The top of the tree."""
    while len(nodes) > 1:
        joined = [join(nodes[i], nodes[i + 1]) for i in range(0, len(nodes) - 1, 2)]
        nodes = joined + (nodes[-1:] if len(nodes) % 2 else [])
    return nodes[0]


def leaf_case(name: str, field: str, files: Mapping[str, bytes | None], refusal: Refusal, bug: str) -> Case:
    """Changed rows of margin."""
    return Case(f"leaves.bin: {name}", "margin", "audit", field, refusal, bug, files)


def moved_cases(made: Made) -> list[Case]:
    """Against the signed root, and with a root made for them."""
    found = []
    for label, rows in moved(made).items():
        field = "leaves.id" if "id" in label else "leaves.xy"
        data = b"".join(rows)
        old, new = (
            "the root is taken from the statement, not computed",
            "the proof is not bound to the root it was made for",
        )
        found += [
            leaf_case(label, field, resigned(made, {LEAVES: data}), ROOT, old),
            leaf_case(f"{label}, root made for it", field, with_root(made, rows), fails("4b"), new),
        ]
    return found


def repeated_cases(made: Made) -> list[Case]:
    """One id twice: one row answers for two customers."""
    rows = records(made)
    bug = "one row is shown to two customers, and one debt is counted for both"
    repeated = {
        "row 0 also in place of row 1": [rows[0], rows[0], *rows[2:]],
        "row 0 also in place of the last": [*rows[:-1], rows[0]],
        "the id of row 0 also in row 3": [*rows[:3], rows[3][:64] + rows[0][64:], rows[4]],
    }
    return [
        case
        for label, changed in repeated.items()
        for case in (
            leaf_case(label, "leaves.id", resigned(made, {LEAVES: b"".join(changed)}), DUPLICATE, bug),
            leaf_case(f"{label}, root made for it", "leaves.id", with_root(made, changed), DUPLICATE, bug),
        )
    ]


def damaged_cases(made: Made) -> list[Case]:
    """Points that are none, and sums that vanish."""
    rows = records(made)
    x, y, rest = rows[0][:32], rows[0][32:64], rows[0][64:]
    p, bad = P.to_bytes(32, "big"), off_curve().to_bytes(32, "big")
    damaged = {
        "the identity": bytes(64),
        "y off by one": x + flip(y, 31),
        "x off the curve": bad + y,
        "x = p": p + y,
        "y = p": x + p,
        "x = 2^256 - 1": b"\xff" * 32 + y,
        "y = 2^256 - 1": x + b"\xff" * 32,
        "x and y swapped": y + x,
        "y is zero": x + bytes(32),
        "x is zero": bytes(32) + y,
    }
    found = []
    for label, xy in damaged.items():
        for j in (0, 4):
            changed = [*rows[:j], xy + rest, *rows[j + 1 :]]
            found.append(
                leaf_case(
                    f"row {j}, {label}",
                    "leaves.xy",
                    resigned(made, {LEAVES: b"".join(changed)}),
                    BAD_POINT,
                    "a point that is not on the curve is computed with",
                )
            )
    opposite = [rows[0], (-Point.from_xy(rows[0][:64])).to_xy() + rows[1][64:], *rows[2:]]
    refusal = Refusal(REJECTED, "E_IDENTITY", "2")
    bug = "a sum of rows vanishes: two debts cancel out"
    return [
        *found,
        leaf_case("row 1 is minus row 0", "leaves.xy", resigned(made, {LEAVES: b"".join(opposite)}), refusal, bug),
    ]


def length_cases(made: Made) -> list[Case]:
    """Rows missing and rows too many."""
    data, rows = made.files[LEAVES], records(made)
    bug = "the number of rows comes from the file instead of the statement"
    lengths = {
        "the last row dropped": data[:-96],
        "the first row dropped": data[96:],
        "a row more": data + rows[0],
        "one byte missing": data[:-1],
        "one byte more": data + b"\0",
        "empty": b"",
    }
    found = [
        leaf_case(label, "leaves.length", resigned(made, {LEAVES: changed}), LENGTH, bug)
        for label, changed in lengths.items()
    ]
    unsigned = "a file is read that is not the one that was signed"
    return [
        *found,
        leaf_case("changed, not signed", "leaves.id", {LEAVES: flip(data, 95)}, BINDING, unsigned),
        leaf_case("last byte changed, not signed", "leaves.id", {LEAVES: flip(data, len(data) - 1)}, BINDING, unsigned),
    ]


def replays() -> list[Case]:
    """Everything of one book under the attestation of another."""
    margin, found = books()["margin"], []
    for name in ("margin-next", "margin-elsewhere"):
        other = books()[name]
        files = {part: other.files[part] for part in (LEAVES, "book.proof", "sealed.bin")}
        root = {
            "commitment": other.attestation.root_commitment.to_bytes().hex(),
            "hash": other.attestation.root_hash.hex(),
        }
        totals = {column: total.to_json() for column, total in other.attestation.totals.items()}
        bug = "rows and proof of another run are shown as this one's"
        found += [
            leaf_case(f"all files of {name}", "attestation.predicate.root", resigned(margin, files), ROOT, bug),
            leaf_case(
                f"all files of {name}, its root and totals",
                "attestation.predicate.nonce",
                resigned(margin, files, root=root, totals=totals),
                ROOT,
                "a leaf is not bound to its context",
            ),
        ]
    return found


def missing_files() -> list[Case]:
    """A named file that is not there: nothing is decided."""
    gone = Refusal("Unavailable", "E_FILE")
    return [
        Case(f"{name}: not there", "margin", "audit", "files", gone, "what is missing counts as verified", {name: None})
        for name in books()["margin"].files
    ]


def cases() -> dict[str, list[Case]]:
    """By group."""
    made = books()["margin"]
    return {
        "leaves": [*moved_cases(made), *repeated_cases(made), *damaged_cases(made), *length_cases(made), *replays()],
        "files": missing_files(),
    }
