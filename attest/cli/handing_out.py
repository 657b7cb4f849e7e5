"""``solvent customer-key``, ``customer-keys`` and ``bundle``: what an exchange gives to its customers."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from pathlib import Path

from attest import customer
from attest.cli import show
from attest.cli.outputs import new_private, require_new
from attest.config import Config
from attest.key_ring import KeyRing
from attest.secrets import MasterKey
from attest.store import Store
from verifier.cli.text import utc
from verifier.engine import get_engine
from verifier.errors import Malformed, SolventError, Unavailable
from verifier.inclusion import account_bytes


def give_key(config: Config, account: str, output: Path | None, as_json: bool) -> None:
    """One account key, printed or in a new file."""
    _require_id(account)
    store = _store(config)
    master = _master(config, store, KeyRing.of(config.keys))
    key, known = customer.account_key(master, account), _is_known(store, account, master)
    if output is not None:
        with new_private(output) as file:
            file.write(f"{key}\n")
    if as_json:
        told = {"account_key": key} if output is None else {"file": str(output)}
        show.as_json({"done": True, "account": account, **told, "in_last_book": known})
    elif output is None:
        show.answer([key])
    else:
        show.say(f"The account key is in {output}: give it to that customer alone.")


def give_all_keys(config: Config, epoch: int | None, output: Path | None) -> None:
    """Every account key of an epoch as CSV, printed or in a new file."""
    if output is not None:
        require_new(output)
    store = _store(config)
    master = _master(config, store, KeyRing.of(config.keys))
    from attest.ledger import snapshot_accounts  # loads Arrow

    path = customer.snapshot_path(store, existing_epoch(store, epoch))
    accounts = (account for _, account in snapshot_accounts(path))
    if output is None:
        _print_keys(master, accounts)
        return
    with new_private(output) as file:
        count = customer.write_account_keys(master, accounts, file)
    show.say(f"{count:,} account keys are in {output}: guard it like the master key.")


def give_bundle(
    config: Config, account: str, epoch: int | None, output: Path | None, engine: str, as_json: bool
) -> None:
    """One customer's row in a new file."""
    _require_id(account)
    store = _store(config)
    number = existing_epoch(store, epoch)
    path = output or Path(customer.bundle_name(config.exchange, number, account))
    require_new(path)
    ring = KeyRing.of(config.keys)
    master, signer = _master(config, store, ring), ring.signer(config.keys.signing)
    with show.bars(as_json) as advance:
        data = customer.make_bundle(store, number, account, master, signer.public_key, get_engine(engine), advance)
    with new_private(path) as file:
        file.write(data.decode())
    if as_json:
        show.as_json({"done": True, "account": account, "epoch": number, "file": str(path)})
        return
    show.say(f"The bundle is in {path}: it shows this customer's balances, give it to them alone.")


def existing_epoch(store: Store, epoch: int | None) -> int:
    """The epoch asked for, or the last one. Raises Unavailable when there is none, Malformed for a lost head."""
    head = store.head()
    if head is None:
        store.require_last(head)
        raise Unavailable(
            "this store holds no epoch yet", where=str(store.private), code="E_CHAIN", hint="run solvent attest --first"
        )
    if epoch is None:
        return head.epoch
    if epoch > head.epoch:
        raise Unavailable(
            f"there is no epoch {epoch}; the last one is {head.epoch}", code="E_FILE", hint="see solvent inspect"
        )
    return epoch


def _store(config: Config) -> Store:
    return Store(config.store.public, config.store.private)


def _master(config: Config, store: Store, ring: KeyRing) -> MasterKey:
    """The master key. Raises Malformed (E_CHAIN) when the last book was made with another: its keys open nothing."""
    master, head = ring.master(config.keys.master), store.head()
    if head is not None:
        head.require_master(master.check())
    return master


def _require_id(account: str) -> None:
    """A text that no ledger holds was typed wrongly; the exchange's files are not to blame."""
    try:
        account_bytes(account)
    except Malformed as error:
        raise Unavailable(error.message, where=error.where, code=error.code, hint=error.hint) from None


def _print_keys(master: MasterKey, accounts: Iterable[str]) -> None:
    """As UTF-8, whatever the terminal's encoding: the ids must stay what they are."""
    stream = io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline="", write_through=False)
    try:
        customer.write_account_keys(master, accounts, stream)
        stream.flush()
    finally:
        stream.detach()


def _is_known(store: Store, account: str, master: MasterKey) -> bool | None:
    """Whether the last book has this account; None when there is none to look at. A key can be made for any text."""
    head = store.head()
    if head is None:
        return None
    try:
        known = customer.in_book(store.epoch(head.epoch), account, master)
    except SolventError as error:
        show.note(f"the last book was not looked at: {error}")
        return None
    if not known:
        when = utc(head.taken_at)
        show.note(f"the last book ({when}) has no such account under this master key; compare the id letter by letter")
    return known
