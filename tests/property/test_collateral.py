"""Whatever a snapshot says, every line gets a verdict, and what counts is never counted twice."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.snapshots import (
    FACTS,
    RULES,
    STATIC,
    backed,
    bitcoin,
    custody,
    entry,
    ether,
    judge,
    legacy,
    require_role,
    sign,
    snapshot,
    standing,
    validator,
    vouched,
)
from tests.support.wallets import Wallet
from verifier.collateral import (
    AddressBacking,
    Line,
    Snapshot,
    Verdict,
    judge_snapshot,
    pool_holdings,
)
from verifier.collateral.pools import counted_units

FEW = settings(max_examples=25)
"""Each example recovers keys in pure Python."""

COVERED = Wallet(4242)
DOCUMENTS = (
    custody(entry(5), entry(5), entry(6, reference="2", covers=(COVERED.evm_account(),))),
    custody(entry(7, reference="2"), entry(8, reference="3", covers=(COVERED.evm_account(),)), issuer="other"),
    standing("bank", "first", entry(9, asset="USD", unit="iso4217:USD")),
)
PLACES = tuple((s, e) for s, document in enumerate(DOCUMENTS) for e in range(len(document.entries)))


@cache
def pool_of_lines() -> tuple[Line, ...]:
    """Lines that compete: same accounts, same entries, evidence of every kind."""
    own = [bitcoin(), bitcoin(amount=3), legacy(), ether(), ether(chain=10), ether(Wallet(2), amount=10**12)]
    unsigned = backed(bitcoin(Wallet(3)), signatures=())
    return (*own, unsigned, *(vouched(s, e, DOCUMENTS[s]) for s, e in PLACES))


def competing(lines: list[Line]) -> Snapshot:
    return snapshot(lines, map(sign, DOCUMENTS))


lists = st.lists(st.sampled_from(pool_of_lines()), max_size=10)


@FEW
@given(lists)
def test_one_verdict_per_line_and_only_valid_counts(lines: list[Line]) -> None:
    found = judge(competing(lines))
    assert [v.index for v in found] == list(range(len(lines)))
    for verdict in found:
        assert verdict.counted == (verdict.verdict is Verdict.VALID)
        assert (verdict.code == "") == (verdict.verdict is Verdict.VALID)
        assert verdict.reason


@FEW
@given(lists)
def test_nothing_counts_twice(lines: list[Line]) -> None:
    counted = [lines[v.index] for v in judge(competing(lines)) if v.counted]
    accounts = [(x.backing.account, x.unit) for x in counted if isinstance(x.backing, AddressBacking)]
    places = [x.backing for x in counted if not isinstance(x.backing, AddressBacking)]
    assert len(set(accounts)) == len(accounts)
    assert len(set(places)) == len(places)
    covering = [x for x in counted if x.value in (6, 8)]
    owned = any(account == COVERED.evm_account() for account, _ in accounts)
    assert len(covering) <= (0 if owned else 1)


@FEW
@given(lists)
def test_saying_it_again_adds_nothing(lines: list[Line]) -> None:
    """Lines appended to a snapshot cannot raise a holding above what the same lines say once."""
    once = list(dict.fromkeys(lines))
    twice = competing([*once, *lines])
    holdings = pool_holdings(competing(once), judge(competing(once)), RULES.assets)
    assert pool_holdings(twice, judge(twice), RULES.assets) == holdings


@FEW
@given(lists)
def test_holdings_are_what_the_counted_lines_say(lines: list[Line]) -> None:
    shot = competing(lines)
    verdicts = judge(shot)
    found = pool_holdings(shot, verdicts, RULES.assets)
    said: dict[tuple[str, str], int] = {}
    for verdict in verdicts:
        line = lines[verdict.index]
        if verdict.counted:
            key = (line.pool, line.asset)
            said[key] = said.get(key, 0) + counted_units(line, RULES.assets[line.asset])
    assert [((h.pool, h.asset), h.public) for h in found] == sorted(said.items())


texts = st.one_of(st.sampled_from(["", "bip137", "eip191", "bls12381", STATIC, "0x"]), st.text(max_size=40))
changes = st.fixed_dictionaries(
    {},
    optional={
        "account": texts,
        "scheme": texts,
        "signatures": st.lists(texts, max_size=2).map(tuple),
        "script": texts,
        "public_key": texts,
        "message": texts,
    },
)
heads = st.fixed_dictionaries(
    {},
    optional={
        "asset": st.sampled_from(["BTC", "ETH", "USD", "X"]),
        "unit": texts,
        "pool": texts,
        "value": st.integers(0, 2**128 - 1),
        "encumbered": st.integers(0, 2**128 - 1),
    },
)


def same_evidence(line: Line, backing: AddressBacking) -> bool:
    """Whether only members differ that this scheme does not read."""
    read = ("account", "scheme", "signatures", "message")
    return all(getattr(backing, name) == getattr(line.backing, name) for name in read)


@FEW
@given(st.sampled_from([bitcoin(), legacy(), ether()]), changes, heads)
def test_no_line_escapes(line: Line, backing: dict[str, Any], head: dict[str, Any]) -> None:
    """Texts of any kind in a line are its verdict, never an exception."""
    changed = replace(backed(line, **backing), **head)
    (found,) = judge(snapshot([changed]))
    assert (found.code == "") == (found.verdict is Verdict.VALID)
    if isinstance(changed.backing, AddressBacking) and not same_evidence(line, changed.backing):
        assert not found.counted


def test_every_verdict_is_the_same_again() -> None:
    shot = competing([*pool_of_lines(), validator()])
    assert judge_snapshot(shot, RULES, FACTS, require_role) == judge(Snapshot.from_payload(shot.to_payload()))
