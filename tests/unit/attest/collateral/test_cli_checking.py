"""``solvent collateral check``: what it says of every line is what the verifier says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attest.collateral import load_collateral
from attest.collateral.lines_file import NAME, write_lines
from tests.support import snapshots
from tests.support.collateral import Desk, new_desk, policy
from tests.support.exchange import answer, refusal
from tests.support.snapshots import (
    TAKEN_AT,
    bitcoin,
    custody,
    entry,
    ether,
    judge,
    legacy,
    sign,
    snapshot,
    standing,
    vouched,
)
from tests.support.wallets import Wallet
from verifier.collateral import Line, Statement


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return new_desk(tmp_path)


def put(desk: Desk, *lines: Line, statements: tuple[Statement, ...] = ()) -> None:
    """Write the list as it may come from elsewhere."""
    directory = desk.directory / "statements"
    directory.mkdir(exist_ok=True)
    names = [f"s{i}.json" for i in range(len(statements))]
    for name, statement in zip(names, statements, strict=True):
        (directory / name).write_bytes(statement.envelope.to_bytes())
    write_lines(desk.directory / NAME, lines, names)


def mixed() -> tuple[tuple[Line, ...], tuple[Statement, ...]]:
    """A line of each verdict."""
    late = standing("bank", "first", entry(7, asset="USD", unit="iso4217:USD"), expires_at=TAKEN_AT)
    lines = (
        bitcoin(id="good"),
        bitcoin(Wallet(5), id="wrong", unit="iso4217:USD"),
        snapshots.backed(ether(id="strange"), scheme="eip1271"),
        vouched(0, 0, late, id="late"),
        legacy(id="old", wallet=Wallet(6)),
    )
    return lines, (sign(late),)


def test_every_verdict_is_the_verifiers(desk: Desk) -> None:
    lines, statements = mixed()
    put(desk, *lines, statements=statements)
    done = desk.check("--json")
    assert done.exit_code == 1
    report = json.loads(done.stdout)
    found = judge(snapshot(lines, statements))
    assert [(v["verdict"], v["code"], v["reason"], v["counted"]) for v in report["lines"]] == [
        (v.verdict.value, v.code, v.reason, v.counted) for v in found
    ]
    assert report["verdicts"] == {"EXPIRED": 1, "INVALID": 1, "UNSUPPORTED": 1, "VALID": 2}


def test_the_summary_is_a_table_by_verdict_scheme_and_holding(desk: Desk) -> None:
    lines, statements = mixed()
    put(desk, *lines, statements=statements)
    done = desk.check()
    told = refusal_after_report(done.stderr)
    assert "collateral: 1 of 5 lines are INVALID" in told
    for row in (
        "EXPIRED      E_EXPIRED               1",
        "INVALID      E_LINE_UNIT             1",
        "UNSUPPORTED  E_LINE_UNSUPPORTED      1",
        "VALID                                2",
        "bip137     legacy    VALID            1",
        "cold  BTC        1  0.0000005",
        "hot   BTC        1   0.000001",
        "wrong    INVALID      E_LINE_UNIT         unit: the unit is not one of",
    ):
        assert row[:36] in done.stdout, (row, done.stdout)
    assert "no signature of an owner covers an amount" in done.stdout


def refusal_after_report(told: str) -> str:
    lines = told.strip().splitlines()
    assert lines[0].startswith("error: ")
    assert lines[-1].startswith("hint: ")
    return told


def test_without_an_invalid_line_it_ends_with_0(desk: Desk) -> None:
    lines, statements = mixed()
    put(desk, *(line for line in lines if line.id != "wrong"), statements=statements)
    assert desk.check().exit_code == 0


@pytest.mark.parametrize("engine", ["reference", "core"])
def test_both_engines_say_the_same(desk: Desk, engine: str) -> None:
    put(desk, bitcoin(id="a"), ether(id="b"), legacy(wallet=Wallet(6)))
    report = answer(desk.check("--engine", engine, "--json"))
    assert report["verdicts"] == {"VALID": 3}


def test_holdings_are_told_exactly(desk: Desk) -> None:
    put(desk, ether(amount=10**18 + 1, id="a"), ether(Wallet(3), amount=2 * 10**18, encumbered=5, id="b"))
    report = answer(desk.check("--json"))
    assert report["holdings"] == [
        {"pool": "hot", "asset": "ETH", "public": "2999999999", "hidden": "", "amount": "2.999999999"}
    ]


def test_an_old_beacon_or_a_chain_not_read_is_told_line_by_line(desk: Desk) -> None:
    put(desk, bitcoin(id="a"))
    done = desk.run("check", "--taken-at", str(TAKEN_AT + 3600), "--json")
    assert json.loads(done.stdout)["lines"][0]["code"] == "E_LINE_CHAIN"
    (desk.directory / "chains.json").unlink()
    done = desk.check("--json")
    assert "does not say at which block" in json.loads(done.stdout)["lines"][0]["reason"]


def test_what_the_policy_says_is_said_aloud(tmp_path: Path) -> None:
    rules = {**policy().collateral.to_json(), "legacy": "report", "amounts": "observer"}
    desk = new_desk(tmp_path, collateral=rules)
    put(desk, legacy())
    done = desk.check()
    assert "1 legacy lines are VALID and count 0: the policy says legacy = report" in done.stdout
    assert "the policy wants an observer to sign the snapshot" in done.stdout


def test_without_a_root_document_statements_are_undecided(desk: Desk, tmp_path: Path) -> None:
    document = custody()
    put(desk, vouched(0, 0, document), statements=(sign(document),))
    assert answer(desk.check("--json"))["verdicts"] == {"VALID": 1}
    from tests.support.exchange import solvent

    words: list[str | Path] = [
        "--dir",
        desk.directory,
        "--policy",
        tmp_path / "policy.json",
        "--taken-at",
        str(TAKEN_AT),
    ]
    report = answer(solvent("collateral", "check", *words, "--json"))
    assert report["verdicts"] == {"UNSUPPORTED": 1}
    assert "there is no root document" in report["lines"][0]["reason"]


def test_a_statement_of_a_key_that_is_in_no_role(desk: Desk) -> None:
    document = custody(issuer="nobody")
    put(desk, vouched(0, 0, document), statements=(sign(document, "observer"),))
    assert json.loads(desk.check("--json").stdout)["lines"][0]["code"] == "E_LINE_ENTRY"


@pytest.mark.parametrize("missing", ["policy", "challenge", "lines"])
def test_what_is_missing_is_named(desk: Desk, tmp_path: Path, missing: str) -> None:
    if missing != "lines":
        put(desk, bitcoin())
    told = {"policy": "without a policy", "challenge": "there is no challenge yet", "lines": "there is no line"}
    if missing == "challenge":
        (desk.directory / "challenge.json").unlink()
    if missing == "policy":
        from tests.support.exchange import solvent

        assert told[missing] in refusal(solvent("collateral", "check", "--dir", desk.directory), 2)
        return
    assert told[missing] in refusal(desk.check(), 2)


def test_only_so_many_problems_are_listed(desk: Desk) -> None:
    put(desk, *(bitcoin(Wallet(i), id=f"n{i}", pool="nowhere") for i in range(1, 6)))
    shown = desk.check("--problems", "2").stdout
    assert "Lines that do not count (5):" in shown
    assert "... and 3 more" in shown


def test_nothing_is_written(desk: Desk) -> None:
    put(desk, bitcoin())
    before = {path: path.read_bytes() for path in desk.directory.rglob("*") if path.is_file()}
    desk.check()
    assert {path: path.read_bytes() for path in desk.directory.rglob("*") if path.is_file()} == before
    assert load_collateral(desk.directory).lines == (bitcoin(),)
