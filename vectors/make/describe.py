"""A positive book as JSON: its files, and every value on the way that another implementation may want to compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attest.secrets import account_key_text
from vectors.make import text
from vectors.make.build import MASTER, SIGNER, Made, engine
from verifier.attestation import PAYLOAD_TYPE, Total
from verifier.book import BookStatement, chunk_transcript, generator_labels, generators_digest, replay_totals
from verifier.bundle import Bundle
from verifier.dsse import Envelope
from verifier.epoch import ATTESTATION
from verifier.group import Point, scalar_to_bytes
from verifier.hashing import PROTOCOL, u32, u64
from verifier.holdings import compared_balances, holding_name
from verifier.inclusion import row_id, row_salt
from verifier.rows import replay
from verifier.sealed import plain_text
from verifier.transcript import Transcript
from verifier.tree import Node, join, leaf, sibling_sides
from verifier.wire import RowProof, TotalsProof


def book(made: Made) -> dict[str, Any]:
    """The whole document of one book."""
    openings = [opening(made, index) for index, (account, _) in enumerate(made.rows) if account]
    return {
        "name": made.spec.name,
        "about": made.spec.about,
        "exchange_key": SIGNER.public_key.hex(),
        "master_key": MASTER.secret.hex(),
        "now": made.now,
        "files": text.as_files(made.files),
        "previous_attestation": None if made.before is None else text.as_file(made.before),
        "expected": expected(made),
        "report": report(made),
        "openings": openings,
        "bundles": [
            bundle(made, item["index"], alone) for i, item in enumerate(openings) for alone in (True, False) if i < 2
        ],
    }


def statement_of(made: Made) -> BookStatement:
    """What the book's proof is about."""
    a, schema = made.attestation, made.spec.schema
    return BookStatement(a.ctx, schema, a.accounts, a.chunk_bits, a.totals_for(schema))


def expected(made: Made) -> dict[str, Any]:
    """ctx, root, generators, and the transcript step by step."""
    a, schema, statement = made.attestation, made.spec.schema, statement_of(made)
    digest = generators_digest(engine(), engine().generators(generator_labels(schema.row_bits)))
    transcript, steps = absorbed(made, statement, digest)
    return {
        "payload": Envelope.from_bytes(made.files[ATTESTATION], PAYLOAD_TYPE, ATTESTATION).digest,
        "ctx": a.ctx.hex(),
        "schema_digest": schema.digest,
        "row_bits": schema.row_bits,
        "root": text.node(Node(a.root_commitment, a.root_hash)),
        "generators_digest": digest.hex(),
        "proof_size": statement.proof_size,
        "transcript": steps,
        **challenges(made, statement, transcript),
    }


def absorbed(made: Made, statement: BookStatement, digest: bytes) -> tuple[Transcript, list[dict[str, str]]]:
    """B0 of section 4, rebuilt here item by item, with the state after each."""
    a = made.attestation
    items = [
        ("protocol", PROTOCOL.encode()),
        ("generators", digest),
        ("context", a.ctx),
        ("schema", bytes.fromhex(made.spec.schema.digest)),
        ("accounts", u64(a.accounts)),
        ("chunk_bits", u32(a.chunk_bits)),
        ("root_commitment", a.root_commitment.to_bytes()),
        ("root_hash", a.root_hash),
        *(("total", total_bytes(total)) for total in statement.totals),
    ]
    transcript, steps = Transcript.start("book"), []
    for label, data in items:
        transcript.absorb_bytes(label, data)
        steps.append({"absorb": label, "data": data.hex(), "state": transcript.state.hex()})
    return transcript, steps


def total_bytes(total: Total) -> bytes:
    """0x01 || scalar, 0x02 || point, or 0x00."""
    if isinstance(total.value, Point):
        return b"\x02" + total.value.to_bytes()
    return b"\x00" if total.value is None else b"\x01" + scalar_to_bytes(total.value)


def challenges(made: Made, statement: BookStatement, transcript: Transcript) -> dict[str, Any]:
    """What each chunk's and the totals' transcript answers."""
    proof, position, chunks = made.files["book.proof"], 0, []
    for index, (start, count) in enumerate(statement.chunks()):
        shape = statement.layout.shape(count)
        fork = chunk_transcript(transcript, index, start, count)
        state = fork.state.hex()
        seen = replay(RowProof.from_bytes(proof[position : position + shape.size], shape), fork)
        position += shape.size
        chunks.append(
            {
                "start": start,
                "count": count,
                "proof_bytes": shape.size,
                "state": state,
                "y": text.scalar(seen.y),
                "tau": [text.scalar(t) for t in seen.tau],
                "r": [text.scalar(r) for r in seen.r],
                "x": text.scalar(seen.x),
                "C_star": text.point(combined(made, start, count, seen.r)),
            }
        )
    fork = transcript.fork("totals", 0)
    state = fork.state.hex()
    x = replay_totals(TotalsProof.from_bytes(proof[position:], statement.totals_shape), fork)
    return {"chunks": chunks, "totals": {"state": state, "x": text.scalar(x)}}


def combined(made: Made, start: int, count: int, r: Sequence[int]) -> Point:
    """``sum(eq(r, i) * C_i)`` over the rows of a chunk."""
    records = [made.files["leaves.bin"][96 * j : 96 * j + 64] for j in range(start, start + count)]
    return Point.from_sum(engine().multiply_sum(b"".join(records), engine().eq_table(r, count)))


def report(made: Made) -> dict[str, Any]:
    """What an auditor is told at the time ``now`` when the previous attestation lies beside."""
    figures = {"accounts": str(made.attestation.accounts)}
    for name, total in made.attestation.totals.items():
        figures[f"total:{name}"] = str(total.value) if isinstance(total.value, int) else ""
    return {"overall": "QUALIFIED", "figures_in_base_units": figures}


def leaves_of(made: Made) -> list[Node]:
    """Every leaf node."""
    data, ctx = made.files["leaves.bin"], made.attestation.ctx
    rows = [data[i : i + 96] for i in range(0, len(data), 96)]
    return [leaf(ctx, j, Point.from_xy(row[:64]), row[64:]) for j, row in enumerate(rows)]


def path_of(nodes: list[Node], index: int) -> tuple[Node, ...]:
    """The siblings of a leaf, leaf upwards."""
    path = []
    while len(nodes) > 1:
        if index ^ 1 < len(nodes):
            path.append(nodes[index ^ 1])
        joined = [join(nodes[i], nodes[i + 1]) for i in range(0, len(nodes) - 1, 2)]
        nodes, index = joined + (nodes[-1:] if len(nodes) % 2 else []), index // 2
    return tuple(path)


def opening(made: Made, index: int) -> dict[str, Any]:
    """One customer: what they hold, know and derive, and what opens their row."""
    account, cells = made.rows[index]
    key = MASTER.account_key(account)
    salt = row_salt(key, made.attestation.ctx)
    blinding = made.keys.blindings(index, 1, engine())
    node = leaves_of(made)[index]
    columns = made.spec.schema.columns
    return {
        "account_id": account.decode(),
        "account_key": key.hex(),
        "account_key_text": account_key_text(key),
        "index": index,
        "cells": {columns[c].name: str(value) for c, value in cells},
        "holdings": holdings(made, dict(cells)),
        "blinding": blinding.hex(),
        "salt": salt.hex(),
        "row_id": row_id(salt, account).hex(),
        "commitment": text.point(node.C),
        "leaf_hash": node.h.hex(),
        "sealed_text": plain_text(blinding, list(cells)).hex(),
        "sides": sibling_sides(index, made.attestation.accounts),
        "path": [text.node(step) for step in path_of(leaves_of(made), index)],
    }


def holdings(made: Made, cells: dict[int, int]) -> dict[str, str]:
    """What this customer says they hold and owe."""
    schema = made.spec.schema
    columns = {column.name: column for column in schema.columns}
    return {holding_name(schema, columns[b.column]): b.amount for b in compared_balances(schema, cells)}


def bundle_of(made: Made, index: int, alone: bool) -> Bundle:
    """The bundle of one row; ``alone`` carries attestation and schema with it."""
    account, cells = made.rows[index]
    envelope = Envelope.from_bytes(made.files[ATTESTATION], PAYLOAD_TYPE, ATTESTATION)
    return Bundle(
        payload=envelope.digest,
        index=index,
        account_id=account.decode(),
        cells={made.spec.schema.columns[c].name: value for c, value in cells},
        blinding=int.from_bytes(made.keys.blindings(index, 1, engine()), "big"),
        salt=row_salt(MASTER.account_key(account), made.attestation.ctx),
        path=path_of(leaves_of(made), index),
        attestation=envelope if alone else None,
        schema=made.spec.schema if alone else None,
    )


def bundle(made: Made, index: int, alone: bool) -> dict[str, Any]:
    """A bundle for its customer."""
    account = made.rows[index][0].decode()
    return {
        "account_id": account,
        "stands_alone": alone,
        "file": text.as_file(bundle_of(made, index, alone).to_bytes()),
    }
