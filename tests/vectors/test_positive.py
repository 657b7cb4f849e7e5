"""Every positive book verifies, and every value on the way is the one that the vectors name."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.vectors.run import books, files_of, lay_out, read_file
from verifier import audit, check_account, check_bundle
from verifier.attestation import PAYLOAD_TYPE, Attestation
from verifier.book import (
    BookStatement,
    chunk_transcript,
    generator_labels,
    generators_digest,
    open_transcript,
    replay_totals,
)
from verifier.dsse import Envelope
from verifier.engine import Engine
from verifier.group import Point
from verifier.hashing import tagged
from verifier.inclusion import account_bytes, row_id, row_salt
from verifier.rows import replay
from verifier.schema import COMPARED_KINDS, Schema
from verifier.sealed import open_record, read_text
from verifier.sealed_file import read_record
from verifier.sources import BytesSource
from verifier.tree import Node, sibling_sides
from verifier.wire import RowProof, TotalsProof

NAMES = sorted(books())


def attestation_of(book: dict[str, Any]) -> tuple[Envelope, Attestation, Schema]:
    files = files_of(book, {})
    envelope = Envelope.from_bytes(files["attestation.json"], PAYLOAD_TYPE, "attestation.json")
    return envelope, Attestation.from_payload(envelope.payload), Schema.from_bytes(files["schema.json"])


def test_the_sizes_asked_for_are_there() -> None:
    rows = {attestation_of(book)[1].accounts for book in books().values()}
    modes = {total.mode for book in books().values() for total in attestation_of(book)[1].totals.values()}
    chunk_bits = {attestation_of(book)[1].chunk_bits for book in books().values()}
    assert rows >= {1, 2, 3, 5, 8, 17}
    assert modes == {"public", "hidden", "none"}
    assert chunk_bits >= {0, 1, 2, 3}
    assert any(attestation_of(book)[2].rules for book in books().values())
    assert any(attestation_of(book)[1].identity.previous for book in books().values())


@pytest.mark.parametrize("name", NAMES)
def test_the_book_is_audited(name: str, engine: Engine, tmp_path: Path) -> None:
    book = books()[name]
    report = audit(lay_out(book, {}, tmp_path), book["exchange_key"], now=book["now"], engine=engine)
    assert report.overall == book["report"]["overall"]
    attestation = report.book.attestation
    figures = {f"total:{n}": str(t.value) if isinstance(t.value, int) else "" for n, t in attestation.totals.items()}
    assert {"accounts": str(attestation.accounts), **figures} == book["report"]["figures_in_base_units"]
    assert report.book.payload == book["expected"]["payload"]


@pytest.mark.parametrize("name", NAMES)
def test_context_root_and_generators(name: str, engine: Engine) -> None:
    book = books()[name]
    expected = book["expected"]
    _, attestation, schema = attestation_of(book)
    assert attestation.ctx.hex() == expected["ctx"]
    assert schema.digest == expected["schema_digest"]
    assert schema.row_bits == expected["row_bits"]
    assert attestation.root_commitment.to_bytes().hex() == expected["root"]["C"]
    assert attestation.root_hash.hex() == expected["root"]["h"]
    digest = generators_digest(engine, engine.generators(generator_labels(schema.row_bits)))
    assert digest.hex() == expected["generators_digest"]


@pytest.mark.parametrize("name", NAMES)
def test_the_transcript_step_by_step(name: str, engine: Engine) -> None:
    book = books()[name]
    expected, proof = book["expected"], files_of(book, {})["book.proof"]
    _, a, schema = attestation_of(book)
    statement = BookStatement(a.ctx, schema, a.accounts, a.chunk_bits, a.totals_for(schema))
    root = Node(a.root_commitment, a.root_hash)
    transcript = open_transcript(statement, root, bytes.fromhex(expected["generators_digest"]))
    state = tagged("transcript", b"book")
    for step in expected["transcript"]:
        label, data = step["absorb"].encode(), bytes.fromhex(step["data"])
        state = tagged("absorb", state + len(label).to_bytes(4, "big") + label + len(data).to_bytes(8, "big") + data)
        assert state.hex() == step["state"]
    assert transcript.state == state
    position = 0
    for index, ((start, rows), chunk) in enumerate(zip(statement.chunks(), expected["chunks"], strict=True)):
        fork = chunk_transcript(transcript, index, start, rows)
        assert (start, rows, fork.state.hex()) == (chunk["start"], chunk["count"], chunk["state"])
        shape = statement.layout.shape(rows)
        seen = replay(RowProof.from_bytes(proof[position : position + shape.size], shape), fork)
        assert [f"{v:064x}" for v in (seen.y, *seen.tau, *seen.r, seen.x)] == [
            chunk["y"], *chunk["tau"], *chunk["r"], chunk["x"]
        ]  # fmt: skip
        points = b"".join(files_of(book, {})["leaves.bin"][96 * j : 96 * j + 64] for j in range(start, start + rows))
        combined = Point.from_sum(engine.multiply_sum(points, engine.eq_table(seen.r, rows)))
        assert combined.to_bytes().hex() == chunk["C_star"]
        position += shape.size
    fork = transcript.fork("totals", 0)
    assert fork.state.hex() == expected["totals"]["state"]
    totals = TotalsProof.from_bytes(proof[position:], statement.totals_shape)
    assert f"{replay_totals(totals, fork):064x}" == expected["totals"]["x"]
    assert statement.proof_size == expected["proof_size"] == len(proof)


@pytest.mark.parametrize("name", NAMES)
def test_every_customer_finds_and_opens_their_row(name: str, engine: Engine, tmp_path: Path) -> None:
    book = books()[name]
    directory = lay_out(book, {}, tmp_path)
    kinds = {column.name: column.kind for column in attestation_of(book)[2].columns}
    for opening in book["openings"] if "sealed.bin" in book["files"] else ():
        key = bytes.fromhex(opening["account_key"])
        row = check_account(
            directory, opening["account_id"], key, book["exchange_key"], holdings=opening["holdings"], engine=engine
        )
        assert (row.index, row.row_id, row.compared) == (opening["index"], opening["row_id"], True)
        assert {b.column: str(b.units) for b in row.balances} == {
            name: value for name, value in opening["cells"].items() if kinds[name] in COMPARED_KINDS
        }


@pytest.mark.parametrize("name", NAMES)
def test_what_opens_a_row(name: str) -> None:
    book = books()[name]
    files, (_, a, schema) = files_of(book, {}), attestation_of(book)
    for opening in book["openings"]:
        key = bytes.fromhex(opening["account_key"])
        salt = row_salt(key, a.ctx)
        assert salt.hex() == opening["salt"]
        assert row_id(salt, account_bytes(opening["account_id"])).hex() == opening["row_id"]
        assert sibling_sides(opening["index"], a.accounts) == opening["sides"]
        assert len(opening["path"]) == len(opening["sides"])
        read = read_text(bytes.fromhex(opening["sealed_text"]), name)
        if "sealed.bin" in files:
            record = read_record(BytesSource("sealed.bin", files["sealed.bin"]), opening["index"])
            assert open_record(key, a.ctx, opening["index"], bytes.fromhex(opening["commitment"]), record) == read
        assert {schema.columns[c].name: str(v) for c, v in read.cells} == opening["cells"]


@pytest.mark.parametrize("name", NAMES)
def test_every_bundle_verifies(name: str, engine: Engine) -> None:
    book = books()[name]
    files = files_of(book, {})
    for bundle in book["bundles"]:
        alone = bundle["stands_alone"]
        row = check_bundle(
            read_file(bundle["file"]),
            bundle["account_id"],
            book["exchange_key"],
            attestation=None if alone else files["attestation.json"],
            schema=None if alone else files["schema.json"],
            engine=engine,
        )
        assert row.payload == book["expected"]["payload"]


def test_an_id_may_be_typed_in_another_unicode_form(engine: Engine, tmp_path: Path) -> None:
    book = books()["successor"]
    opening = next(item for item in book["openings"] if not item["account_id"].isascii())
    typed = opening["account_id"].replace("\u00eb", "e\u0308").replace("\u00e9", "e\u0301")
    assert typed != opening["account_id"]
    key = bytes.fromhex(opening["account_key"])
    row = check_account(lay_out(book, {}, tmp_path), typed, key, book["exchange_key"], engine=engine)
    assert row.account_id == opening["account_id"]


def test_a_strangers_signature_neither_counts_nor_harms(engine: Engine, tmp_path: Path) -> None:
    book = books()["one-row"]
    envelope, _, _ = attestation_of(book)
    both = tuple(sorted([*envelope.signatures, ("ab" * 32, bytes(64))]))
    directory = lay_out(book, {}, tmp_path)
    (directory / "attestation.json").write_bytes(replace(envelope, signatures=both).to_bytes())
    assert audit(directory, book["exchange_key"], now=book["now"], engine=engine).overall == "QUALIFIED"


def test_an_expired_or_unlinked_book_is_not_qualified(engine: Engine, tmp_path: Path) -> None:
    book = books()["successor"]
    _, attestation, _ = attestation_of(book)
    directory = lay_out(book, {}, tmp_path)
    late = audit(directory, book["exchange_key"], now=attestation.expires_at, engine=engine)
    early = audit(directory, book["exchange_key"], now=attestation.issued_at - 301, engine=engine)
    (tmp_path / "epochs" / "before" / "attestation.json").unlink()
    alone = audit(directory, book["exchange_key"], now=book["now"], engine=engine)
    assert (late.overall, early.overall, alone.overall) == ("STALE", "INCOMPLETE", "INCOMPLETE")


def test_one_record_is_of_the_second_size() -> None:
    data = read_file(books()["wide"]["files"]["sealed.bin"])
    offsets = [int.from_bytes(data[8 * i : 8 * i + 8], "big") for i in range(3)]
    assert sorted(b - a for a, b in pairwise(offsets)) == [256, 1024]
