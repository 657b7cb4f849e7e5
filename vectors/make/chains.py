"""Negative cases of the chain: a book whose predecessor is not earlier, or is not the one that was given."""

from __future__ import annotations

from vectors.make.books import SMALL, account, books
from vectors.make.build import EXCHANGE, STRANGER, Made, Spec, make
from vectors.make.mutate import (
    BINDING,
    FIELD,
    JSON,
    SIGNATURE,
    UNAVAILABLE,
    Case,
    Refusal,
    encode,
    envelope_of,
    payload_of,
)
from verifier.attestation import PAYLOAD_TYPE
from verifier.dsse import encode_base64, key_id, pre_authentication_encoding
from verifier.epoch import ATTESTATION

PLACE = "attestation.predicate.previous"
PREVIOUS = "previous.json"
GONE = Refusal(UNAVAILABLE, "E_FILE")


def link(name: str, epoch: int, later: int, exchange: str = EXCHANGE, before: Made | None = None) -> Made:
    """A book of one row that continues ``before``, taken ``later`` seconds after the time that its epoch asks for."""
    accounts = {account("alice"): {"BTC": 5}}
    spec = Spec(f"chain, {name}", name, SMALL, ("public",), accounts, exchange=exchange, epoch=epoch, later=later)
    return make(spec, before)


def broken() -> list[Case]:
    """Both attestations are signed, and the second names the first."""
    day, bug = 86_400, "a chain is walked backwards, or into another exchange's"
    pairs = {
        "the epoch does not grow": (link("a", 2, 0), 2, day, EXCHANGE),
        "the epoch falls": (link("b", 3, 0), 2, 2 * day, EXCHANGE),
        "the time does not grow": (link("c", 1, day), 2, 0, EXCHANGE),
        "the time falls": (link("d", 1, day), 2, -1, EXCHANGE),
        "of another exchange": (link("e", 1, 0, "other.example"), 2, 0, EXCHANGE),
    }
    found = []
    for label, (before, epoch, later, exchange) in pairs.items():
        made = link(label, epoch, later, exchange, before)
        for given in (False, True):
            files = {**made.files, PREVIOUS: before.files[ATTESTATION]}
            name = f"chain: {label}{', given' if given else ''}"
            found.append(
                Case(name, "margin-next", "audit", PLACE, BINDING, bug, files, {"previous": True} if given else {})
            )
    return found


def wrong() -> list[Case]:
    """What is given as the attestation before margin-next is another one, or not signed."""
    margin = books()["margin"]
    outer, payload = envelope_of(margin), margin.attestation.to_payload()
    message = pre_authentication_encoding(PAYLOAD_TYPE, payload)
    stranger = [{"keyid": key_id(STRANGER.public_key), "sig": encode_base64(STRANGER.sign(message))}]
    given = {
        "that of another exchange": (books()["margin-elsewhere"].files[ATTESTATION], GONE),
        "the book itself": (books()["margin-next"].files[ATTESTATION], GONE),
        "not there": (None, GONE),
        "without signatures": (encode({**outer, "signatures": []}), SIGNATURE),
        "signed by a stranger": (encode({**outer, "signatures": stranger}), SIGNATURE),
        "without its envelope": (encode(payload_of(margin)), FIELD),
        "empty": (b"", JSON),
    }
    bug = "a predecessor that nobody signed, or another one, is taken for the one that is named"
    return [
        Case(
            f"chain: {label}",
            "margin-next",
            "audit",
            "given.previous",
            refusal,
            bug,
            {PREVIOUS: data},
            {"previous": True},
        )
        for label, (data, refusal) in given.items()
    ]


def cases() -> dict[str, list[Case]]:
    """By group."""
    return {"chain": [*broken(), *wrong()]}
