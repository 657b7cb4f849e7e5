"""What an honest exchange attests, the auditor accepts and every customer finds; what is changed, nobody accepts."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attest.signing import sign_payload
from tests.property.books import RandomBook, books
from tests.support.books import MASTER, NOW, PUBLIC_KEY, SIGNER, Epoch, make_epoch, new_store
from verifier import audit, check_account, check_bundle
from verifier.amounts import format_amount
from verifier.engine import Engine, get_engine
from verifier.epoch import open_directory
from verifier.errors import SolventError
from verifier.holdings import holding_name
from verifier.schema import COMPARED_KINDS
from verifier.sources import FileSource, sha256

FILES = ("attestation.json", "book.proof", "leaves.bin", "schema.json", "sealed.bin")


@contextmanager
def released(book: RandomBook, engine: Engine) -> Iterator[Epoch]:
    """The book, attested into a directory that goes away."""
    with tempfile.TemporaryDirectory() as root:
        yield make_epoch(new_store(Path(root)), book.plan, book.accounts, engine=engine)


@given(book=books())
@settings(max_examples=25)
def test_prove_audit_and_check_every_account(engine: Engine, book: RandomBook) -> None:
    with released(book, engine) as epoch:
        report = audit(epoch.directory, PUBLIC_KEY, now=NOW, engine=engine)
        assert report.overall == "QUALIFIED"
        totals = {column.name: 0 for column in book.plan.schema.columns}
        for account, cells in book.accounts.items():
            totals = {name: total + cells[name] for name, total in totals.items()}
            everybody_finds(epoch, account, cells, engine)
        for name, total in report.book.attestation.totals.items():
            assert total.mode != "public" or total.value == totals[name]


def everybody_finds(epoch: Epoch, account: str, cells: dict[str, int], engine: Engine) -> None:
    """The account's row, by its key and by its bundle, with the holdings compared."""
    import unicodedata

    account_id = unicodedata.normalize("NFC", account)
    compared = [column for column in epoch.schema.columns if column.kind in COMPARED_KINDS]
    held = {holding_name(epoch.schema, c): format_amount(cells[c.name], c.decimals) for c in compared}
    key = MASTER.account_key(account_id.encode())
    row = check_account(epoch.directory, account, key, PUBLIC_KEY, holdings=held, engine=engine)
    again = check_bundle(epoch.bundle(account_id).to_bytes(), account, PUBLIC_KEY, holdings=held, engine=engine)
    assert row == again
    assert {b.column: b.units for b in row.balances} == {c.name: cells[c.name] for c in compared if cells[c.name]}


@given(file=st.sampled_from(FILES), where=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
@settings(max_examples=150)
def test_one_changed_byte_is_never_accepted(sample: Epoch, file: str, where: float, change: int) -> None:
    with tempfile.TemporaryDirectory() as root:
        directory = Path(shutil.copytree(sample.directory, Path(root) / "epoch"))
        corrupt(directory / file, where, change)
        with pytest.raises(SolventError):
            audit(directory, PUBLIC_KEY, now=NOW)


@given(
    file=st.sampled_from(("book.proof", "leaves.bin")),
    where=st.floats(0, 1, exclude_max=True),
    change=st.integers(1, 255),
)
@settings(max_examples=60)
def test_one_changed_byte_is_never_accepted_though_it_is_signed(
    sample: Epoch, file: str, where: float, change: int
) -> None:
    """The exchange itself lies: digests and signature fit what it published, and the mathematics refuses."""
    with tempfile.TemporaryDirectory() as root:
        directory = Path(shutil.copytree(sample.directory, Path(root) / "epoch"))
        corrupt(directory / file, where, change)
        resign(directory, file)
        with pytest.raises(SolventError) as caught:
            audit(directory, PUBLIC_KEY, now=NOW)
        assert caught.value.code not in ("E_BINDING", "E_SIG_THRESHOLD")


def corrupt(path: Path, where: float, change: int) -> None:
    """Exclusive-or one byte."""
    data = bytearray(path.read_bytes())
    data[int(where * len(data))] ^= change
    path.write_bytes(data)


def resign(directory: Path, file: str) -> None:
    """Sign the new digest of ``file``."""
    from dataclasses import replace

    attestation = open_directory(directory, PUBLIC_KEY).attestation
    files = {**attestation.files, file: sha256(FileSource(directory / file))}
    payload = replace(attestation, files=files).to_payload()
    (directory / "attestation.json").write_bytes(sign_payload(payload, SIGNER).to_bytes())


@pytest.mark.parametrize("account", ["alice", "carol"])
def test_one_flipped_bit_of_a_bundle_never_verifies(sample: Epoch, account: str) -> None:
    """Every bit would take minutes; 400 of them, the same each time."""
    rng, engine = random.Random(account), get_engine()
    data = sample.bundle(account).to_bytes()
    assert check_bundle(data, account, PUBLIC_KEY, engine=engine).account_id == account
    for bit in rng.sample(range(8 * len(data)), 400):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SolventError):
            check_bundle(bytes(flipped), account, PUBLIC_KEY, engine=engine)


@given(bit=st.integers(0, 8 * 900 - 1))
@settings(max_examples=100)
def test_one_flipped_bit_of_a_lean_bundle_never_verifies(sample: Epoch, bit: int) -> None:
    """Without its attestation and schema, which are given beside it, every bit speaks of the row."""
    data = bytearray(sample.bundle("alice", alone=False).to_bytes())
    data[bit // 8 % len(data)] ^= 1 << bit % 8
    attestation = (sample.directory / "attestation.json").read_bytes()
    with pytest.raises(SolventError):
        check_bundle(bytes(data), "alice", PUBLIC_KEY, attestation=attestation, schema=sample.schema.to_bytes())
