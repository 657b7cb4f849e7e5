"""Claims of enormous size in small files: refused from the sizes alone, before anything is allocated for them.

Each has a twin of modest size that is accepted, so that it is the size which is refused.
"""

from __future__ import annotations

import shutil
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

import verifier.book
from attest.signing import sign_payload
from tests.support.books import PUBLIC_KEY, SIGNER, Epoch
from tests.support.cheat import Cells, Cheat, Forgery
from tests.support.refusals import refused
from tests.support.shown import PLAIN
from tests.support.weak import mutated
from verifier import audit, canonical, check_account
from verifier.attestation import PAYLOAD_TYPE, Attestation
from verifier.book import BookStatement, verify_book
from verifier.bundle import Bundle
from verifier.dsse import Envelope
from verifier.epoch import ATTESTATION
from verifier.errors import Malformed, Rejected, SolventError
from verifier.schema import Column, Schema
from verifier.wire import HIDDEN

SECOND, MEGABYTES = 1.0, 80
ROWS: list[Cells] = [{"BTC": 5}, {"BTC": 7}, {"BTC": 200}]


def cheaply(action: Callable[[], object]) -> None:
    """Within a second and a few megabytes: run once for the clock and once for the memory."""
    begin = time.perf_counter()
    action()
    seconds = time.perf_counter() - begin
    assert seconds < SECOND, seconds
    tracemalloc.start()
    try:
        action()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MEGABYTES * 2**20, peak


def refused_cheaply(
    action: Callable[[], object], kind: type[SolventError], code: str, *, step: str = "", where: str | None = None
) -> None:
    def refuse() -> None:
        with refused(kind, code, step=step, where=where):
            action()

    cheaply(refuse)


def test_the_meter_measures() -> None:
    with pytest.raises(AssertionError):
        cheaply(lambda: bytes(MEGABYTES * 2**20))
    with pytest.raises(AssertionError):
        cheaply(lambda: time.sleep(SECOND))


# Books.


def changed(sample: Epoch, directory: Path, without: str, **changes: Any) -> Path:
    """The sample's files behind an attestation with other sizes, properly signed."""
    shutil.copytree(sample.directory, directory)
    attestation = Attestation.from_payload(sample.envelope().payload)
    kept = {name: digest for name, digest in attestation.files.items() if name != without}
    signed = sign_payload(replace(attestation, files=kept, **changes).to_payload(), SIGNER)
    (directory / ATTESTATION).write_bytes(signed.to_bytes())
    return directory


@pytest.mark.parametrize("accounts", [2**40, 2**24, 9, 7])
def test_more_rows_than_the_files_hold(accounts: int, sample: Epoch, tmp_path: Path) -> None:
    directory = changed(sample, tmp_path / "epoch", "", accounts=accounts, chunk_bits=24)
    refused_cheaply(lambda: audit(directory, PUBLIC_KEY), Rejected, "E_SEALED", step="8", where="sealed.bin")
    refused_cheaply(
        lambda: check_account(directory, "alice", bytes(32), PUBLIC_KEY),
        Malformed,
        "E_LENGTH",
        step="8",
        where="leaves.bin",
    )


def test_more_rows_without_sealed_records(sample: Epoch, tmp_path: Path) -> None:
    directory = changed(sample, tmp_path / "epoch", "sealed.bin", accounts=2**40)
    refused_cheaply(lambda: audit(directory, PUBLIC_KEY), Malformed, "E_LENGTH", step="8", where="leaves.bin")


@pytest.mark.parametrize(("member", "value"), [("accounts", 2**40 + 1), ("accounts", 0), ("chunk_bits", 25)])
def test_sizes_that_no_book_has(member: str, value: int, sample: Epoch, tmp_path: Path) -> None:
    directory = changed(sample, tmp_path / "epoch", "", **{member: value})
    where = f"attestation: predicate: {member}"
    refused_cheaply(lambda: audit(directory, PUBLIC_KEY), Malformed, "E_LIMIT", where=where)


def test_the_largest_chunk_costs_what_its_rows_cost() -> None:
    """chunk_bits 24 with three rows: no table of 2^24 entries is made. A prover may choose it, so it is accepted."""
    book = Cheat(PLAIN, (HIDDEN,), ROWS, chunk_bits=24).publish()
    cheaply(book.verify)


def test_a_proof_of_another_size_is_not_read() -> None:
    """2^19 bits per row: 4096 columns and rules, and a proof that fits three rows of one column."""
    book = Cheat(PLAIN, (HIDDEN,), ROWS).publish()
    columns = tuple(Column(f"c{i}", "A", 0, 128, "balance") for i in range(4096))
    schema = Schema(columns)
    assert schema.row_bits == 2**19
    totals = book.statement.totals * 4096
    statement = BookStatement(book.statement.ctx, schema, 3, 2, totals)
    refused_cheaply(
        lambda: Forgery(statement, book.root, book.leaves, book.proof).verify(),
        Malformed,
        "E_LENGTH",
        step="4",
        where="book.proof",
    )


def test_the_size_is_compared_before_any_generator_is_made() -> None:
    """A verifier that compares it later first makes a generator for every claimed bit."""
    book = Cheat(PLAIN, (HIDDEN,), ROWS).publish()
    schema = Schema(tuple(Column(f"c{i}", "A", 0, 128, "balance") for i in range(64)))
    forgery = book.changed(schema=schema, totals=book.statement.totals * 64)
    made: list[int] = []

    def labels(row_bits: int) -> list[str]:
        made.append(row_bits)
        return []

    with patch.object(verifier.book, "generator_labels", labels):
        with mutated(verify_book, "proof.size != statement.proof_size", "False"), refused(Malformed, "E_LENGTH"):
            forgery.verify()
        assert made == [64 * 128]
        with refused(Malformed, "E_LENGTH", step="4", where="book.proof"):
            forgery.verify()
        assert made == [64 * 128]


# Documents.


def big_schema(columns: int, rules: int) -> bytes:
    """A schema that is within or beyond the limits."""
    listed = [{"name": f"c{i}", "asset": "A", "decimals": 0, "bits": 8, "kind": "balance"} for i in range(columns)]
    weighed = [{"name": f"r{i}", "weights": {"c0": "1"}} for i in range(rules)]
    empty = {"policy": "", "prices": "", "scenarios": ""}
    return canonical.encode({"type": "solvent:schema/v1", "columns": listed, "rules": weighed, **empty})


def test_the_largest_schema_is_read_in_seconds() -> None:
    begin = time.perf_counter()
    schema = Schema.from_bytes(big_schema(4096, 4096))
    assert (len(schema.columns), len(schema.rules)) == (4096, 4096)
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize(("columns", "rules"), [(4097, 0), (1, 4097)])
def test_a_schema_with_too_many_columns_or_rules(columns: int, rules: int) -> None:
    data = big_schema(columns, rules)
    refused_cheaply(lambda: Schema.from_bytes(data), Malformed, "E_LIMIT")


READERS: dict[str, Callable[[bytes], object]] = {
    "envelope": lambda data: Envelope.from_bytes(data, PAYLOAD_TYPE, "file"),
    "attestation": lambda data: Attestation.from_payload(data, "file"),
    "schema": lambda data: Schema.from_bytes(data, "file"),
    "bundle": lambda data: Bundle.from_bytes(data, "file"),
}
DIGITS = b"9" * 10**6
DOCUMENTS = {
    "deep lists": (b"[" * 10**5 + b"]" * 10**5, "E_LIMIT"),
    "deep objects": (b'{"a":' * 10**4 + b"1" + b"}" * 10**4, "E_LIMIT"),
    "unclosed lists": (b"[" * 10**5, "E_LIMIT"),
    "a number of a million digits": (b'{"a":' + DIGITS + b"}", "E_JSON"),
    "a negative one": (b'{"a":-' + DIGITS + b"}", "E_JSON"),
    "a million digits of exponent": (b'{"a":1e' + DIGITS + b"}", "E_JSON"),
    "a million digits of fraction": (b'{"a":0.' + DIGITS + b"}", "E_JSON"),
    "a string that never ends": (b'"' + b"\\" * 10**6, "E_JSON"),
    "quotes": (b'"' * 10**5, "E_JSON"),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_hostile_documents(reader: str, name: str) -> None:
    data, code = DOCUMENTS[name]
    refused_cheaply(lambda: READERS[reader](data), Malformed, code, where="file")


@pytest.mark.parametrize(
    ("digits", "code"), [("9" * 10**6, "E_TYPE"), ("1" + "0" * 39, "E_TYPE"), (str(2**128), "E_LIMIT")], ids=len
)
def test_an_amount_of_too_many_digits(digits: str, code: str, sample: Epoch) -> None:
    document = canonical.decode(sample.envelope().payload, where="file")
    document["predicate"]["totals"]["ETH"]["value"] = digits
    data, where = canonical.encode(document), "file: predicate: totals.ETH.value"
    refused_cheaply(lambda: Attestation.from_payload(data, "file"), Malformed, code, where=where)


def test_a_weight_of_a_million_digits() -> None:
    schema = canonical.decode(big_schema(1, 1), where="file")
    schema["rules"][0]["weights"]["c0"] = "9" * 10**6
    data = canonical.encode(schema)
    refused_cheaply(lambda: Schema.from_bytes(data, "file"), Malformed, "E_TYPE", where="file: rules[0].weights.c0")


def test_a_file_that_is_too_large_is_not_read(sample: Epoch, tmp_path: Path) -> None:
    """A sparse file of a terabyte costs an attacker nothing."""
    directory = changed(sample, tmp_path / "epoch", "")
    with (directory / ATTESTATION).open("r+b") as file:
        file.truncate(2**40)
    refused_cheaply(lambda: audit(directory, PUBLIC_KEY), Malformed, "E_LIMIT", where=ATTESTATION)


def test_a_path_of_a_thousand_steps(sample: Epoch) -> None:
    bundle = sample.bundle("alice")
    data = replace(bundle, path=bundle.path[:1] * 1000).to_bytes()
    refused_cheaply(lambda: Bundle.from_bytes(data, "file"), Malformed, "E_LIMIT", where="file: path")


def test_a_thousand_signatures(sample: Epoch) -> None:
    envelope = sample.envelope()
    many = tuple((f"{i:064x}", bytes(64)) for i in range(1000))
    data = replace(envelope, signatures=many).to_bytes()
    refused_cheaply(
        lambda: Envelope.from_bytes(data, PAYLOAD_TYPE, "file"), Malformed, "E_LIMIT", where="file: signatures"
    )
