"""policy.toml: the draft of `solvent init` is right, and every error names the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from attest.config import parse
from attest.config_table import ConfigError
from attest.config_template import template
from attest.documents.policy_template import policy_template
from attest.documents.policy_toml import read_policy
from verifier.errors import Rejected, SolventError, Unavailable
from verifier.markets.descriptors import Coverage, InKind, ScenarioOf
from verifier.markets.lint import WARNS, lint_policy
from verifier.markets.policy import Policy
from verifier.markets.tiers import Tier

DRAFT = policy_template("ex.example")


def changed(old: str, new: str, text: str = DRAFT) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


def test_the_draft_is_complete_and_fits_the_columns_of_solvent_toml() -> None:
    policy = read_policy(DRAFT)
    assert policy.exchange == "ex.example"
    assert policy.columns == parse(template("ex.example"), Path("/exchange")).schema().columns
    assert [type(claim.parameters) for claim in policy.claims] == [InKind, Coverage]
    assert Policy.from_bytes(policy.to_bytes()) == policy


def test_the_draft_gives_nothing_to_warn_about_at_todays_prices() -> None:
    prices = {"BTC": 115_770 * 10**8, "ETH": 3_698 * 10**8}
    assert [finding for finding in lint_policy(read_policy(DRAFT), prices) if finding.level == WARNS] == []


def test_the_commented_parts_of_the_draft_read_too() -> None:
    text = DRAFT
    for start, end in (("# [tables.BTC-tiers]", "\n# A price is"), ('# [[claims]]\n# name = "coverage-stress"', None)):
        first = text.index(start)
        last = text.index(end, first) if end else len(text)
        part = text[first:last]
        text = text[:first] + part.replace("\n# ", "\n").removeprefix("# ") + text[last:]
    policy = read_policy(changed("BTC = 500", 'BTC = "BTC-tiers"', text))
    assert policy.tables["BTC-tiers"].tiers[1] == Tier(50_000_000, 9500)
    assert policy.claims[2].parameters == ScenarioOf("coverage", "historic-days")


def test_what_is_empty_may_be_left_out() -> None:
    text = DRAFT[: DRAFT.index("# The columns of the book")]
    text = changed("[haircuts.reserve]\nBTC = 500\nETH = 1000\n", "", text)
    policy = read_policy(text)
    assert (policy.columns, policy.claims, policy.haircuts, policy.tables) == ((), (), {}, {})


CASES = [
    ("version = 1", "vresion = 1", "policy.toml: vresion", "is not a known key", "did you mean 'version'?"),
    ("version = 1\n", "", "policy.toml: version", "is missing", "add version = ..."),
    ("[price]", "[prize]", "policy.toml: prize", "is not a known key", "did you mean 'price'?"),
    ("scale = 8", "scal = 8", "policy.toml: [price] scal", "is not a known key", "did you mean 'scale'?"),
    ("skew_s = 3600\n", "", "policy.toml: [collateral] skew_s", "is missing", "add skew_s"),
    ('use = "index"', 'uses = "index"', "policy.toml: [assets.BTC] uses", "is not a known key", "did you mean 'use'?"),
    ("bits = 64\nkind", "kind", "policy.toml: columns[0] bits", "is missing", "add bits"),
    ('kind = "coverage"', 'kind = "covrage"', "policy.toml: claims[1] kind", "is no kind", "did you mean 'coverage'?"),
    ('kind = "in-kind"\n', "", "policy.toml: claims[0] kind", "is missing", "kinds are in-kind, coverage"),
    ("k = 10000\nnet", "kk = 1\nnet", "policy.toml: claims[1] kk", "is not a known key", "did you mean 'k'?"),
    ("BTC = 500", "BTC = 0.5", "policy.toml: haircuts.reserve.BTC", "whole number", "comments"),
    ("BTC = 500", "BTC = 10001", "policy.toml: haircuts.reserve.BTC", "at most 10000", "0 to 10000"),
    ("BTC = 500", 'BTC = "none"', "policy.toml: haircuts.reserve.BTC", "no table none", "[tables]"),
    ("ETH = 1000", "XRP = 1000", "policy.toml: haircuts.reserve.XRP", "not listed", "listed assets"),
    ("scale = 8", "scale = true", "policy.toml: price.scale", "whole number", "comments"),
    ("max_age_s = 604800", "max_age_s = 0", "policy.toml: max_age_s", "outside", "comments"),
    ("k = 10000\nnet", "k = -1\nnet", "policy.toml: claims[1].k", "outside", "comments"),
    ('pools = ["reserve"]', 'pools = ["x"]', "policy.toml: claims: in-kind: pools: x", "no such pool", "[pools]"),
    ('class = "crypto"', 'class = "own"', "policy.toml: haircuts.reserve.BTC", "own token", "10000"),
    ("decimals = 18\nbits", "decimals = 8\nbits", "policy.toml: columns: ETH", "18 decimals", "[assets]"),
    ('"eip155:1/slip44:60" = 18', '"bip122:000000000019d6689c085ae165831e93/slip44:0" = 8',
     "policy.toml: assets.ETH.units.bip122:000000000019d6689c085ae165831e93/slip44:0", "same unit", "one asset alone"),
    ("[assets.BTC]\n", "[assets]\nBTC = 1\n[assets.LTC]\n", "policy.toml: [assets.BTC]", "be a table", "comments"),
    ('legacy = "report"', 'legacy = "maybe"', "policy.toml: collateral.legacy", "should be one of", "comments"),
    ("[pools]", "[pools", "policy.toml", "is not valid TOML", "toml.io"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "where", "message", "hint"), CASES, ids=[case[2] for case in CASES])
def test_errors_name_the_key_and_the_remedy(old: str, new: str, where: str, message: str, hint: str) -> None:
    with pytest.raises(SolventError) as caught:
        read_policy(changed(old, new))
    error = caught.value
    assert error.where == where
    assert message in error.message
    assert hint in error.hint
    assert "parameters" not in str(error)


def test_tiers_that_rise_the_wrong_way() -> None:
    bad = '[tables.T]\nkind = "concave"\ntiers = [{from = 0, bps = 1}, {from = "9", bps = 2}]\n[price]'
    with pytest.raises(SolventError, match="never rise") as caught:
        read_policy(changed("[price]", bad))
    assert caught.value.where == "policy.toml: tables.T.tiers"
    assert "bps never rise" in caught.value.hint


def test_account_rules_wait_for_a_later_version() -> None:
    with pytest.raises(Unavailable) as caught:
        read_policy("rules = [{name = 'x'}]\n" + DRAFT)
    assert (caught.value.code, caught.value.where) == ("E_UNSUPPORTED", "policy.toml: rules")


def test_a_date_or_a_deep_nest_is_no_policy() -> None:
    with pytest.raises(ConfigError):
        read_policy(changed("version = 1", "version = 2026-01-01"))
    with pytest.raises(SolventError):
        read_policy("x = " + "[" * 5000 + "]" * 5000)


def test_kinds_of_error_are_kept() -> None:
    with pytest.raises(Rejected):
        read_policy(changed("ETH = 1000", "XRP = 1000"))
