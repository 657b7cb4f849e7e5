"""Which lines say again what another line says (docs/collateral.md).

Keys are those of the text: (chain, unit, scriptPubKey or canonical address), (chain, validator key), (issuer,
reference, unit), and the entry itself. Whatever their verdict, the line of lowest index keeps a key. An account that a
statement covers belongs to the account's own line, or to the first line that covers it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeVar

from verifier.collateral import base58
from verifier.collateral.accounts import BITCOIN, Account, parse_account, solana_key
from verifier.collateral.bitcoin import parse_address
from verifier.collateral.custody import Entry, Statement
from verifier.collateral.lines import AddressBacking, EntryBacking, Line, ValidatorBacking
from verifier.errors import SolventError

_Key = TypeVar("_Key", bound=Hashable)


def canonical_account(account: Account) -> tuple[str, str]:
    """(chain, scriptPubKey in hex or the one spelling of the address).

    Raises Malformed (E_LINE_ACCOUNT) or Unavailable for addresses that have no such form here. On chains whose address
    format is not known, the text is the form.
    """
    if account.chain == BITCOIN:
        return account.chain, parse_address(account.address, "account").script_pub_key.hex()
    if account.namespace == "tron":
        base58.check_decode(account.address, "account")
    if account.namespace == "solana":
        solana_key(account.address)
    return account.chain, account.address


def find_duplicates(lines: Sequence[Line], statements: Sequence[Statement]) -> dict[int, int]:
    """Every line that is E_LINE_DUPLICATE, by index, with the index of the line that says the same."""
    accounts = [tuple(_own_account(line)) for line in lines]
    owned = {account: index for index in reversed(range(len(lines))) for account in accounts[index]}
    seen: dict[Hashable, int] = {}
    covered: dict[tuple[str, str], int] = {}
    found: dict[int, int] = {}
    for index, (line, own) in enumerate(zip(lines, accounts, strict=True)):
        keys = tuple(_keys(statements, line, own))
        # The covers of an entry used before are known; reading them for each of its lines would be quadratic.
        covers = () if _entry_key(line) in seen else tuple(_covers(statements, line))
        others = _others(keys, seen), _others(covers, owned), _others(covers, covered)
        other = next((index for index in chain(*others)), None)
        if other is not None:
            found[index] = other
        for key in keys:
            seen.setdefault(key, index)
        for account in covers:
            covered.setdefault(account, index)
    return found


def _others(keys: Iterable[_Key], known: Mapping[_Key, int]) -> Iterator[int]:
    return (known[key] for key in keys if key in known)


def _keys(statements: Sequence[Statement], line: Line, own: Iterable[tuple[str, str]]) -> Iterator[Hashable]:
    backing = line.backing
    if isinstance(backing, AddressBacking):
        yield from (("address", name, line.unit, form) for name, form in own)
    elif isinstance(backing, ValidatorBacking):
        yield "validator", backing.chain, backing.public_key
    else:
        yield _entry_key(line)
        for issuer, entry in _entry(statements, backing):
            yield "reference", issuer, entry.reference, entry.unit


def _entry_key(line: Line) -> Hashable:
    """The entry of a vouched line, None for others."""
    backing = line.backing
    return ("entry", backing.statement, backing.entry) if isinstance(backing, EntryBacking) else None


def _covers(statements: Sequence[Statement], line: Line) -> Iterator[tuple[str, str]]:
    if isinstance(line.backing, EntryBacking):
        for _, entry in _entry(statements, line.backing):
            for account in entry.covers:
                yield from _form(account)


def _own_account(line: Line) -> Iterator[tuple[str, str]]:
    if isinstance(line.backing, AddressBacking):
        yield from _form(line.backing.account)


def _form(account: str) -> Iterator[tuple[str, str]]:
    """The canonical account; nothing for one that cannot be read, whose line is never VALID."""
    try:
        yield canonical_account(parse_account(account))
    except SolventError:
        return


def _entry(statements: Sequence[Statement], backing: EntryBacking) -> Iterator[tuple[str, Entry]]:
    """(issuer, entry), if there is one."""
    if backing.statement < len(statements):
        custody = statements[backing.statement].custody
        if backing.entry < len(custody.entries):
            yield custody.issuer, custody.entries[backing.entry]
