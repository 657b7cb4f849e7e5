"""Section 2's rules of lines, each by its code: one line that meets the rule, and the same line when it does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.refusals import refused
from tests.support.snapshots import (
    BEACON,
    BTC,
    CHAINS,
    EPOCH,
    ETH,
    FACTS,
    RULES,
    STATIC,
    TAKEN_AT,
    USD,
    USDT,
    WALLET,
    backed,
    bitcoin,
    codes,
    custody,
    entry,
    ether,
    judge,
    legacy,
    message,
    sample,
    shown,
    sign,
    snapshot,
    standing,
    validator,
    vouched,
)
from tests.support.wallets import Wallet
from verifier.collateral import (
    AddressBacking,
    EntryBacking,
    EvidenceClass,
    Facts,
    Line,
    Rules,
    ValidatorBacking,
    Verdict,
)
from verifier.collateral.accounts import BITCOIN
from verifier.collateral.bitcoin import Lock
from verifier.collateral.evidence import Evidence
from verifier.errors import Malformed, Rejected


def signatures(line: Line) -> tuple[str, ...]:
    assert not isinstance(line.backing, EntryBacking)
    return line.backing.signatures


def test_every_line_has_its_verdict_in_order() -> None:
    found = judge(sample())
    assert [v.index for v in found] == list(range(9))
    assert {v.verdict for v in found} == {Verdict.VALID}
    assert all(v.counted and v.code == "" and v.reason for v in found)
    classes = [v.evidence for v in found]
    assert classes[:4] == [EvidenceClass.FRESH, EvidenceClass.LEGACY, EvidenceClass.FRESH, EvidenceClass.FRESH]
    assert set(classes[4:]) == {EvidenceClass.VOUCHED}
    assert [v.role for v in found[4:]] == ["custodian/vault"] * 2 + ["bank/first", "issuer/bonds", "backstop/fund"]


def test_one_bad_line_is_its_own_verdict_and_no_other_ones() -> None:
    bad = backed(bitcoin(Wallet(5)), signatures=signatures(bitcoin(Wallet(6))))
    assert codes(bitcoin(), bad, ether()) == ["VALID", "E_LINE_SIGNATURE", "VALID"]


@pytest.mark.parametrize("member", ["exchange", "epoch", "taken_at", "policy"])
def test_a_snapshot_of_another_attestation_is_no_snapshot(member: str) -> None:
    other: dict[str, Any] = {"exchange": "xe", "epoch": 8, "taken_at": TAKEN_AT + 1, "policy": "cd" * 32}
    with refused(Rejected, "E_BINDING", where=f"collateral: {member}"):
        judge(sample(), facts=replace(FACTS, **{member: other[member]}))


# M


@pytest.mark.parametrize("lock", [Lock.P2PKH, Lock.P2SH, Lock.P2WPKH])
def test_fresh_is_a_signature_of_m(lock: Lock) -> None:
    assert codes(bitcoin(lock=lock)) == ["VALID"]


def test_one_evm_signature_serves_every_evm_chain() -> None:
    short = f"eip155:{WALLET.evm_account().rpartition(':')[2]}"
    lines = [ether(chain=1, owner=short), ether(chain=10, owner=short)]
    assert signatures(lines[0]) == signatures(lines[1])
    assert codes(*lines) == ["VALID", "VALID"]  # one EVM key on two chains is two keys
    assert codes(ether(chain=10, owner=WALLET.evm_account(1))) == ["E_LINE_SIGNATURE"]


@pytest.mark.parametrize(
    "beacon",
    [replace(BEACON, value="00" * 32), replace(BEACON, round=1), replace(BEACON, source="x")],
    ids=["value", "round", "source"],
)
def test_a_signature_answers_one_challenge(beacon: object) -> None:
    assert shown(judge(snapshot([bitcoin()], beacon=beacon))) == ["E_LINE_SIGNATURE"]


def test_no_signature_is_unsigned() -> None:
    unsigned = replace(sign(custody()).envelope, signatures=())
    statement = replace(sign(custody()), envelope=unsigned)
    assert codes(backed(bitcoin(), signatures=())) == ["E_LINE_UNSIGNED"]
    assert codes(backed(legacy(), signatures=(), message="")) == ["E_LINE_UNSIGNED"]
    assert codes(backed(validator(), signatures=())) == ["E_LINE_UNSIGNED"]
    assert codes(vouched(0, 0, custody()), statements=[statement]) == ["E_LINE_UNSIGNED"]


def test_unsupported_is_not_invalid() -> None:
    lines = [backed(bitcoin(), scheme="eip1271"), backed(bitcoin(), scheme="eip191")]
    found = judge(snapshot(lines[:1])) + judge(snapshot(lines[1:]))
    assert [(v.verdict, v.code, v.counted) for v in found] == [
        (Verdict.UNSUPPORTED, "E_LINE_UNSUPPORTED", False),
        (Verdict.UNSUPPORTED, "E_LINE_UNSUPPORTED", False),
    ]


def test_an_account_that_cannot_be_read_is_invalid() -> None:
    for account in ("", "bitcoin", f"{BITCOIN}:nonsense", "eip155:1:0xAB"):
        assert codes(backed(bitcoin(), account=account)) == ["E_LINE_ACCOUNT"]


def test_a_validators_key_cannot_stand_as_an_address_too() -> None:
    """Otherwise its coins would have two duplicate keys."""
    line = validator()
    backing = line.backing
    assert isinstance(backing, ValidatorBacking)
    owner = f"{backing.chain}:0x{backing.public_key}"
    as_address = AddressBacking(owner, "bls12381", backing.signatures, public_key=backing.public_key)
    assert codes(line, replace(line, kind="address", backing=as_address)) == ["VALID", "E_LINE_UNSUPPORTED"]
    assert codes(backed(line, scheme="eip191")) == ["E_LINE_UNSUPPORTED"]


def test_a_validator_signs_for_itself_on_its_chain() -> None:
    other = backed(validator(), chain="eip155:10")
    assert codes(replace(other, unit="eip155:10/slip44:60")) == ["E_LINE_SIGNATURE"]


# Legacy


@pytest.mark.parametrize(
    ("allowed", "code", "counted"),
    [("count", "VALID", True), ("report", "VALID", False), ("reject", "E_LINE_REPLAY", False)],
)
def test_legacy_is_counted_reported_or_rejected(allowed: str, code: str, counted: bool) -> None:
    (found,) = judge(snapshot([legacy()]), replace(RULES, legacy=allowed))
    assert (found.evidence, found.counted) == (EvidenceClass.LEGACY, counted)
    assert shown([found]) == [code]


def test_a_message_the_policy_does_not_list_is_a_replay() -> None:
    assert codes(legacy("I am another exchange's address")) == ["E_LINE_REPLAY"]
    assert codes(legacy(), rules=replace(RULES, legacy_messages=())) == ["E_LINE_REPLAY"]


def test_another_epochs_m_is_a_replay_even_if_the_policy_lists_it() -> None:
    old = message(WALLET.address(Lock.P2WPKH), epoch=EPOCH - 1)
    assert codes(legacy(old)) == ["E_LINE_REPLAY"]
    assert codes(legacy(old), rules=replace(RULES, legacy_messages=(old,))) == ["E_LINE_REPLAY"]


def test_m_itself_is_never_written_down() -> None:
    for owner in (WALLET.evm_account(), f"eip155:{WALLET.evm_account().rpartition(':')[2]}"):
        assert codes(backed(ether(owner=owner), message=message(owner))) == ["E_FIELD"]


def test_legacy_signatures_are_verified() -> None:
    assert codes(backed(legacy(), account=Wallet(9).address(Lock.P2WPKH))) == ["E_LINE_SIGNATURE"]


# Units and pools


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": ETH},
        {"asset": "XRP"},
        {"asset": "ETH"},
        {"pool": "lukewarm"},
        {"asset": "USD", "unit": USD},
        {"asset": "USDT", "unit": USDT},
    ],
    ids=str,
)
def test_unit_belongs_to_asset_and_account_and_pool_exists(changes: dict[str, Any]) -> None:
    assert codes(replace(bitcoin(), **changes)) == ["E_LINE_UNIT"]


def test_a_unit_of_another_chain_is_not_in_the_account() -> None:
    assert codes(ether(chain=10)) == ["VALID"]
    assert codes(ether(chain=1, unit="eip155:10/slip44:60")) == ["E_LINE_UNIT"]
    assert codes(replace(validator(), unit="eip155:10/slip44:60")) == ["E_LINE_UNIT"]


def test_unit_and_pool_of_vouched_lines() -> None:
    document = custody(entry(unit=ETH), entry(asset="XRP", reference="2"), entry(reference="3"))
    lines = [vouched(0, n, document) for n in range(3)]
    found = codes(*lines[:2], replace(lines[2], pool="lukewarm"), statements=[sign(document)])
    assert found == ["E_LINE_UNIT"] * 3


# Encumbered


@pytest.mark.parametrize(("encumbered", "code"), [(0, "VALID"), (100, "VALID"), (101, "E_LINE_ENCUMBERED")])
def test_no_more_is_encumbered_than_held(encumbered: int, code: str) -> None:
    assert codes(bitcoin(amount=100, encumbered=encumbered)) == [code]


@pytest.mark.parametrize(("encumbered", "code"), [(0, "VALID"), (1, "E_LINE_ENCUMBERED")])
def test_a_hidden_amount_has_nothing_encumbered(encumbered: int, code: str) -> None:
    from tests.support.snapshots import V

    document = custody(entry(V, encumbered=encumbered))
    assert codes(vouched(0, 0, document), statements=[sign(document)]) == [code]


# Amounts


def test_amounts_need_the_observer_where_the_policy_says_so() -> None:
    rules = replace(RULES, amounts="observer")
    document = custody()
    lines = [bitcoin(), validator(), legacy(wallet=Wallet(3)), vouched(0, 0, document)]
    statements = [sign(document)]
    assert codes(*lines, statements=statements, rules=rules) == [*["E_LINE_UNVOUCHED"] * 3, "VALID"]
    observed = replace(FACTS, observer_signed=True)
    assert codes(*lines, statements=statements, rules=rules, facts=observed) == ["VALID"] * 4


def test_rules_have_known_values() -> None:
    wrong: list[dict[str, Any]] = [{"legacy": "perhaps"}, {"amounts": "perhaps"}]
    for changes in wrong:
        with refused(Malformed, "E_TYPE"):
            replace(RULES, **changes)


# Chains and beacon

BANK = standing("bank", "first", entry(asset="USD", unit=USD))
CUSTODY = custody()


def on_chain(rules: Rules = RULES, facts: Facts = FACTS, **changes: Any) -> list[str]:
    """Fresh BTC, fresh ETH, legacy BTC, a custodian's BTC, a bank's USD."""
    lines = [bitcoin(), ether(), legacy(wallet=Wallet(3)), vouched(0, 0, CUSTODY), vouched(1, 0, BANK)]
    return shown(judge(snapshot(lines, [sign(CUSTODY), sign(BANK)], **changes), rules, facts))


GOOD = ["VALID"] * 5
NO_BITCOIN = ["E_LINE_CHAIN", "VALID", "VALID", "E_LINE_CHAIN", "VALID"]
NO_CHALLENGE = ["E_LINE_CHAIN", "E_LINE_CHAIN", "VALID", "E_LINE_CHAIN", "VALID"]


def test_each_chain_is_in_the_snapshot() -> None:
    assert on_chain() == GOOD
    assert on_chain(chains={"eip155:1": CHAINS["eip155:1"]}) == NO_BITCOIN


@pytest.mark.parametrize(("skew", "found"), [(300, GOOD), (-300, GOOD), (301, NO_BITCOIN), (-301, NO_BITCOIN)])
def test_each_chain_is_read_near_taken_at(skew: int, found: list[str]) -> None:
    head = replace(CHAINS[BITCOIN], time=TAKEN_AT + skew)
    assert on_chain(chains={**CHAINS, BITCOIN: head}) == found


@pytest.mark.parametrize(("depth", "found"), [(6, GOOD), (7, GOOD), (5, NO_BITCOIN), (0, NO_BITCOIN), (-9, NO_BITCOIN)])
def test_each_chain_is_final_where_its_tip_is_known(depth: int, found: list[str]) -> None:
    tips = {BITCOIN: CHAINS[BITCOIN].height + depth}
    assert on_chain(facts=replace(FACTS, tips=tips)) == found


def test_a_chain_without_a_finality_in_the_policy_does_not_count() -> None:
    finality = {name: depth for name, depth in RULES.finality.items() if name != BITCOIN}
    assert on_chain(rules=replace(RULES, finality=finality)) == NO_BITCOIN


@pytest.mark.parametrize(("age", "fresh"), [(3600, True), (0, True), (-300, True), (3601, False)])
def test_the_beacon_is_at_most_beacon_age_s_older_than_taken_at(
    age: int, fresh: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert beacon_of(age, monkeypatch) == (GOOD if fresh else NO_CHALLENGE)


def test_a_beacon_of_the_future_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert beacon_of(-301, monkeypatch) == [code.replace("LINE_CHAIN", "FUTURE") for code in NO_CHALLENGE]


def beacon_of(age: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """``on_chain``, everything signed for a beacon of this age."""
    from tests.support import snapshots
    from verifier.collateral import challenge

    beacon = replace(BEACON, time=TAKEN_AT - age)
    monkeypatch.setattr(snapshots, "CHALLENGE", challenge(FACTS.exchange, EPOCH, beacon.to_json()))
    document = custody()
    lines = [bitcoin(), ether(), legacy(wallet=Wallet(3)), vouched(0, 0, document), vouched(1, 0, BANK)]
    return shown(judge(snapshot(lines, [sign(document), sign(BANK)], beacon=beacon)))


def test_equal_evidence_is_verified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from verifier.collateral import ownership

    asked: list[int] = []

    def counting(claims: tuple[object, ...], multiply: object) -> list[Evidence]:
        asked.append(len(claims))
        return [Evidence(Verdict.VALID, "", "x") for _ in claims]

    monkeypatch.setattr(ownership, "verify_many", counting)
    assert codes(ether(), ether(unit=USDT, asset="USDT"), ether(Wallet(3))) == ["VALID"] * 3
    assert asked == [2]


def test_the_static_message_is_no_m() -> None:
    assert not STATIC.startswith("solvent/1")
    assert bitcoin().unit == BTC
