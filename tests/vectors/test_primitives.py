"""Known answers: those printed in the protocol, and those of the vectors recomputed by hand and by every engine."""

from __future__ import annotations

import hashlib
import hmac
import json
from array import array
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.vectors.run import load
from verifier import canonical, read_account_key
from verifier.amounts import format_amount, parse_amount
from verifier.book import generator_labels, generators_digest
from verifier.dsse import key_id, pre_authentication_encoding, verify_signature
from verifier.engine import Engine, Packed, SparseRows
from verifier.group import H, Point, scalar_to_bytes, value_commitment
from verifier.hashing import N
from verifier.inclusion import account_bytes
from verifier.sealed import open_record, plain_text, read_text
from verifier.transcript import Transcript
from verifier.tree import Node, fold_path, join, leaf, sibling_sides

ANSWERS: Final[dict[str, Any]] = load("primitives.json")
PRINTED: Final = {
    "generators/bit/0": "0202f0094aed512005824ef5bf50ba10175de0afd70bc028d921144a2bd9293f87",
    "generators/bit/63": "027ab00b7efd3713017eb019ebf30eb51c0cc3275ac1908a5c6b296ff5c0cd3d2f",
    "generators/blind": "02fb756ac254a8e5fdd1a42a9c8e668cf57897d37c0cf42c348531efa60933b561",
    "generators/round/0": "0200551f37cfcaf1f04e1364a795f893d7ac74ac305bf1cbf5633f1d1ab68c369a",
    "generators/round/1": "0209003b553f605675ff73410d2122e3766f1c578846ba8775972bb9df05ae3210",
    "generators/inner": "02caffa041c3435a766caa52a267c26ebbeccbdf2f06fa7eb55de7d53806e19f65",
    "generators_digests/8": "d960e73eada773e804de038707816806a8ff2f54986257282c66dc8d1fc62d42",
    "tree/row_id": "e9c78c8694e8c49c90159266672911e7e456fbc9d1ad1eefd3fbe4ba0fbbb5fb",
    "tree/leaves/0/C": "02d0d421409f9fd1ae719335f709cba610df8b7c0bec312d2159716fb282103efc",
    "tree/leaves/0/h": "9acaa77f82fdbd75ca7193fe0ae7f176822dda08cc7ce876aa3759826038dde9",
    "tree/root/C": "025b51cd8caf8e2aba984369d5f2d975342dde472e72081b9f9fd0fc78ac9e4fcc",
    "tree/root/h": "a387bc100ca335a67c19f189ad6bd63370cc38b4454692d2634345854fde1971",
    "transcript/0/state": "b74fc24d1c4491b7e81b3f3298c5b7a907c45e23f4f931294e7bc4ed7cc211ce",
    "transcript/1/state": "397c82ac3656f06c54ff220d1f0a37b272641cbdd3f27115ad28e3e1ba95fc10",
    "transcript/2/scalar": "21db0506cd9d1757ee1074ae8e802b1f0e2b5ae28864f2a02c61a3471e8452e8",
    "transcript/2/state": "51a9c5eeb1767d4e372e3926b1f9fa070e40783944f0f035f4f1c02b62bb6b12",
    "transcript/3/state_of_fork": "fc8a9cf56bef34c4d7766344273700152f37f5f282485765cedc371150efff57",
    "accounts/book_key": "d6b802437f98aab139f64d76630183a5c061527e166c8839ea5dd1597891ac2f",
    "accounts/blindings/3": "b4372ba442dd5dff97cb0788c18853b18172fc7a0325ec2deed69a64a0c540b6",
    "accounts/order_key": "b0a82a9c303b1676be423a4ab86e6a7750191e24f088cc562334e6bde1343ebf",
    "accounts/proof_key": "7829ef3a56dd64f256e78e91448e945bb28db0b778ebef5b74e03563e96e96b7",
    "accounts/account_key": "69d1d273d380a344e2b5f70309ea603b73b3cc30f247538f346b863c88abb5ad",
    "accounts/salt": "ce558b5c2c65499073a82741ba2be3f5cce3c1d32adc138638ba24dfcfca7983",
    "sealed/commitment": "02d0d421409f9fd1ae719335f709cba610df8b7c0bec312d2159716fb282103efc",
}
SEALED_FILE: Final = "b52550627812e2c04ebd373c3c9ab69404758e0562902d6d45ab2ed7f366c2f6"


def tagged(tag: str, data: bytes) -> bytes:
    """Section 1, written again."""
    prefix = hashlib.sha256(f"solvent/1/{tag}".encode()).digest()
    return hashlib.sha256(prefix + prefix + data).digest()


@pytest.mark.parametrize("place", PRINTED)
def test_the_answers_printed_in_the_protocol(place: str) -> None:
    found: Any = ANSWERS
    name, _, rest = place.partition("/")
    steps = [name, rest] if name.startswith("generators") else place.split("/")
    for step in steps:
        found = found[int(step)] if isinstance(found, list) else found[step]
    assert found == PRINTED[place]


def test_the_sealed_file_printed_in_the_protocol() -> None:
    assert hashlib.sha256(bytes.fromhex(ANSWERS["sealed"]["file_of_first"])).hexdigest() == SEALED_FILE


def test_tagged_and_wide_hashes(engine: Engine) -> None:
    for item in ANSWERS["tagged"]:
        data = bytes.fromhex(item["message"])
        assert tagged(item["tag"], data).hex() == item["hash"]
        if len(data) >= 32:
            tails = Packed(data[32:], array("Q", [len(data) - 32]))
            assert engine.tagged_each(item["tag"], data[:32], tails).hex() == item["hash"]
    for item in ANSWERS["wide"]:
        data = bytes.fromhex(item["message"])
        both = tagged(item["tag"], data + b"\0") + tagged(item["tag"], data + b"\1")
        assert f"{int.from_bytes(both, 'big') % N:064x}" == item["scalar"]


def test_generators(engine: Engine) -> None:
    labels = list(ANSWERS["generators"])
    found = engine.compress(engine.generators(labels))
    assert [found[33 * i : 33 * i + 33].hex() for i in range(len(labels))] == list(ANSWERS["generators"].values())
    for bits, digest in ANSWERS["generators_digests"].items():
        assert generators_digest(engine, engine.generators(generator_labels(int(bits)))).hex() == digest


def test_multiples_and_commitments(engine: Engine) -> None:
    base = Point.from_bytes(bytes.fromhex(ANSWERS["multiples"][0]["point"]))
    for item in ANSWERS["multiples"]:
        product = engine.multiply_sum(base.to_xy(), bytes.fromhex(item["scalar"]))
        assert Point.from_sum(product).to_bytes().hex() == item["point"]
    for item in ANSWERS["commitments"]:
        value, gamma = int(item["value"]), int(item["gamma"], 16)
        assert value_commitment(value, gamma).to_bytes().hex() == item["point"]
        both = engine.multiply_sum(base.to_xy() + H.to_xy(), scalar_to_bytes(value) + scalar_to_bytes(gamma))
        assert Point.from_sum(both).to_bytes().hex() == item["point"]


def test_the_transcript() -> None:
    walk = Transcript.start("book")
    for item in ANSWERS["transcript"][1:]:
        if "absorb" in item:
            walk.absorb_bytes(item["absorb"], bytes.fromhex(item["data"]))
        elif "challenge" in item:
            assert f"{walk.challenge(item['challenge']):064x}" == item["scalar"]
        else:
            assert walk.fork(item["fork"], item["index"]).state.hex() == item["state_of_fork"]
            continue
        assert walk.state.hex() == item["state"]


def test_two_challenges_of_one_label_differ() -> None:
    scalars = [item["scalar"] for item in ANSWERS["transcript"] if "challenge" in item]
    assert len(scalars) == len(set(scalars)) == 3


def test_eq_tables(engine: Engine) -> None:
    for item in ANSWERS["eq"]:
        challenges = [int(r, 16) for r in item["r"]]
        assert engine.eq_table(challenges, len(item["eq"])).hex() == "".join(item["eq"])
        for i, value in enumerate(item["eq"]):
            product = 1
            for t, r in enumerate(challenges):
                product = product * (r if i >> t & 1 else 1 - r) % N
            assert int(value, 16) == product


def test_contexts() -> None:
    for item in ANSWERS["contexts"]:
        assert canonical.encode(json.loads(item["preimage"])).decode() == item["preimage"]
        assert tagged("context", item["preimage"].encode()).hex() == item["ctx"]


def test_canonical_json() -> None:
    for item in ANSWERS["jcs"]:
        assert canonical.encode(json.loads(item["input"])).decode() == item["canonical"]
        canonical.decode(item["canonical"].encode(), where="vector")


def test_tree_shapes() -> None:
    shapes = {(item["count"], item["index"]): item["sides"] for item in ANSWERS["tree_sides"]}
    assert set(shapes) == {(n, i) for n in range(1, 18) for i in range(n)}
    for (count, index), sides in shapes.items():
        assert sibling_sides(index, count) == sides == rfc_sides(index, count)


def rfc_sides(index: int, count: int) -> list[str]:
    """The shape of RFC 9162, from its recursive definition: split at the largest power of two below the size."""
    if count == 1:
        return []
    half = 1 << (count - 1).bit_length() - 1
    if index < half:
        return [*rfc_sides(index, half), "right"]
    return [*rfc_sides(index - half, count - half), "left"]


def test_the_tree_of_two_leaves(engine: Engine) -> None:
    tree = ANSWERS["tree"]
    identifier, nodes = bytes.fromhex(tree["row_id"]), []
    for j, row in enumerate(tree["rows"]):
        rows = SparseRows(array("Q", [1]), array("H", [0]), row["cell"].to_bytes(16, "big"))
        point = Point.from_sum(engine.committer([8]).commit(rows, scalar_to_bytes(row["blinding"])))
        nodes.append(leaf(bytes.fromhex(tree["ctx"]), j, point, identifier))
        assert (point.to_bytes().hex(), nodes[-1].h.hex()) == (tree["leaves"][j]["C"], tree["leaves"][j]["h"])
    root = Node(Point.from_bytes(bytes.fromhex(tree["root"]["C"])), bytes.fromhex(tree["root"]["h"]))
    assert join(*nodes) == root == fold_path(nodes[0], 0, 2, [nodes[1]])


def test_what_follows_from_a_master_key(engine: Engine) -> None:
    known = ANSWERS["accounts"]
    book_key, account = bytes.fromhex(known["book_key"]), known["account_id"].encode()
    assert hmac.digest(book_key, b"order" + account, "sha256").hex() == known["order_key"]
    assert hmac.digest(book_key, b"proof", "sha256").hex() == known["proof_key"]
    for j, blinding in known["blindings"].items():
        assert engine.wide_each("blind", book_key, int(j), 1).hex() == blinding
    assert read_account_key(known["account_key_text"]).hex() == known["account_key"]
    assert tagged("salt", bytes.fromhex(known["account_key"] + known["ctx"])).hex() == known["salt"]
    assert tagged("account", bytes.fromhex(known["salt"]) + account).hex() == known["row_id"]


def test_account_ids_are_normalised() -> None:
    for item in ANSWERS["account_ids"]:
        assert account_bytes(item["typed"]).hex() == item["bytes"]


def test_sealed_records() -> None:
    sealed = ANSWERS["sealed"]
    key, ctx, point = (bytes.fromhex(sealed[name]) for name in ("account_key", "ctx", "commitment"))
    sizes = set()
    for item in sealed["records"]:
        cells = [(column, int(value)) for column, value in item["cells"]]
        assert plain_text(bytes.fromhex(item["blinding"]), cells).hex() == item["text"]
        opened = open_record(key, ctx, sealed["index"], point, bytes.fromhex(item["record"]))
        assert opened == read_text(bytes.fromhex(item["text"]), "vector")
        assert list(opened.cells) == cells
        sizes.add(len(item["record"]) // 2)
    assert sizes == {256, 1024, 4096}


def test_signatures() -> None:
    known = ANSWERS["dsse"]
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(known["seed"]))
    message = pre_authentication_encoding(known["payload_type"], known["payload"].encode())
    assert message.hex() == known["signed_bytes"]
    assert private.sign(message).hex() == known["signature"]
    assert key_id(private.public_key().public_bytes_raw()) == known["keyid"]
    assert verify_signature(bytes.fromhex(known["public_key"]), message, bytes.fromhex(known["signature"]))


def test_amounts() -> None:
    for item in ANSWERS["amounts"]:
        assert format_amount(int(item["units"]), item["decimals"]) == item["text"]
        assert parse_amount(item["text"], item["decimals"], "vector") == int(item["units"])
