"""What the quotes of a home come to, and why some do not count."""

from __future__ import annotations

from pathlib import Path

import pytest

from attest.config import load
from attest.documents.policy_toml import load_policy
from attest.documents.price_sets import computed, doubts, quote_envelopes, role_met
from tests.support.home import HomeOf, new_home, now
from tests.support.refusals import refused
from verifier.errors import Malformed


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> HomeOf:
    return new_home(tmp_path_factory.mktemp("prices") / "ex").with_prices()


def reasons(home: HomeOf, at: int) -> dict[str, str]:
    policy = load_policy(home.path / "policy.toml")
    return {
        d.source: d.reason for d in doubts(policy, home.root(), quote_envelopes(home.path / "documents/quotes"), at)
    }


def test_the_median_of_what_counts(home: HomeOf) -> None:
    found = computed(load(home.path / "solvent.toml"), load_policy(home.path / "policy.toml"), now())
    assert {sym: (price.price, price.n) for sym, price in found.prices.items()} == {
        "BTC": (11_577_050_000_000, 2),
        "ETH": (369_840_000_000, 2),
    }
    assert found.failures == {}
    assert reasons(home, now()) == {}


def test_quotes_that_are_too_old(home: HomeOf) -> None:
    told = reasons(home, now() + 1000)
    assert set(told) == {"one", "two"}
    assert all("window_s is 300" in reason for reason in told.values())


def test_quotes_of_another_key_or_of_no_role(tmp_path: Path) -> None:
    home = new_home(tmp_path / "ex").with_prices()
    home.ok("root", "new-version", "--rotate", f"price/one={home.key('price-new').public_key.hex()}")
    home.ok("root", "new-version", "--remove", f"price/two={home.key('price-two').public_key.hex()}")
    told = reasons(home, now())
    assert "needs 1 signatures of the role price/one and has 0" in told["one"]
    assert told["two"] == "the root document has no role price/two"
    met = role_met(home.root())
    assert not any(met("price/one", envelope) for envelope in quote_envelopes(home.path / "documents/quotes"))


def test_a_quote_that_is_finer_than_the_policy(home: HomeOf, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    text = (home.path / "policy.toml").read_text().replace("\nscale = 8", "\nscale = 2")
    path.write_text(text)
    policy = load_policy(path)
    told = doubts(policy, home.root(), quote_envelopes(home.path / "documents/quotes"), now())
    assert {doubt.reason for doubt in told} == {"it has 8 decimals, and the policy's scale is 2"}


def test_files_are_read_in_the_order_of_sources(home: HomeOf, tmp_path: Path) -> None:
    assert quote_envelopes(tmp_path / "nothing") == ()
    for name, source in (("a", "two"), ("b", "one")):
        (tmp_path / f"{name}.json").write_bytes(home.read(f"documents/quotes/{source}.json"))
    assert quote_envelopes(tmp_path) == quote_envelopes(home.path / "documents/quotes")
    (tmp_path / "c.json").write_bytes(home.read("documents/root.json"))
    with refused(Malformed, "E_TYPE", where="c.json: payloadType"):
        quote_envelopes(tmp_path)
