"""What customers are given, without the command line: account keys and bundles."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from attest.customer import account_key, bundle_name, in_book, make_bundle, snapshot_path, write_account_keys
from attest.secrets import MasterKey
from attest.store import Store
from tests.support.books import ACCOUNTS, MASTER, PUBLIC_KEY, SCHEMA, Epoch
from tests.support.refusals import refused
from verifier import Malformed, Rejected, Unavailable, check_account, check_bundle, read_account_key
from verifier.engine import Engine, get_engine
from verifier.epoch import no_progress


def made(epoch: Epoch, account: str, engine: Engine | None = None) -> bytes:
    return make_bundle(epoch.store, 1, account, MASTER, PUBLIC_KEY, engine or get_engine("reference"), no_progress)


def test_the_known_account_key() -> None:
    master = MasterKey(b"\x33" * 32)
    assert account_key(master, "alice") == "slv_k_69d1d273d380a344e2b5f70309ea603b73b3cc30f247538f346b863c88abb5ad"


@pytest.mark.parametrize("account", ["", "a\nb", "\x1b[2J", "x" * 257, "\udcff"])
def test_no_key_for_an_id_that_no_ledger_holds(account: str) -> None:
    with refused(Malformed, "E_ACCOUNT"):
        account_key(MASTER, account)


def test_all_keys_as_csv_with_awkward_ids() -> None:
    ids = ["plain", "with,comma", 'with"quote', "éva", "=1+1"]
    file = io.StringIO()
    assert write_account_keys(MASTER, ids, file) == 5
    rows = list(csv.reader(io.StringIO(file.getvalue())))
    assert rows == [["account", "account_key"], *([name, account_key(MASTER, name)] for name in ids)]


def test_a_name_tells_nobody_whose_it_is() -> None:
    name = bundle_name("ex/ample:one", 7, "alice@example.com")
    assert name.startswith("ex-ample-one-7-")
    assert name.endswith("-PRIVATE.json")
    assert "alice" not in name
    assert name != bundle_name("ex/ample:one", 7, "bob@example.com")


@pytest.mark.parametrize("account", ACCOUNTS)
def test_a_bundle_holds_exactly_what_the_ledger_says(sample: Epoch, engine: Engine, account: str) -> None:
    row = check_bundle(made(sample, account, engine), account, PUBLIC_KEY, engine=engine)
    compared = {c.name for c in SCHEMA.columns if c.kind != "slack"}
    wanted = {name: units for name, units in ACCOUNTS[account].items() if name in compared and units}
    assert {balance.column: balance.units for balance in row.balances} == wanted


@pytest.mark.parametrize("account", ACCOUNTS)
def test_the_key_opens_what_the_bundle_opens(sample: Epoch, account: str) -> None:
    secret = read_account_key(account_key(MASTER, account))
    row = check_account(sample.directory, account, secret, PUBLIC_KEY)
    assert row.balances == check_bundle(made(sample, account), account, PUBLIC_KEY).balances
    assert in_book(sample.directory, account, MASTER)


def test_others_are_not_in_the_book(sample: Epoch) -> None:
    assert not in_book(sample.directory, "mallory", MASTER)
    assert not in_book(sample.directory, "alice", MasterKey(bytes(32)))
    with refused(Unavailable, "E_ACCOUNT"):
        made(sample, "mallory")


def test_no_bundle_of_an_epoch_that_is_not_there(sample: Epoch) -> None:
    with refused(Unavailable, "E_FILE"):
        make_bundle(sample.store, 2, "alice", MASTER, PUBLIC_KEY, get_engine(), no_progress)


def test_no_bundle_under_another_key(sample: Epoch) -> None:
    with pytest.raises(Rejected):
        make_bundle(sample.store, 1, "alice", MASTER, bytes(31) + b"\x01", get_engine(), no_progress)
    other = MasterKey(bytes(32))
    with refused(Unavailable, "E_ACCOUNT"):
        make_bundle(sample.store, 1, "alice", other, PUBLIC_KEY, get_engine(), no_progress)


def test_a_snapshot_that_is_gone(tmp_path: Path) -> None:
    with refused(Unavailable, "E_FILE"):
        snapshot_path(Store(tmp_path / "public", tmp_path / "private"), 1)
