"""The checks people run, on an epoch directory and on copies of it with one thing wrong."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from attest.signing import sign_payload
from tests.support.books import ACCOUNTS, MASTER, MODES, PUBLIC_KEY, SIGNER, Epoch, make_epoch, new_store, plan
from tests.support.refusals import refused
from verifier import check_account, check_bundle
from verifier.attestation import Attestation
from verifier.audit import verify_directory
from verifier.book import Progress
from verifier.engine import Engine, get_engine
from verifier.epoch import no_progress, open_book, open_directory, read_document, read_exchange_key
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.statement.standing import open_trusted, trust_of_key

FILES = ["attestation.json", "book.proof", "leaves.bin", "schema.json", "sealed.bin"]
HELD = {"BTC": "0.000007", "BTC:debt": "0.000002", "ETH": "0.000000009"}


@pytest.fixture
def copy(sample: Epoch, tmp_path: Path) -> Path:
    shutil.copytree(sample.directory, tmp_path / "epoch")
    return tmp_path / "epoch"


def verify(directory: Path, engine: Engine, progress: Progress = no_progress) -> None:
    """Everything public about the book, for a reader who has the exchange's key."""
    trust = trust_of_key(directory, PUBLIC_KEY)
    verify_directory(directory, open_trusted(directory, trust), trust, engine, progress)


def key(account: str) -> bytes:
    return MASTER.account_key(account.encode())


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


def resign(directory: Path, **changes: object) -> None:
    """Change the attestation and sign it again, as a lying exchange could."""
    attestation = open_directory(directory, PUBLIC_KEY).attestation
    payload = replace(attestation, **changes).to_payload()  # type: ignore[arg-type]
    (directory / "attestation.json").write_bytes(sign_payload(payload, SIGNER).to_bytes())


@pytest.mark.parametrize("text", [PUBLIC_KEY.hex(), PUBLIC_KEY.hex().upper(), f" {PUBLIC_KEY.hex()}\n", PUBLIC_KEY])
def test_exchange_key(text: str | bytes) -> None:
    assert read_exchange_key(text) == PUBLIC_KEY


@pytest.mark.parametrize("text", ["", "00" * 31, "00" * 33, "0g" * 32, b"", bytes(31), bytes(33), "x" * 32])
def test_exchange_key_refused(text: str | bytes) -> None:
    with refused(Malformed, "E_KEY", where="exchange key"):
        read_exchange_key(text)


def test_read_document(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(b"{}")
    assert read_document(tmp_path / "x.json") == b"{}"
    with refused(Unavailable, "E_FILE"):
        read_document(tmp_path / "y.json")
    assert read_document(tmp_path / "x.json", limit=2) == b"{}"
    with refused(Malformed, "E_LIMIT", where="x.json"):
        read_document(tmp_path / "x.json", limit=1)


def test_a_whole_directory(sample: Epoch, engine: Engine) -> None:
    seen: list[str] = []
    verify(sample.directory, engine, lambda stage, done, total: seen.append(stage))
    assert set(seen) == {"reading rows", "preparing the check", "checking rows"}


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file(copy: Path, engine: Engine, name: str) -> None:
    (copy / name).unlink()
    with refused(Unavailable, "E_FILE"):
        verify(copy, engine)


@pytest.mark.parametrize("name", ["book.proof", "leaves.bin", "sealed.bin"])
def test_a_changed_file(copy: Path, engine: Engine, name: str) -> None:
    flip(copy / name, -1)
    with refused(Rejected, "E_BINDING", where=name):
        verify(copy, engine)


def test_a_changed_schema(copy: Path) -> None:
    changed = (copy / "schema.json").read_bytes().replace(b'"decimals":8', b'"decimals":7', 1)
    (copy / "schema.json").write_bytes(changed)
    with refused(Rejected, "E_BINDING", step="4", where="schema.json"):
        open_directory(copy, PUBLIC_KEY)


def test_a_schema_signed_by_content_but_not_as_file(copy: Path, engine: Engine) -> None:
    attestation = open_directory(copy, PUBLIC_KEY).attestation
    resign(copy, files={**attestation.files, "schema.json": "00" * 32})
    with refused(Rejected, "E_BINDING", where="schema.json"):
        verify(copy, engine)


def test_another_signer(sample: Epoch) -> None:
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1", where="attestation.json"):
        open_directory(sample.directory, bytes(32))


def test_signature_is_checked_before_the_payload_is_read(sample: Epoch) -> None:
    envelope = replace(sample.envelope(), payload=b"not JSON")
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1"):
        open_book(envelope, sample.schema.to_bytes(), PUBLIC_KEY)
    with refused(Malformed, "E_JSON", where="attestation"):
        open_book(sign_payload(b"not JSON", SIGNER), sample.schema.to_bytes(), PUBLIC_KEY)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_account(sample: Epoch, engine: Engine, account: str) -> None:
    row = check_account(sample.directory, account, key(account), PUBLIC_KEY, engine=engine)
    book = {name: units for name, units in ACCOUNTS[account].items() if name != "slack" and units}
    assert {b.column: b.units for b in row.balances} == book
    assert (row.account_id, row.compared) == (account, False)


def test_account_in_another_unicode_form(sample: Epoch) -> None:
    assert check_account(sample.directory, "e\u0301va", key("\u00e9va"), PUBLIC_KEY).account_id == "\u00e9va"


def test_account_with_holdings(sample: Epoch, engine: Engine) -> None:
    row = check_account(sample.directory, "alice", key("alice"), PUBLIC_KEY, holdings=HELD, engine=engine)
    assert row.compared
    with refused(Rejected, "E_HOLDINGS", step="5.4"):
        check_account(sample.directory, "alice", key("alice"), PUBLIC_KEY, holdings={**HELD, "BTC": "1"})


@pytest.mark.parametrize(("account", "owner"), [("alice", "carol"), ("Alice", "alice"), ("mallory", "mallory")])
def test_account_not_in_the_book(sample: Epoch, account: str, owner: str) -> None:
    with refused(Rejected, "E_NOT_IN_BOOK", step="5.5", where="leaves.bin"):
        check_account(sample.directory, account, key(owner), PUBLIC_KEY)


def test_account_that_is_no_account(sample: Epoch) -> None:
    with refused(Malformed, "E_ACCOUNT"):
        check_account(sample.directory, "", key("alice"), PUBLIC_KEY)


def test_rows_that_are_not_the_signed_ones(copy: Path) -> None:
    """Nothing is said about an account before the rows lead to the signed root."""
    flip(copy / "leaves.bin", -1)
    for account in ("alice", "mallory"):
        with refused(Rejected, "E_BINDING", where="leaves.bin"):
            check_account(copy, account, key(account), PUBLIC_KEY)


def test_another_signed_root(copy: Path) -> None:
    resign(copy, root_hash=bytes(32))
    with refused(Rejected, "E_INCLUSION", step="5.6"):
        check_account(copy, "alice", key("alice"), PUBLIC_KEY)
    with refused(Rejected, "E_ROOT", step="4"):
        verify(copy, get_engine("reference"))


def test_a_sealed_record_that_does_not_open(copy: Path, sample: Epoch) -> None:
    index = sample.bundle("alice").index
    flip(copy / "sealed.bin", 8 * 9 + 256 * index + 5)
    with refused(Rejected, "E_BINDING", where="sealed.bin"):
        check_account(copy, "alice", key("alice"), PUBLIC_KEY)
    digest = hashlib.sha256((copy / "sealed.bin").read_bytes()).hexdigest()
    attestation = open_directory(copy, PUBLIC_KEY).attestation
    resign(copy, files={**attestation.files, "sealed.bin": digest})
    with refused(Rejected, "E_SEALED", step="8", where=f"row {index}"):
        check_account(copy, "alice", key("alice"), PUBLIC_KEY)
    assert check_account(copy, "carol", key("carol"), PUBLIC_KEY).account_id == "carol"


def test_a_book_without_sealed_records(tmp_path: Path) -> None:
    epoch = make_epoch(new_store(tmp_path), plan(sealed=False, modes=MODES))
    assert not (epoch.directory / "sealed.bin").exists()
    with refused(Unavailable, "E_FILE", where="sealed.bin"):
        check_account(epoch.directory, "alice", key("alice"), PUBLIC_KEY)
    verify(epoch.directory, get_engine())


def test_bundle_alone(sample: Epoch, engine: Engine) -> None:
    data = sample.bundle("alice").to_bytes()
    assert check_bundle(data, "alice", PUBLIC_KEY, holdings=HELD, engine=engine).compared


def test_bundle_with_its_files(sample: Epoch, engine: Engine) -> None:
    data = sample.bundle("alice", alone=False).to_bytes()
    attestation = (sample.directory / "attestation.json").read_bytes()
    schema = sample.schema.to_bytes()
    row = check_bundle(data, "alice", PUBLIC_KEY, attestation=attestation, schema=schema, engine=engine)
    assert row.account_id == "alice"
    for given in ({}, {"attestation": attestation}, {"schema": schema}):
        with refused(Unavailable, "E_FILE", where="bundle"):
            check_bundle(data, "alice", PUBLIC_KEY, **given)  # type: ignore[arg-type]


def test_bundle_of_another_account(sample: Epoch) -> None:
    data = sample.bundle("alice").to_bytes()
    with refused(Rejected, "E_INCLUSION", step="5.5", where="bundle"):
        check_bundle(data, "carol", PUBLIC_KEY)
    renamed = replace(sample.bundle("alice"), account_id="carol").to_bytes()
    with refused(Rejected, "E_INCLUSION", step="5.6"):
        check_bundle(renamed, "carol", PUBLIC_KEY)


def test_bundle_of_another_attestation(sample: Epoch) -> None:
    bundle = replace(sample.bundle("alice"), payload="00" * 32)
    with refused(Rejected, "E_BINDING", step="5.1", where="bundle"):
        check_bundle(bundle.to_bytes(), "alice", PUBLIC_KEY)


def test_bundle_with_another_schema(sample: Epoch) -> None:
    other = replace(sample.schema, rules=())
    with refused(Rejected, "E_BINDING", step="4", where="schema.json"):
        check_bundle(replace(sample.bundle("alice"), schema=other).to_bytes(), "alice", PUBLIC_KEY)


def test_bundle_signed_by_another(sample: Epoch) -> None:
    with refused(Rejected, "E_SIG_THRESHOLD", step="5.1"):
        check_bundle(sample.bundle("alice").to_bytes(), "alice", bytes(32))


def test_bundle_that_is_none() -> None:
    with refused(Malformed, "E_JSON", where="bundle"):
        check_bundle(b"", "alice", PUBLIC_KEY)


def test_context_is_recomputed_from_what_was_signed(sample: Epoch) -> None:
    book = open_directory(sample.directory, PUBLIC_KEY)
    assert isinstance(book.attestation, Attestation)
    assert book.statement.ctx == book.attestation.identity.context(sample.schema.digest, 8)
    assert (book.root.C, book.root.h) == (book.attestation.root_commitment, book.attestation.root_hash)
