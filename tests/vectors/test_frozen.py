"""Epochs that were attested once verify for ever, and nobody edits them unnoticed."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.vectors.run import VECTORS
from verifier import audit, check_account, check_bundle
from verifier.engine import Engine
from verifier.errors import Rejected

FROZEN = VECTORS / "frozen" / "v1"
CHECKSUMS_DIGEST = "2d869e32f88b38ccfe5c7cf44c472ce575b0ac84c55c615a9738427429ca1e89"
EXPECTED: dict[str, Any] = json.loads((FROZEN / "expected.json").read_text(encoding="ascii"))
EPOCHS = EXPECTED["epochs"]
ACCOUNTS = [(epoch, account) for epoch in EPOCHS for account in epoch["accounts"]]


def test_no_file_was_edited() -> None:
    listed = (FROZEN / "CHECKSUMS").read_bytes()
    assert hashlib.sha256(listed).hexdigest() == CHECKSUMS_DIGEST
    sums = {line[66:]: line[:64] for line in listed.decode().splitlines()}
    found = {path.relative_to(FROZEN).as_posix() for path in FROZEN.rglob("*") if path.is_file()} - {"CHECKSUMS"}
    assert found == set(sums)
    for name, digest in sums.items():
        assert hashlib.sha256((FROZEN / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize("epoch", EPOCHS, ids=lambda epoch: str(epoch["epoch"]))
def test_the_epoch_is_audited(epoch: dict[str, Any], engine: Engine) -> None:
    report = audit(FROZEN / epoch["directory"], EXPECTED["exchange_key"], now=epoch["now"], engine=engine)
    assert report.overall == epoch["report"]["overall"] == "QUALIFIED"
    attestation = report.book.attestation
    assert attestation.identity.epoch == epoch["epoch"]
    assert report.book.payload == epoch["expected"]["payload"]
    assert attestation.ctx.hex() == epoch["expected"]["ctx"]
    assert attestation.root_hash.hex() == epoch["expected"]["root"]["h"]
    figures = {f"total:{n}": str(t.value) if isinstance(t.value, int) else "" for n, t in attestation.totals.items()}
    assert {"accounts": str(attestation.accounts), **figures} == epoch["report"]["figures_in_base_units"]


def test_the_second_epoch_continues_the_first(engine: Engine, tmp_path: Path) -> None:
    first, second = EPOCHS
    report = audit(FROZEN / second["directory"], EXPECTED["exchange_key"], now=second["now"], engine=engine)
    assert report.book.attestation.identity.previous == first["expected"]["payload"]
    shutil.copytree(FROZEN / second["directory"], tmp_path / "epochs" / "2")
    alone = audit(tmp_path / "epochs" / "2", EXPECTED["exchange_key"], now=second["now"], engine=engine)
    assert alone.overall == "INCOMPLETE"


def test_dummies_hide_the_number_of_customers() -> None:
    counts = [(len(e["accounts"]), int(e["report"]["figures_in_base_units"]["accounts"])) for e in EPOCHS]
    assert counts == [(6, 8), (6, 8)]


@pytest.mark.parametrize(("epoch", "account"), ACCOUNTS)
def test_the_customer_finds_their_row(epoch: dict[str, Any], account: dict[str, Any], engine: Engine) -> None:
    row = check_account(
        FROZEN / epoch["directory"],
        account["account_id"],
        bytes.fromhex(account["account_key"]),
        EXPECTED["exchange_key"],
        holdings=account["holdings"],
        engine=engine,
    )
    assert (row.index, row.row_id, row.compared) == (account["index"], account["row_id"], True)


@pytest.mark.parametrize(("epoch", "account"), ACCOUNTS)
def test_the_bundle_verifies(epoch: dict[str, Any], account: dict[str, Any], engine: Engine) -> None:
    directory, alone = FROZEN / epoch["directory"], account["bundle"].endswith("-alone.json")
    row = check_bundle(
        (FROZEN / account["bundle"]).read_bytes(),
        account["account_id"],
        EXPECTED["exchange_key"],
        holdings=account["holdings"],
        attestation=None if alone else (directory / "attestation.json").read_bytes(),
        schema=None if alone else (directory / "schema.json").read_bytes(),
        engine=engine,
    )
    assert row.index == account["index"]


@pytest.mark.parametrize("name", ["attestation.json", "schema.json", "leaves.bin", "book.proof", "sealed.bin"])
def test_a_changed_file_is_refused(name: str, engine: Engine, tmp_path: Path) -> None:
    epoch = EPOCHS[0]
    shutil.copytree(FROZEN / epoch["directory"], tmp_path / "epochs" / "1")
    path = tmp_path / "epochs" / "1" / name
    data = path.read_bytes()
    middle = data.index(b'"decimals":8') + 11 if name == "schema.json" else len(data) // 2
    path.write_bytes(data[:middle] + (b"2" if data[middle : middle + 1] != b"2" else b"3") + data[middle + 1 :])
    with pytest.raises(Rejected):
        audit(tmp_path / "epochs" / "1", EXPECTED["exchange_key"], now=epoch["now"], engine=engine)
