"""Nothing is held twice: section 2's duplicate keys. The lowest index stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support.snapshots import (
    USD,
    USDT,
    WALLET,
    backed,
    bitcoin,
    codes,
    custody,
    entry,
    ether,
    legacy,
    sign,
    standing,
    validator,
    vouched,
)
from tests.support.wallets import Wallet
from verifier.collateral import AddressBacking, Custody, Line, Statement
from verifier.collateral.accounts import parse_account
from verifier.collateral.bitcoin import Lock
from verifier.collateral.duplicates import canonical_account
from verifier.collateral.okx_units import TRON

TWICE = ["VALID", "E_LINE_DUPLICATE"]


def test_one_account_one_unit_one_line() -> None:
    assert codes(bitcoin(), bitcoin(amount=7, id="other", pool="cold")) == TWICE
    assert codes(ether(), ether(), ether()) == [*TWICE, "E_LINE_DUPLICATE"]


def test_the_lowest_index_stays_whatever_it_is_worth() -> None:
    unsigned = backed(bitcoin(), signatures=())
    assert codes(unsigned, bitcoin()) == ["E_LINE_UNSIGNED", "E_LINE_DUPLICATE"]


def test_fresh_and_legacy_evidence_of_one_account_is_one_holding() -> None:
    assert codes(legacy(), bitcoin()) == TWICE
    assert codes(bitcoin(), legacy()) == TWICE


def test_two_units_of_one_account_are_two_holdings() -> None:
    assert codes(ether(), ether(unit=USDT, asset="USDT")) == ["VALID", "VALID"]


def test_one_evm_key_on_two_chains_is_two_holdings() -> None:
    assert codes(ether(chain=1), ether(chain=10)) == ["VALID", "VALID"]


def test_addresses_of_one_key_are_different_accounts() -> None:
    lines = [bitcoin(lock=lock) for lock in (Lock.P2PKH, Lock.P2SH, Lock.P2WPKH)]
    assert codes(*lines) == ["VALID"] * 3
    assert len({canonical_account(parse_account(x.backing.account)) for x in lines}) == 3  # type: ignore[union-attr]


def test_two_spellings_of_a_bitcoin_address_are_one_account_or_none() -> None:
    """The key is the scriptPubKey; upper-case bech32 is not read at all."""
    account = WALLET.address(Lock.P2WPKH)
    chain, _, address = account.rpartition(":")
    loud = backed(bitcoin(), account=f"{chain}:{address.upper()}")
    assert codes(bitcoin(), loud) == ["VALID", "E_LINE_ACCOUNT"]
    _, script = canonical_account(parse_account(account))
    assert script == f"0014{script[4:]}"


def test_one_validator_key_one_line() -> None:
    line = validator()
    again = backed(line, withdrawal="02" + "11" * 31)
    assert codes(line, again) == TWICE


def test_an_entry_is_used_by_one_line() -> None:
    document = custody()
    line = vouched(0, 0, document)
    assert codes(line, replace(line, id="again", pool="hot"), statements=[sign(document)]) == TWICE


def test_issuer_reference_and_unit_are_one_holding() -> None:
    first, second = custody(entry(5)), custody(entry(6))
    statements = [sign(first), sign(second)]
    assert codes(vouched(0, 0, first), vouched(1, 0, second), statements=statements) == TWICE
    both = custody(entry(5), entry(6))
    assert codes(vouched(0, 0, both), vouched(0, 1, both), statements=[sign(both)]) == TWICE


@pytest.mark.parametrize(
    "second",
    [
        custody(entry(reference="account 2")),
        custody(entry(asset="USDT", unit=USDT)),
        custody(issuer="other"),
        standing("bank", "first", entry(asset="USD", unit=USD)),
    ],
    ids=["reference", "unit", "issuer", "kind"],
)
def test_another_reference_unit_or_issuer_is_another_holding(second: Custody) -> None:
    first = custody()
    lines = [vouched(0, 0, first), vouched(1, 0, second)]
    assert codes(*lines, statements=[sign(first), sign(second)]) == ["VALID", "VALID"]


def test_a_statement_given_twice_counts_once() -> None:
    document = custody()
    lines = [vouched(0, 0, document), vouched(1, 0, document)]
    assert codes(*lines, statements=[sign(document), sign(document)]) == TWICE


# Covers


def covering(*accounts: str) -> tuple[Line, list[Statement]]:
    document = custody(entry(covers=accounts))
    return vouched(0, 0, document), [sign(document)]


@pytest.mark.parametrize("line", [bitcoin(), ether(), legacy()], ids=["bitcoin", "ether", "legacy"])
def test_a_custody_line_covering_an_address_lines_account_is_the_duplicate(line: Line) -> None:
    backing = line.backing
    assert isinstance(backing, AddressBacking)
    cover, statements = covering("cosmos:hub:x", backing.account)
    assert codes(line, cover, statements=statements) == TWICE
    assert codes(cover, line, statements=statements) == TWICE[::-1]
    other, statements = covering(Wallet(8).evm_account(), WALLET.evm_account(42161))
    assert codes(line, other, statements=statements) == ["VALID", "VALID"]


def test_an_account_that_an_earlier_line_covers_is_not_covered_again() -> None:
    account = Wallet(8).tron_account
    first, second = custody(entry(covers=(account,))), custody(entry(covers=(account,), reference="2"), issuer="other")
    lines = [vouched(0, 0, first), vouched(1, 0, second)]
    assert codes(*lines, statements=[sign(first), sign(second)]) == TWICE
    assert codes(*reversed(lines), statements=[sign(first), sign(second)]) == TWICE
    third = custody(entry(covers=(Wallet(9).tron_account,), reference="2"), issuer="other")
    assert codes(lines[0], vouched(1, 0, third), statements=[sign(first), sign(third)]) == ["VALID", "VALID"]


def test_covering_one_account_twice_in_one_entry_is_no_duplicate() -> None:
    account = Wallet(8).tron_account
    line, statements = covering(account, account)
    assert codes(line, statements=statements) == ["VALID"]


def test_an_entry_covers_whatever_the_kind_of_line() -> None:
    document = standing("rwa", "bonds", entry(asset="USD", unit=USD, covers=(WALLET.evm_account(),)))
    assert codes(ether(), vouched(0, 0, document), statements=[sign(document)]) == TWICE


def test_many_lines_of_one_entry_read_its_covers_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a small file could keep a verifier busy for hours."""
    from verifier.collateral import duplicates

    read: list[str] = []

    def form(account: str) -> Iterator[tuple[str, str]]:
        read.append(account)
        yield account, ""

    monkeypatch.setattr(duplicates, "_form", form)
    line, statements = covering(*(f"cosmos:hub:{n}" for n in range(50)))
    assert codes(*[line] * 40, statements=statements) == ["VALID", *["E_LINE_DUPLICATE"] * 39]
    assert len(read) == 50


def test_canonical_accounts() -> None:
    wallet = Wallet(8)
    assert canonical_account(parse_account(wallet.tron_account))[0] == TRON
    one, two = (canonical_account(parse_account(wallet.evm_account(chain))) for chain in (1, 2))
    assert (one[0], two[0], one[1]) == ("eip155:1", "eip155:2", two[1])
