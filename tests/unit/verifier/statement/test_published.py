"""Step 2: every file is the one that was signed, every document the one that is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.epochs import Epoch, audited
from tests.support.refusals import refused
from verifier.attestation import Attestation
from verifier.errors import Malformed, Rejected, Unavailable

DOCUMENTS = ("policy.json", "prices.json", "collateral.json", "scenarios.json")
FILES = (*DOCUMENTS, "root.json", "schema.json", "book.proof", "sealed.bin", "claims.proof")


def test_the_twin_is_accepted(hidden: Path) -> None:
    assert audited(Epoch(), hidden).overall == "QUALIFIED"


@pytest.mark.parametrize("name", FILES)
def test_a_file_with_one_more_byte_is_another_file(hidden: Path, name: str) -> None:
    path = hidden / name
    path.write_bytes(path.read_bytes() + b" ")
    kind, code = (Malformed, "E_JSON") if name in ("root.json", "schema.json") else (Rejected, "E_BINDING")
    with refused(kind, code, where=name):
        audited(Epoch(), hidden)


def test_rows_that_were_changed(hidden: Path) -> None:
    path = hidden / "leaves.bin"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with refused(Rejected, "E_BINDING", where="leaves.bin"):
        audited(Epoch(), hidden)


@pytest.mark.parametrize("name", [*FILES, "leaves.bin"])
def test_a_file_that_is_missing_decides_nothing(hidden: Path, name: str) -> None:
    (hidden / name).unlink()
    with refused(Unavailable, "E_FILE"):
        audited(Epoch(), hidden)


@pytest.mark.parametrize("tag", ["policy", "prices", "collateral", "scenarios"])
def test_a_document_that_is_published_and_not_the_one_named(tmp_path: Path, tag: str) -> None:
    """The file is the signed one, and the predicate names another document."""

    def rename(a: Attestation) -> Attestation:
        return replace(a, digests={**a.digests, tag: "ab" * 32})

    where = "schema.json: policy" if tag == "policy" else f"{tag}.json"
    with refused(Rejected, "E_BINDING", where=where):
        audited(Epoch(attestation=rename), tmp_path / "1")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_is_no_document(tmp_path: Path, name: str) -> None:
    epoch = Epoch(files=lambda files: {**files, name: b"{}"})
    code = "E_FIELD" if name != "prices.json" else "E_BINDING"
    with refused(Malformed if code == "E_FIELD" else Rejected, code):
        audited(epoch, tmp_path / "1")
