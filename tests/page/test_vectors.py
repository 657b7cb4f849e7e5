"""The page refuses what the verifier refuses: every vector, in an implementation that shares no line with it.

Cases of an audit are given to the page as a customer's check of the same files, and it must decide as
``check_account`` decides.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.node import node_modules, run
from tests.vectors.run import bases, books, files_of, kind_of, lay_out, negative_cases, run_me
from verifier.attestation import Attestation
from verifier.engine import get_engine
from verifier.errors import SolventError
from verifier.schema import Schema

CASES = [case for case in negative_cases() if case["target"] not in ("audit", "claims")]
STATEMENTS = [case for case in negative_cases() if case["target"] == "claims"]
AUDITS = [case for case in negative_cases() if case["target"] == "audit"]
OTHER_CODE = {
    "liar: two rows of one id",  # the page looks for the customer's own id twice, not for anybody's
}


@cache
def results() -> dict[str, dict[str, Any]]:
    """What the page made of every vector, by name."""
    node_modules()
    found: list[dict[str, Any]] = json.loads(run("node", "test.mjs", "vectors"))
    return {result["name"]: result for result in found}


def told(result: dict[str, Any]) -> tuple[str, str]:
    return result["result"], result.get("code", "")


def test_every_vector_was_run() -> None:
    names = {case["name"] for case in negative_cases()}
    assert names <= set(results())
    assert len(names) == len(negative_cases())


def test_every_unchanged_input_is_verified() -> None:
    twins = [result for name, result in results().items() if name.startswith("twin: ")]
    assert len(twins) > 100
    assert {told(twin) for twin in twins} == {("verified", "")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["name"])[1:-1])
def test_it_is_refused(case: dict[str, Any]) -> None:
    assert told(results()[case["name"]]) == (case["error"], case["code"])


@pytest.mark.parametrize("case", AUDITS, ids=lambda case: ascii(case["name"])[1:-1])
def test_a_customer_s_check_decides_as_the_verifier_does(case: dict[str, Any], tmp_path: Path) -> None:
    book = books()[case["base"]]
    key = case["given"].get("exchange_key", book["exchange_key"])
    expected = ("verified", "")
    try:
        run_me(book, {}, lay_out(book, case["files"], tmp_path), key, get_engine("reference"))
    except SolventError as error:
        expected = (kind_of(error), error.code)
    found = told(results()[case["name"]])
    assert (found[0] == "verified") == (expected[0] == "verified")
    if case["name"] not in OTHER_CODE:
        assert found == expected


@pytest.mark.parametrize("case", STATEMENTS, ids=lambda case: ascii(case["name"])[1:-1])
def test_a_statement_with_claims_is_read_as_the_verifier_reads_it(case: dict[str, Any]) -> None:
    """Parameters of claims are read by auditors alone: there the page may let pass what the verifier does not."""
    files = files_of(bases()[case["base"]], case["files"])
    expected = ("verified", "")
    try:
        attestation = Attestation.from_payload(files["attestation.payload.json"])
        attestation.totals_for(Schema.from_bytes(files["schema.json"]))
    except SolventError as error:
        expected = (kind_of(error), error.code)
    found = told(results()[case["name"]])
    assert found == expected or (found[0] == "verified" and "claims" in case["field"])


def test_what_the_exchange_signed_badly_is_its_failure() -> None:
    """A malformed statement under a good signature is told as FAILED, a damaged file as undecided."""
    signed = [r for name, r in results().items() if name.startswith("attestation.predicate.epoch: ")]
    damaged = [r for name, r in results().items() if name.startswith("bundle.path: ")]
    assert len(signed) > 3
    assert len(damaged) > 3
    assert all(result["decided"] for result in signed if result["result"] != "verified")
    assert not any(result["decided"] for result in damaged if result["result"] == "Malformed")
