"""Lines that rest on another party's statement: section 2's paragraph on custody, sentence by sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.snapshots import (
    ETH,
    ROLES,
    RULES,
    TAKEN_AT,
    USD,
    V,
    codes,
    custody,
    entry,
    judge,
    require_role,
    sign,
    snapshot,
    standing,
    vouched,
)
from verifier.collateral import Custody, EntryBacking, Verdict, judge_snapshot
from verifier.dsse import Envelope
from verifier.errors import Rejected, Unavailable
from verifier.group import value_commitment

ISSUERS = {"custody": "vault", "bank": "first", "rwa": "bonds", "backstop": "fund"}
LASTING = ("bank", "rwa", "backstop")
AGE = RULES.valuation_age_s


def of(kind: str, **changes: Any) -> Custody:
    """A good statement of this kind."""
    if kind == "custody":
        return custody(**changes)
    return standing(kind, ISSUERS[kind], entry(asset="USD", unit=USD), **changes)


def code(document: Custody, *signers: str) -> str:
    """What becomes of the line that repeats its first entry."""
    (found,) = codes(vouched(0, 0, document), statements=[sign(document, *signers)])
    return found


@pytest.mark.parametrize("kind", ISSUERS)
def test_a_statement_of_each_kind(kind: str) -> None:
    assert code(of(kind)) == "VALID"


@pytest.mark.parametrize(
    ("member", "other"),
    [("asset", "BTC"), ("unit", USD), ("value", 501), ("value", V), ("encumbered", 1)],
    ids=["asset", "unit", "amount", "commitment", "encumbered"],
)
def test_the_line_repeats_the_entry(member: str, other: Any) -> None:
    document = custody(replace(entry(), asset="ETH", unit=ETH))
    line = vouched(0, 0, document)
    assert codes(line, statements=[sign(document)]) == ["VALID"]
    changed = sign(custody(replace(document.entries[0], **{member: other})))
    assert codes(line, statements=[changed]) == ["E_LINE_ENTRY"]


def test_another_commitment_is_another_entry() -> None:
    document = custody(entry(V))
    line = vouched(0, 0, document)
    assert codes(line, statements=[sign(document)]) == ["VALID"]
    assert codes(replace(line, value=value_commitment(1235, 99)), statements=[sign(document)]) == ["E_LINE_ENTRY"]


@pytest.mark.parametrize("place", [(1, 0), (0, 1), (4095, 0)])
def test_statement_and_entry_exist(place: tuple[int, int]) -> None:
    line = replace(vouched(0, 0, custody()), backing=EntryBacking(*place))
    assert codes(line, statements=[sign(custody())]) == ["E_LINE_ENTRY"]


@pytest.mark.parametrize("kind", ISSUERS)
def test_the_statement_is_for_this_exchange(kind: str) -> None:
    assert code(replace(of(kind), exchange="xe.example")) == "E_LINE_ENTRY"


FITTING = {
    "custody": "custodian/vault",
    "bank": "bank/first",
    "rwa": "issuer/bonds",
    "backstop": "backstop/fund",
}


@pytest.mark.parametrize("kind", ISSUERS)
@pytest.mark.parametrize("signer", ROLES)
def test_issuer_and_kind_fit_the_role_that_signed(kind: str, signer: str) -> None:
    assert code(of(kind), signer) == ("VALID" if signer == FITTING[kind] else "E_LINE_ENTRY")


def test_an_observer_may_make_custody_statements_and_no_others() -> None:
    assert code(custody(issuer="observer")) == "VALID"
    assert code(custody(issuer="observer"), "custodian/vault") == "E_LINE_ENTRY"
    assert code(custody(), "observer") == "E_LINE_ENTRY"
    for kind in LASTING:
        assert code(replace(of(kind), issuer="observer"), "observer") == "E_LINE_ENTRY"


@pytest.mark.parametrize("kind", ISSUERS)
@pytest.mark.parametrize("other", ISSUERS)
def test_the_line_is_of_the_statements_kind(kind: str, other: str) -> None:
    document = of(kind)
    line = replace(vouched(0, 0, document), kind=other)
    assert codes(line, statements=[sign(document)]) == ["VALID" if kind == other else "E_LINE_ENTRY"]


def test_a_role_that_nobody_can_decide_is_unsupported() -> None:
    def undecided(role: str, envelope: Envelope) -> None:
        raise Unavailable("the root document is missing", code="E_MISSING")

    from tests.support.snapshots import FACTS

    (found,) = judge_snapshot(snapshot([vouched(0, 0, custody())], [sign(custody())]), RULES, FACTS, undecided)
    assert (found.verdict, found.code, found.counted) == (Verdict.UNSUPPORTED, "E_MISSING", False)


def test_a_changed_statement_is_not_signed() -> None:
    signed = sign(custody())
    richer = custody(entry(5000))
    forged = replace(signed, envelope=replace(signed.envelope, payload=richer.to_payload()), custody=richer)
    with pytest.raises(Rejected):
        require_role("custodian/vault", forged.envelope)
    assert codes(vouched(0, 0, richer), statements=[forged]) == ["E_LINE_ENTRY"]


# Epoch

NEXT: dict[str, Any] = {"epoch": 8, "challenge": "00" * 32}


def test_custody_needs_this_epoch_and_its_challenge() -> None:
    changes: list[dict[str, Any]] = [
        {"epoch": 8},
        {"challenge": "00" * 32},
        {"epoch": 0, "challenge": ""},
        NEXT,
        {"challenge": ""},
    ]
    assert [code(custody(**change)) for change in changes] == ["E_LINE_REPLAY"] * 5


@pytest.mark.parametrize("kind", LASTING)
def test_other_kinds_belong_to_this_epoch_or_to_none(kind: str) -> None:
    this: dict[str, Any] = {name: getattr(custody(), name) for name in ("epoch", "challenge")}
    assert code(of(kind, **this)) == "VALID"
    assert code(of(kind)) == "VALID"
    others: list[dict[str, Any]] = [{"epoch": 7}, {"challenge": this["challenge"]}, NEXT]
    for wrong in others:
        assert code(of(kind, **wrong)) == "E_LINE_REPLAY"


# Time


@pytest.mark.parametrize("kind", ISSUERS)
@pytest.mark.parametrize(("later", "found"), [(0, "VALID"), (300, "VALID"), (301, "E_FUTURE"), (-(10**6), "VALID")])
def test_as_of_is_not_in_the_future(kind: str, later: int, found: str) -> None:
    assert code(of(kind, as_of=TAKEN_AT + later)) == found


@pytest.mark.parametrize("kind", ISSUERS)
@pytest.mark.parametrize(("later", "found"), [(1, "VALID"), (0, "E_EXPIRED"), (-1, "E_EXPIRED")])
def test_a_statement_lives_until_expires_at(kind: str, later: int, found: str) -> None:
    document = of(kind, expires_at=TAKEN_AT + later)
    (verdict,) = judge(snapshot([vouched(0, 0, document)], [sign(document)]))
    assert verdict.verdict is (Verdict.EXPIRED if found == "E_EXPIRED" else Verdict.VALID)
    assert (verdict.code or "VALID", verdict.counted) == (found, found == "VALID")


@pytest.mark.parametrize("kind", LASTING)
@pytest.mark.parametrize(
    ("age", "found"), [(AGE, "VALID"), (AGE + 1, "E_EXPIRED"), (-300, "VALID"), (-301, "E_FUTURE")]
)
def test_valuation_at_is_within_valuation_age_s(kind: str, age: int, found: str) -> None:
    valued = entry(asset="USD", unit=USD, valuation_at=TAKEN_AT - age)
    assert code(standing(kind, ISSUERS[kind], valued)) == found


def test_a_custodians_entry_has_no_valuation_age() -> None:
    assert code(custody(entry(valuation_at=0))) == "VALID"


@pytest.mark.parametrize(
    ("account", "found"),
    [
        ("bip122:000000000019d6689c085ae165831e93:nonsense", "E_LINE_ACCOUNT"),
        ("tron:728126428:T1", "E_LINE_ACCOUNT"),
        ("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:abc", "E_LINE_ACCOUNT"),
        ("cosmos:hub:anything", "VALID"),
    ],
)
def test_covered_accounts_can_be_read(account: str, found: str) -> None:
    assert code(custody(entry(covers=(account,)))) == found
