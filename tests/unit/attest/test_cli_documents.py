"""`solvent policy`, `scenarios` and `prices`, as an engineer types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attest.documents.kinds import open_document
from tests.support.exchange import found, refusal, solvent
from tests.support.home import HomeOf, new_home, now
from verifier.markets.policy import Policy
from verifier.markets.scenarios import Scenarios

TIERS = Path(__file__).resolve().parents[2] / "data/markets/binance_collateral_tiers.csv"


@pytest.fixture
def home(tmp_path: Path) -> HomeOf:
    return new_home(tmp_path / "ex")


@pytest.fixture
def priced(home: HomeOf) -> HomeOf:
    return home.with_prices()


def policy_of(home: HomeOf) -> Policy:
    return Policy.from_bytes(open_document(home.read("documents/policy.json"), "policy.json")[1].payload)


@pytest.mark.parametrize("group", ["key", "root", "policy", "scenarios", "prices", "reader"])
def test_a_group_alone_explains_itself(home: HomeOf, group: str) -> None:
    done = solvent(group)
    assert done.exit_code == 2
    assert "Example" in done.stdout
    assert "Commands:" in done.stdout
    assert "No such command" in refusal(solvent(group, "nonsense"), 2)


def test_a_policy_is_explained_and_signed(home: HomeOf) -> None:
    said = home.ok("policy", "lint")
    assert "After discounts, holdings are worth at least 100 % of all that is owed." in said
    assert "Nothing to warn about." in said
    assert "sign quotes, or give --price" in said
    signed = home.ok("policy", "sign")
    assert "Version 1 of the policy is signed" in signed
    assert "1 of 1 that the role risk needs" in signed
    assert 'write policy = "documents/policy.json" under [documents] in solvent.toml' in signed
    assert policy_of(home).exchange == "ex.example"
    assert home.ok("policy", "lint", home.path / "documents/policy.json") == said


def test_a_changed_policy_needs_a_higher_version(home: HomeOf) -> None:
    home.ok("policy", "sign")
    home.ok("policy", "sign")
    home.edit("policy.toml", "BTC = 500", "BTC = 600")
    told = refusal(home.run("policy", "sign"), 1)
    assert "version 1 does not follow version 1" in told
    assert "hint: write version = 2" in told
    home.edit("policy.toml", "version = 1", "version = 2")
    told_json = home.json("policy", "sign")
    assert (told_json["version"], told_json["missing"], told_json["digest"]) == (2, 0, policy_of(home).digest)


def test_errors_of_a_policy_name_the_key(home: HomeOf) -> None:
    home.edit("policy.toml", "min_sources = 2", "min_source = 2")
    for word in ("lint", "sign"):
        told = refusal(home.run("policy", word), 1)
        assert told.startswith("error: policy.toml: [price] min_source: is not a known key\n")
        assert "did you mean 'min_sources'?" in told
    assert "documents/policy.json" not in found(home.path)


def test_a_policy_of_another_exchange(home: HomeOf) -> None:
    home.edit("policy.toml", '"ex.example"', '"other"')
    assert "'other'" in refusal(home.run("policy", "sign"), 1)


def test_warnings(home: HomeOf) -> None:
    home.edit("policy.toml", "value_scale = 20", "value_scale = 10")
    home.edit("policy.toml", "BTC = 500\n", "")
    own = '[assets.EXT]\ndecimals = 8\nclass = "own"\nuse = "index"\nunits = {}\n\n# Where holdings'
    home.edit("policy.toml", "# Where holdings", own)
    cap = '[[claims]]\nname = "cap"\nkind = "share-cap"\nsyms = ["BTC"]\nclasses = []\npools = []\ncap = 10000\n'
    home.edit("policy.toml", "# The same on the historic", cap + "\n# The same on the historic")
    said = home.ok("policy", "lint", "--price", "BTC=115770", "--price", "ETH=3698.4")
    assert "warning: haircuts.reserve.BTC: BTC has no haircut in reserve" in said
    assert "warning: assets.EXT: EXT is the exchange's own token" in said
    assert "warning: claims: cap: A cap of 100 % or more never binds" in said
    assert "warning: assets.ETH: One base unit of ETH is worth less than 10,000 money units" in said
    assert "a value_scale of 19 would do" in said
    assert "warning: haircuts.reserve.BTC" in home.ok("policy", "sign")
    found_ = home.json("policy", "lint")["findings"]
    assert {finding["code"] for finding in found_ if finding["level"] == "warns"} == {"E_HAIRCUT", "E_OWN_TOKEN", "CAP"}


def test_a_scale_that_no_policy_has_is_answered_with_decimals(home: HomeOf) -> None:
    shib = '[assets.SHIB]\ndecimals = 18\nclass = "crypto"\nuse = "index"\nunits = {}\n\n# Where holdings'
    home.edit("policy.toml", "# Where holdings", shib)
    home.edit("policy.toml", "ETH = 1000", "ETH = 1000\nSHIB = 5000")
    home.edit("policy.toml", "value_scale = 20", "value_scale = 24")
    said = home.ok("policy", "lint", "--price", "SHIB=0.00001797")
    assert "warning: assets.SHIB" in said
    assert "15 decimals in the book would do" in said


def test_prices_of_signed_quotes_test_the_scale(priced: HomeOf) -> None:
    assert "sign quotes" not in priced.ok("policy", "lint")
    priced.edit("policy.toml", "value_scale = 20", "value_scale = 10")
    assert "warning: assets.ETH" in priced.ok("policy", "lint")


def test_tiers_are_printed_or_merged(home: HomeOf) -> None:
    printed = home.ok("policy", "import-tiers", TIERS, "--product", "margin")
    assert printed.count("[tables.") == 483
    assert home.ok("policy", "import-tiers", TIERS, "--listed").count("[tables.") == 2
    said = home.ok("policy", "import-tiers", TIERS, "--product", "portfolio-margin", "--merge")
    assert "2 of 2 assets" in said
    home.ok("policy", "sign")
    assert policy_of(home).haircuts["reserve"] == {"BTC": "portfolio-margin-BTC", "ETH": "portfolio-margin-ETH"}


def test_tiers_of_single_assets(home: HomeOf) -> None:
    printed = home.ok("policy", "import-tiers", TIERS, "--asset", "BNB", "--asset", "ETH")
    assert printed.count("[tables.") == 2
    assert "1 of 2 assets" in home.ok("policy", "import-tiers", TIERS, "--merge", "--asset", "ETH")
    home.ok("policy", "sign")
    assert policy_of(home).haircuts["reserve"] == {"BTC": 500, "ETH": "margin-ETH"}
    before = home.read("policy.toml")
    for words, where in ((("--merge", "--asset", "BNB"), "policy.toml"), (("--asset", "NOPE"), "binance_collateral")):
        told = refusal(home.run("policy", "import-tiers", TIERS, *words), 2)
        assert f"there is no asset '{words[-1]}'" in told
        assert where in told
    assert home.read("policy.toml") == before


def test_tiers_that_do_not_fit_change_nothing(home: HomeOf, tmp_path: Path) -> None:
    before = home.read("policy.toml")
    told = refusal(home.run("policy", "import-tiers", TIERS, "--merge", "--pool", "other"), 1)
    assert "policy.toml with these tiers: haircuts.other" in told
    (tmp_path / "t.csv").write_text("asset,ratio\n")
    assert "its columns should be" in refusal(home.run("policy", "import-tiers", tmp_path / "t.csv", "--merge"), 1)
    assert home.read("policy.toml") == before
    assert home.json("policy", "import-tiers", TIERS, "--merge")["assets"] == ["BTC", "ETH"]


def test_scenarios_are_filled_and_signed(home: HomeOf) -> None:
    usdt = '[assets.USDT]\ndecimals = 6\nclass = "stablecoin"\nuse = "index"\nunits = {}\n\n# Where holdings'
    home.edit("policy.toml", "# Where holdings", usdt)
    said = home.ok("scenarios", "fill", "--missing", "-5000")
    assert "historic-days: 2020-03-12, 2021-05-19; 2 shocks of -5000 basis points filled in and flagged" in said
    draft = json.loads(home.read("scenarios.json"))
    assert [day["shocks"]["USDT"] for day in draft["sets"]["historic-days"]] == ["-5000", "-5000"]
    assert [set(day["models"]) for day in draft["sets"]["historic-days"]] == [{"USDT"}, {"USDT"}]
    assert "Version 1 of the scenarios is signed" in home.ok("scenarios", "sign")
    envelope = open_document(home.read("documents/scenarios.json"), "scenarios.json")[1]
    assert Scenarios.from_bytes(envelope.payload).to_json() == draft
    home.edit("scenarios.json", '"BTC": "-3910"', '"BTC": "-4000"')
    assert "hint: write version = 2" in refusal(home.run("scenarios", "sign"), 1)
    assert "2 shocks of -5000 basis points" in home.ok("scenarios", "fill", "--missing", "-5000", "--sign")
    assert '"version":2' in open_document(home.read("documents/scenarios.json"), "s")[1].payload.decode()


@pytest.mark.parametrize(
    ("words", "message", "code"),
    [
        (("fill",), "--missing", 2),
        (("fill", "--missing", "-10001"), "-10001 is not in the range", 2),
        (("fill", "--missing", "half"), "'half' is not a valid int", 2),
        (("fill", "--missing", "-1", "--set", "x"), "there is no such set", 1),
        (("sign",), "solvent scenarios fill --missing -5000", 2),
        (("sign", "policy.toml"), "policy.toml", 2),
    ],
)
def test_scenarios_that_are_refused(home: HomeOf, words: tuple[str, ...], message: str, code: int) -> None:
    assert message in refusal(home.run("scenarios", *words), code)
    assert "scenarios.json" not in found(home.path)


def test_a_draft_that_is_something_else(home: HomeOf) -> None:
    told = refusal(home.run("scenarios", "sign", home.path / "documents/root.json"), 1)
    assert "holds a root, not scenarios" in told


def test_prices_are_quoted_and_shown(priced: HomeOf, tmp_path: Path) -> None:
    shown = priced.ok("prices", "show")
    assert "2 quotes, 2 of them count" in shown
    assert "115770.5" in shown
    told = priced.json("prices", "show")
    assert told["prices"]["BTC"] == {
        "price": "11577050000000",
        "n": 2,
        "low": "11577000000000",
        "high": "11577100000000",
    }
    assert (told["failures"], told["dropped"]) == ({}, {})
    (tmp_path / "p.csv").write_text("sym,price\nBTC,115771.5\nXRP,1.5\n")
    done = priced.run("prices", "quote", "two", tmp_path / "p.csv")
    assert "note: the policy lists no asset XRP" in done.stderr
    done = priced.run("prices", "show")
    assert done.exit_code == 1
    assert "ETH has no price: only 1 of its sources count, the policy needs 2 (E_PRICE_SOURCES)" in done.stdout


def test_old_and_far_prices(priced: HomeOf) -> None:
    done = priced.run("prices", "show", "--at", str(now() + 1000))
    assert done.exit_code == 1
    assert "the quote of one does not count" in done.stdout
    assert "window_s is 300" in done.stdout
    priced.ok("prices", "quote", "two", "--price", "BTC=120000", "--price", "ETH=3698.40")
    done = priced.run("prices", "show", "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (told["done"], told["failures"]["BTC"]["code"]) == (False, "E_PRICE_DEVIATION")


def test_the_mark_is_noted_where_the_index_is_read(priced: HomeOf) -> None:
    done = priced.run("prices", "quote", "one", "--mark", "BTC=1", "--price", "ETH=2", "--model", "ETH=appraisal")
    assert done.exit_code == 0
    assert "note: the policy reads the index of BTC, and this quote has none" in done.stderr


@pytest.mark.parametrize(
    ("words", "message", "code"),
    [
        (("one",), "there is no price in it", 1),
        (("one", "--price", "BTC"), "is not of the form SYM=PRICE", 2),
        (("one", "--price", "BTC=1e5"), "--price BTC: '1e5' is not a decimal number", 1),
        (("one", "--price", "BTC=0"), "the price of BTC is zero", 1),
        (("one", "--price", "btc=1"), "should be an asset symbol", 1),
        (("one", "--price", "BTC=1.123456789"), "has more than 8 decimals", 1),
        (("../x", "--price", "BTC=1"), "should be a name", 1),
        (("three", "--price", "BTC=1"), "the key cannot be read", 2),
        (("one", "--price", "BTC=1", "--key", "KEY"), "the key cannot be read", 2),
        (("one", "no.csv"), "the prices cannot be read", 2),
    ],
)
def test_quotes_that_are_refused_change_nothing(
    priced: HomeOf, words: tuple[str, ...], message: str, code: int
) -> None:
    before = priced.read("documents/quotes/one.json")
    assert message in refusal(priced.run("prices", "quote", *words), code)
    assert priced.read("documents/quotes/one.json") == before
    assert "documents/quotes/three.json" not in found(priced.path)


def test_a_source_signs_with_its_own_key_alone(priced: HomeOf) -> None:
    words = ("prices", "quote", "one", "--price", "BTC=1", "--key", priced.path / "keys/price-two.key")
    told = refusal(priced.run(*words), 1)
    assert "is not one of its keys" in told


def test_two_sources_whose_files_would_be_one(priced: HomeOf) -> None:
    for source in ("a/b", "a:b"):
        name = source.replace("/", "-").replace(":", "+")
        priced.key(name)
        priced.ok("root", "new-version", "--add", f"price/{source}={priced.path}/keys/{name}.key")
    priced.ok("prices", "quote", "a/b", "--price", "BTC=1", "--key", priced.path / "keys/a-b.key")
    words = ("prices", "quote", "a:b", "--price", "BTC=1", "--key", priced.path / "keys/a+b.key")
    assert "holds the quote of a/b" in refusal(priced.run(*words), 2)
    priced.ok(*words, "--output", priced.path / "documents/quotes/other.json")


def test_without_a_policy_there_are_no_prices(home: HomeOf) -> None:
    assert "run solvent policy sign first" in refusal(home.run("prices", "show"), 2)
