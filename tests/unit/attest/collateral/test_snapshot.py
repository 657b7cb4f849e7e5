"""The snapshot is what the working files say, nothing else, and a verifier reads it as the exchange meant it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from attest.collateral import Opening, Openings, holding_openings, judge, load_collateral
from tests.support.collateral import policy, written
from tests.support.refusals import refused
from tests.support.snapshots import (
    BEACON,
    EPOCH,
    EXCHANGE,
    POLICY,
    RULES,
    TAKEN_AT,
    V,
    bitcoin,
    custody,
    entry,
    legacy,
    require_role,
    sample,
    sign,
    snapshot,
    vouched,
)
from tests.support.wallets import Wallet
from verifier.collateral import EntryBacking, Snapshot, rules_of
from verifier.errors import Malformed, Unavailable
from verifier.group import value_commitment

OPEN = Opening(1234, 99)


def openings() -> Openings:
    digests = [statement.envelope.digest for statement in sample().statements]
    return Openings({(digests[0], 1): OPEN, (digests[3], 0): OPEN})


def test_the_policy_of_these_tests_says_what_the_rules_say() -> None:
    assert rules_of(policy()) == RULES


def test_files_become_the_snapshot(tmp_path: Path) -> None:
    payload = written(tmp_path, sample()).snapshot(EXCHANGE, EPOCH, TAKEN_AT, POLICY, policy())
    assert payload == sample().to_payload()
    assert Snapshot.from_payload(payload) == sample()


def test_legacy_lines_that_are_only_reported_are_told_once(tmp_path: Path) -> None:
    files = written(tmp_path, sample(), openings())
    shot = files.document(EXCHANGE, EPOCH, TAKEN_AT, POLICY)
    judged = judge(shot, replace(RULES, legacy="report"), require_role)
    assert judged.reported == 1
    assert judged.problems == ("1 legacy lines are VALID and count 0: the policy says legacy = report",)


def test_every_line_of_it_is_valid_and_the_hidden_holdings_open(tmp_path: Path) -> None:
    files = written(tmp_path, sample(), openings())
    shot = files.document(EXCHANGE, EPOCH, TAKEN_AT, POLICY)
    judged = judge(shot, RULES, require_role)
    assert judged.problems == ()
    assert " ".join(f"{h.pool}:{h.asset}" for h in judged.holdings) == "cold:BTC cold:ETH cold:USD hot:BTC hot:ETH"
    opened = holding_openings(shot, judged.verdicts, files.openings)
    hidden = {(h.pool, h.asset): h.hidden for h in judged.holdings if h.hidden is not None}
    assert (
        {key: value_commitment(*pair) for key, pair in opened.items()}
        == hidden
        == {("cold", "BTC"): V, ("cold", "USD"): V}
    )


def test_hidden_lines_of_one_holding_add_up(tmp_path: Path) -> None:
    first, second = Opening(5, 7), Opening(11, 13)
    document = custody(entry(first.commitment), entry(second.commitment, reference="2"))
    shot = snapshot([vouched(0, 0, document), vouched(0, 1, document, id="b")], [sign(document)])
    digest = shot.statements[0].envelope.digest
    files = written(tmp_path, shot, Openings({(digest, 0): first, (digest, 1): second}))
    judged = judge(files.document(EXCHANGE, EPOCH, TAKEN_AT, POLICY), RULES, require_role)
    assert holding_openings(shot, judged.verdicts, files.openings) == {("cold", "BTC"): (16, 20)}
    assert judged.holdings[0].hidden == value_commitment(16, 20)


def test_an_opening_that_is_missing_is_asked_for_by_line(tmp_path: Path) -> None:
    files = written(tmp_path, sample())
    judged = judge(files.document(EXCHANGE, EPOCH, TAKEN_AT, POLICY), RULES, require_role)
    with refused(Unavailable, "E_COLLATERAL", where="collateral") as told:
        holding_openings(judged.snapshot, judged.verdicts, files.openings)
    assert "line said-5 hides its amount" in str(told.value)


def test_an_opening_that_opens_something_else_is_refused_when_it_is_loaded(tmp_path: Path) -> None:
    digest = sample().statements[0].envelope.digest
    for wrong in (Opening(1235, 99), Opening(1234, 98)):
        with refused(Malformed, "E_LINE_ENTRY", where="s0.json"):
            written(tmp_path / str(wrong.value) / str(wrong.blinding), sample(), Openings({(digest, 1): wrong}))


def test_an_opening_of_a_public_amount_is_refused(tmp_path: Path) -> None:
    digest = sample().statements[0].envelope.digest
    with refused(Malformed, "E_LINE_ENTRY", where="s0.json"):
        written(tmp_path, sample(), Openings({(digest, 0): OPEN}))


def test_statements_that_no_line_names_stay_unpublished(tmp_path: Path) -> None:
    documents = [custody(entry(reference=str(i))) for i in range(3)]
    shot = snapshot([vouched(2, 0, documents[2], id="b"), vouched(0, 0, documents[0], id="a")], map(sign, documents))
    made = written(tmp_path, shot).document(EXCHANGE, EPOCH, TAKEN_AT, POLICY)
    assert made.statements == (shot.statements[0], shot.statements[2])
    assert [line.backing for line in made.lines] == [EntryBacking(1, 0), EntryBacking(0, 0)]


@pytest.mark.parametrize(
    ("exchange", "epoch", "told"),
    [
        ("other.example", EPOCH, "that of ex.example, not of other.example"),
        (EXCHANGE, EPOCH + 1, "for epoch 7, and this is epoch 8"),
    ],
)
def test_a_challenge_of_something_else_is_not_used(tmp_path: Path, exchange: str, epoch: int, told: str) -> None:
    files = written(tmp_path, sample())
    with refused(Unavailable, "E_COLLATERAL", where="collateral") as error:
        files.snapshot(exchange, epoch, TAKEN_AT, POLICY, policy())
    assert told in str(error.value)


def test_no_challenge_and_no_lines(tmp_path: Path) -> None:
    files = written(tmp_path, snapshot([]))
    for lacking, told in ((replace(files, challenge=None), "no challenge"), (files, "no line of collateral")):
        with refused(Unavailable, "E_COLLATERAL", where="collateral") as error:
            lacking.snapshot(EXCHANGE, EPOCH, TAKEN_AT, POLICY, policy())
        assert told in str(error.value)


def test_a_beacon_that_is_too_old_is_told_before_anything_is_proven(tmp_path: Path) -> None:
    late = BEACON.time + RULES.beacon_age_s + 1
    fresh = written(tmp_path / "fresh", sample())
    assert fresh.snapshot(EXCHANGE, EPOCH, late - 1, POLICY, policy())
    with refused(Unavailable, "E_COLLATERAL", where="collateral") as told:
        fresh.snapshot(EXCHANGE, EPOCH, late, POLICY, policy())
    assert "3,601 seconds older than the snapshot, and the policy allows 3,600" in str(told.value)
    assert written(tmp_path / "old", snapshot([legacy()])).snapshot(EXCHANGE, EPOCH, late, POLICY, policy())


def test_a_line_that_does_not_count_is_a_problem_with_its_reason(tmp_path: Path) -> None:
    files = written(tmp_path, snapshot([bitcoin(), bitcoin(Wallet(9), id="other", pool="nowhere")]))
    judged = judge(files.document(EXCHANGE, EPOCH, TAKEN_AT, POLICY), RULES, require_role)
    assert len(judged.problems) == 1
    assert judged.problems[0].startswith("line other: INVALID E_LINE_UNIT: ")


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with refused(Unavailable, "E_FILE"):
        load_collateral(tmp_path / "nowhere")
