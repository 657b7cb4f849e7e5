"""The claims argument, verifier's side: sizes, transcript, commitments, and the worked examples proven for real."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attest.claims_proof import row_values
from tests.support.claims import Claimed, check, claimed, everything_hidden, in_kind
from tests.support.markets import POOL, TOTALS, claim, coverage, policy
from tests.support.refusals import refused
from verifier import canonical
from verifier.attestation import Total as TotalTold
from verifier.book import generator_labels, generators_digest
from verifier.claims_proof import open_transcript, signed_commitments, signed_quantities, verify_claims
from verifier.engine import Engine
from verifier.errors import Rejected, Unavailable
from verifier.group import G, Point
from verifier.hashing import tagged
from verifier.markets import binance, historic
from verifier.markets.linear import Aux, Held, Holding, Total
from verifier.markets.scenarios import Scenario, fill
from verifier.sources import FileSource
from verifier.transcript import Transcript

DAYS = {"historic": fill(historic.DAYS, ["USDT"], 0)}


def hidden_values(exchange: Claimed) -> list[int]:
    """Z of the claims' own rows."""
    derived = {row.label for row in exchange.derivation.range_rows}
    values = zip(exchange.statement.rows, row_values(exchange.statement, exchange.openings), strict=True)
    return [value for row, value in values if row.label not in derived]


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 8, 9, 1000])
def test_sizes(rows: int) -> None:
    statement = replace(claimed(in_kind("BTC")).statement, rows=claimed(in_kind("BTC")).statement.rows * rows)
    nu = (rows - 1).bit_length()
    assert statement.proof_size == 33 * rows + 33 * (2 * nu + 4) + 32 * (128 + 3 * nu + 3)


def test_no_rows_are_no_bytes() -> None:
    assert claimed(hidden_totals=()).statement.proof_size == 0


def test_the_transcript_in_its_order(engine: Engine) -> None:
    exchange = claimed(in_kind("BTC", "ETH"))
    statement, generators = exchange.statement, engine.generators(generator_labels(128))
    slacks = statement.slacks(engine)
    digest = generators_digest(engine, generators)
    expected = Transcript.start("claims")
    expected.absorb_bytes("protocol", b"solvent/1")
    expected.absorb_bytes("generators", digest)
    expected.absorb_bytes("context", exchange.attestation.claims_context)
    descriptors = [
        {"kind": "in-kind", "name": "held", "parameters": {"assets": ["BTC", "ETH"], "k": 10000, "pools": ["cold"]}}
    ]
    expected.absorb_bytes("claims", tagged("claims", canonical.encode(descriptors)))
    for slack in slacks:
        expected.absorb_bytes("slack", slack.to_bytes())
    assert open_transcript(statement, slacks, digest).state == expected.state


def test_slacks_are_the_rows_over_the_signed_commitments(engine: Engine) -> None:
    exchange = claimed(in_kind("BTC"), coverage(), hidden_holdings={(POOL, "ETH")})
    a = exchange.attestation
    [ether] = [held.hidden for held in a.holdings if held.hidden]
    told = {name: total.value for name, total in a.totals.items() if isinstance(total.value, Point)}
    first, second, third = exchange.statement.slacks(engine)
    assert first == ether
    assert second == -10000 * told["BTC"] + 1900000000000 * G
    constant = 10998150 * 190000000 + 10000 * 180000000000
    weighed = 33285 * ether + -11577000 * told["BTC"] + -36984 * told["ETH"] + -10000 * told["USDT"]
    assert third == weighed + constant * G


def test_what_an_attestation_tells() -> None:
    exchange = claimed(hidden_totals={"BTC", "ETH"}, hidden_holdings={(POOL, "ETH")}, public_part=7)
    told = signed_quantities(exchange.attestation, exchange.quantities.schema)
    assert told.totals == {"BTC": None, "ETH": None, "USDT": TOTALS["USDT"]}
    assert told.holdings[POOL, "ETH"] == Held(7, True)
    assert told.holdings[POOL, "BTC"] == Held(190000000)
    assert set(signed_commitments(exchange.attestation)) == {Total("BTC"), Total("ETH"), Holding(POOL, "ETH")}


def test_a_total_that_is_left_out_is_not_told() -> None:
    columns = [
        *policy().to_json()["columns"],
        {"name": "p", "asset": "BTC", "decimals": 8, "bits": 64, "kind": "collateral"},
    ]
    exchange = claimed(rules={"columns": columns}, totals={**TOTALS, "p": 0})
    hushed = replace(exchange.attestation, totals={**exchange.attestation.totals, "p": TotalTold("none")})
    assert set(signed_quantities(hushed, exchange.quantities.schema).totals) == set(TOTALS)
    check(exchange.seen(hushed), replace_attestation(exchange, hushed).prove())


def replace_attestation(exchange: Claimed, attestation: Any) -> Claimed:
    """The exchange, signing something else."""
    other = replace(exchange)
    other.__dict__["attestation"] = attestation
    return other


def test_commitments_of_every_kind() -> None:
    exchange = everything_hidden()
    found = signed_commitments(exchange.attestation)
    assert found == exchange.commitments
    assert {type(reference) for reference in found} == {Total, Holding, Aux}


def test_a_file_on_disk(tmp_path: Path, engine: Engine) -> None:
    exchange = claimed()
    path = tmp_path / "claims.proof"
    with refused(Unavailable, "E_FILE"):
        verify_claims(exchange.statement, FileSource(path), engine)
    path.write_bytes(exchange.prove(engine))
    verify_claims(exchange.statement, FileSource(path), engine)


def test_either_engine_accepts_what_the_other_proves(engine: Engine) -> None:
    exchange = everything_hidden()
    check(exchange.statement, exchange.prove(), engine)
    check(exchange.statement, exchange.prove(engine))


def test_a_failed_claim_has_no_statement() -> None:
    exchange = claimed(coverage(), rules={"haircuts": {POOL: {"BTC": 500, "ETH": 1000}}})
    with refused(Rejected, "E_HAIRCUT"):
        exchange.seen(exchange.attestation)


def test_claims_that_are_arithmetic_stand_beside_hidden_ones() -> None:
    """Only what is hidden has rows; the rest is public and is not in the proof."""
    exchange = claimed(in_kind("BTC", "ETH"), hidden_totals={"ETH"})
    assert [row.label for row in exchange.statement.rows] == ["held/ETH"]
    assert exchange.derivation.claims[0].rows[0].hidden == ()
    check(exchange.statement, exchange.prove())


# The worked examples of docs/statement.md, section 9, with hidden totals.


def test_example_1_in_kind_and_coverage(engine: Engine) -> None:
    exchange = claimed(in_kind("BTC", "ETH", "USDT"), coverage())
    assert hidden_values(exchange) == [150000000000, 24999999990000, 99999999990000, 52688499953016]
    check(exchange.statement, exchange.prove(engine), engine)


def test_example_1_over_collateralised_by_five_percent_is_unprovable(engine: Engine) -> None:
    exchange = claimed(coverage(k=10500))
    assert hidden_values(exchange) == [-230735250049334]
    with refused(Rejected, "E_CLAIM", step="6", where="claims: coverage"):
        exchange.prove(engine)


def test_example_1_on_the_historic_days(engine: Engine) -> None:
    exchange = claimed(coverage(), claim("stress", "scenario", base="coverage", set="historic"), sets=DAYS)
    assert hidden_values(exchange)[:2] == [52688499953016, 76924594969399]
    assert [row.label for row in exchange.statement.rows][1:] == [f"stress/{day.name}" for day in DAYS["historic"]]
    check(exchange.statement, exchange.prove(engine), engine)


def test_example_1_bitcoin_is_at_most_sixty_percent(engine: Engine) -> None:
    """Holdings, not totals: to have a hidden row they are hidden."""
    cap = claim("btc", "share-cap", syms=["BTC"], classes=[], pools=[], cap=6000)
    exchange = claimed(cap, hidden_holdings={(POOL, sym) for sym in TOTALS})
    assert hidden_values(exchange) == [1420598000000000]
    assert len(exchange.statement.rows) == 4
    check(exchange.statement, exchange.prove(engine), engine)


@pytest.mark.parametrize(("sym", "least"), [("BTC", 288), ("ETH", 154), ("USDT", 166)])
def test_example_1_mismatch(sym: str, least: int) -> None:
    exchange = claimed(claim("m", "mismatch", assets=[sym], theta=least))
    check(exchange.statement, exchange.prove())
    with refused(Rejected, "E_CLAIM", step="6", where=f"claims: m/{sym}-"):
        claimed(claim("m", "mismatch", assets=[sym], theta=least - 1)).prove()


@pytest.mark.parametrize(
    ("held", "counted"), [(500000000000, 4594099999996861200), (3000000000000, 12420999999977955900)]
)
def test_example_2_a_tiered_hidden_holding(root: Path, engine: Engine, held: int, counted: int) -> None:
    """5,000 (or 30,000) bitcoin under Binance's schedule, all hidden, and the most that may be owed on them."""
    text = (root / "tests/data/markets/binance_collateral_tiers.csv").read_text(encoding="utf-8")
    btc = binance.from_csv(text)["BTC", "margin"]
    most = counted // 10000
    exchange = claimed(
        coverage(),
        rules={"tables": {"btc": btc.to_json()}, "haircuts": {POOL: {"BTC": "btc"}}},
        totals={"BTC": 0, "ETH": 0, "USDT": most},
        held={(POOL, "BTC"): held},
        hidden_holdings={(POOL, "BTC")},
    )
    assert len(exchange.statement.rows) == 1 + 10 + 9 + 1 + 1
    assert hidden_values(exchange)[-1] == counted - 10000 * most
    check(exchange.statement, exchange.prove(engine), engine)
    more = replace(exchange, totals={"BTC": 0, "ETH": 0, "USDT": most + 1})
    with refused(Rejected, "E_CLAIM", step="6", where="claims: coverage"):
        more.prove(engine)


def test_a_scenario_with_portions_of_its_own(engine: Engine) -> None:
    """Each day splits the holding by its own caps: auxiliary values carry the day's name."""
    days = (Scenario("halved", {"BTC": -5000, "ETH": -1000, "USDT": 0}, {}, {}), *DAYS["historic"])
    stress = claim("stress", "scenario", base="coverage", set="s")
    exchange = everything_hidden_with(coverage(k=9000), stress, sets={"s": days})
    assert "stress/halved/BTC/y3" in exchange.attestation.aux
    check(exchange.statement, exchange.prove(engine), engine)


def everything_hidden_with(*claims: dict[str, Any], **changes: Any) -> Claimed:
    base = everything_hidden()
    return replace(
        base,
        policy=policy(
            *claims, tables={"btc": base.policy.tables["btc"].to_json()}, haircuts=dict(base.policy.haircuts)
        ),
        **changes,
    )
