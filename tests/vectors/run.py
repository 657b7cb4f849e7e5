"""Runs vectors against the verifier: inputs from JSON, one call of the public API or of a decoder per case."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from verifier import audit, canonical, check_account, check_bundle, fields, read_account_key
from verifier.amounts import parse_amount
from verifier.attestation import Attestation
from verifier.claims_proof import ClaimsStatement, signed_quantities, verify_claims
from verifier.dsse import decode_base64
from verifier.engine import Engine
from verifier.epoch import read_exchange_key
from verifier.errors import Malformed, Rejected, SolventError, Unavailable
from verifier.group import Point, scalar_from_bytes
from verifier.inclusion import account_bytes
from verifier.markets.claims import Market, derive
from verifier.markets.policy import Policy
from verifier.markets.prices import Price, Prices
from verifier.markets.scenarios import Scenarios
from verifier.schema import Schema
from verifier.sealed import read_text
from verifier.sources import BytesSource

VECTORS: Final = Path(__file__).resolve().parents[2] / "vectors"
PREVIOUS: Final = "previous.json"
Document = dict[str, Any]
DECODERS: Final[dict[str, Callable[[Any], object]]] = {
    "point": lambda value: Point.from_bytes(bytes.fromhex(value)),
    "point-xy": lambda value: Point.from_xy(bytes.fromhex(value)),
    "scalar": lambda value: scalar_from_bytes(bytes.fromhex(value)),
    "json": lambda value: canonical.decode(base64.b64decode(value), where="json"),
    "amount": lambda value: fields.amount(value, "amount"),
    "signed": lambda value: fields.signed(value, "signed"),
    "base64": lambda value: decode_base64(value, "base64"),
    "decimal": lambda value: parse_amount(value, 8, "decimal"),
    "account-key": read_account_key,
    "account-id": account_bytes,
    "exchange-key": read_exchange_key,
    "sealed-text": lambda value: read_text(bytes.fromhex(value), "sealed"),
}


def read_file(entry: Mapping[str, str]) -> bytes:
    """The bytes of a file in a vector."""
    return base64.b64decode(entry["base64"]) if "base64" in entry else entry["text"].encode()


@cache
def load(name: str) -> Document:
    """One JSON file of vectors."""
    document: Document = json.loads((VECTORS / name).read_text(encoding="ascii"))
    return document


@cache
def books() -> dict[str, Document]:
    """Every positive book by name."""
    return {path.stem: load(f"books/{path.name}") for path in sorted((VECTORS / "books").glob("*.json"))}


@cache
def negative_cases() -> tuple[Document, ...]:
    """Every negative case of every group."""
    groups = [load(f"negative/{path.name}") for path in sorted((VECTORS / "negative").glob("*.json"))]
    return tuple(case for group in groups for case in group["cases"])


@cache
def claims() -> dict[str, Document]:
    """Every positive vector of claims by name."""
    return {path.stem: load(f"claims/{path.name}") for path in sorted((VECTORS / "claims").glob("*.json"))}


def bases() -> dict[str, Document]:
    """Whatever a negative case is made from, by name."""
    return {**books(), **claims()}


def files_of(book: Document, changes: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of a book with changed ones in place; None takes one away."""
    merged = {**book["files"], **changes}
    return {name: read_file(entry) for name, entry in merged.items() if entry is not None and name != PREVIOUS}


def previous_path(place: Path) -> Path:
    """Where the previous attestation lies."""
    return place / "epochs" / "before" / "attestation.json"


def lay_out(book: Document, changes: Mapping[str, Any], place: Path) -> Path:
    """An epoch directory, the previous attestation beside it."""
    directory = place / "epochs" / "book"
    directory.mkdir(parents=True)
    for name, data in files_of(book, changes).items():
        (directory / name).write_bytes(data)
    before = changes.get(PREVIOUS, book["previous_attestation"])
    if before is not None:
        previous_path(place).parent.mkdir()
        previous_path(place).write_bytes(read_file(before))
    return directory


def run(target: str, book: Document | None, case: Document, place: Path, engine: Engine) -> object:
    """Check one case; returns what the verifier returns, raises what it raises."""
    given, files = case["given"], case["files"]
    if target in DECODERS:
        return DECODERS[target](given["value"])
    if target == "schema":
        return Schema.from_bytes(read_file(files["schema.json"]))
    assert book is not None
    if target == "claims":
        run_claims(book, given, files, engine)
        return None
    key = given.get("exchange_key", book["exchange_key"])
    if target == "audit":
        previous = previous_path(place) if given.get("previous") else None
        return audit(lay_out(book, files, place), key, previous=previous, now=book["now"], engine=engine)
    if target == "me":
        return run_me(book, given, lay_out(book, files, place), key, engine)
    return run_bundle(book, given, files, key, engine)


def run_me(book: Document, given: Mapping[str, Any], directory: Path, key: str, engine: Engine) -> object:
    """A customer's own check in a directory."""
    row = book["openings"][given.get("opening", 0)]
    return check_account(
        directory,
        given.get("account_id", row["account_id"]),
        bytes.fromhex(given.get("account_key", row["account_key"])),
        key,
        holdings=given.get("holdings"),
        engine=engine,
    )


def run_claims(base: Document, given: Mapping[str, Any], changes: Mapping[str, Any], engine: Engine) -> None:
    """The claims argument, from a payload, its documents and prices; the signature is another check."""
    files = files_of(base, changes)
    attestation = Attestation.from_payload(files["attestation.payload.json"])
    schema, policy = Schema.from_bytes(files["schema.json"]), Policy.from_bytes(files["policy.json"])
    told = {sym: int(price) for sym, price in given.get("prices", base["prices"]).items()}
    prices = Prices({sym: Price(price, 1, price, price) for sym, price in told.items()}, {}, {})
    scenarios = Scenarios.from_bytes(files["scenarios.json"]) if "scenarios.json" in files else None
    market = Market(policy, prices, scenarios)
    derivation = derive(market, signed_quantities(attestation, schema), attestation.claims)
    proof = BytesSource("claims.proof", files["claims.proof"]) if "claims.proof" in files else None
    verify_claims(ClaimsStatement.of(attestation, derivation), proof, engine)


def run_bundle(book: Document, given: Mapping[str, Any], files: Mapping[str, Any], key: str, engine: Engine) -> object:
    """A customer's check of a bundle: alone, or with attestation and schema given beside it."""
    bundle = book["bundles"][given.get("bundle", 0)]
    beside = {name: read_file(files[name]) for name in ("attestation.json", "schema.json") if files.get(name)}
    return check_bundle(
        read_file(files.get("bundle.json", bundle["file"])),
        given.get("account_id", bundle["account_id"]),
        key,
        holdings=given.get("holdings"),
        attestation=beside.get("attestation.json"),
        schema=beside.get("schema.json"),
        engine=engine,
    )


def kind_of(error: SolventError) -> str:
    """Which of the three kinds an error is."""
    return next(kind.__name__ for kind in (Malformed, Rejected, Unavailable) if isinstance(error, kind))
