"""No secret leaves: not in public files, not on the screen, not in logs, errors or representations.

Every secret of a whole run is known here, and is looked for in every form a leak takes: raw bytes in both byte orders,
hex in both cases, base64 in both alphabets at every offset, and decimal text.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import shutil
import stat
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from attest.book import CommittedBook, RunKeys
from attest.epoch import attest
from attest.ordered import MemoryLedger, pack, pack_rows
from attest.prover import BookWitness, draw_sums
from attest.rows import LinkWitness, Round, SigmaMasks, Witness
from attest.secrets import Masks, MasterKey
from attest.sums import ColumnSums
from attest.totals import ColumnSum, RootOpening
from tests.support.books import PUBLIC_KEY, SIGNER, SIGNING_KEY, TAKEN_AT, new_store, plan, secrets
from verifier import audit, check_account
from verifier.attestation import Attestation
from verifier.engine import get_engine
from verifier.epoch import open_directory
from verifier.errors import SolventError
from verifier.group import G
from verifier.hashing import N, wide
from verifier.inclusion import Opening, row_salt
from verifier.schema import Column, Rule, Schema
from verifier.sealed import OpenedRow
from verifier.tree import Node

SCHEMA = Schema(
    (
        Column("BTC", "BTC", 8, 64, "balance"),
        Column("debt", "BTC", 8, 64, "debt"),
        Column("slack", "", 0, 64, "slack"),
        Column("ETH", "ETH", 18, 64, "balance"),
    ),
    (Rule("net", (("BTC", 1), ("debt", -1), ("slack", -1))),),
)
MODES = ("hidden", "hidden", "none", "public")
ACCOUNTS = {
    "alexandra-7719@example.org~0123456789abcdef": (914_722_650_113_377, 613_298_455_190_081, 0),
    "bartholomew-4402~fedcba9876543210": (702_911_840_006_173, 0, 880_145_209_916_334),
    "konstantin-9950~0011223344556677": (0, 0, 331_760_225_871_907),
}
LEDGER = {account: {"BTC": b, "debt": d, "slack": b - d, "ETH": e} for account, (b, d, e) in ACCOUNTS.items()}
MASTER = MasterKey(bytes.fromhex("c4a1f0037be2965d18ff6a02d7935b40e98c217fbb64d305aa1290ce7f38465b"))


@dataclass
class Run:
    """A finished run and every secret of it, by name."""

    root: Path
    directory: Path
    shown: str
    secrets: dict[str, bytes | int | str]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Attest, audit and check an account with everything that is printed or logged caught."""
    root = tmp_path_factory.mktemp("private")
    with pytest.MonkeyPatch.context() as patched, Caught(patched) as caught:
        store = new_store(root)
        released = attest(
            plan(schema=SCHEMA, modes=MODES, rows=4, chunk_bits=1),
            secrets(master=MASTER),
            store,
            lambda work: MemoryLedger(SCHEMA, LEDGER),
            get_engine("reference"),
            print,
        )
        report = audit(released.directory, PUBLIC_KEY)
        print(released, report, report.to_json(), vars(store))
    return Run(root, released.directory, caught.text(), known_secrets(released.directory, root))


class Caught:
    """Standard output, standard error and every log record, down to the lowest level."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        import io

        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        patched.setattr("sys.stdout", self.stream)
        patched.setattr("sys.stderr", self.stream)

    def __enter__(self) -> Caught:
        logging.getLogger().addHandler(self.handler)
        self.level = logging.getLogger().level
        logging.getLogger().setLevel(1)
        return self

    def __exit__(self, *error: object) -> None:
        logging.getLogger().removeHandler(self.handler)
        logging.getLogger().setLevel(self.level)

    def text(self) -> str:
        return self.stream.getvalue()


def known_secrets(directory: Path, root: Path) -> dict[str, bytes | int | str]:
    """Everything that only the exchange, or one customer, may know."""
    ctx = open_directory(directory, PUBLIC_KEY).attestation.ctx
    book_key = MASTER.book_key(ctx)
    found: dict[str, bytes | int | str] = {
        "master key": MASTER.secret,
        "accounts_key": MASTER.accounts_key(),
        "book_key": book_key,
        "proof_key": Masks.for_book(book_key).proof_key,
        "signing key": SIGNING_KEY.private_bytes_raw(),
    }
    blindings = [wide("blind", book_key + j.to_bytes(8, "big")) for j in range(4)]
    found |= {f"blinding {j}": blinding for j, blinding in enumerate(blindings)}
    found["sum of the blindings"] = sum(blindings) % N
    for account, (btc, debt, eth) in ACCOUNTS.items():
        key = MASTER.account_key(account.encode())
        found |= {f"account_key of {account}": key, f"salt of {account}": row_salt(key, ctx), f"id {account}": account}
        cells = {"BTC": btc, "debt": debt, "slack": btc - debt, "ETH": eth}
        found |= {f"{name} of {account}": value for name, value in cells.items() if value}
    for i, name in enumerate(("BTC", "debt")):
        found[f"total {name}"] = sum(cells[i] for cells in ACCOUNTS.values())
    openings = json.loads((root / "private" / "epochs" / "1" / "totals.json").read_bytes())
    return found | {f"gamma {name}": int(o["gamma"]) for name, o in openings.items() if o["mode"] == "hidden"}


@cache
def spellings(secret: bytes | int | str) -> list[bytes]:
    """Every form in which a secret could lie somewhere."""
    if isinstance(secret, str):
        return [secret.encode(), *encoded(secret.encode())]
    if isinstance(secret, bytes):
        return [secret, secret[::-1], *encoded(secret), str(int.from_bytes(secret, "big")).encode()]
    size = (secret.bit_length() + 7) // 8
    raw = secret.to_bytes(size, "big")
    padded = secret.to_bytes(32, "big") if size <= 32 else raw
    return [raw, raw[::-1], str(secret).encode(), *encoded(raw), *encoded(padded), f"{secret:x}".encode()]


def encoded(raw: bytes) -> list[bytes]:
    """Hex, and what base64 makes of it at each of the three offsets, its unsteady ends cut off."""
    inner = [base64.b64encode(bytes(k) + raw)[(4 if k else 0) + (k > 0) :].rstrip(b"=")[:-2] for k in range(3)]
    both = [part.translate(bytes.maketrans(b"+/", b"-_")) for part in inner] + inner
    return [raw.hex().encode(), raw.hex().upper().encode(), *both]


def leaks(data: bytes, known: dict[str, bytes | int | str]) -> list[str]:
    """Names of the secrets found in ``data``; forms too short to mean anything are passed over."""
    return [name for name, secret in known.items() if any(len(s) > 5 and s in data for s in spellings(secret))]


def decoded(data: bytes) -> bytes:
    """``data`` and whatever base64 in it says."""
    texts = re.findall(rb"[A-Za-z0-9+/]{40,}={0,2}", data)
    return data + b"".join(base64.b64decode(text + b"=" * (-len(text) % 4)) for text in texts if len(text) % 4 != 1)


def test_the_search_finds_what_is_there(done: Run) -> None:
    """Otherwise the tests below would pass for no reason."""
    for name, secret in done.secrets.items():
        for form in spellings(secret):
            if len(form) > 5:
                assert name in leaks(b"before" + form + b"after", done.secrets)
        raw = secret.encode() if isinstance(secret, str) else secret
        if isinstance(raw, bytes):
            for k in range(3):
                assert name in leaks(base64.b64encode(b"x" * k + raw + b"y" * 4), done.secrets)
    private = done.root / "private" / "epochs" / "1"
    assert {"total BTC", "gamma BTC", "gamma debt"} <= set(leaks((private / "totals.json").read_bytes(), done.secrets))


def test_public_files(done: Run) -> None:
    files = [path for path in (done.root / "public").rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"attestation.json", "book.proof", "leaves.bin", "sealed.bin"}
    for path in files:
        assert leaks(decoded(path.read_bytes()), done.secrets) == [], path.name
    names = "\n".join(str(path.relative_to(done.root)) for path in done.root.rglob("*"))
    assert leaks(names.encode(), done.secrets) == []


def test_what_was_shown_and_logged(done: Run) -> None:
    assert "committing rows" in done.shown
    assert "QUALIFIED" in done.shown or "STALE" in done.shown
    assert leaks(done.shown.encode(), done.secrets) == []


def test_no_secret_key_is_stored_anywhere(done: Run) -> None:
    """Not even privately: the keys of a run are derived again when they are needed."""
    keys = ("master key", "accounts_key", "book_key", "proof_key", "signing key")
    known = {name: done.secrets[name] for name in keys}
    known |= {name: secret for name, secret in done.secrets.items() if name.startswith(("blinding", "account_key"))}
    for path in done.root.rglob("*"):
        if path.is_file():
            assert leaks(path.read_bytes(), known) == [], path.name


def test_modes_of_the_private_side(done: Run) -> None:
    private = done.root / "private"
    for path in [private, *private.rglob("*")]:
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path.relative_to(done.root)
    assert stat.S_IMODE(done.directory.stat().st_mode) == 0o755


def test_nothing_private_lies_on_the_public_side(done: Run) -> None:
    found = {path.name for path in (done.root / "public").rglob("*")}
    assert found == {"epochs", "1", "attestation.json", "book.proof", "leaves.bin", "schema.json", "sealed.bin"}


def test_representations(done: Run) -> None:
    known = done.secrets
    ctx = open_directory(done.directory, PUBLIC_KEY).attestation.ctx
    keys = RunKeys.derive(MASTER, ctx)
    masks = Masks.for_book(keys.book_key)
    cells = [[(0, 914_722_650_113_377), (1, 613_298_455_190_081)]]
    rows = pack_rows(cells)
    blinding = wide("blind", keys.book_key + bytes(8))
    raw = blinding.to_bytes(32, "big")
    ledger = MemoryLedger(SCHEMA, LEDGER)
    ledger.order(lambda accounts: keys.order_keys(accounts, get_engine("reference")), b"")
    sums = draw_sums([914_722_650_113_377], ["hidden"], masks, ctx)
    counts = ColumnSums.zero([64] * 4)
    counts.add(rows)
    committed = CommittedBook(Node(G, bytes(32)), counts, blinding)
    opening = Opening(0, dict(cells[0]), blinding, row_salt(MASTER.account_key(b"a"), ctx), ())
    objects: list[Any] = [
        MASTER,
        SIGNER,
        secrets(master=MASTER),
        keys,
        masks,
        rows,
        pack([account.encode() for account in ACCOUNTS]),
        ledger,
        next(iter(ledger.blocks(2))),
        Witness(rows, raw, (LinkWitness(0, raw),)),
        LinkWitness(0, raw),
        Round(blinding, blinding, blinding, G),
        SigmaMasks([blinding], blinding, [(blinding,) * 3], blinding, blinding, [blinding]),
        counts,
        committed,
        *sums,
        ColumnSum("hidden", 914_722_650_113_377, blinding),
        RootOpening([914_722_650_113_377], blinding),
        BookWitness(ledger, keys, committed, sums),
        OpenedRow(blinding, tuple(cells[0])),
        opening,
    ]
    for item in objects:
        shown = repr(item) + str(item) + f"{[item]}{ {'key': item} }"
        assert leaks(shown.encode(), known) == [], type(item).__name__


def provoked(done: Run, tmp_path: Path) -> Iterator[Callable[[], object]]:
    """Calls that fail with every secret at hand."""
    account = next(iter(ACCOUNTS))
    key = MASTER.account_key(account.encode())
    damaged = tmp_path / "damaged"
    shutil.copytree(done.directory, damaged)
    data = bytearray((damaged / "sealed.bin").read_bytes())
    data[-1] ^= 1
    (damaged / "sealed.bin").write_bytes(data)
    yield lambda: check_account(done.directory, "nobody", key, PUBLIC_KEY)
    yield lambda: check_account(damaged, account, key, PUBLIC_KEY)
    yield lambda: check_account(tmp_path / "none", account, key, PUBLIC_KEY)
    yield lambda: Attestation.from_payload(MASTER.secret)
    for changes in ({"first": False}, {"rows": 2}, {"exchange": "no name"}, {"chunk_bits": 25}, {"valid_for": 0}):
        yield lambda changes=changes: failing_run(tmp_path, changes)  # type: ignore[misc]


def failing_run(tmp_path: Path, changes: dict[str, Any]) -> object:
    return attest(
        plan(schema=SCHEMA, modes=MODES, **{"rows": 4, "taken_at": TAKEN_AT, **changes}),
        secrets(master=MASTER),
        new_store(tmp_path / str(changes)),
        lambda work: MemoryLedger(SCHEMA, LEDGER),
        get_engine("reference"),
        lambda *event: None,
    )


def test_errors(done: Run, tmp_path: Path) -> None:
    known = {name: secret for name, secret in done.secrets.items() if not name.startswith("id ")}
    count = 0
    for call in provoked(done, tmp_path):
        with pytest.raises(SolventError) as caught:
            call()
        shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(vars(caught.value))
        assert leaks(shown.encode(), known) == [], caught.value
        count += 1
    assert count == 9


def test_a_refused_ledger_names_the_account_but_not_its_balance() -> None:
    broken = {"konstantin": {"BTC": 331_760_225_871_907, "debt": 1}}
    with pytest.raises(SolventError) as caught:
        MemoryLedger(SCHEMA, broken)
    shown = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    assert "konstantin" in shown
    assert "331760225871907" not in shown
