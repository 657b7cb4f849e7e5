"""The demo: the whole story ends well, in its own folder, in the time it promises."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.exchange import found
from verifier import Rejected, audit

STEPS = (
    "The exchange makes keys and a configuration",
    "With the pledges the ledger is refused, cell by cell",
    "Without them it can be attested; nothing is written",
    "The others make their keys",
    "Two root keys sign the new version of the root document",
    "Discounts that grow with size: a real table of 483 assets",
    "What the policy says, in plain words",
    "Role risk signs it",
    "Two historic days; half the price for coins that they do not know",
    "Owners have wallets of seven kinds",
    "What every owner must sign",
    "They are noted",
    "The owners sign, each in its wallet's way",
    "The exchange imports the answers",
    "It signs",
    "The exchange adds the statement",
    "Published rows are imported as legacy evidence",
    "Every line is judged as a verifier will judge it",
    "Each price source signs its prices of now",
    "What they come to",
    "Everything is checked; nothing is written",
    "The exchange attests",
    "A customer is given a key",
    "... or one file for keeping",
    "The customer finds the right balances in the book",
    "The same from the file alone",
    "A customer with other records is told so",
    "What the auditor asks for and whom it trusts",
    "The auditor recomputes everything public",
    "One altered byte is caught",
    "The line of cold-store is gone",
    "solvent says by which assets a claim misses, and how much",
    "An invented account owes the missing coins: refused",
    "The patched prover commits to it and signs",
    "CAUGHT: a negative account",
    "The patched program states it and signs",
    "CAUGHT: a missing coin",
    "Or it states what is left, and proves that it is enough",
    "CAUGHT: a false claim",
    "The sources sign today's prices",
    "solvent says by how much coverage misses today",
    "It takes yesterday's quotes instead",
    "Without quotes of today there is no price: refused",
    "The patched program dates them today and signs",
    "CAUGHT: a stale price",
    "A second exchange makes its keys",
    "Generating its ledger: 200 accounts, 60 assets",
    "It attests the large book",
    "One of its customers gets a key",
    "... and finds the right balances among all rows",
    "The auditor of the large book",
    "The epoch is published",
    "The service starts, and answers",
)
CLAIMS = ("in-kind:BNB", "in-kind:BTC", "in-kind:ETH", "in-kind:SHIB", "coverage", "coverage-stress", "stablecoins")


def demo(root: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "demo.run", *map(str, words), "--accounts", "200"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=900, check=False)


@pytest.fixture(scope="module")
def told(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the demo prints, and its folder."""
    folder = tmp_path_factory.mktemp("demo") / "output"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = demo(root, folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    assert spent < 180, "under three minutes of computing: other tests run beside this one"
    assert done.stderr == ""
    return done.stdout, folder


def said(told: tuple[str, Path], step: str) -> str:
    """What a step printed."""
    _, _, after = told[0].partition(f"\n== {step}")
    assert after, step
    return re.split(r"\n== |\n=====", after)[0]


def test_the_closing_table_names_every_step_and_its_time(told: tuple[str, Path]) -> None:
    lines = told[0].partition("\nWhat happened")[2].splitlines()
    assert lines[0].split() == ["seconds"]
    took = []
    for line, step in zip(lines[1:], STEPS, strict=False):
        assert line.startswith(step)
        took.append(float(line.split()[-1]))
    assert len(took) == len(STEPS)
    total = lines[len(STEPS) + 1]
    assert total.startswith("in all")
    assert float(total.split()[-1]) == pytest.approx(sum(took), abs=0.5)


def test_every_answer_is_there(told: tuple[str, Path]) -> None:
    for words in (
        "VERIFIED: your balances are in the book of demo.example",
        "You are in the book with THESE balances: compare them with your own records.",
        "REFUSED: the book differs from your own records:",
        "BTC: the book says 1.34840528, you say 1000000",
        "FAILED: leaves.bin: this is not the file that was signed",
    ):
        assert told[0].count(words) == 1, words
    assert told[0].count("Nothing was written.") == 2
    assert told[0].count("Epoch 1 is released, checked as an auditor would check it.") == 2
    assert told[0].count("QUALIFIED: at ") == 2
    assert "VERIFIED: your balances are in the book of large.example" in told[0]


def test_the_pledges_are_refused_cell_by_cell(told: tuple[str, Path]) -> None:
    text = said(told, STEPS[1])
    cells = re.findall(r"^ledger\.csv, row (\d+), column (BTC|ETH|BNB|SHIB): .* is below zero$", text, re.MULTILINE)
    assert len(set(cells)) == 20
    assert "(exit code 1)" in text


def test_lines_of_every_kind_are_valid_and_published_ones_count_nothing(told: tuple[str, Path]) -> None:
    text = said(told, "Every line is judged as a verifier will judge it")
    assert re.search(r"^VALID +70$", text, re.MULTILINE)
    for scheme in ("bip137", "bip137-multisig", "bip322-simple", "eip191", "tron-v2", "ed25519"):
        assert re.search(rf"^{scheme} +fresh +VALID", text, re.MULTILINE), scheme
    assert re.search(r"^reserve +BTC +5 +42000 +and more$", text, re.MULTILINE), "four addresses and a hidden amount"
    assert "58 legacy lines are VALID and count 0" in text


def test_the_auditor_finds_every_claim_proven(told: tuple[str, Path]) -> None:
    text = said(told, "The auditor recomputes everything public")
    for claim in CLAIMS:
        assert f"[{claim}]" in text, claim
    assert (
        re.findall(r"^  (\w+)  ", text.partition("Claims:")[2].partition("Facts:")[0], re.MULTILINE) == ["proven"] * 7
    )
    report = audit(told[1] / "exchange/public/epochs/1", reader=told[1] / "auditor.json")
    assert (report.overall, {claim.status for claim in report.claims}) == ("QUALIFIED", {"proven"})
    page = (told[1] / "report.html").read_text("utf-8")
    assert "QUALIFIED" in page
    assert "After discounts, holdings are worth at least 100" in page


@pytest.mark.parametrize(
    ("folder", "step", "words", "code"),
    [
        (
            "negative",
            "CAUGHT: a negative account",
            "a row holds what no honest row can, such as a negative amount",
            "E_PROOF",
        ),
        (
            "missing",
            "CAUGHT: a missing coin",
            "BTC in reserve: 42000 signed, 30000 backed by lines that count",
            "E_HOLDING",
        ),
        ("false", "CAUGHT: a false claim", "the claim in-kind:BTC does not hold", "E_PROOF"),
        ("stale", "CAUGHT: a stale price", "seconds older than the snapshot; the policy allows 900", "E_BINDING"),
    ],
)
def test_a_cheat_is_caught_by_name(told: tuple[str, Path], folder: str, step: str, words: str, code: str) -> None:
    text = said(told, step)
    assert "FAILED: " in text
    assert words in text
    assert "(exit code 1)" in text
    with pytest.raises(Rejected) as caught:
        audit(told[1] / folder / "public/epochs/1", reader=told[1] / "auditor.json")
    assert caught.value.code == code


def test_the_honest_program_makes_none_of_them(told: tuple[str, Path]) -> None:
    short = said(told, "solvent says by which assets a claim misses, and how much")
    assert "BTC: held 38000, owed 48928.13120077, short of 10928.13120077" in short
    assert "'-12000' is negative" in said(told, "An invented account owes the missing coins: refused")
    assert re.search(r"coverage misses by [\d,.]+ USD", said(told, "solvent says by how much coverage misses today"))
    assert "BNB has no price" in said(told, "Without quotes of today there is no price: refused")
    assert not list((told[1] / "short").glob("public/epochs/*"))


def test_no_private_key_of_a_wallet_leaves_the_wallet(told: tuple[str, Path]) -> None:
    text, folder = told
    keys = [key for keys in json.loads((folder / "wallets-PRIVATE.json").read_text()).values() for key in keys]
    assert len(keys) == 9
    assert (folder / "wallets-PRIVATE.json").stat().st_mode & 0o077 == 0
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "wallets-PRIVATE.json":
            data = path.read_bytes()
            assert not any(key.encode() in data or bytes.fromhex(key) in data for key in keys), path
    assert not any(key in text for key in keys)


def test_everything_lies_in_its_folder(told: tuple[str, Path]) -> None:
    assert "exchange/public/epochs/1/attestation.json" in found(told[1])
    assert [path.name for path in told[1].parent.iterdir()] == ["output"]


def test_a_folder_that_exists_is_left_alone(root: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    done = demo(root, tmp_path)
    assert done.returncode == 1
    assert "the demo needs a new folder" in done.stderr
    assert found(tmp_path) == ["mine"]
