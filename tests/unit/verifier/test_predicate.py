"""Attestations that say more than what is owed: documents, files, holdings, auxiliary values and claims together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attest.signing import sign_payload
from tests.support.books import PUBLIC_KEY, SCHEMA, SIGNER, Epoch
from tests.support.refusals import refused
from tests.support.shown import PLAIN, Row, Shown
from tests.unit.verifier.test_attestation import KIND, POINT, changed, claim, held
from verifier import audit, canonical, check_account, check_bundle
from verifier.attestation import Attestation
from verifier.bundle import Bundle
from verifier.dsse import Envelope
from verifier.errors import Malformed, Rejected, SolventError, Unavailable
from verifier.group import G, H, scalar_to_bytes
from verifier.hashing import tagged, u64
from verifier.inclusion import row_id, row_salt
from verifier.markets.descriptors import InKind
from verifier.predicate import FILE_OF, MAX_AUX, NO_DIGESTS, SignedHolding, read_aux, read_claims, read_holdings
from verifier.schema import Column, Schema
from verifier.sealed import seal

DIGESTS = {"policy": "01" * 32, "prices": "02" * 32, "collateral": "03" * 32, "scenarios": "04" * 32}
FILES = ("claims.proof", "collateral.json", "policy.json", "prices.json", "root.json", "scenarios.json")
HOLDINGS = [held(asset="BTC"), held(asset="ETH", hidden=POINT), held(pool="spare", public="0")]
AUX = {"c/BTC/y0": POINT, "c/2020-03-12/BTC/y1": H.to_bytes().hex()}
CLAIMS = [
    claim(),
    claim(name="d", parameters={**KIND, "assets": ["ETH"]}),
    claim(name="e", kind="delta", parameters={"column": "BTC"}),
]


def names(document: dict[str, Any], add: Iterable[str] = (), drop: Iterable[str] = ()) -> None:
    """Change which files are published."""
    kept = [item for item in document["subject"] if item["name"] not in drop]
    kept += [{"name": name, "digest": {"sha256": "00" * 32}} for name in add]
    document["subject"] = sorted(kept, key=lambda item: item["name"])


def say_everything(document: dict[str, Any]) -> None:
    """All that an attestation can have."""
    document["predicate"]["digests"].update(DIGESTS)
    document["predicate"].update(holdings=HOLDINGS, aux=AUX, claims=CLAIMS)
    names(document, FILES)


@pytest.fixture(scope="module")
def whole(sample: Epoch) -> bytes:
    return changed(sample.envelope().payload, say_everything)


def test_everything_is_read(whole: bytes) -> None:
    attestation = Attestation.from_payload(whole)
    assert attestation.to_payload() == whole
    assert attestation.digests == {**NO_DIGESTS, **DIGESTS, "schema": SCHEMA.digest}
    assert attestation.schema_digest == SCHEMA.digest
    assert attestation.holdings[1:] == (SignedHolding("reserve", "ETH", 5, G), SignedHolding("spare", "BTC", 0))
    assert attestation.aux == {"c/BTC/y0": G, "c/2020-03-12/BTC/y1": H}
    assert [one.name for one in attestation.claims] == ["c", "d", "e"]
    assert attestation.claims[0].parameters == InKind(("BTC",), ("reserve",), 10_000)
    assert set(FILES) < set(attestation.files)


def test_the_context_of_claims_is_the_predicate_and_not_the_files(whole: bytes) -> None:
    attestation = Attestation.from_payload(whole)
    predicate = canonical.decode(whole, where="")["predicate"]
    assert attestation.claims_context == tagged("attestation", canonical.encode(predicate))
    assert replace(attestation, files={}).claims_context == attestation.claims_context
    others = [
        replace(attestation, holdings=attestation.holdings[1:]),
        replace(attestation, aux={**attestation.aux, "c/BTC/y0": H}),
        replace(attestation, claims=attestation.claims[1:]),
        replace(attestation, digests={**attestation.digests, "prices": "05" * 32}),
        replace(attestation, expires_at=attestation.expires_at + 1),
        replace(attestation, chunk_bits=3),
    ]
    assert len({other.claims_context for other in others} | {attestation.claims_context}) == len(others) + 1


def bare_policy(document: dict[str, Any]) -> None:
    """A policy and nothing that rests on it."""
    document["predicate"]["digests"].update({**dict.fromkeys(DIGESTS, ""), "policy": DIGESTS["policy"]})
    document["predicate"].update(holdings=[], aux={}, claims=[])
    names(document, drop=(*FILE_OF.values(), "claims.proof"))
    names(document, ("policy.json",))


def test_a_policy_alone(whole: bytes) -> None:
    assert Attestation.from_payload(changed(whole, bare_policy)).claims == ()


def test_claims_that_are_arithmetic_need_no_proof(whole: bytes) -> None:
    attestation = Attestation.from_payload(changed(whole, lambda d: names(d, drop=["claims.proof"])))
    assert "claims.proof" not in attestation.files


@pytest.mark.parametrize("name", [*FILE_OF.values(), "root.json"])
def test_what_is_bound_must_be_published(whole: bytes, name: str) -> None:
    with refused(Rejected, "E_BINDING", where="attestation: subject"):
        Attestation.from_payload(changed(whole, lambda d: names(d, drop=[name])))


@pytest.mark.parametrize("name", ["prices", "collateral", "scenarios"])
def test_what_is_published_must_be_bound(whole: bytes, name: str) -> None:
    def change(document: dict[str, Any]) -> None:
        bare_policy(document)
        names(document, [FILE_OF[name]])

    with refused(Rejected, "E_BINDING", where="attestation: subject"):
        Attestation.from_payload(changed(whole, change))


def unbind_policy(document: dict[str, Any]) -> None:
    bare_policy(document)
    document["predicate"]["digests"]["policy"] = ""


@pytest.mark.parametrize("name", ["policy.json", "root.json"])
def test_without_a_policy_neither_its_file_nor_the_root_belongs(whole: bytes, name: str) -> None:
    def change(document: dict[str, Any]) -> None:
        unbind_policy(document)
        names(document, drop=["policy.json", "root.json"])
        names(document, [name])

    with refused(Rejected, "E_BINDING", where="attestation: subject"):
        Attestation.from_payload(changed(whole, change))


def test_a_claims_proof_without_claims(whole: bytes) -> None:
    """A hidden holding has a row of its own even where nothing is claimed; without one there is nothing to prove."""

    def without_claims(document: dict[str, Any]) -> None:
        document["predicate"].update(claims=[], aux={})

    def without_hidden_holdings(document: dict[str, Any]) -> None:
        without_claims(document)
        for holding in document["predicate"]["holdings"]:
            holding["hidden"] = ""

    assert Attestation.from_payload(changed(whole, without_claims)).claims == ()
    with refused(Rejected, "E_BINDING", where="attestation: subject"):
        Attestation.from_payload(changed(whole, without_hidden_holdings))


def predicate(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda document: document["predicate"].update(changes)


def digest(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda document: document["predicate"]["digests"].update({name: ""})


REFUSED: dict[str, tuple[Callable[[dict[str, Any]], Any], type[SolventError], str]] = {
    "holdings without a snapshot": (digest("collateral"), Rejected, "E_HOLDING"),
    "prices without a policy": (digest("policy"), Rejected, "E_BINDING"),
    "aux without claims": (predicate(claims=[]), Rejected, "E_AUX"),
    "holdings out of order": (predicate(holdings=HOLDINGS[::-1]), Rejected, "E_HOLDING"),
    "a holding twice": (predicate(holdings=[held(), held(public="6")]), Rejected, "E_HOLDING"),
    "a claim twice": (predicate(claims=[claim(), claim()]), Rejected, "E_CLAIM"),
    "a claim for every asset": (predicate(claims=[claim(parameters={**KIND, "assets": "*"})]), Rejected, "E_CLAIM"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(whole: bytes, name: str) -> None:
    change, kind, code = REFUSED[name]
    with refused(kind, code):
        Attestation.from_payload(changed(whole, change))


@pytest.mark.parametrize("name", ["c/BTC/y31", "a/b:c/2020-03-12/1INCH/y0", "c/t", "c/u0", "c/b1023", "x" * 256 + "/t"])
def test_names_of_auxiliary_values(name: str) -> None:
    assert read_aux({name: POINT}, "aux") == {name: G}


@pytest.mark.parametrize(
    "name", ["", "c", "y0", "/y0", "c/y", "c/y00", "c/y-1", "c/Y0", "c/t0", "c/y0 ", "c/y0\n", "é/t", "x" * 257 + "/t"]
)
def test_names_that_no_claim_creates(name: str) -> None:
    with refused(Rejected, "E_AUX"):
        read_aux({name: POINT}, "aux")


def test_too_many() -> None:
    with refused(Malformed, "E_LIMIT", where="aux"):
        read_aux(dict.fromkeys(map(str, range(MAX_AUX + 1)), POINT), "aux")
    with refused(Malformed, "E_LIMIT", where="holdings"):
        read_holdings([None] * (64 * 4096 + 1), "holdings")
    with refused(Malformed, "E_LIMIT", where="claims"):
        read_claims([None] * 4097, "claims")


MARGIN = Schema(
    (*SCHEMA.columns[:2], Column("s", "", 0, 64, "slack")),
    policy=DIGESTS["policy"],
    prices=DIGESTS["prices"],
    scenarios=DIGESTS["scenarios"],
)


def bound(whole: bytes, schema: Schema) -> Attestation:
    """The attestation, over this book."""
    attestation = Attestation.from_payload(whole)
    digests = {**attestation.digests, "schema": schema.digest}
    totals = {column.name: attestation.totals["BTC"] for column in schema.columns}
    return replace(attestation, digests=digests, totals=totals)


def test_a_schema_that_reads_prices_and_scenarios(whole: bytes) -> None:
    assert len(bound(whole, MARGIN).totals_for(MARGIN)) == 3
    neither = replace(MARGIN, prices="", scenarios="")
    assert len(bound(whole, neither).totals_for(neither)) == 3


@pytest.mark.parametrize("name", ["policy", "prices", "scenarios"])
def test_a_schema_that_rests_on_another_document(whole: bytes, name: str) -> None:
    changes: dict[str, Any] = {name: "ff" * 32}
    other = replace(MARGIN, **changes)
    with refused(Rejected, "E_BINDING", where=f"schema.json: {name}"):
        bound(whole, other).totals_for(other)


@pytest.mark.parametrize("name", ["prices", "scenarios"])
def test_a_schema_where_nothing_reads_them(whole: bytes, name: str) -> None:
    changes: dict[str, Any] = {name: DIGESTS[name]}
    other = replace(Schema(SCHEMA.columns[:2], policy=DIGESTS["policy"]), **changes)
    with refused(Rejected, "E_BINDING", where=f"schema.json: {name}"):
        bound(whole, other).totals_for(other)


def test_a_schema_without_the_policy(whole: bytes) -> None:
    other = replace(MARGIN, policy="")
    with refused(Rejected, "E_BINDING", where="schema.json: policy"):
        bound(whole, other).totals_for(other)


BOOK = Shown(
    [Row("alice~0123456789abcdef", {"BTC": 5}), Row("bob~0123456789abcdef", {"BTC": 7})],
    replace(PLAIN, policy=DIGESTS["policy"]),
)


def signed_with_everything(whole: bytes) -> Envelope:
    """An attestation of a real small book that says all that can be said."""
    told, shown = Attestation.from_payload(whole), BOOK.attestation()
    more = {name: getattr(told, name) for name in ("files", "holdings", "aux", "claims")}
    return sign_payload(
        replace(shown, digests={**told.digests, "schema": BOOK.schema.digest}, **more).to_payload(), SIGNER
    )


def bundle(envelope: Envelope) -> bytes:
    """Alice's, standing alone."""
    opening = BOOK.opening(0)
    parts = (opening.index, BOOK.rows[0].account_id, {"BTC": 5}, opening.blinding, opening.salt, opening.path)
    return Bundle(envelope.digest, *parts, attestation=envelope, schema=BOOK.schema).to_bytes()


def test_a_customer_needs_none_of_it(whole: bytes) -> None:
    """A bundle is checked as ever: signature, context, root and schema are all it takes."""
    envelope = signed_with_everything(whole)
    row = check_bundle(bundle(envelope), BOOK.rows[0].account_id, PUBLIC_KEY, holdings={"BTC": "5"})
    assert (row.index, row.compared) == (0, True)


def test_a_customer_finds_their_row_in_the_directory(whole: bytes, tmp_path: Path) -> None:
    envelope, ctx = signed_with_everything(whole), BOOK.ctx
    key = b"k" * 32
    salt = row_salt(key, ctx)
    rows = [replace(BOOK.rows[0], salt=salt), BOOK.rows[1]]
    book = replace(BOOK, rows=rows)
    points = [row.commitment(book.schema) for row in rows]
    records = [
        point.to_xy() + row_id(row.salt, row.account_id.encode()) for point, row in zip(points, rows, strict=True)
    ]
    sealed = seal(key, ctx, 0, points[0].to_bytes(), scalar_to_bytes(rows[0].blinding), [(0, 5)])
    files = {
        "leaves.bin": b"".join(records),
        "sealed.bin": b"".join(u64(24 + len(sealed) * i) for i in range(3)) + sealed + bytes(len(sealed)),
    }
    told = Attestation.from_payload(envelope.payload)
    hashes = {**told.files, **{name: hashlib.sha256(data).hexdigest() for name, data in files.items()}}
    root = book.levels[-1][0]
    told = replace(told, root_commitment=root.C, root_hash=root.h, files=hashes)
    files |= {
        "attestation.json": sign_payload(told.to_payload(), SIGNER).to_bytes(),
        "schema.json": book.schema.to_bytes(),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    row = check_account(tmp_path, rows[0].account_id, key, PUBLIC_KEY, holdings={"BTC": "5"})
    assert (row.index, row.compared) == (0, True)
    with refused(Unavailable, "E_FILE", where=str(tmp_path / "book.proof")):
        audit(tmp_path, PUBLIC_KEY)
