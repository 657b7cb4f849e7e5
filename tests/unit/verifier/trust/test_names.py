"""Names of roles, and public keys that can sign."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.refusals import refused
from tests.support.trust import key, keys
from verifier.dsse import verify_signature
from verifier.errors import Malformed
from verifier.trust import names

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ROLES = [*names.SINGLE_ROLES, "price/a", "price/a/b", "custodian/1", "bank/x", "issuer/X.y", "backstop/" + "n" * 96]
NOT_ROLES: list[Any] = [
    "", "Root", "roots", "root ", "root/1", "exchange/a", "observer/1", "auditor/x", "price", "price/", "price//a",
    "price/a b", "price/a\n", "bank/\n", "custodian/_a", "backstop/" + "n" * 97, "bank/é", "oracle/a", 1, None,
    ["root"],
]  # fmt: skip


@pytest.mark.parametrize("name", ROLES)
def test_roles(name: str) -> None:
    assert names.role(name, "roles") == name


@pytest.mark.parametrize("name", NOT_ROLES)
def test_what_is_no_role(name: Any) -> None:
    with refused(Malformed, "E_FIELD", where="roles"):
        names.role(name, "roles")


def test_the_holder_of_a_role() -> None:
    assert [names.holder(role) for role in ("price/a/b", "bank/1", "exchange")] == ["a/b", "1", ""]


def test_every_role_of_the_statement_has_a_name() -> None:
    single = {"root", "exchange", "log", "statement", "risk", "observer", "auditor"}
    assert set(names.SINGLE_ROLES) == single
    assert set(names.NAMED_ROLES) == {"price", "custodian", "bank", "issuer", "backstop"}


def test_every_signed_document_of_the_statement_has_a_tag() -> None:
    """Those of later sections too: a reader may ask for keys of their own on each."""
    now = {"root", "policy", "scenarios", "quote", "custody", "collateral", "attestation"}
    later = {"statement", "notice", "events", "pulse", "check", "report"}
    assert set(names.SIGNED_TAGS) == now | later


def test_types() -> None:
    assert names.document_type("root") == "solvent:root/v1"
    assert names.payload_type("root") == "application/vnd.solvent.root.v1+json"


Affine = tuple[int, int]


def add(a: Affine, b: Affine) -> Affine:
    """The twisted Edwards curve of Ed25519, in affine coordinates."""
    product = D * a[0] * b[0] * a[1] * b[1]
    x = (a[0] * b[1] + a[1] * b[0]) * pow(1 + product, -1, P)
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, P)
    return x % P, y % P


def lift(y: int) -> Affine | None:
    """A point with this y, or None."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    for x in (root, root * pow(2, (P - 1) // 4, P) % P):
        if x * x % P == square:
            return x, y
    return None


def small_order() -> list[int]:
    """The y coordinates of the points whose eightfold is the neutral element, found with the group order."""
    order = 2**252 + 27742317777372353535851937790883648493
    found: set[int] = set()
    for y in range(2, 40):
        point = lift(y)
        if point is None:
            continue
        result, step, scalar = (0, 1), point, order
        while scalar:
            if scalar & 1:
                result = add(result, step)
            step, scalar = add(step, step), scalar >> 1
        for _ in range(8):
            found.add(result[1])
            result = add(result, result)
    return sorted(found)


def test_no_key_of_small_order() -> None:
    ys = small_order()
    assert len(ys) == 5
    for y in ys:
        for sign in (0, 1 << 255):
            with refused(Malformed, "E_TYPE", where="key"):
                names.public_key((y | sign).to_bytes(32, "little").hex(), "key")


def test_why_small_order_is_refused() -> None:
    """One signature, S = 0 and R the neutral element, fits any message under that element as the key."""
    neutral = (1).to_bytes(32, "little")
    assert all(verify_signature(neutral, message, neutral + bytes(32)) for message in (b"a", b"b"))


@pytest.mark.parametrize("y", [P, P + 1, P + 2, 2**255 - 1])
def test_numbers_that_no_encoder_writes(y: int) -> None:
    with refused(Malformed, "E_TYPE"):
        names.public_key(y.to_bytes(32, "little").hex(), "key")


@pytest.mark.parametrize(
    "value", [None, 1, "", "00", key(1).hex().upper(), key(1).hex() + "00", " " + key(1).hex(), []]
)
def test_what_is_no_key(value: Any) -> None:
    with refused(Malformed, "E_TYPE"):
        names.public_key(value, "key")


def test_lists_of_keys() -> None:
    assert names.public_keys(keys(2, 1), "keys") == (key(2), key(1))
    assert len(names.public_keys(keys(*range(64)), "keys")) == names.MAX_KEYS
    for value, code in [([], "E_LIMIT"), (keys(*range(65)), "E_LIMIT"), (keys(1, 2, 1), "E_FIELD"), ({}, "E_TYPE")]:
        with refused(Malformed, code, where="keys"):
            names.public_keys(value, "keys")
