"""Every decoder that meets bytes or text from outside; each may raise SolventError and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from attest.documents.kinds import open_document
from attest.documents.policy_template import policy_template
from attest.documents.policy_toml import read_policy
from attest.documents.quotes import read_prices
from attest.key_reference import key_reference
from tests.support import snapshots
from tests.support.books import PUBLIC_KEY, SCHEMA, SIGNER
from tests.support.claims import everything_hidden
from tests.support.trust import keys, reader_document, root_document
from verifier import canonical
from verifier.amounts import parse_amount
from verifier.attestation import PAYLOAD_TYPE, Attestation, Identity, Total
from verifier.bundle import Bundle
from verifier.claims_proof import read_rows
from verifier.collateral import Custody, Snapshot
from verifier.dsse import Envelope, key_id, pre_authentication_encoding
from verifier.epoch import read_exchange_key
from verifier.errors import SolventError
from verifier.group import G, H, Point, scalar_from_bytes
from verifier.holdings import read_holdings
from verifier.inclusion import account_bytes, read_account_key
from verifier.predicate import NO_DIGESTS
from verifier.reference import ReferenceEngine
from verifier.schema import Schema
from verifier.sealed import plain_text, read_text
from verifier.sealed_file import require_layout
from verifier.sources import BytesSource
from verifier.tree import Node
from verifier.trust.reader import Reader
from verifier.trust.root import Root
from verifier.wire import RowProof, RowShape, TotalsProof, TotalsShape

ROW_SHAPE = RowShape(2, 8, 1)
TOTALS_SHAPE = TotalsShape(8, ("public", "hidden", "none"))
TOKENS = [
    b"",
    b"\0",
    b"\xff" * 8,
    b"[" * 70,
    b"{}",
    b"null",
    b"true",
    b"-1",
    b"1.0",
    b"1e9",
    b'"',
    b"\\ud800",
    b",",
    b":",
]
TOKENS += [
    b"9007199254740992",
    b'"0"',
    b"00",
    "\u0661".encode(),
    b"\xed\xa0\x80",
    b"=",
    b" ",
    b"\n",
    b"~",
    b"e\xcc\x81",
]


@dataclass(frozen=True)
class Target:
    """A decoder, and inputs it accepts. ``back`` writes what was read: the same bytes, where there is one form."""

    name: str
    decode: Callable[[bytes], Any]
    seeds: tuple[bytes, ...]
    back: Callable[[Any], bytes] | None = None


def as_text(decode: Callable[[str], Any]) -> Callable[[bytes], Any]:
    """A decoder of text, fed with whatever text the bytes make; lone surrogates included."""
    return lambda data: decode(data.decode("utf-8", "surrogateescape"))


def layout(data: bytes) -> bytes:
    """A sealed.bin for the number of rows that its first offset speaks of, as far as that is small."""
    require_layout(BytesSource("sealed.bin", data), max(1, min(int.from_bytes(data[:8], "big") // 8 - 1, 50)))
    return data


def holdings(data: bytes) -> dict[int, int]:
    """``name=amount`` lines."""
    lines = [line.partition("=")[::2] for line in data.decode("utf-8", "replace").split("\n")]
    return read_holdings(SCHEMA, dict(lines))


@cache
def attestation() -> Attestation:
    """A payload with every kind of total."""
    return Attestation(
        identity=Identity("ex.example", 2, "ab" * 32, 1_700_000_000, "cd" * 32),
        accounts=8,
        issued_at=1_700_000_060,
        expires_at=1_700_086_460,
        chunk_bits=2,
        root_commitment=G,
        root_hash=bytes(32),
        digests={**NO_DIGESTS, "schema": SCHEMA.digest},
        totals={"BTC": Total("hidden", H), "ETH": Total("public", 5), "slack": Total("none")},
        files=dict.fromkeys(("book.proof", "leaves.bin", "schema.json", "sealed.bin"), "00" * 32),
    )


@cache
def claiming() -> Attestation:
    """A payload with every member: documents, holdings, auxiliary values, claims."""
    files = [*attestation().files, "claims.proof", "collateral.json", "policy.json", "prices.json", "root.json"]
    return replace(everything_hidden().attestation, files=dict.fromkeys(sorted(files), "00" * 32))


@cache
def envelope() -> Envelope:
    """The payload, signed."""
    payload = attestation().to_payload()
    signature = SIGNER.sign(pre_authentication_encoding(PAYLOAD_TYPE, payload))
    return Envelope(PAYLOAD_TYPE, payload, ((key_id(PUBLIC_KEY), signature),))


@cache
def bundles() -> tuple[bytes, ...]:
    """A bundle alone and a bundle with everything."""
    path = (Node(G, bytes(32)), Node(H, b"\xff" * 32))
    parts = ("ab" * 32, 5, "alice~0123456789abcdef", {"BTC": 7, "ETH": 200}, 12345, b"s" * 32, path)
    return Bundle(*parts).to_bytes(), Bundle(*parts, attestation=envelope(), schema=SCHEMA).to_bytes()


def row_seed() -> bytes:
    """A well-formed row proof; it proves nothing."""
    return RowProof((G, H), G, (H, G), G, H, (G,), tuple(range(8)), 1, ((1, 2, 3), (4, 5, 6)), 7, (8,)).to_bytes()


def sealed_seed(*sizes: int) -> bytes:
    """A sealed.bin with records of these sizes."""
    offsets = [8 * (len(sizes) + 1)]
    for size in sizes:
        offsets.append(offsets[-1] + size)
    return b"".join(offset.to_bytes(8, "big") for offset in offsets) + bytes(sum(sizes))


def trust_targets() -> tuple[Target, ...]:
    """The documents that say who may sign what."""
    reader, by_keys = canonical.encode(reader_document()), canonical.encode(reader_document(root=keys(10, 11)))
    return (
        Target("Root.from_payload", Root.from_payload, (canonical.encode(root_document()),), Root.to_payload),
        Target("Reader.from_bytes", Reader.from_bytes, (reader, by_keys), Reader.to_bytes),
        Target("Reader.from_text", Reader.from_text, (reader, b"\xef\xbb\xbf " + by_keys)),
    )


def draft_targets() -> tuple[Target, ...]:
    """What the exchange's engineers write, and what they are sent to sign."""
    draft = policy_template("ex.example")
    prices = b"sym,price,mark,model\nBTC,115770.25,115771,\nETH,3698.4,,appraisal\n"
    references = (b"pkcs11:token=t;object=o?module-path=/l.so&pin-source=file:/p", b"keys/risk.key")
    return (
        Target("read_policy", as_text(read_policy), (draft.encode(),)),
        Target("open_document", lambda d: open_document(d, "file"), (read_policy(draft).to_bytes(),)),
        Target("read_prices", as_text(lambda text: read_prices(text, "p.csv")), (prices,)),
        Target("key_reference", as_text(key_reference), references),
    )


@cache
def targets() -> tuple[Target, ...]:
    """All of them."""
    totals = TotalsProof(G, (5, H, None), tuple(range(8)), 1, (2,)).to_bytes()
    texts = (plain_text(bytes(32), []), plain_text(b"\x01" * 32, [(0, 5), (3, 2**64)]))
    amounts = (b"0", b"1.50", b"00012.000", b"123456789012345678901234567890.12345678")
    return (
        Target("canonical.decode", lambda d: canonical.decode(d, where=""), (b'{"a":[1,"2"]}', b"0"), canonical.encode),
        Target("Schema.from_bytes", Schema.from_bytes, (SCHEMA.to_bytes(),), Schema.to_bytes),
        Target(
            "Attestation.from_payload",
            Attestation.from_payload,
            (attestation().to_payload(), claiming().to_payload()),
            Attestation.to_payload,
        ),
        Target(
            "Envelope.from_bytes",
            lambda d: Envelope.from_bytes(d, PAYLOAD_TYPE, ""),
            (envelope().to_bytes(),),
            Envelope.to_bytes,
        ),
        Target("Bundle.from_bytes", Bundle.from_bytes, bundles(), Bundle.to_bytes),
        Target("Snapshot.from_payload", Snapshot.from_payload, (snapshots.sample().to_payload(),), Snapshot.to_payload),
        Target(
            "Custody.from_payload",
            Custody.from_payload,
            tuple(statement.envelope.payload for statement in snapshots.sample().statements),
            Custody.to_payload,
        ),
        Target("RowProof.from_bytes", lambda d: RowProof.from_bytes(d, ROW_SHAPE), (row_seed(),), RowProof.to_bytes),
        Target("TotalsProof.from_bytes", lambda d: TotalsProof.from_bytes(d, TOTALS_SHAPE), (totals,)),
        Target(
            "claims_proof.read_rows", lambda d: read_rows(d, 2, "", ReferenceEngine()), (G.to_bytes() + H.to_bytes(),)
        ),
        Target("Point.from_bytes", Point.from_bytes, (G.to_bytes(), (-H).to_bytes()), Point.to_bytes),
        Target("Point.from_xy", Point.from_xy, (G.to_xy(), (-H).to_xy()), Point.to_xy),
        Target(
            "scalar_from_bytes",
            scalar_from_bytes,
            (bytes(32), b"\xff" * 15 + bytes(17)),
            lambda v: v.to_bytes(32, "big"),
        ),
        Target(
            "sealed.read_text",
            lambda d: (d[:32], read_text(d, "")),
            texts,
            lambda pair: plain_text(pair[0], list(pair[1].cells)),
        ),
        Target("sealed_file.require_layout", layout, (sealed_seed(256), sealed_seed(256, 1024, 256))),
        Target("read_account_key", as_text(read_account_key), (b"slv_k_" + b"0a" * 32,)),
        Target("read_exchange_key", as_text(read_exchange_key), (PUBLIC_KEY.hex().encode(),)),
        Target("account_bytes", as_text(account_bytes), (b"alice~0123456789abcdef", "\u00e9va".encode())),
        Target("parse_amount", as_text(lambda text: parse_amount(text, 8, "")), amounts),
        Target("read_holdings", holdings, (b"BTC=1.5\nBTC:debt=0.0001", b"XRP=0")),
        *trust_targets(),
        *draft_targets(),
    )


def mutate(rng: random.Random, seed: bytes) -> bytes:
    """``seed`` with a few bytes changed, dropped, doubled or put in; now and then nothing but noise."""
    if rng.random() < 0.1:
        return rng.randbytes(rng.randrange(0, 2 * len(seed) + 2))
    data = bytearray(seed)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.choice((0, 1, 1, 2, 8, 32)))
        piece = rng.choice((bytes([rng.randrange(256)]), rng.choice(TOKENS), bytes(data[start:end]) * 2, b""))
        data[start:end] = piece
    return bytes(data)


def attempt(target: Target, data: bytes) -> bool:
    """Whether the decoder accepted ``data``. Anything but SolventError gets out, and so does a second form."""
    try:
        found = target.decode(data)
    except SolventError:
        return False
    if target.back is not None and target.back(found) != data:
        raise AssertionError(f"{target.name} read bytes that it writes differently")
    return True
