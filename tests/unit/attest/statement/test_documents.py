"""Documents before a row is committed: what is read, whose signatures count, and which book and times fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attest.config_documents import DocumentsConfig
from attest.signing import LocalSigner
from attest.statement.inputs import read_inputs
from attest.statement.preparing import prepare, require_same_book
from attest.statement.trusted import own_reader
from attest.store import Head
from tests.support.books import SIGNER
from tests.support.markets import POOL, claim, column, coverage
from tests.support.refusals import refused
from tests.support.signed_home import EXCHANGE, Home, make_home
from tests.support.snapshots import signer
from verifier.errors import Malformed, Rejected, SolventError, Unavailable
from verifier.schema import Column, Rule, Schema

LAST = Head(EXCHANGE, 1, "ab" * 32, 1, "12" * 32, "34" * 32, "", 1, 1, 1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path)


def prepared(home: Home, last: Head | None = None, **plan: Any) -> Any:
    return prepare(home.plan(**plan), home.inputs(), last, SIGNER)


def test_everything_fits(home: Home) -> None:
    found = prepared(home)
    assert found.notes == ()
    assert found.ground.policy == home.parsed_policy
    assert found.ground.scenarios is not None
    assert {sym: price.price for sym, price in found.priced.prices.prices.items()} == {
        "BTC": 11577000,
        "ETH": 369840,
        "USDT": 100,
    }
    assert [(held.pool, held.asset, held.public) for held in found.held.judged.holdings] == [
        (POOL, sym, amount) for sym, amount in home.held.items()
    ]


def test_liabilities_alone() -> None:
    assert read_inputs(DocumentsConfig()) is None


MISSING: dict[str, tuple[str, str]] = {
    "root": ("root.json", "solvent init"),
    "policy": ("policy.json", "solvent policy sign"),
    "scenarios": ("scenarios.json", "take scenarios out"),
}


@pytest.mark.parametrize("name", MISSING)
def test_a_document_that_is_not_there(home: Home, name: str) -> None:
    file, hint = MISSING[name]
    (home.documents / file).unlink()
    with pytest.raises(Unavailable) as caught:
        home.inputs()
    assert caught.value.code == "E_FILE"
    assert caught.value.where.endswith(file)
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", ["root.json", "policy.json", "scenarios.json", "quotes/beta.json"])
def test_a_document_that_is_no_envelope(home: Home, name: str) -> None:
    path = home.documents / name
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(Malformed) as caught:
        home.inputs()
    assert (caught.value.code, caught.value.where) == ("E_JSON", path.name)
    assert caught.value.hint


def test_other_files_among_the_quotes_are_passed_over(home: Home) -> None:
    for name in (".alpha.json", "alpha.json.part", "readme.txt"):
        (home.documents / "quotes" / name).write_text("no quote")
    assert set(home.inputs().quotes) == {"alpha.json", "beta.json", "gamma.json"}


Break = Callable[[Home], object]
DOCUMENTS: dict[str, tuple[Break, type[SolventError], str, str]] = {
    "root signed by another key": (
        lambda h: h.sign("root", h.root_document, "risk"), Rejected, "E_SIG_THRESHOLD", "root.json"
    ),
    "root of another exchange": (
        lambda h: h.sign("root", {**h.root_document, "exchange": "other.example"}, "root"),
        Rejected, "E_BINDING", "root.json",
    ),
    "root expired": (
        lambda h: h.sign("root", {**h.root_document, "expires_at": h.taken_at + 60}, "root"),
        Rejected, "E_EXPIRED", "root.json: expires_at",
    ),
    "policy signed by the exchange": (
        lambda h: h.sign("policy", h.policy_document, "exchange"), Rejected, "E_SIG_THRESHOLD", "policy.json"
    ),
    "policy of another exchange": (
        lambda h: h.sign("policy", {**h.policy_document, "exchange": "other.example"}, "risk"),
        Rejected, "E_BINDING", "policy: exchange",
    ),
    "policy of a later epoch": (
        lambda h: h.sign("policy", {**h.policy_document, "effective_epoch": 2}, "risk"),
        Rejected, "E_POLICY_VERSION", "policy: effective_epoch",
    ),
    "scenarios unsigned": (
        lambda h: h.sign("scenarios", h.scenarios_document), Rejected, "E_SIG_THRESHOLD", "scenarios.json"
    ),
    "scenarios of another exchange": (
        lambda h: h.sign("scenarios", {**h.scenarios_document, "exchange": "other.example"}, "risk"),
        Rejected, "E_BINDING", "scenarios: exchange",
    ),
    "a policy with account rules": (
        lambda h: h.sign("policy", {**h.policy_document, "rules": [{"name": "ltv"}]}, "risk"),
        Unavailable, "E_UNSUPPORTED", "policy.json: rules",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_does_not_count(home: Home, name: str) -> None:
    break_it, kind, code, where = DOCUMENTS[name]
    plan = home.plan()
    break_it(home)
    with refused(kind, code, where=where):
        prepare(plan, home.inputs(), None, SIGNER)


@pytest.mark.parametrize(
    ("member", "code", "where"),
    [
        ("root_version", "E_BINDING", "root.json: version"),
        ("policy_version", "E_POLICY_VERSION", "policy.json: version"),
        ("scenarios_version", "E_SCENARIO", "scenarios.json: version"),
    ],
)
def test_versions_never_fall(tmp_path: Path, member: str, code: str, where: str) -> None:
    home = make_home(tmp_path, epoch=2)
    assert prepared(home, LAST).notes == ()
    with refused(Rejected, code, where=where):
        changes: dict[str, Any] = {member: 2}
        prepared(home, replace(LAST, **changes))


def test_two_root_documents_of_one_version(tmp_path: Path) -> None:
    home = make_home(tmp_path, epoch=2)
    root = home.inputs().root.digest
    assert prepared(home, replace(LAST, root_digest=root)).notes == ()
    assert prepared(home, replace(LAST, root_digest="ab" * 32, root_version=0)).notes == ()
    with refused(Rejected, "E_BINDING", where="root.json"):
        prepared(home, replace(LAST, root_digest="ab" * 32))


def test_another_signing_key(home: Home) -> None:
    with refused(Malformed, "E_KEY", where="root.json: roles.exchange"):
        prepare(home.plan(), home.inputs(), None, signer("somebody else"))


def test_two_signatures_of_the_exchange_wanted(tmp_path: Path) -> None:
    keys = [SIGNER.public_key.hex(), signer("second").public_key.hex()]
    home = make_home(tmp_path, roles={"exchange": {"keys": keys, "threshold": 2}})
    with refused(Malformed, "E_KEY", where="root.json: roles.exchange"):
        prepared(home)


BOOKS: dict[str, tuple[dict[str, Any], str, str]] = {
    "other bits": ({"bits": 32}, "column BTC", "bits is 32 in solvent.toml and 40 in the policy"),
    "other decimals": ({"decimals": 7}, "column BTC", "decimals is 7"),
    "another kind": ({"kind": "debt"}, "column BTC", "kind is debt"),
    "another asset": ({"asset": "ETH"}, "column BTC", "asset is ETH"),
    "another name": ({"name": "XBT"}, "column BTC", "name is XBT"),
}


@pytest.mark.parametrize("name", BOOKS)
def test_columns_that_are_not_the_policys(home: Home, name: str) -> None:
    change, where, words = BOOKS[name]
    schema = home.plan().schema
    changed = replace(schema, columns=(replace(schema.columns[0], **change), *schema.columns[1:]))
    with pytest.raises(Malformed) as caught:
        require_same_book(changed, home.parsed_policy)
    assert (caught.value.code, caught.value.where) == ("E_CONFIG", where)
    assert words in caught.value.message


def test_more_columns_fewer_columns_rules_or_another_policy(home: Home) -> None:
    schema, policy = home.plan().schema, home.parsed_policy
    with refused(Malformed, "E_CONFIG", where="column USDT"):
        require_same_book(replace(schema, columns=schema.columns[:2]), policy)
    extra = Column("DOGE", "DOGE", 8, 64, "balance")
    with refused(Malformed, "E_CONFIG", where="column DOGE"):
        require_same_book(replace(schema, columns=(*schema.columns, extra)), policy)
    with refused(Malformed, "E_CONFIG", where="rule equal"):
        require_same_book(replace(schema, rules=(Rule("equal", (("BTC", 1), ("ETH", -1))),)), policy)
    with refused(Malformed, "E_CONFIG", where="schema"):
        require_same_book(Schema(schema.columns, (), "ab" * 32), policy)
    require_same_book(schema, policy)


def test_a_longer_life_than_the_policy_allows(home: Home) -> None:
    with pytest.raises(Malformed) as caught:
        prepared(home, valid_for=86_401)
    assert (caught.value.code, caught.value.where) == ("E_CONFIG", "book.valid_for")
    assert "86401" in caught.value.message
    assert "86400" in caught.value.message
    plan = home.plan(valid_for=86_400)
    assert plan.expires_at(home.taken_at + 60, home.parsed_policy) == home.taken_at + 86_400
    assert home.plan().expires_at(home.taken_at + 60, home.parsed_policy) == home.taken_at + 60 + 3600
    assert plan.expires_at(home.taken_at + 60, None) == home.taken_at + 60 + 86_400


def test_a_snapshot_that_is_too_old(home: Home) -> None:
    prepared(home, issued_at=home.taken_at + 86_399)
    with refused(Malformed, "E_EXPIRED", where="taken_at"):
        prepared(home, issued_at=home.taken_at + 86_400)


def test_the_readers_of_a_policy_without_coverage(tmp_path: Path) -> None:
    held = claim("held", "in-kind", assets="*", pools=[POOL], k=10000)
    for claims, noted in (((held,), True), ((held, coverage(k=9999)), True), ((held, coverage()), False)):
        home = make_home(tmp_path, claims=claims)
        assert any("coverage" in note for note in prepared(home).notes) == noted


def test_the_own_reader_pins_the_root_document(home: Home) -> None:
    reader = own_reader(EXCHANGE, home.inputs().root)
    assert reader == replace(home.reader, require=())


def test_debts_are_columns_like_others(tmp_path: Path) -> None:
    columns = [column("BTC"), column("ETH"), column("USDT"), column("BTC:debt", kind="debt")]
    home = make_home(tmp_path, policy={"columns": columns})
    assert prepared(home).ground.policy.columns[3].kind == "debt"


def test_a_signer_that_signs_wrongly(home: Home) -> None:
    class Broken(LocalSigner):
        def __init__(self) -> None:
            self.public = SIGNER.public_key

        @property
        def public_key(self) -> bytes:
            return self.public

        def sign(self, message: bytes) -> bytes:
            return SIGNER.sign(message + b"?")

    with refused(Unavailable, "E_SIGNER"):
        prepare(home.plan(), home.inputs(), None, Broken())
