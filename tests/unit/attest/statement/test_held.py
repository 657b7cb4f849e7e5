"""The snapshot of an epoch: lines that do not count, the observer who signs too, statements that ran out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attest.signing import Signer, countersign
from attest.statement.held import Held
from attest.statement.inputs import PREPARED
from attest.statement.preparing import prepare
from attest.store import write_private
from tests.support.books import SIGNER
from tests.support.refusals import refused
from tests.support.signed_home import Home, make_home, signer_of
from tests.support.snapshots import backed
from tests.support.wallets import Wallet
from verifier.collateral import AddressBacking, Line, Snapshot
from verifier.dsse import Envelope, key_id
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.group import value_commitment

OBSERVED = {"amounts": "observer"}


def hold(home: Home, signer: Signer | None = SIGNER, **plan: Any) -> Held:
    return prepare(home.plan(**plan), home.inputs(), None, signer).held


def observed(root: Path) -> Home:
    home = make_home(root)
    rules = {**home.policy_document["collateral"], **OBSERVED}
    return make_home(root, policy={"collateral": rules})


def put(home: Home, envelope: Envelope) -> None:
    write_private(home.collateral / PREPARED, envelope.to_bytes())


def prepared_snapshot(home: Home, *roles: str, **changes: Any) -> Envelope:
    """The snapshot of the working files under these signatures."""
    shot = home.inputs().collateral.document("ex.example", home.epoch, home.taken_at, home.parsed_policy.digest)
    document = replace(shot, **changes)
    envelope = Envelope("application/vnd.solvent.collateral.v1+json", document.to_payload(), ())
    for role in roles:
        envelope = countersign(envelope, signer_of(role))
    return envelope


def test_the_exchange_signs(tmp_path: Path) -> None:
    held = hold(make_home(tmp_path))
    assert held.envelope is not None
    assert [keyid for keyid, _ in held.envelope.signatures] == [key_id(SIGNER.public_key)]
    assert Snapshot.from_payload(held.envelope.payload) == held.judged.snapshot
    assert held.notes == ()


def test_a_rehearsal_signs_nothing(tmp_path: Path) -> None:
    held = hold(make_home(tmp_path), None)
    assert held.envelope is None
    assert len(held.judged.holdings) == 3


def test_lines_that_do_not_count_are_named_and_count_nothing(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    stranger = home.address_line("BTC", Wallet(31337), 5 * 10**8, "forged")
    forged = backed(stranger, signatures=backing_of(home.lines[0]).signatures)
    contract = backed(replace(home.address_line("ETH", Wallet(31338), 7), id="contract"), scheme="eip1271")
    held = hold(make_home(tmp_path, more_lines=(forged, contract)))
    assert {holding.asset: holding.public for holding in held.judged.holdings} == home.held
    assert len(held.notes) == 2
    assert held.notes[0].startswith("line forged: INVALID E_LINE_")
    assert held.notes[1].startswith("line contract: UNSUPPORTED")


def backing_of(line: Line) -> AddressBacking:
    assert isinstance(line.backing, AddressBacking)
    return line.backing


def test_hidden_amounts_are_opened(tmp_path: Path) -> None:
    home = make_home(tmp_path, hidden=frozenset({"BTC", "USDT"}))
    held = hold(home)
    for holding in held.judged.holdings:
        if holding.asset == "ETH":
            assert holding.hidden is None
            continue
        value, blinding = held.openings[holding.pool, holding.asset]
        assert (value, holding.public) == (home.held[holding.asset], 0)
        assert holding.hidden == value_commitment(value, blinding)


def test_a_hidden_amount_that_nobody_opens(tmp_path: Path) -> None:
    home = make_home(tmp_path, hidden=frozenset({"BTC"}))
    (home.collateral / "openings.json").unlink()
    with refused(Unavailable, "E_COLLATERAL", where="collateral"):
        hold(home)


@pytest.mark.parametrize(("left", "counts"), [(60, False), (61, True)])
def test_a_statement_that_runs_out_before_the_epoch_is_signed(tmp_path: Path, left: int, counts: bool) -> None:
    home = make_home(tmp_path, statement={"expires_at": 1_700_000_000 + left})
    if counts:
        assert hold(home).notes == ()
        return
    with refused(Malformed, "E_EXPIRED", where="line vault-USDT"):
        hold(home)


def test_no_challenge_of_this_epoch(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    later = replace(home, epoch=2)
    (home.collateral / "challenge.json").write_bytes(later.challenge.to_bytes())
    with refused(Unavailable, "E_COLLATERAL"):
        hold(home)


def test_an_observer_is_waited_for(tmp_path: Path) -> None:
    home = observed(tmp_path)
    with refused(Unavailable, "E_LINE_UNVOUCHED", where=PREPARED):
        hold(home)
    rehearsed = hold(home, None)
    assert len(rehearsed.judged.holdings) == 3
    assert any("observer" in note for note in rehearsed.notes)


def test_an_observer_who_signed(tmp_path: Path) -> None:
    home = observed(tmp_path)
    put(home, prepared_snapshot(home, "exchange", "observer"))
    held = hold(home)
    assert held.notes == ()
    assert held.envelope is not None
    wanted = {key_id(SIGNER.public_key), key_id(signer_of("observer").public_key)}
    assert {keyid for keyid, _ in held.envelope.signatures} == wanted


def test_the_exchange_signs_what_the_observer_signed_first(tmp_path: Path) -> None:
    home = observed(tmp_path)
    put(home, prepared_snapshot(home, "observer"))
    held = hold(home)
    assert held.envelope is not None
    assert len(held.envelope.signatures) == 2


@pytest.mark.parametrize("roles", [("exchange",), ("exchange", "risk"), ()])
def test_somebody_elses_signature_is_not_the_observers(tmp_path: Path, roles: tuple[str, ...]) -> None:
    home = observed(tmp_path)
    put(home, prepared_snapshot(home, *roles))
    with refused(Unavailable, "E_LINE_UNVOUCHED", where=PREPARED):
        hold(home)


def test_a_wrong_signature_of_the_exchange_is_replaced_by_a_right_one(tmp_path: Path) -> None:
    home = observed(tmp_path)
    good = prepared_snapshot(home, "observer")
    put(home, replace(good, signatures=tuple(sorted([*good.signatures, (key_id(SIGNER.public_key), bytes(64))]))))
    assert hold(home).notes == ()


def test_a_wrong_signature_of_the_observer(tmp_path: Path) -> None:
    home = observed(tmp_path)
    put(home, replace(prepared_snapshot(home), signatures=((key_id(signer_of("observer").public_key), bytes(64)),)))
    with refused(Unavailable, "E_LINE_UNVOUCHED", where=PREPARED):
        hold(home)


@pytest.mark.parametrize(
    "change", [{"epoch": 2}, {"taken_at": 1_699_999_999}, {"exchange": "other.example"}, {"policy": "ab" * 32}], ids=str
)
def test_a_prepared_snapshot_of_something_else(tmp_path: Path, change: dict[str, Any]) -> None:
    home = observed(tmp_path)
    put(home, prepared_snapshot(home, "exchange", "observer", **change))
    with refused(Malformed, "E_BINDING", where=PREPARED):
        hold(home)


def test_a_prepared_snapshot_stands_whatever_the_working_files_say_since(tmp_path: Path) -> None:
    home = observed(tmp_path)
    put(home, prepared_snapshot(home, "observer"))
    (home.collateral / "lines.json").unlink()
    assert len(hold(home).judged.holdings) == 3


def test_holdings_beyond_all_bounds(tmp_path: Path) -> None:
    home = make_home(tmp_path, held={"BTC": 2**128 - 1, "ETH": 1, "USDT": 1})
    more = home.address_line("BTC", Wallet(31337), 1, "more")
    with refused(Rejected, "E_HOLDING"):
        hold(replace(home, more_lines=(more,)).write())
