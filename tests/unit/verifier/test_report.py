"""The audit's verdict: QUALIFIED, INCOMPLETE or STALE, what it rests on, and every figure with its place."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from attest.signing import sign_payload
from tests.support.books import NOW, PUBLIC_KEY, SIGNER, TAKEN_AT, Epoch, make_epoch, new_store, plan
from tests.support.refusals import refused
from verifier import audit
from verifier.engine import Engine
from verifier.epoch import open_directory
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.statement.chain import find_previous
from verifier.statement.not_proven import BOOK_ALONE
from verifier.statement.standing import trust_of_key
from verifier.statement.verdict import NO_READER, UNLOGGED, about_publication
from verifier.trust.reader import Reader
from verifier.trust.requirement import Requirement

SECOND = {"first": False, "taken_at": TAKEN_AT + 1}


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Epoch, Epoch]:
    """Two epochs in a row; the second says less about ETH."""
    store = new_store(tmp_path_factory.mktemp("chain"))
    return make_epoch(store, plan()), make_epoch(store, plan(**SECOND, modes=("hidden", "hidden", "hidden", "none")))


@pytest.fixture
def alone(chain: tuple[Epoch, Epoch], tmp_path: Path) -> Path:
    """The second epoch with no sibling to be found."""
    shutil.copytree(chain[1].directory, tmp_path / "two")
    return tmp_path / "two"


def test_a_first_epoch(sample: Epoch, engine: Engine) -> None:
    report = audit(sample.directory, PUBLIC_KEY.hex(), now=NOW, engine=engine)
    assert (report.overall, report.verified_at, report.engine) == ("QUALIFIED", NOW, engine.name)
    assert report.qualifiers == (UNLOGGED, NO_READER)
    assert (report.reasons, report.not_proven) == ((), BOOK_ALONE)


def test_times_at_their_edge(sample: Epoch) -> None:
    expires_at = open_directory(sample.directory, PUBLIC_KEY).attestation.expires_at
    issued_at = NOW - 60
    verdicts = [audit(sample.directory, PUBLIC_KEY, now=now).overall for now in (expires_at - 1, expires_at)]
    assert verdicts == ["QUALIFIED", "STALE"]
    verdicts = [audit(sample.directory, PUBLIC_KEY, now=now).overall for now in (issued_at - 300, issued_at - 301)]
    assert verdicts == ["QUALIFIED", "INCOMPLETE"]


def test_the_clock_is_the_default(sample: Epoch) -> None:
    assert audit(sample.directory, PUBLIC_KEY).overall == "STALE"


def test_the_previous_epoch_is_found_beside(chain: tuple[Epoch, Epoch]) -> None:
    report = audit(chain[1].directory, PUBLIC_KEY, now=NOW)
    assert report.overall == "QUALIFIED"
    assert "less is disclosed than in the previous epoch: the total of ETH" in report.qualifiers


def test_the_previous_epoch_is_given(chain: tuple[Epoch, Epoch], alone: Path) -> None:
    assert audit(alone, PUBLIC_KEY, now=NOW).overall == "INCOMPLETE"
    given = chain[0].directory / "attestation.json"
    assert audit(alone, PUBLIC_KEY, now=NOW, previous=given).overall == "QUALIFIED"


def test_another_previous_is_given(chain: tuple[Epoch, Epoch], sample: Epoch, alone: Path, tmp_path: Path) -> None:
    given = sample.directory / "attestation.json"
    with refused(Unavailable, "E_FILE", where=str(given)):
        audit(alone, PUBLIC_KEY, now=NOW, previous=given)
    with refused(Unavailable, "E_FILE"):
        audit(alone, PUBLIC_KEY, now=NOW, previous=tmp_path / "none.json")
    (tmp_path / "junk.json").write_bytes(b"junk")
    with refused(Malformed, "E_JSON"):
        audit(alone, PUBLIC_KEY, now=NOW, previous=tmp_path / "junk.json")


def test_a_previous_given_for_the_first_of_a_chain(chain: tuple[Epoch, Epoch]) -> None:
    given = chain[1].directory / "attestation.json"
    with pytest.raises(Unavailable, match="first of its chain"):
        audit(chain[0].directory, PUBLIC_KEY, now=NOW, previous=given)


def test_a_previous_that_the_key_did_not_sign(chain: tuple[Epoch, Epoch], alone: Path, tmp_path: Path) -> None:
    unsigned = replace(chain[0].envelope(), signatures=())
    (tmp_path / "unsigned.json").write_bytes(unsigned.to_bytes())
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1", where="unsigned.json"):
        audit(alone, PUBLIC_KEY, now=NOW, previous=tmp_path / "unsigned.json")


def test_junk_beside_is_passed_over(alone: Path) -> None:
    (alone.parent / "junk").mkdir()
    (alone.parent / "junk" / "attestation.json").write_bytes(b"junk")
    assert audit(alone, PUBLIC_KEY, now=NOW).overall == "INCOMPLETE"


@pytest.mark.parametrize("change", [{"epoch": 2}, {"taken_at": TAKEN_AT + 1}, {"exchange": "other.example"}])
def test_a_previous_that_is_not_earlier(chain: tuple[Epoch, Epoch], alone: Path, change: dict[str, object]) -> None:
    """Both signed: the second is made to follow a first that has its own number, time or another name."""
    first, second = (open_directory(epoch.directory, PUBLIC_KEY).attestation for epoch in chain)
    before = replace(first, identity=replace(first.identity, **change))  # type: ignore[arg-type]
    envelope = sign_payload(before.to_payload(), SIGNER)
    follows = replace(second, identity=replace(second.identity, previous=envelope.digest))
    path = alone.parent / "before.json"
    path.write_bytes(envelope.to_bytes())
    trust = trust_of_key(chain[1].directory, PUBLIC_KEY)
    with refused(Rejected, "E_BINDING"):
        find_previous(alone, follows, trust, path)


def test_a_chain_that_begins_late(sample: Epoch) -> None:
    a = open_directory(sample.directory, PUBLIC_KEY).attestation
    late = replace(a, identity=replace(a.identity, epoch=7))
    assert any("begins at epoch 7" in line for line in about_publication(late, None))


def test_without_sealed_records(tmp_path: Path) -> None:
    epoch = make_epoch(new_store(tmp_path), plan(sealed=False))
    report = audit(epoch.directory, PUBLIC_KEY, now=NOW)
    assert "no sealed.bin: customers depend on the exchange for their bundles" in report.qualifiers


def test_a_reader_who_asks_for_coverage_is_not_content_with_liabilities(sample: Epoch) -> None:
    asked = Reader("ex.example", (PUBLIC_KEY,), (Requirement("coverage", "", 10_000),), {}, {})
    report = audit(sample.directory, reader=asked, now=NOW)
    assert (report.overall, report.reasons) == (
        "INCOMPLETE",
        ("you ask for coverage, at least 100 %: no such claim is made",),
    )


def test_the_report_for_machines(sample: Epoch) -> None:
    report = audit(sample.directory, PUBLIC_KEY, now=NOW).to_json()
    assert report["type"] == "solvent:report/v1"
    assert report["payload"] == sample.envelope().digest
    assert (report["overall"], report["verified_at"], report["codes"]) == ("QUALIFIED", NOW, [])
    figures = {figure["id"]: (figure["value"], figure["unit"], figure["status"]) for figure in report["figures"]}
    assert figures == {
        "accounts": ("8", "rows", "proven"),
        "total:BTC": ("", "BTC", "proven, hidden"),
        "units:total:ETH": ("264", "ETH * 10^-9", "proven"),
        "total:ETH": ("0.000000264", "ETH", "proven"),
        "total:BTC:debt": ("", "BTC", "proven, hidden"),
        "total:slack": ("", "", "withheld"),
    }
