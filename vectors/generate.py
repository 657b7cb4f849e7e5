"""Writes the test vectors anew: the same bytes every time. ``frozen/`` is written once and never again.

``make vectors``, or ``python -m vectors.generate [DIRECTORY]`` to write them somewhere else.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from vectors.make import (
    bundles,
    chains,
    claim_proofs,
    claim_statements,
    claims,
    customers,
    describe,
    edit_cases,
    frozen,
    liars,
    part_cases,
    primitives,
    proofs,
    rows,
    schemas,
    sealing,
    spelling,
    statements,
    text,
)
from vectors.make.books import books
from vectors.make.claiming import claimings

HERE = Path(__file__).resolve().parent
GROUPS = (
    statements,
    schemas,
    proofs,
    rows,
    sealing,
    customers,
    bundles,
    chains,
    spelling,
    liars,
    claim_proofs,
    claim_statements,
)


def write_all(place: Path) -> None:
    """Everything but ``frozen/`` into ``place``; what other runs left in these places is removed."""
    for name in ("books", "claims", "edits", "negative"):
        shutil.rmtree(place / name, ignore_errors=True)
    text.write(place / "primitives.json", primitives.document())
    for name, made in books().items():
        text.write(place / "books" / f"{name}.json", describe.book(made))
    for name, claiming in claimings().items():
        text.write(place / "claims" / f"{name}.json", claims.document(claiming))
    for name, listed in edit_cases.cases().items():
        text.write(place / "edits" / name, edit_cases.document(name, listed))
    text.write(place / "edits" / "parts.json", part_cases.document())
    for module in GROUPS:
        for group, cases in module.cases().items():
            document = {"group": group, "about": (module.__doc__ or "").strip(), "cases": [c.to_json() for c in cases]}
            text.write(place / "negative" / f"{group}.json", document)


def main(arguments: list[str]) -> None:
    """Write into the directory given, or beside this file."""
    place = Path(arguments[0]) if arguments else HERE
    write_all(place)
    for version in frozen.VERSIONS:
        if not (place / "frozen" / version).exists():
            frozen.write_frozen(place / "frozen" / version, version)


if __name__ == "__main__":
    main(sys.argv[1:])
