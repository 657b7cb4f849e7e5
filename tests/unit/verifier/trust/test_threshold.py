"""Signatures counted for a set of keys."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.refusals import refused
from tests.support.trust import key, keyid, keys, private, signed, with_wrong_signature
from verifier.dsse import Envelope, pre_authentication_encoding
from verifier.errors import Malformed, Rejected
from verifier.trust.threshold import Threshold, signers

TYPE = "application/vnd.solvent.policy.v1+json"


def envelope(*by: int) -> Envelope:
    return signed(b"{}", by, TYPE)


def test_round_trip() -> None:
    document = {"keys": keys(3, 1, 2), "threshold": 2}
    parsed = Threshold.from_json(document, "role")
    assert parsed == Threshold((key(3), key(1), key(2)), 2)
    assert parsed.to_json() == document


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"threshold": 0}, "E_LIMIT"),
        ({"threshold": 3}, "E_LIMIT"),
        ({"threshold": -1}, "E_LIMIT"),
        ({"threshold": "1"}, "E_TYPE"),
        ({"threshold": True}, "E_TYPE"),
        ({"keys": []}, "E_LIMIT"),
        ({"keys": keys(1, 1)}, "E_FIELD"),
        ({"keys": key(1).hex()}, "E_TYPE"),
        ({"keys": [1]}, "E_TYPE"),
        ({"more": 1}, "E_FIELD"),
    ],
)
def test_malformed(change: dict[str, Any], code: str) -> None:
    with refused(Malformed, code):
        Threshold.from_json({"keys": keys(1, 2), "threshold": 1, **change}, "role")


def test_enough_signatures() -> None:
    both = Threshold((key(1), key(2)), 2)
    assert both.require(envelope(2, 1, 9), "us", "file") == (key(1), key(2))
    assert Threshold((key(1), key(2)), 1).require(envelope(2), "us", "file") == (key(2),)


@pytest.mark.parametrize(
    ("numbers", "threshold", "by"),
    [((1, 2), 2, (1,)), ((1, 2), 1, (9,)), ((1, 2), 1, ()), ((1, 1), 2, (1,)), ((), 1, (1,))],
    ids=["one of two", "unknown key", "unsigned", "one key listed twice", "nobody"],
)
def test_too_few_signatures(numbers: tuple[int, ...], threshold: int, by: tuple[int, ...]) -> None:
    with refused(Rejected, "E_SIG_THRESHOLD", where="file"):
        Threshold(tuple(map(key, numbers)), threshold).require(envelope(*by), "us", "file")


def test_a_wrong_signature_of_a_known_key_refuses_everything() -> None:
    enough = Threshold((key(1), key(2)), 1)
    with refused(Rejected, "E_SIG_THRESHOLD", where="file"):
        enough.require(with_wrong_signature(envelope(1), 2), "us", "file")


def test_a_wrong_signature_of_an_unknown_key_is_nothing() -> None:
    assert signers(with_wrong_signature(envelope(1), 9), [key(1)], "file") == (key(1),)


def test_a_keyid_is_only_a_hint() -> None:
    """A signature of key 2 under the keyid of key 1 is a wrong signature of key 1, and none of key 2."""
    signature = private(2).sign(pre_authentication_encoding(TYPE, b"{}"))
    disguised = Envelope(TYPE, b"{}", ((keyid(1), signature),))
    assert signers(disguised, [key(2)], "file") == ()
    with refused(Rejected, "E_SIG_THRESHOLD"):
        signers(disguised, [key(1), key(2)], "file")


def test_fewer_keys_keep_the_threshold() -> None:
    left = Threshold((key(1), key(2)), 2).without([key(2), key(7)])
    assert left == Threshold((key(1),), 2)
    with refused(Rejected, "E_SIG_THRESHOLD"):
        left.require(envelope(1, 2), "us", "file")
