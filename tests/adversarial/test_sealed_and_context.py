"""What opens balances: a context used twice, a mask that answers twice, a sealed record in another row's place.

Each is first done to a prover or reader that lacks one protection (docs/protocol.md, sections 2 and 8).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, product
from pathlib import Path
from unittest.mock import patch

import pytest

from attest.ordered import pack_rows
from attest.rows import Witness, prove_rows
from attest.secrets import Entropy, Masks
from tests.support.books import ACCOUNTS, SCHEMA, Epoch, make_epoch, new_store, plan, secrets
from tests.support.cheat import ENGINE, bit_generators
from tests.support.refusals import refused
from tests.support.weak import mutated
from verifier.attestation import Identity
from verifier.errors import Rejected
from verifier.group import G, H, Point, bit_generator, scalar_to_bytes
from verifier.hashing import N
from verifier.rows import Layout, replay
from verifier.sealed import open_record, seal
from verifier.transcript import Transcript

ETH = SCHEMA.offsets[1]
CHANGED = {**ACCOUNTS, "alice": {**ACCOUNTS["alice"], "ETH": 12}}
"""Alice's ETH was 9."""


def constant(size: int) -> bytes:
    """A random source that fails silently."""
    return bytes(size)


def run(root: Path, accounts: Mapping[str, Mapping[str, int]], entropy: Entropy | None = None) -> Epoch:
    keys = secrets() if entropy is None else secrets(entropy=entropy)
    return make_epoch(new_store(root), plan(rows="exact"), accounts, keys=keys)


def records(epoch: Epoch) -> list[tuple[Point, bytes]]:
    leaves = (epoch.directory / "leaves.bin").read_bytes()
    return [(Point.from_xy(leaves[i : i + 64]), leaves[i + 64 : i + 96]) for i in range(0, len(leaves), 96)]


# One context with two ledgers.


def changed_cells(before: Epoch, after: Epoch) -> list[int]:
    """What anybody reads off the public rows of two books: by how much 8-bit cells of ETH changed."""
    found = []
    for (old, _), (new, _) in zip(records(before), records(after), strict=True):
        difference = new - old
        if not difference.is_identity and (change := small_change(difference)) is not None:
            found.append(change)
    return found


def small_change(difference: Point) -> int | None:
    """The d with ``difference = sum(d_k gen(bit/k))``, d_k in -1, 0, 1, over the bits of ETH; met in the middle."""
    high = {steps(digits, 4): digits for digits in product((-1, 0, 1), repeat=4)}
    for low in product((-1, 0, 1), repeat=4):
        digits = high.get(difference - steps(low, 0))
        if digits is not None:
            return sum(d << k for k, d in enumerate((*low, *digits)))
    return None


def steps(digits: tuple[int, ...], first: int) -> Point:
    total = Point(0, 0)
    for k, d in enumerate(digits):
        if d:
            total += bit_generator(ETH + first + k) if d > 0 else -bit_generator(ETH + first + k)
    return total


def test_one_context_with_two_ledgers_opens_balances(tmp_path: Path) -> None:
    weak = [run(tmp_path / name, accounts, constant) for name, accounts in (("1", ACCOUNTS), ("2", CHANGED))]
    assert changed_cells(*weak) == [3], "with one nonce for two runs, the change from 9 to 12 is public"
    real = [run(tmp_path / name, accounts) for name, accounts in (("3", ACCOUNTS), ("4", CHANGED))]
    assert changed_cells(*real) == []


def test_a_repeated_run_shares_nothing_with_the_first(tmp_path: Path) -> None:
    """Same plan, same keys, same ledger, same second: only the nonce is new, and with it every public byte of a row."""
    one, two = (records(run(tmp_path / name, ACCOUNTS, constant)) for name in "12")
    assert one == two, "without fresh randomness the runs are the same"
    one, two = (records(run(tmp_path / name, ACCOUNTS)) for name in "34")
    assert not {point for point, _ in one} & {point for point, _ in two}
    assert not {row_id for _, row_id in one} & {row_id for _, row_id in two}


def test_the_next_epoch_shares_no_blinding_with_the_last(tmp_path: Path) -> None:
    """With a context that does not change, rows whose cells stay the same stay the same points."""

    def shared(root: Path) -> int:
        store = new_store(root)
        one = records(make_epoch(store, plan(rows="exact")))
        two = records(make_epoch(store, plan(rows="exact", first=False, taken_at=plan().taken_at + 1)))
        return len({point for point, _ in one} & {point for point, _ in two})

    with patch.object(Identity, "context", lambda self, schema, accounts: bytes(32)):
        assert shared(tmp_path / "weak") == len(ACCOUNTS)
    assert shared(tmp_path / "real") == 0


# Masks that answer two challenges.

BALANCE = 181
LAYOUT = Layout((8,))


def extracted_bits(masks: Masks) -> list[int]:
    """From two proofs about one row, what z and z' say of its bits if both used the same masks."""
    answers = []
    for label in ("first", "second"):
        row = Witness(pack_rows([[(0, BALANCE)]]), scalar_to_bytes(1234))
        proof = prove_rows(LAYOUT, row, Transcript.start(label), masks, ENGINE, bit_generators(8))
        answers.append((replay(proof, Transcript.start(label)).x, proof.z))
    (x, z), (x2, z2) = answers
    return [(a - b) * pow(x - x2, -1, N) % N for a, b in zip(z, z2, strict=True)]


def test_a_mask_that_answers_two_challenges_opens_the_row() -> None:
    masks = Masks(bytes(32), constant)
    with mutated(Masks.group, " + transcript.state", ""):
        bits = extracted_bits(masks)
    assert sum(bit << k for k, bit in enumerate(bits)) == BALANCE
    assert not {0, 1} & set(extracted_bits(masks)), "even with the same entropy, another transcript draws other masks"


def test_masks_depend_on_entropy_and_on_the_transcript() -> None:
    one, two = Transcript.start("one"), Transcript.start("two")
    fixed, fresh = Masks(bytes(32), constant), Masks(bytes(32))
    assert draw(fixed, one) == draw(fixed, one), "hedged, not random: this is what a failed random source leaves"
    assert not set(draw(fixed, one)) & set(draw(fixed, two))
    assert not set(draw(fresh, one)) & set(draw(fresh, one))
    assert not set(draw(fixed, one)) & set(draw(Masks(b"\1" * 32, constant), one))


def draw(masks: Masks, transcript: Transcript) -> list[int]:
    return list(islice(masks.group(transcript), 20))


# Sealed records.

KEY, CTX = bytes(32), bytes(range(32))
HERE, THERE = G.to_bytes(), H.to_bytes()
NO_KEY = ("_record_key(account_key, ctx, point)", '_record_key(account_key, ctx, b"")')
NO_AAD = ("u64(index) + point", 'b""')


def moved(index: int, point: bytes, ctx: bytes) -> None:
    """Alice's record of row 5, found in another row (her own id can stand anywhere) or in another run."""
    record = seal(KEY, CTX, 5, HERE, scalar_to_bytes(7), [(0, 700)])
    assert open_record(KEY, CTX, 5, HERE, record).cells == ((0, 700),)
    assert open_record(KEY, ctx, index, point, record).cells == ((0, 700),)


@pytest.mark.parametrize(("index", "point"), [(6, HERE), (5, THERE), (6, THERE)])
def test_a_record_moved_to_another_row(index: int, point: bytes) -> None:
    with mutated(seal, *NO_KEY, *NO_AAD), mutated(open_record, *NO_KEY, *NO_AAD):
        moved(index, point, CTX)
    with refused(Rejected, "E_SEALED", step="8", where=f"row {index}"):
        moved(index, point, CTX)


def test_the_point_is_bound_twice() -> None:
    for part in (NO_KEY, NO_AAD):
        with mutated(seal, *part), mutated(open_record, *part), refused(Rejected, "E_SEALED", step="8"):
            moved(5, THERE, CTX)


def test_a_record_of_another_run() -> None:
    no_ctx = ("_record_key(account_key, ctx, point)", "_record_key(account_key, bytes(32), point)")
    with mutated(seal, *no_ctx), mutated(open_record, *no_ctx):
        moved(5, HERE, bytes(32))
    with refused(Rejected, "E_SEALED", step="8", where="row 5"):
        moved(5, HERE, bytes(32))
