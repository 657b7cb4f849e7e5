"""[keys] and [documents] of solvent.toml, and columns that a signed policy prescribes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from attest.config import ConfigError, DocumentsConfig, load, override, parse
from attest.config_documents import policy_columns
from attest.config_template import template
from attest.key_reference import TokenKey
from tests.support.home import HomeOf, new_home
from tests.support.refusals import refused
from verifier.errors import Malformed, Unavailable
from verifier.schema import Column

BASE = Path("/exchange")
HEAD = '[exchange]\nname = "ex.example"\n[ledger]\nformat = "csv"\npath = "ledger.csv"\n'
BTC = '[[columns]]\nname = "BTC"\nasset = "BTC"\ndecimals = 8\n'
ETH = '[[columns]]\nname = "ETH"\nasset = "ETH"\ndecimals = 18\nbits = 96\n'
REST = '[[columns]]\nname = "rest"\nasset = "BTC"\ndecimals = 8\nkind = "slack"\n'
RULE = '[[rules]]\nname = "some"\nweights = { BTC = 1, rest = -1 }\n'
POLICY = '[documents]\npolicy = "documents/policy.json"\n'
BOTH = (Column("BTC", "BTC", 8, 64, "balance"), Column("ETH", "ETH", 18, 96, "balance"))


@pytest.fixture
def home(tmp_path: Path) -> HomeOf:
    made = new_home(tmp_path / "ex")
    made.ok("policy", "sign")
    return made


def at(home: HomeOf, text: str) -> Any:
    return parse(HEAD + text, home.path)


def test_without_the_section_there_are_no_documents() -> None:
    found = parse(HEAD + BTC, BASE)
    assert found.documents == DocumentsConfig()
    assert found.document_path("policy") == BASE / "documents/policy.json"


def test_what_belongs_to_a_policy_has_its_usual_place() -> None:
    found = parse(HEAD + POLICY, BASE).documents
    assert found == DocumentsConfig(
        root=BASE / "documents/root.json",
        policy=BASE / "documents/policy.json",
        quotes=BASE / "documents/quotes",
        collateral=BASE / "documents/collateral",
    )


def test_every_place_can_be_another() -> None:
    places = {name: f"/x/{name}" for name in ("root", "policy", "scenarios", "quotes", "collateral")}
    text = "".join(f'{name} = "{path}"\n' for name, path in places.items())
    found = parse(f"{HEAD}[documents]\n{text}", BASE)
    assert {name: str(getattr(found.documents, name)) for name in places} == places
    assert found.document_path("quotes") == Path("/x/quotes")


def test_the_commented_section_of_the_template_reads_too() -> None:
    text = template("x")
    commented = text[text.index("# [documents]") :].replace("# ", "").replace("Only where the policy", "# Only where")
    found = parse(text[: text.index("# [documents]")] + commented, BASE).documents
    assert None not in (found.root, found.policy, found.scenarios, found.quotes, found.collateral)


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        (f'{BTC}[documents]\nquotes = "q"\n', "[documents] quotes", 'add policy = "documents/policy.json"'),
        (f'{BTC}[documents]\nscenarios = "q"\n', "[documents] scenarios", "add policy"),
        ('[documents]\npolcy = "q"\n', "[documents] polcy", "did you mean 'policy'?"),
        ("[documents]\npolicy = 1\n", "[documents] policy", "see the comments"),
        (f'{BTC}[keys]\nsigning = "pkcs11:token=t"\n', "[keys] signing", "pkcs11:token=NAME;object=LABEL"),
        (f'{BTC}[keys]\nrisk = "pkcs11:token=t;object=o;pin-value=1"\n', "[keys] risk", "pin_file or pin_env"),
        (f'{BTC}[keys]\npin_file = "p"\npin_env = "P"\n', "[keys] pin_env", "take one of the two out"),
        (f'{BTC}[keys]\nsignin = "p"\n', "[keys] signin", "did you mean 'signing'?"),
    ],
)
def test_what_is_refused(text: str, where: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(HEAD + text, BASE)
    assert caught.value.where == f"solvent.toml: {where}"
    assert hint in caught.value.hint


def test_a_root_document_alone_may_be_published() -> None:
    assert parse(f'{HEAD}{BTC}[documents]\nroot = "r.json"\n', BASE).documents == DocumentsConfig(root=BASE / "r.json")


def test_keys_are_files_or_in_tokens() -> None:
    found = parse(
        f'{HEAD}{BTC}[keys]\nrisk = "pkcs11:token=t;object=risk"\nlog = "l.key"\npin_env = "PIN"\n', BASE
    ).keys
    assert (found.signing, found.statement) == (BASE / "keys/signing.key", BASE / "keys/statement.key")
    assert (found.risk, found.log) == (TokenKey(token="t", label="risk"), BASE / "l.key")
    assert (found.pin_env, found.passphrase_file) == ("PIN", None)


def test_flags_name_keys_and_places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    before = parse(HEAD + BTC, BASE)
    found = override(
        before, {"keys.signing": "pkcs11:token=t;object=o", "keys.risk": "r", "documents.policy": "p.json"}
    )
    assert found.keys.signing == TokenKey(token="t", label="o")
    assert (found.keys.risk, found.documents.policy) == (tmp_path / "r", tmp_path / "p.json")
    assert found.documents.root == BASE / "documents/root.json"


def test_the_policys_columns_are_the_books(home: HomeOf) -> None:
    assert at(home, POLICY).schema().columns == BOTH
    assert policy_columns(home.path / "documents/policy.json") == BOTH


@pytest.mark.parametrize("text", [BTC + ETH, ETH + BTC])
def test_columns_may_repeat_the_policys(home: HomeOf, text: str) -> None:
    assert at(home, text + POLICY).schema().columns == BOTH


def test_slack_columns_and_rules_come_after_the_policys(home: HomeOf) -> None:
    slack = Column("rest", "BTC", 8, 64, "slack")
    for text in (REST + RULE, BTC + REST + ETH + RULE):
        schema = at(home, text + POLICY).schema()
        assert schema.columns == (*BOTH, slack)
        assert [rule.name for rule in schema.rules] == ["some"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (BTC, "ETH"),
        (ETH, "BTC"),
        (BTC + ETH.replace("96", "64"), "ETH"),
        (BTC + ETH + BTC.replace('"BTC"', '"XRP"'), "XRP"),
    ],
)
def test_columns_that_are_not_the_policys(home: HomeOf, text: str, name: str) -> None:
    found = at(home, text + POLICY)
    with pytest.raises(ConfigError, match=f"{name} is not the same here and in the signed policy") as caught:
        found.schema()
    assert "take the columns out" in caught.value.hint


def test_a_rule_that_needs_a_column_which_nobody_has(home: HomeOf) -> None:
    with refused(ConfigError, "E_CONFIG"):
        at(home, RULE + POLICY).schema()


def test_a_policy_that_is_not_signed_yet(home: HomeOf) -> None:
    (home.path / "documents/policy.json").unlink()
    with pytest.raises(Unavailable, match="the signed policy cannot be read") as caught:
        at(home, POLICY).schema()
    assert "solvent policy sign" in caught.value.hint


def test_a_policy_that_is_something_else(home: HomeOf) -> None:
    with refused(Malformed, "E_TYPE"):
        policy_columns(home.path / "documents/root.json")


def test_the_binance_format_has_the_policys_columns(tmp_path: Path) -> None:
    home = new_home(tmp_path / "ex")
    (home.path / "ledger.csv").write_text("id,e_btc,d_btc,vl_btc,m_btc,pm_btc\na,1,0,0,0,0\n")
    home.edit(
        "policy.toml", '[[columns]]\nname = "ETH"\nasset = "ETH"\ndecimals = 18\nbits = 96\nkind = "balance"\n', ""
    )
    home.edit("policy.toml", "# What is claimed, in", '[[columns]]\nname = "BTC:debt"\nasset = "BTC"\ndecimals = 8\n'
              'bits = 64\nkind = "debt"\n\n# What is claimed, in')  # fmt: skip
    home.ok("policy", "sign")
    text = HEAD.replace('"csv"', '"binance"')
    assert [c.name for c in parse(text + POLICY, home.path).schema().columns] == ["BTC", "BTC:debt"]
    with pytest.raises(ConfigError, match="BTC:loan is not the same"):
        parse(text + "collateral = true\n" + POLICY, home.path).schema()


def test_the_template_reads_from_the_file(home: HomeOf) -> None:
    assert load(home.path / "solvent.toml").schema().columns == BOTH
