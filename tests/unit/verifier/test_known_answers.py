"""The known answers at the end of docs/protocol.md, section by section: whoever disagrees with one disagrees on bytes.

The derived secrets stand in tests/unit/attest/test_secrets.py.
"""

from __future__ import annotations

import hashlib
from array import array

import pytest

from attest.ordered import pack_rows
from verifier.book import generator_labels, generators_digest
from verifier.engine import Engine
from verifier.group import GAMMA0, GAMMA1, H, Point, U, bit_generator, generator, scalar_to_bytes
from verifier.hashing import tagged
from verifier.inclusion import row_id, row_salt
from verifier.reference import sealing
from verifier.sealed import _record_key, open_record, seal
from verifier.sealed_file import read_record, require_layout
from verifier.sources import BytesSource
from verifier.transcript import Transcript
from verifier.tree import Node, join, leaf

CTX = b"\x11" * 32
ID = bytes.fromhex("e9c78c8694e8c49c90159266672911e7e456fbc9d1ad1eefd3fbe4ba0fbbb5fb")
C = bytes.fromhex("02d0d421409f9fd1ae719335f709cba610df8b7c0bec312d2159716fb282103efc")
ACCOUNT_KEY = bytes.fromhex("69d1d273d380a344e2b5f70309ea603b73b3cc30f247538f346b863c88abb5ad")


def commit(engine: Engine, cell: int, blinding: int) -> Point:
    rows = pack_rows([[(0, cell)]])
    return Point.from_sum(engine.committer([8]).commit(rows, scalar_to_bytes(blinding)))


def test_account_hash() -> None:
    assert row_id(bytes(32), b"alice") == ID == tagged("account", bytes(32) + b"alice")


@pytest.mark.parametrize(
    ("point", "encoded"),
    [
        (bit_generator(0), "0202f0094aed512005824ef5bf50ba10175de0afd70bc028d921144a2bd9293f87"),
        (bit_generator(63), "027ab00b7efd3713017eb019ebf30eb51c0cc3275ac1908a5c6b296ff5c0cd3d2f"),
        (H, "02fb756ac254a8e5fdd1a42a9c8e668cf57897d37c0cf42c348531efa60933b561"),
        (GAMMA0, "0200551f37cfcaf1f04e1364a795f893d7ac74ac305bf1cbf5633f1d1ab68c369a"),
        (GAMMA1, "0209003b553f605675ff73410d2122e3766f1c578846ba8775972bb9df05ae3210"),
        (U, "02caffa041c3435a766caa52a267c26ebbeccbdf2f06fa7eb55de7d53806e19f65"),
    ],
    ids=["bit/0", "bit/63", "blind", "round/0", "round/1", "inner"],
)
def test_generator(point: Point, encoded: str) -> None:
    assert point.to_bytes().hex() == encoded


@pytest.mark.parametrize("label", ["bit/0", "bit/63", "blind", "round/0", "round/1", "inner"])
def test_engine_makes_the_same_generator(engine: Engine, label: str) -> None:
    assert engine.generators([label]) == generator(label).to_xy()


def test_generators_digest(engine: Engine) -> None:
    digest = generators_digest(engine, engine.generators(generator_labels(8)))
    assert digest.hex() == "d960e73eada773e804de038707816806a8ff2f54986257282c66dc8d1fc62d42"


def test_transcript() -> None:
    transcript = Transcript.start("book")
    assert transcript.state.hex() == "b74fc24d1c4491b7e81b3f3298c5b7a907c45e23f4f931294e7bc4ed7cc211ce"
    transcript.absorb_bytes("protocol", b"solvent/1")
    assert transcript.state.hex() == "397c82ac3656f06c54ff220d1f0a37b272641cbdd3f27115ad28e3e1ba95fc10"
    challenge = transcript.challenge("y")
    assert f"{challenge:064x}" == "21db0506cd9d1757ee1074ae8e802b1f0e2b5ae28864f2a02c61a3471e8452e8"
    assert transcript.state.hex() == "51a9c5eeb1767d4e372e3926b1f9fa070e40783944f0f035f4f1c02b62bb6b12"
    fork = transcript.fork("chunk", 3)
    assert fork.state.hex() == "fc8a9cf56bef34c4d7766344273700152f37f5f282485765cedc371150efff57"


def test_salt_is_derived_by_the_customer() -> None:
    expected = "ce558b5c2c65499073a82741ba2be3f5cce3c1d32adc138638ba24dfcfca7983"
    assert row_salt(ACCOUNT_KEY, CTX).hex() == expected


def test_row_commitment(engine: Engine) -> None:
    assert commit(engine, 5, 7).to_bytes() == C


def test_leaf_hash(engine: Engine) -> None:
    expected = "9acaa77f82fdbd75ca7193fe0ae7f176822dda08cc7ce876aa3759826038dde9"
    assert leaf(CTX, 0, commit(engine, 5, 7), ID).h.hex() == expected
    assert engine.leaf_hashes(CTX, 0, commit(engine, 5, 7).to_xy(), ID).hex() == expected


def test_sealed_key() -> None:
    expected = "241ae1f2a682ecef24cc584d5deef54a93630b0338ab092d90092aa71b687bcf"
    assert _record_key(ACCOUNT_KEY, CTX, C).hex() == expected


def test_sealed_file_of_one_row(engine: Engine) -> None:
    point = commit(engine, 5, 7).to_xy()
    rows = pack_rows([[(0, 5)]])
    packed = engine.seal_rows(ACCOUNT_KEY, CTX, 0, point, scalar_to_bytes(7), rows)
    assert packed.data == seal(ACCOUNT_KEY, CTX, 0, C, scalar_to_bytes(7), [(0, 5)])
    data = b"".join(offset.to_bytes(8, "big") for offset in (16, 16 + 256)) + packed.data
    expected = "b52550627812e2c04ebd373c3c9ab69404758e0562902d6d45ab2ed7f366c2f6"
    assert hashlib.sha256(data).hexdigest() == expected
    source = BytesSource("sealed.bin", data)
    require_layout(source, 1)
    opened = open_record(ACCOUNT_KEY, CTX, 0, C, read_record(source, 0))
    assert (opened.blinding, opened.cells) == (7, ((0, 5),))


def test_root_of_two_leaves(engine: Engine) -> None:
    left, right = leaf(CTX, 0, commit(engine, 5, 7), ID), leaf(CTX, 1, commit(engine, 250, 9), ID)
    root = join(left, right)
    assert root.C.to_bytes().hex() == "025b51cd8caf8e2aba984369d5f2d975342dde472e72081b9f9fd0fc78ac9e4fcc"
    assert root.h.hex() == "a387bc100ca335a67c19f189ad6bd63370cc38b4454692d2634345854fde1971"
    point, digest = engine.tree_level(left.C.to_xy() + right.C.to_xy(), left.h + right.h)
    assert Node(Point.from_sum(point), digest) == root


def test_sealing_ends_are_unsigned_64_bit() -> None:
    packed = sealing.seal_rows(b"", CTX, 0, b"", b"", pack_rows([]))
    assert (packed.data, packed.ends) == (b"", array("Q"))
