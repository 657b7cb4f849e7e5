"""Epochs that were attested once verify for ever, and nobody edits them unnoticed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.vectors.run import VECTORS
from vectors.make.frozen import VERSIONS
from vectors.make.statement_epochs import findings
from verifier import AuditReport, audit, check_account, check_bundle
from verifier.engine import Engine
from verifier.errors import Rejected, Unavailable

FROZEN = VECTORS / "frozen"
CHECKSUMS_DIGESTS = {
    "v1": "2d869e32f88b38ccfe5c7cf44c472ce575b0ac84c55c615a9738427429ca1e89",
    "v2": "9a75a915eb7ee0538f90347a3abd95bc009826ea1496fe00994d795c776ecd97",
}
EXPECTED: dict[str, dict[str, Any]] = {
    version: json.loads((FROZEN / version / "expected.json").read_text(encoding="ascii")) for version in VERSIONS
}
EPOCHS = [pytest.param(version, epoch, id=f"{version}-{epoch['epoch']}")
          for version in VERSIONS for epoch in EXPECTED[version]["epochs"]]  # fmt: skip
ACCOUNTS = [pytest.param(version, epoch, account, id=f"{version}-{epoch['epoch']}-{account['index']}")
            for version in VERSIONS for epoch in EXPECTED[version]["epochs"] for account in epoch["accounts"]
            ]  # fmt: skip


def files() -> Iterator[Any]:
    """Every file of each version's first epoch."""
    for version in VERSIONS:
        for path in sorted((FROZEN / version / "epochs" / "1").iterdir()):
            yield pytest.param(version, path.name, id=f"{version}-{path.name}")


def audited(version: str, directory: Path, now: int, engine: Engine) -> AuditReport:
    """As its own reader would: with the exchange's key where that is enough, with a reader's file otherwise."""
    reader = FROZEN / version / "reader.json"
    if reader.exists():
        return audit(directory, reader=reader, now=now, engine=engine)
    return audit(directory, EXPECTED[version]["exchange_key"], now=now, engine=engine)


def test_every_version_is_here() -> None:
    assert sorted(path.name for path in FROZEN.iterdir()) == sorted(CHECKSUMS_DIGESTS) == sorted(VERSIONS)


@pytest.mark.parametrize("version", CHECKSUMS_DIGESTS)
def test_no_file_was_edited(version: str) -> None:
    place = FROZEN / version
    listed = (place / "CHECKSUMS").read_bytes()
    assert hashlib.sha256(listed).hexdigest() == CHECKSUMS_DIGESTS[version]
    sums = {line[66:]: line[:64] for line in listed.decode().splitlines()}
    found = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()} - {"CHECKSUMS"}
    assert found == set(sums)
    for name, digest in sums.items():
        assert hashlib.sha256((place / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize(("version", "epoch"), EPOCHS)
def test_the_epoch_is_audited(version: str, epoch: dict[str, Any], engine: Engine) -> None:
    report = audited(version, FROZEN / version / epoch["directory"], epoch["now"], engine)
    assert report.overall == epoch["report"]["overall"] == "QUALIFIED"
    attestation = report.book.attestation
    assert attestation.identity.epoch == epoch["epoch"]
    assert report.book.payload == epoch["expected"]["payload"]
    assert attestation.ctx.hex() == epoch["expected"]["ctx"]
    assert attestation.root_hash.hex() == epoch["expected"]["root"]["h"]


@pytest.mark.parametrize("epoch", EXPECTED["v1"]["epochs"], ids=lambda epoch: str(epoch["epoch"]))
def test_the_totals_are_those_published(epoch: dict[str, Any], engine: Engine) -> None:
    attestation = audited("v1", FROZEN / "v1" / epoch["directory"], epoch["now"], engine).book.attestation
    figures = {f"total:{n}": str(t.value) if isinstance(t.value, int) else "" for n, t in attestation.totals.items()}
    assert {"accounts": str(attestation.accounts), **figures} == epoch["report"]["figures_in_base_units"]


@pytest.mark.parametrize("epoch", EXPECTED["v2"]["epochs"], ids=lambda epoch: str(epoch["epoch"]))
def test_claims_lines_and_figures_are_those_found_then(epoch: dict[str, Any], engine: Engine) -> None:
    report = audited("v2", FROZEN / "v2" / epoch["directory"], epoch["now"], engine)
    assert findings(report) == epoch["report"]
    assert {"proven", "public"} == set(epoch["report"]["claims"].values())
    evidence = [verdict.evidence.value for verdict in report.backing.verdicts] if report.backing else []
    assert (evidence.count("fresh"), evidence.count("vouched"), evidence.count("legacy")) == (5 - epoch["epoch"], 3, 2)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_second_epoch_continues_the_first(version: str, engine: Engine, tmp_path: Path) -> None:
    first, second = EXPECTED[version]["epochs"]
    report = audited(version, FROZEN / version / second["directory"], second["now"], engine)
    assert report.book.attestation.identity.previous == first["expected"]["payload"]
    shutil.copytree(FROZEN / version / second["directory"], tmp_path / "epochs" / "2")
    alone = audited(version, tmp_path / "epochs" / "2", second["now"], engine)
    assert alone.overall == "INCOMPLETE"


@pytest.mark.parametrize(("version", "customers"), [("v1", [6, 6]), ("v2", [5, 6])])
def test_dummies_hide_the_number_of_customers(version: str, customers: list[int]) -> None:
    epochs = EXPECTED[version]["epochs"]
    assert [len(epoch["accounts"]) for epoch in epochs] == customers
    assert [(FROZEN / version / epoch["directory"] / "leaves.bin").stat().st_size // 96 for epoch in epochs] == [8, 8]


@pytest.mark.parametrize(("version", "epoch", "account"), ACCOUNTS)
def test_the_customer_finds_their_row(
    version: str, epoch: dict[str, Any], account: dict[str, Any], engine: Engine
) -> None:
    row = check_account(
        FROZEN / version / epoch["directory"],
        account["account_id"],
        bytes.fromhex(account["account_key"]),
        EXPECTED[version]["exchange_key"],
        holdings=account["holdings"],
        engine=engine,
    )
    assert (row.index, row.row_id, row.compared) == (account["index"], account["row_id"], True)


@pytest.mark.parametrize(("version", "epoch", "account"), ACCOUNTS)
def test_the_bundle_verifies(version: str, epoch: dict[str, Any], account: dict[str, Any], engine: Engine) -> None:
    directory, alone = FROZEN / version / epoch["directory"], account["bundle"].endswith("-alone.json")
    row = check_bundle(
        (FROZEN / version / account["bundle"]).read_bytes(),
        account["account_id"],
        EXPECTED[version]["exchange_key"],
        holdings=account["holdings"],
        attestation=None if alone else (directory / "attestation.json").read_bytes(),
        schema=None if alone else (directory / "schema.json").read_bytes(),
        engine=engine,
    )
    assert row.index == account["index"]


@pytest.mark.parametrize(("version", "name"), list(files()))
def test_a_changed_file_is_refused(version: str, name: str, engine: Engine, tmp_path: Path) -> None:
    epoch = EXPECTED[version]["epochs"][0]
    shutil.copytree(FROZEN / version / epoch["directory"], tmp_path / "epochs" / "1")
    path = tmp_path / "epochs" / "1" / name
    data = path.read_bytes()
    middle = data.index(b'"decimals":8') + 11 if name == "schema.json" else len(data) // 2
    path.write_bytes(data[:middle] + (b"2" if data[middle : middle + 1] != b"2" else b"3") + data[middle + 1 :])
    with pytest.raises(Unavailable if name == "root.json" else Rejected):
        audited(version, tmp_path / "epochs" / "1", epoch["now"], engine)
