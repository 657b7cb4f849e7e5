"""A customer's own row, step by step of section 5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.support.books import Epoch
from tests.support.refusals import refused
from verifier.attestation import Attestation
from verifier.engine import Engine
from verifier.errors import Malformed, Rejected
from verifier.group import G, Point
from verifier.hashing import N, tagged
from verifier.inclusion import (
    Opening,
    VerifiedRow,
    account_bytes,
    read_account_key,
    require_position,
    require_secrets,
    row_id,
    row_salt,
    verify_inclusion,
)
from verifier.tree import Node

KEY_TEXT = "slv_k_" + "0a" * 32


def test_account_bytes_are_nfc() -> None:
    assert account_bytes("e\u0301va") == account_bytes("\u00e9va") == b"\xc3\xa9va"
    assert account_bytes("a" * 256) == b"a" * 256
    assert account_bytes(" ") == b" "


@pytest.mark.parametrize("text", ["", "a" * 257, "é" * 129, "a\nb", "a\x00", "\x1f", "\ud800"])
def test_account_refused(text: str) -> None:
    with refused(Malformed, "E_ACCOUNT", where="account id"):
        account_bytes(text)


def test_account_key() -> None:
    assert read_account_key(KEY_TEXT) == b"\x0a" * 32
    assert read_account_key(f"  {KEY_TEXT}\n") == b"\x0a" * 32


@pytest.mark.parametrize(
    "text",
    [
        "",
        "slv_k_",
        "0a" * 32,
        KEY_TEXT[:-1],
        KEY_TEXT + "0",
        KEY_TEXT + "00",
        "slv_k_" + "0A" * 32,
        "SLV_K_" + "0a" * 32,
        "slv_k_slv_k_" + "0a" * 32,
        "slv_k_" + "0g" * 32,
        "slv_k_" + " 0" * 32,
        "slv_k_ " + "0a" * 31 + "0",
        "slv_k_" + "\u0660\u0661" * 32,
        "slv_k_" + "0a " * 21 + "0",
    ],
)
def test_account_key_refused_without_quoting_it(text: str) -> None:
    with refused(Malformed, "E_KEY", where="account key"):
        read_account_key(text)
    with pytest.raises(Malformed) as caught:
        read_account_key(text)
    assert "0a0a" not in str(caught.value) + caught.value.hint


def test_salt_and_id() -> None:
    assert row_salt(b"k" * 32, b"c" * 32) == tagged("salt", b"k" * 32 + b"c" * 32)
    assert row_id(b"s" * 32, b"alice") == tagged("account", b"s" * 32 + b"alice")


@pytest.fixture(scope="module")
def attestation(sample: Epoch) -> Attestation:
    return Attestation.from_payload(sample.envelope().payload)


@pytest.fixture(scope="module")
def opening(sample: Epoch) -> Opening:
    return sample.bundle("alice").opening(sample.schema)


def check(
    sample: Epoch,
    attestation: Attestation,
    opening: Opening,
    engine: Engine,
    account_id: str = "alice",
    holdings: Mapping[str, str] | None = None,
) -> VerifiedRow:
    return verify_inclusion(attestation, "ab" * 32, sample.schema, account_id, opening, holdings, engine)


def test_the_row_is_found(sample: Epoch, attestation: Attestation, opening: Opening, engine: Engine) -> None:
    row = check(sample, attestation, opening, engine)
    assert [(b.column, b.units) for b in row.balances] == [("BTC", 700), ("ETH", 9), ("BTC:debt", 200)]
    assert (row.exchange, row.epoch, row.accounts, row.payload) == ("ex.example", 1, 8, "ab" * 32)
    assert (row.taken_at, row.expires_at) == (attestation.identity.taken_at, attestation.expires_at)
    assert (row.account_id, row.index, row.compared) == ("alice", opening.index, False)
    assert row.row_id == row_id(opening.salt, b"alice").hex()


def test_holdings_are_compared(sample: Epoch, attestation: Attestation, opening: Opening, engine: Engine) -> None:
    held = {"BTC": "0.000007", "BTC:debt": "0.000002", "ETH": "0.000000009"}
    assert check(sample, attestation, opening, engine, holdings=held).compared
    for name in held:
        with refused(Rejected, "E_HOLDINGS", step="5.4"):
            check(sample, attestation, opening, engine, holdings={k: v for k, v in held.items() if k != name})
    with refused(Rejected, "E_HOLDINGS", step="5.4"):
        check(sample, attestation, opening, engine, holdings={**held, "XRP": "1"})


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "a position outside the book": ({"index": 8}, "5.1"),
    "a negative position": ({"index": -1}, "5.1"),
    "a salt of 31 bytes": ({"salt": bytes(31)}, "5.2"),
    "a salt of 34 bytes": ({"salt": bytes(34)}, "5.2"),
    "a blinding of n": ({"blinding": N}, "5.2"),
    "a negative blinding": ({"blinding": -1}, "5.2"),
    "a cell without a column": ({"cells": {4: 1}}, "5.3"),
    "a cell of a negative column": ({"cells": {-1: 1}}, "5.3"),
    "a cell of 2^bits": ({"cells": {0: 1 << 16}}, "5.3"),
    "a negative cell": ({"cells": {0: -1}}, "5.3"),
    "another cell": ({"cells": {0: 701, 1: 9, 2: 200, 3: 500}}, "5.6"),
    "a cell left out": ({"cells": {0: 700, 2: 200, 3: 500}}, "5.6"),
    "another salt": ({"salt": bytes(32)}, "5.6"),
    "another blinding": ({"blinding": 1}, "5.6"),
    "a path cut off": ({"path": ()}, "5.6"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changed(sample: Epoch, attestation: Attestation, opening: Opening, engine: Engine, name: str) -> None:
    change, step = CHANGES[name]
    with refused(Rejected, "E_INCLUSION", step=step):
        check(sample, attestation, replace(opening, **change), engine)


def test_another_position(sample: Epoch, attestation: Attestation, opening: Opening, engine: Engine) -> None:
    for index in range(8):
        if index != opening.index:
            with refused(Rejected, "E_INCLUSION", step="5.6"):
                check(sample, attestation, replace(opening, index=index), engine)


def test_each_step_of_the_path(sample: Epoch, attestation: Attestation, opening: Opening, engine: Engine) -> None:
    for t, node in enumerate(opening.path):
        for bad in (Node(node.C, bytes(32)), Node(node.C + G, node.h)):
            path = (*opening.path[:t], bad, *opening.path[t + 1 :])
            with refused(Rejected, "E_INCLUSION", step="5.6", where="path"):
                check(sample, attestation, replace(opening, path=path), engine)
    with refused(Rejected, "E_INCLUSION", step="5.6", where="path"):
        check(sample, attestation, replace(opening, path=(*opening.path, opening.path[0])), engine)


def test_a_sum_that_is_the_identity(sample: Epoch, attestation: Attestation, engine: Engine) -> None:
    """A first sibling that is the negative of the row's own commitment."""
    bundle = sample.bundle("alice")
    opening = bundle.opening(sample.schema)
    own = leaf_point(sample, opening.index)
    path = (Node(-own, bytes(32)), *opening.path[1:])
    with refused(Rejected, "E_IDENTITY", step="5.6"):
        check(sample, attestation, replace(opening, path=path), engine)


def leaf_point(sample: Epoch, index: int) -> Point:
    data = (sample.directory / "leaves.bin").read_bytes()
    return Point.from_xy(data[96 * index : 96 * index + 64])


def test_the_id_is_made_from_the_customers_words(
    sample: Epoch, attestation: Attestation, opening: Opening, engine: Engine
) -> None:
    with refused(Rejected, "E_INCLUSION", step="5.6"):
        check(sample, attestation, opening, engine, account_id="Alice")
    with refused(Malformed, "E_ACCOUNT"):
        check(sample, attestation, opening, engine, account_id="")


def test_another_book(sample: Epoch, attestation: Attestation, opening: Opening, engine: Engine) -> None:
    other = replace(attestation, identity=replace(attestation.identity, nonce="00" * 32))
    with refused(Rejected, "E_INCLUSION", step="5.6"):
        check(sample, other, opening, engine)


@pytest.mark.parametrize(("index", "accounts"), [(0, 1), (7, 8)])
def test_positions_within(index: int, accounts: int) -> None:
    require_position(index, accounts)
    with refused(Rejected, "E_INCLUSION", step="5.1", where="index"):
        require_position(accounts, accounts)


def test_secrets_at_their_edge() -> None:
    require_secrets(bytes(32), N - 1)
    require_secrets(bytes(32), 0)
    with refused(Rejected, "E_INCLUSION", step="5.2", where="salt"):
        require_secrets(b"", 0)
    with refused(Rejected, "E_INCLUSION", step="5.2", where="blinding"):
        require_secrets(bytes(32), N)


def test_an_opening_does_not_show_what_it_opens(opening: Opening) -> None:
    shown = repr(opening)
    assert str(opening.blinding) not in shown
    assert opening.salt.hex() not in shown
    assert "700" not in shown.split("path=")[0]
