"""Known answers of the primitives: what to compare first in another implementation."""

from __future__ import annotations

import hmac
import json
from typing import Any, Final

from attest.secrets import MasterKey, account_key_text
from vectors.make import text
from vectors.make.build import SIGNER, engine, secret
from verifier import canonical
from verifier.amounts import format_amount
from verifier.attestation import PAYLOAD_TYPE, Identity
from verifier.book import generator_labels, generators_digest
from verifier.dsse import key_id, pre_authentication_encoding
from verifier.group import G, H, generator, scalar_to_bytes, value_commitment
from verifier.hashing import PROTOCOL, N, tagged, u64, wide
from verifier.inclusion import account_bytes, row_id, row_salt
from verifier.reference.arithmetic import eq_values
from verifier.sealed import plain_text, seal
from verifier.transcript import Transcript
from verifier.tree import join, leaf, sibling_sides

CTX: Final = bytes([0x11]) * 32
ALICE: Final = b"alice"
FIXED: Final = ("blind", "round/0", "round/1", "inner")
JCS: Final = (
    '{ "b": 1, "a": [ ] }',
    '{"a":{},"B":{}}',
    '{"\\u00e9":1,"e\\u0301":2}',
    '{"\\uff5e":1,"\\ud83d\\ude00":2}',
    '["\\u20ac"]',
    '["\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\\"\\\\\\/\\u007f"]',
    '["\\u2028\\u2029"]',
    "[9007199254740991,0]",
    '{"":0}',
    '{"a":"1e2","b":"-0","c":"01"}',
    '{"10":1,"9":2,"1":3}',
    '[[],{},[{}],""]',
    '"text"',
    '["\\ud83d\\ude00 \\u4e2d"]',
)
"""JSON texts; sorting is by UTF-16 code units, so an astral name stands before U+FF5E."""


def document() -> dict[str, Any]:
    """Everything."""
    return {
        "about": "known answers of the primitives; hex but where said",
        "tagged": [tagged_answer(tag, data) for tag, data in tagged_inputs()],
        "wide": [
            {"tag": tag, "message": data.hex(), "scalar": text.scalar(wide(tag, data))} for tag, data in tagged_inputs()
        ],
        "generators": {label: text.point(generator(label)) for label in [*FIXED, *generator_labels(160), "bit/524287"]},
        "generators_digests": {str(bits): digest_of(bits) for bits in (8, 16, 48, 64, 128)},
        "multiples": [
            {"scalar": text.scalar(k), "point": text.point(k * G)} for k in (1, 2, 3, 7, 2**128, N - 2, N - 1)
        ],
        "commitments": [commitment(v, g) for v, g in ((0, 1), (1, 0), (5, 7), (2**128 - 1, N - 1))],
        "transcript": transcript(),
        "eq": [eq(challenges) for challenges in ([], [5], [5, 7], [N - 1, 2, 3], [0, 1])],
        "contexts": contexts(),
        "jcs": [{"input": item, "canonical": canonical.encode(json.loads(item)).decode()} for item in JCS],
        "tree_sides": [{"count": n, "index": i, "sides": sibling_sides(i, n)} for n in range(1, 18) for i in range(n)],
        "tree": tree(),
        "accounts": accounts(),
        "account_ids": [
            {"typed": typed, "bytes": account_bytes(typed).hex()}
            for typed in (
                "alice",
                "Zoe\u0308",
                "Zo\u00eb",
                "\u1112\u1161\u11ab",
                "\u212b",
                "\U0001f600~1234567890abcdef",
                "a" * 256,
            )
        ],
        "sealed": sealed(),
        "dsse": dsse(),
        "amounts": [
            {"units": str(units), "decimals": d, "text": format_amount(units, d)}
            for units, d in ((0, 8), (1, 8), (150_000_000, 8), (10**8, 8), (2**128 - 1, 18), (7, 0), (120, 1), (1, 77))
        ],
    }


def tagged_inputs() -> list[tuple[str, bytes]]:
    """Tags and messages, the first being the known answer of the protocol's appendix."""
    return [
        ("account", bytes(32) + ALICE),
        ("leaf", b""),
        ("node", b"\0"),
        ("mask", bytes(range(256))),
        ("context", b"{}"),
    ]


def tagged_answer(tag: str, data: bytes) -> dict[str, str]:
    """One tagged hash."""
    return {"tag": tag, "message": data.hex(), "hash": tagged(tag, data).hex()}


def digest_of(bits: int) -> str:
    """The digest of the generators of a row of ``bits`` bits."""
    return generators_digest(engine(), engine().generators(generator_labels(bits))).hex()


def commitment(value: int, gamma: int) -> dict[str, str]:
    """V(v, gamma)."""
    return {"value": str(value), "gamma": text.scalar(gamma), "point": text.point(value_commitment(value, gamma))}


def transcript() -> list[dict[str, Any]]:
    """A walk through every operation; each item is done to the state the one before left, but for forks."""
    walk, found = Transcript.start("book"), list[dict[str, Any]]()
    found.append({"start": "book", "state": walk.state.hex()})
    for label, data in (
        ("protocol", PROTOCOL.encode()),
        ("empty", b""),
        ("point", G.to_bytes()),
        ("long", bytes(1000)),
    ):
        if len(found) == 2:
            found += _challenged(walk, "y") + _forked(walk)
        walk.absorb_bytes(label, data)
        found.append({"absorb": label, "data": data.hex(), "state": walk.state.hex()})
    return found + _challenged(walk, "x") + _challenged(walk, "x") + _forked(walk)


def _challenged(walk: Transcript, label: str) -> list[dict[str, Any]]:
    scalar = text.scalar(walk.challenge(label))
    return [{"challenge": label, "scalar": scalar, "state": walk.state.hex()}]


def _forked(walk: Transcript) -> list[dict[str, Any]]:
    return [
        {"fork": label, "index": index, "state_of_fork": walk.fork(label, index).state.hex()}
        for label, index in (("chunk", 3), ("chunk", 0), ("totals", 0), ("chunk", 2**63))
    ]


def eq(challenges: list[int]) -> dict[str, list[str]]:
    """eq(r, i) for every i, the first challenge going with the least significant bit."""
    return {"r": [text.scalar(r) for r in challenges], "eq": [text.scalar(v) for v in eq_values(challenges)]}


def contexts() -> list[dict[str, Any]]:
    """ctx with its preimage as text."""
    found = []
    for name, epoch, previous, rows in (
        ("ex.example", 1, "", 1),
        ("ex.example", 2, "ab" * 32, 17),
        ("A:b/c#d-1._", 2**53 - 1, "cd" * 32, 2**40),
    ):
        identity = Identity(name, epoch, "11" * 32, 1_770_000_000, previous)
        preimage = {
            "protocol": PROTOCOL,
            "exchange": name,
            "epoch": epoch,
            "nonce": identity.nonce,
            "taken_at": identity.taken_at,
            "schema": "22" * 32,
            "accounts": rows,
            "previous": previous,
        }
        ctx = identity.context("22" * 32, rows)
        found.append({"preimage": canonical.encode(preimage).decode(), "ctx": ctx.hex()})
    return found


def tree() -> dict[str, Any]:
    """Two leaves of one 8-bit column, as in the protocol's appendix."""
    identifier = tagged("account", bytes(32) + ALICE)
    leaves = [leaf(CTX, j, row_point(cell, r), identifier) for j, (cell, r) in enumerate(((5, 7), (250, 9)))]
    rows = [{"cell": 5, "blinding": 7}, {"cell": 250, "blinding": 9}]
    return {
        "ctx": CTX.hex(),
        "row_id": identifier.hex(),
        "rows": rows,
        "leaves": [text.node(n) for n in leaves],
        "root": text.node(join(*leaves)),
    }


def row_point(cell: int, blinding: int) -> Any:
    """The commitment of one 8-bit cell."""
    total = blinding * H
    for k in range(8):
        if cell >> k & 1:
            total += generator(f"bit/{k}")
    return total


def accounts() -> dict[str, Any]:
    """Everything a master key leads to, for one account."""
    master = MasterKey(bytes([0x33]) * 32)
    book_key, account_key = master.book_key(CTX), master.account_key(ALICE)
    salt = row_salt(account_key, CTX)
    return {
        "master_key": master.secret.hex(),
        "ctx": CTX.hex(),
        "account_id": ALICE.decode(),
        "book_key": book_key.hex(),
        "blindings": {str(j): text.scalar(wide("blind", book_key + u64(j))) for j in (0, 1, 3, 2**40 - 1)},
        "order_key": hmac.digest(book_key, b"order" + ALICE, "sha256").hex(),
        "proof_key": hmac.digest(book_key, b"proof", "sha256").hex(),
        "account_key": account_key.hex(),
        "account_key_text": account_key_text(account_key),
        "salt": salt.hex(),
        "row_id": row_id(salt, ALICE).hex(),
    }


def sealed() -> dict[str, Any]:
    """Texts and records of sealed rows."""
    cases: list[tuple[int, list[tuple[int, int]]]] = [
        (7, [(0, 5)]),
        (0, []),
        (N - 1, [(0, 1), (1, 255), (2, 256), (4095, 2**128 - 1)]),
        (1, [(c, 1) for c in range(51)]),
        (1, [(c, 1) for c in range(52)]),
        (1, [(c, 2**128 - 1) for c in range(60)]),
    ]
    key, point = MasterKey(bytes([0x33]) * 32).account_key(ALICE), row_point(5, 7).to_bytes()
    texts = []
    for blinding, cells in cases:
        plain = plain_text(scalar_to_bytes(blinding), cells)
        record = seal(key, CTX, 0, point, scalar_to_bytes(blinding), cells)
        texts.append(
            {
                "blinding": text.scalar(blinding),
                "cells": [[c, str(v)] for c, v in cells],
                "text": plain.hex(),
                "record": record.hex(),
            }
        )
    first = bytes.fromhex(texts[0]["record"]) if isinstance(texts[0]["record"], str) else b""
    return {
        "account_key": key.hex(),
        "ctx": CTX.hex(),
        "index": 0,
        "commitment": point.hex(),
        "records": texts,
        "file_of_first": (u64(16) + u64(16 + len(first)) + first).hex(),
    }


def dsse() -> dict[str, str]:
    """A signature step by step."""
    payload = b'{"hello":"world"}'
    message = pre_authentication_encoding(PAYLOAD_TYPE, payload)
    return {
        "seed": secret("signing key").hex(),
        "public_key": SIGNER.public_key.hex(),
        "keyid": key_id(SIGNER.public_key),
        "payload_type": PAYLOAD_TYPE,
        "payload": payload.decode(),
        "signed_bytes": message.hex(),
        "signature": SIGNER.sign(message).hex(),
    }
