"""Every member of every document of an epoch with a policy, changed: refused with its code, or told otherwise.

Once signed anew by everybody who signed it, and once with the signatures and hashes that were there before.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.vectors.run import VECTORS, load
from vectors.make.edit_cases import CHANGED, REJECT, SAME
from vectors.make.edits import DOCUMENTS, READER, REMOVED, Place, apply, at, opened, payload, places, steps
from vectors.make.statement_epochs import findings
from verifier import AuditReport, audit
from verifier.engine import get_engine
from verifier.errors import Malformed, Rejected, SolventError

FROZEN = VECTORS / "frozen" / "v2"
NOW = load("frozen/v2/expected.json")["epochs"][1]["now"]
CASES = [case for name in DOCUMENTS for case in load(f"edits/{name}")["cases"]]
NAMES = [case["name"] for case in CASES]


@cache
def files() -> dict[str, bytes]:
    """The epoch that is broken, and the reader's file."""
    found = {path.name: path.read_bytes() for path in (FROZEN / "epochs" / "2").iterdir()}
    return {**found, READER: (FROZEN / READER).read_bytes()}


def place_of(case: dict[str, Any]) -> Place:
    """Where a case changes something."""
    document = payload(files(), case["document"])
    inside = steps(case["inside"], document)
    within = opened(at(document, inside)) if inside else document
    return Place(case["document"], inside, steps(case["pointer"], within))


def broken(case: dict[str, Any], *, signed: bool = True) -> dict[str, bytes]:
    """The files after the change."""
    return apply(files(), place_of(case), case.get("value", REMOVED), signed=signed)


def audited(found: dict[str, bytes], place: Path) -> AuditReport:
    """As the reader would, the epoch before beside it."""
    directory = place / "epochs" / "2"
    if not directory.exists():
        shutil.copytree(FROZEN / "epochs" / "1", place / "epochs" / "1")
        directory.mkdir()
    for name, data in found.items():
        (place / name if name == READER else directory / name).write_bytes(data)
    return audit(directory, reader=place / READER, now=NOW, engine=get_engine())


def told(report: AuditReport) -> dict[str, Any]:
    """What an auditor reads, without the digests that name the documents."""
    sentences = {name: claim["sentence"] for name, claim in report.to_json()["claims"].items()}
    return {**findings(report), "reader": "", "said": [*report.qualifiers, *report.reasons], "sentences": sentences}


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of the epoch as it is."""
    return told(audited(files(), tmp_path_factory.mktemp("unchanged")))


@pytest.mark.parametrize("case", CASES, ids=[ascii(name)[1:-1] for name in NAMES])
def test_signed_anew_by_all(case: dict[str, Any], unchanged: dict[str, Any], tmp_path: Path) -> None:
    assert unchanged["overall"] == "QUALIFIED"
    found = broken(case)
    assert found != files()
    if case["result"] == REJECT:
        with pytest.raises(SolventError) as caught:
            audited(found, tmp_path)
        assert caught.value.code == case["code"]
        assert caught.value.where
    else:
        same = told(audited(found, tmp_path)) == unchanged
        assert case["result"] == (SAME if same else CHANGED)


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if name != READER])
def test_with_the_signatures_of_before(document: str, tmp_path: Path) -> None:
    """Everything is refused, whatever it would have meant."""
    for case in CASES:
        if case["document"] == document:
            with pytest.raises(SolventError):
                audited(broken(case, signed=False), tmp_path)


def test_every_place_of_every_document_is_changed() -> None:
    wanted = set()
    for place, value in places(files()):
        wanted |= {f"{place.name}: removed"} | (set() if isinstance(value, dict | list) else {f"{place.name}: changed"})
    assert wanted == set(NAMES)
    assert len(NAMES) == len(wanted)


def test_what_a_report_does_not_show_is_listed_with_its_reason() -> None:
    silent = [case for case in CASES if case["result"] == SAME]
    assert all(case["why"] for case in silent)
    assert {case["document"] for case in silent} == {"root.json", READER}
    counts = Counter(case["result"] for case in CASES)
    assert counts[REJECT] > 0.97 * len(CASES)


@pytest.mark.parametrize("name", ["schema.json", "prices.json", READER])
def test_a_member_twice_is_refused(name: str, tmp_path: Path) -> None:
    document = json.loads(files()[name])
    twice = files()[name][:-1] + b',"type":' + json.dumps(document["type"]).encode() + b"}"
    with pytest.raises((Malformed, Rejected)) as caught:
        audited({**files(), name: twice}, tmp_path)
    assert caught.value.code in ("E_JSON", "E_BINDING")
