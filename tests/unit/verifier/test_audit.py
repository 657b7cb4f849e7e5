"""The one call: what it takes, what it raises, and that it needs nothing but the verifier."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.packaging.test_verifier_alone import run_blocked
from tests.support.epochs import HIDDEN_EPOCH, NOW, REFERENCE, Epoch, audited, reader
from tests.support.markets import HOLDINGS
from tests.support.refusals import refused
from verifier import AuditReport, Rejected, audit
from verifier.audit import VerifiedEpoch, examine, verify_directory
from verifier.engine import Engine
from verifier.epoch import no_progress
from verifier.errors import Malformed
from verifier.report import AuditFailed
from verifier.statement.standing import open_trusted, trust_of_reader

POOR = {**HOLDINGS, "ETH": 1}


def examined(directory: Path) -> VerifiedEpoch:
    trust = trust_of_reader(directory, reader())
    return examine(directory, open_trusted(directory, trust), trust, REFERENCE, no_progress)


def test_either_engine_gives_the_same_report(tmp_path: Path, engine: Engine) -> None:
    HIDDEN_EPOCH.write(tmp_path / "1")
    report = audit(tmp_path / "1", reader=reader(), now=NOW, engine=engine)
    assert report.overall == "QUALIFIED"
    document = {**report.to_json(), "verifier": ""}
    other = {**audit(tmp_path / "1", reader=reader(), now=NOW, engine=REFERENCE).to_json(), "verifier": ""}
    assert document == other


def test_the_report_has_exactly_the_members_of_the_statement(tmp_path: Path) -> None:
    document = audited(Epoch(), tmp_path / "1").to_json()
    assert list(document) == [
        "type", "payload", "verified_at", "verifier", "reader", "overall", "claims", "qualifiers", "lines", "figures",
        "codes", "not_proven",
    ]  # fmt: skip
    assert document["type"] == "solvent:report/v1"
    assert document["lines"] == {"VALID": 3, "INVALID": 0, "UNSUPPORTED": 0, "EXPIRED": 0}
    assert set(document["claims"]["coverage"]) == {"status", "sentence"}


def test_a_claim_that_fails_is_raised_with_the_whole_report(tmp_path: Path) -> None:
    Epoch(amounts=POOR).write(tmp_path / "1")
    with pytest.raises(Rejected) as caught:
        audit(tmp_path / "1", reader=reader(), now=NOW, engine=REFERENCE)
    error = caught.value
    assert isinstance(error, AuditFailed)
    assert isinstance(error.report, AuditReport)
    assert (error.report.overall, error.code) == ("FAILED", "E_CLAIM")
    assert error.report.to_json()["codes"] == ["E_CLAIM"]
    assert error.report.to_json()["claims"]["held:BTC"]["status"] == "public"
    assert len(error.details) == len(error.report.reasons) > 1


class TestVerifyDirectory:
    """What an exchange checks before it releases an epoch: a claim that fails is an exception here."""

    def verify(self, directory: Path) -> VerifiedEpoch:
        trust = trust_of_reader(directory, reader())
        return verify_directory(directory, open_trusted(directory, trust), trust, REFERENCE, no_progress)

    def test_one_that_holds(self, tmp_path: Path) -> None:
        epoch = self.verify(HIDDEN_EPOCH.write(tmp_path / "1"))
        assert [result.met for result in epoch.claims] == [True] * 6

    def test_one_that_does_not(self, tmp_path: Path) -> None:
        directory = Epoch(amounts=POOR).write(tmp_path / "1")
        assert [result.met for result in examined(directory).claims].count(False) == 3
        with refused(Rejected, "E_CLAIM", where="claims: held:ETH"):
            self.verify(directory)


class TestReaderFile:
    """A person writes it: any layout, the same strict members."""

    def test_any_layout(self, tmp_path: Path) -> None:
        Epoch().write(tmp_path / "1")
        loose = tmp_path / "reader.json"
        members = dict(reversed(list(reader().to_json().items())))
        loose.write_bytes(b"\xef\xbb\xbf" + json.dumps(members, indent=4).encode() + b"\n")
        report = audit(tmp_path / "1", reader=loose, now=NOW, engine=REFERENCE)
        assert report.reader == reader().digest

    @pytest.mark.parametrize(
        ("text", "code", "words"),
        [
            ("{}", "E_FIELD", "member 'type' is missing"),
            ('{"type": "solvent:reader/v1",}', "E_JSON", "line 1, column"),
            ('{"type": 1.5}', "E_JSON", "not a whole number"),
            ('{"type": 1, "type": 1}', "E_JSON", "stands twice"),
            ("\udc80", "E_JSON", "not valid JSON"),
        ],
    )
    def test_what_is_no_reader_file(self, tmp_path: Path, text: str, code: str, words: str) -> None:
        Epoch().write(tmp_path / "1")
        path = tmp_path / "reader.json"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(Malformed, match=words) as caught:
            audit(tmp_path / "1", reader=path, now=NOW)
        assert (caught.value.code, caught.value.where.split(":")[0]) == (code, "reader.json")


def test_it_works_where_the_other_parts_are_blocked(tmp_path: Path) -> None:
    """No attest, server, flask or compiled core: a whole statement, hidden figures included."""
    HIDDEN_EPOCH.write(tmp_path / "1")
    (tmp_path / "reader.json").write_bytes(reader().to_bytes())
    body = (
        "from verifier import audit\n"
        f"report = audit({str(tmp_path / '1')!r}, reader={str(tmp_path / 'reader.json')!r}, now={NOW})\n"
        "print(report.overall, report.engine, sorted({r.status for r in report.claims}))\n"
    )
    done = run_blocked(body, tmp_path)
    assert (done.stdout, done.returncode) == ("QUALIFIED reference ['proven', 'public']\n", 0), done.stderr
