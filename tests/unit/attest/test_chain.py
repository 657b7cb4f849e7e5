"""What the store remembers from epoch to epoch: keys, times, and the newest documents."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from attest.chain import next_head, next_identity
from attest.statement.preparing import prepare
from attest.store import REMEMBERED, Head
from tests.support.books import SIGNER, make_epoch, plan, secrets
from tests.support.refusals import refused
from tests.support.signed_home import Home, make_home
from verifier.errors import Malformed, Rejected

OLD = Head("ex.example", 4, "ab" * 32, 1_600_000_000, "12" * 32, "34" * 32)
"""The head of a store that was made before documents were remembered."""


def head(home: Home, last: Head | None, **changes: Any) -> Head:
    plan_ = home.plan(first=last is None)
    identity = next_identity(plan_, last, "cd" * 32)
    return next_head(identity, "ef" * 32, secrets(), last, prepare(plan_, home.inputs(), last, SIGNER))


def test_an_epoch_with_documents(tmp_path: Path) -> None:
    home = make_home(tmp_path, versions=(3, 2))
    made = head(home, None)
    assert (made.exchange, made.epoch, made.taken_at, made.digest) == ("ex.example", 1, home.taken_at, "ef" * 32)
    assert made.root_digest == home.inputs().root.digest
    assert (made.root_version, made.policy_version, made.scenarios_version) == (1, 3, 2)


def test_liabilities_alone_forget_nothing(tmp_path: Path) -> None:
    """An epoch without a policy between two with one is no way back to an older version."""
    home = make_home(tmp_path, versions=(3, 2))
    first = head(home, None)
    identity = next_identity(plan(first=False, taken_at=home.taken_at + 1), first, "cd" * 32)
    second = next_head(identity, "ee" * 32, secrets(), first, None)
    assert [getattr(second, name) for name in REMEMBERED] == [getattr(first, name) for name in REMEMBERED]
    back = make_home(tmp_path, epoch=3, taken_at=home.taken_at + 2, versions=(2, 2))
    with refused(Rejected, "E_POLICY_VERSION", where="policy.json: version"):
        head(back, second)


def test_no_scenarios_any_more(tmp_path: Path) -> None:
    home = make_home(tmp_path, epoch=5, days=None, claims=())
    assert head(home, replace(OLD, scenarios_version=7)).scenarios_version == 7


def test_a_store_from_before_documents(tmp_path: Path) -> None:
    home = make_home(tmp_path, epoch=5)
    path = home.store.private / "head.json"
    path.parent.mkdir()
    path.write_text(json.dumps({name: value for name, value in asdict(OLD).items() if name not in REMEMBERED}))
    assert home.store.head() == OLD
    assert head(home, OLD).policy_version == 1


@pytest.mark.parametrize(
    ("name", "value"), [("policy_version", "1"), ("policy_version", -1), ("root_digest", "ab"), ("unknown", 1)]
)
def test_a_damaged_memory(tmp_path: Path, name: str, value: object) -> None:
    home = make_home(tmp_path)
    path = home.store.private / "head.json"
    path.parent.mkdir()
    path.write_text(json.dumps({**asdict(OLD), name: value}))
    with refused(Malformed, "E_STORE", where=str(path)):
        home.store.head()


def test_from_liabilities_to_claims(tmp_path: Path) -> None:
    """A chain that began without documents goes on with them."""
    home = make_home(tmp_path)
    make_epoch(home.store, plan())
    later = replace(home, epoch=2, taken_at=home.taken_at + 3600).write()
    later.attest()
    found = home.store.head()
    assert found is not None
    assert (found.epoch, found.policy_version) == (2, 1)
