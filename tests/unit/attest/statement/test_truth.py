"""Which claims hold, and by which assets and how much the others miss: exact decimals, against arithmetic by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attest.statement.findings import FAILS, HOLDS, PROVEN, PUBLIC, UNSUPPORTED, FalseClaims, Finding, require_true
from attest.statement.preparing import prepare
from attest.statement.proposal import Book, Proposal, propose
from attest.statement.truth import examine
from tests.support.markets import POOL, asset, claim, column, coverage
from tests.support.refusals import refused
from tests.support.signed_home import TABLED, Home, make_home
from tests.support.snapshots import BTC, ETH, USDT
from verifier.amounts import format_amount
from verifier.errors import Malformed
from verifier.wire import HIDDEN, NONE
from verifier.wire import PUBLIC as TOLD


def proposal(home: Home, modes: tuple[str, ...] | None = None, rows: int = 3) -> Proposal:
    """The claims of a home over its own ledger."""
    plan = home.plan()
    columns = plan.schema.columns
    totals = [sum(cells.get(c.name, 0) for cells in home.accounts.values()) for c in columns]
    book = Book(plan.schema, rows, modes or (home.total_mode,) * len(columns), totals)
    return propose(prepare(plan, home.inputs(), None, None), book)


def findings(home: Home, modes: tuple[str, ...] | None = None) -> dict[str, Finding]:
    return {finding.claim: finding for finding in examine(proposal(home, modes))}


def one(tmp_path: Path, said: dict[str, Any], **settings: Any) -> Finding:
    """The only claim of a home."""
    found = findings(make_home(tmp_path, claims=(said,), **settings))
    assert list(found) == [said["name"]]
    return found[said["name"]]


@pytest.mark.parametrize("hidden", [frozenset(), frozenset({"BTC", "ETH", "USDT"})], ids=["public", "hidden"])
@pytest.mark.parametrize("mode", [HIDDEN, TOLD])
@pytest.mark.parametrize("policy", [{}, TABLED], ids=["flat", "tiers"])
def test_the_worked_example_holds(tmp_path: Path, hidden: frozenset[str], mode: str, policy: dict[str, Any]) -> None:
    found = findings(make_home(tmp_path, hidden=hidden, total_mode=mode, policy=policy))
    assert list(found) == ["held:BTC", "held:ETH", "held:USDT", "coverage", "btc", "march"]
    assert {finding.status for finding in found.values()} == {HOLDS}
    how = PROVEN if hidden or mode == HIDDEN else PUBLIC
    assert {finding.how for name, finding in found.items() if name != "btc"} == {how}
    assert found["btc"].how == (PROVEN if hidden else PUBLIC)
    require_true(tuple(found.values()))


@pytest.mark.parametrize("hidden", [frozenset(), frozenset({"BTC"})], ids=["public", "hidden"])
def test_in_kind_short_by_one_unit(tmp_path: Path, hidden: frozenset[str]) -> None:
    held = {"BTC": 174999999, "ETH": 55000000000, "USDT": 180000000000}
    said = claim("held", "in-kind", assets=["BTC"], pools=[POOL], k=10000)
    finding = one(tmp_path, said, held=held, hidden=hidden)
    assert finding.status == FAILS
    assert [*finding.lines()][1:] == [
        "  held/BTC misses by 0.00000001 BTC",
        "    BTC: held 1.74999999, owed 1.75, short of 0.00000001 (0.0011577 USD)",
    ]


def test_over_collateral(tmp_path: Path) -> None:
    """The second worked number: k = 1.05 misses by 230735250049334 of 10^-10 USD."""
    finding = one(tmp_path, coverage(k=10500))
    (miss,) = finding.misses
    assert miss.by == "23,073.5250049334 USD"
    assert [(part.asset, part.held, part.owed) for part in miss.parts] == [
        ("ETH", "55", "52.500000001"),
        ("BTC", "1.9", "1.75"),
    ]
    ether = -(-(38834 * 52500000001 - 33285 * 55 * 10**9) // 36984)
    assert [part.short for part in miss.parts] == [format_amount(ether, 9), "0.0325"]


def test_the_example_of_the_documents_page(tmp_path: Path) -> None:
    """What docs/documents.md shows is what the operator sees."""
    page = (Path(__file__).parents[4] / "docs" / "documents.md").read_text("utf-8")
    finding = one(tmp_path, coverage(k=10500))
    shown = str(FalseClaims([finding])).replace("policy.json", "error: policy.json", 1)
    assert f"```\n{shown}\n```" in page


def test_portions_are_part_of_what_is_missing(tmp_path: Path) -> None:
    """Bitcoin counts 100,000 + 0.98 * 80,000 + 0.9 * 39,963 USD = 214,366.70: 10 % over what is owed is too much."""
    finding = one(tmp_path, coverage(k=11000), policy=TABLED, hidden=frozenset({"BTC"}))
    (bitcoin,) = [part for part in finding.misses[0].parts if part.asset == "BTC"]
    assert (bitcoin.held, bitcoin.owed) == ("1.9", "1.75")
    assert bitcoin.value.startswith("8,490.5")
    public = one(tmp_path, coverage(k=11000), policy=TABLED, total_mode=TOLD)
    assert public.misses == finding.misses


def test_a_scenario_names_its_day(tmp_path: Path) -> None:
    days = [
        {"name": name, "shocks": {"BTC": str(shock), "ETH": "0", "USDT": "0"}, "prices": {}, "models": {}}
        for name, shock in (("calm", 0), ("calm/BTC", 0), ("worse", 90000))
    ]
    claims = (coverage(), claim("stress", "scenario", base="coverage", set="days"))
    held = {"BTC": 175000000, "ETH": 60000000000, "USDT": 200000000000}
    found = findings(make_home(tmp_path, claims=claims, days=days, held=held))
    assert found["coverage"].status == HOLDS
    assert [miss.label for miss in found["stress"].misses] == ["stress/worse"]
    (bitcoin, *_) = found["stress"].misses[0].parts
    assert bitcoin.value == "101,298.75 USD"


def test_a_share_that_is_too_large(tmp_path: Path) -> None:
    """BTC is 219,963 USD of 603,375 USD: 30 % is exceeded by 38,950.50 USD, and 0.2 of 11095.2 is rounded away."""
    finding = one(tmp_path, claim("btc", "share-cap", syms=["BTC"], classes=[], pools=[], cap=3000))
    (miss,) = finding.misses
    assert miss.by == "38,951.6 USD"
    assert [str(part) for part in miss.parts] == ["BTC: held 1.9, owed 0"]


def test_a_mismatch_tells_both_sides(tmp_path: Path) -> None:
    finding = one(tmp_path, claim("near", "mismatch", assets=["BTC"], theta=100))
    assert [miss.label for miss in finding.misses] == ["near/BTC-"]
    assert [str(part) for part in finding.misses[0].parts] == ["BTC: held 1.9, owed 1.75"]


def test_loans_and_their_collateral(tmp_path: Path) -> None:
    columns = [
        *(column(sym) for sym in ("BTC", "ETH", "USDT")),
        column("BTC:pledged", kind="collateral"),
        column("USDT:loan", kind="debt"),
    ]
    loans = claim("loans", "ltv", collateral=["BTC:pledged"], debt=["USDT:loan"], l=8000)
    policy = {"columns": columns, "haircuts": {POOL: {"BTC": 0, "ETH": 0, "USDT": 0}, "loans": {"BTC": 0}}}
    accounts = {"alice": {"BTC": 10**8, "BTC:pledged": 10**8, "USDT:loan": 92616 * 10**6}}
    home = make_home(tmp_path, claims=(loans,), policy=policy, accounts=accounts)
    assert findings(home)["loans"].status == HOLDS
    more = replace(home, accounts={"alice": {"BTC": 10**8, "BTC:pledged": 10**8, "USDT:loan": 92616 * 10**6 + 1}})
    (miss,) = findings(more)["loans"].misses
    assert miss.by == "0.000001 USD"
    assert [str(part) for part in miss.parts] == [
        "USDT: held 0, owed 92616.000001, short of 92616.000001 (92,616.000001 USD)"
    ]
    with refused(Malformed, "E_TOTAL", where="column BTC:pledged"):
        proposal(home, (HIDDEN, HIDDEN, HIDDEN, NONE, HIDDEN))


def test_a_missing_price_fails_what_reads_it(tmp_path: Path) -> None:
    quotes = {source: {"index": {"ETH": "369840", "USDT": "100"}} for source in ("alpha", "beta", "gamma")}
    found = findings(make_home(tmp_path, quotes=quotes))
    assert {name for name, finding in found.items() if finding.status == FAILS} == {"coverage", "btc", "march"}
    assert "BTC has no price" in found["coverage"].reason
    assert "E_PRICE_MISSING" in found["coverage"].reason
    assert "only 0 of its sources" in found["coverage"].reason


def test_in_kind_needs_no_price_to_say_what_is_missing(tmp_path: Path) -> None:
    quotes = {source: {"index": {"ETH": "369840", "USDT": "100"}} for source in ("alpha", "beta", "gamma")}
    held = {"BTC": 1, "ETH": 55000000000, "USDT": 180000000000}
    found = findings(make_home(tmp_path, quotes=quotes, held=held))
    assert str(found["held:BTC"].misses[0].parts[0]) == "BTC: held 0.00000001, owed 1.75, short of 1.74999999"


def test_an_asset_that_is_not_held_at_all(tmp_path: Path) -> None:
    found = findings(make_home(tmp_path, held={"BTC": 190000000, "USDT": 180000000000}))
    (part,) = found["held:ETH"].misses[0].parts
    assert (part.held, part.owed, part.short) == ("0", "52.500000001", "52.500000001")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (coverage(net_debt=1), "netting debts"),
        (claim("d", "delta", column="BTC"), "rest on flows"),
        (claim("m", "matched", currency="USDT"), "rest on flows"),
    ],
)
def test_what_this_version_cannot_prove_is_not_signed(tmp_path: Path, said: dict[str, Any], reason: str) -> None:
    finding = one(tmp_path, said)
    assert finding.status == UNSUPPORTED
    assert reason in finding.reason
    with refused(FalseClaims, "E_CLAIM_FALSE", where="policy.json: claims"):
        require_true((finding,))


def test_numbers_too_large_to_be_proven(tmp_path: Path) -> None:
    held = {"BTC": 10**18, "ETH": 55000000000, "USDT": 180000000000}
    columns = [column(sym) for sym in ("BTC", "ETH", "USDT")]
    policy = {"value_scale": 24, "columns": columns}
    finding = one(tmp_path, coverage(), held=held, policy=policy)
    assert finding.status == FAILS
    assert "smaller value_scale" in finding.reason
    assert one(tmp_path, coverage(), held=held, policy=policy, total_mode=TOLD).status == HOLDS


def test_the_own_token(tmp_path: Path) -> None:
    """Counted as zero it must be covered by the rest; excluded, it must be held in kind."""
    units = {"BTC": BTC, "ETH": ETH, "USDT": USDT}
    assets = {sym: asset(d, units={units[sym]: d}) for sym, d in (("BTC", 8), ("ETH", 18), ("USDT", 6))}
    assets["ETH"] = asset(9, units={ETH: 18}, **{"class": "own"})
    haircuts = {POOL: {"BTC": 500, "ETH": 10000, "USDT": 0}}
    held = claim("held", "in-kind", assets="*", pools=[POOL], k=10000)
    policy = {"assets": assets, "haircuts": haircuts}
    zero = findings(make_home(tmp_path, claims=(held, coverage()), policy=policy))
    assert zero["coverage"].status == FAILS
    assert zero["coverage"].misses[0].parts[0].asset == "ETH"
    out = findings(make_home(tmp_path, claims=(held, coverage(own="exclude")), policy=policy))
    assert {finding.status for finding in out.values()} == {HOLDS}
    assert "except ETH" in out["coverage"].sentence


def test_the_refusal_is_one_error_with_every_number(tmp_path: Path) -> None:
    found = tuple(findings(make_home(tmp_path, held={"BTC": 1, "ETH": 1, "USDT": 1})).values())
    with pytest.raises(FalseClaims) as caught:
        require_true(found)
    error = caught.value
    assert error.message == "6 claims do not hold; nothing was signed and nothing is left of this run"
    assert str(error).splitlines()[1:] == list(error.details)
    assert error.findings == found
    assert sum(line.endswith("USD)") for line in error.details) == 9
