"""No secret of a statement leaves: hidden totals and holdings, portions, and what their commitments open to.

The search is that of ``test_secrets_stay_private``: every form a leak takes, in every public file and on the screen.
"""

from __future__ import annotations

import json
import stat
import traceback
from pathlib import Path
from typing import Any

import pytest

from attest.epoch import book_of, settle
from attest.ordered import MemoryLedger
from attest.secrets import Masks
from attest.statement.findings import FalseClaims
from attest.statement.preparing import prepare
from attest.statement.proposal import propose
from attest.statement.published import AuxOpening, Publication
from attest.statement.truth import examine
from tests.integration.test_secrets_stay_private import Caught, Run, decoded, leaks
from tests.support.books import MASTER, SIGNER, SIGNING_KEY
from tests.support.markets import column
from tests.support.signed_home import TABLED, Home, make_home
from verifier import audit
from verifier.errors import SolventError

ACCOUNTS = {
    "alexandra-7719@example.org~0123456789abcdef": {"BTC": 104_722_651, "ETH": 31_298_455_191, "USDT": 88_145_209_913},
    "bartholomew-4402~fedcba9876543210": {"BTC": 59_911_843, "ETH": 17_760_225_877, "USDT": 70_033_871_201},
}
HELD = {"BTC": 190_448_377, "ETH": 60_550_118_923, "USDT": 198_007_761_119}


def home_in(root: Path, **settings: Any) -> Home:
    columns = [column(sym) for sym in ("BTC", "ETH", "USDT")]
    hidden = frozenset({"BTC", "ETH"})
    policy = {**TABLED, "columns": columns}
    return make_home(root, **{"accounts": ACCOUNTS, "held": HELD, "hidden": hidden, "policy": policy, **settings})


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Attest and audit with everything that is printed or logged caught."""
    home = home_in(tmp_path_factory.mktemp("statement"))
    with pytest.MonkeyPatch.context() as patched, Caught(patched) as caught:
        released = home.attest()
        report = audit(released.directory, reader=home.reader, now=home.taken_at + 120)
        print(released, report, report.to_json(), home.plan())
    return Run(home.root, released.directory, caught.text(), known_secrets(home))


def known_secrets(home: Home) -> dict[str, bytes | int | str]:
    found: dict[str, bytes | int | str] = {"master key": MASTER.secret, "signing key": SIGNING_KEY.private_bytes_raw()}
    private = home.store.private_epoch(1)
    for name, opening in json.loads((private / "totals.json").read_bytes()).items():
        found |= {f"total {name}": int(opening["value"]), f"gamma {name}": int(opening["gamma"])}
    openings = json.loads((private / "claims.json").read_bytes())
    for name, opening in openings["aux"].items():
        found[f"gamma {name}"] = int(opening["gamma"])
    for opening in openings["holdings"]:
        asset = opening["asset"]
        found |= {f"held {asset}": int(opening["value"]), f"gamma held {asset}": int(opening["gamma"])}
    found |= {f"blinding {sym}": home.openings_of(sym).blinding for sym in home.hidden}
    return found


def test_every_kind_of_secret_is_there(done: Run) -> None:
    assert done.secrets["total BTC"] == 104_722_651 + 59_911_843
    assert done.secrets["held BTC"] == HELD["BTC"]
    assert {"gamma coverage/BTC/y2", "gamma march/2020-03-12/BTC/y0", "gamma held ETH"} <= set(done.secrets)
    kept = (done.root / "private/epochs/1/claims.json").read_bytes()
    assert {"held BTC", "held ETH", "gamma coverage/BTC/y1"} <= set(leaks(kept, done.secrets))


def test_public_files(done: Run) -> None:
    files = [path for path in (done.root / "public").rglob("*") if path.is_file()]
    assert {path.name for path in files} == {
        "attestation.json", "book.proof", "claims.proof", "collateral.json", "leaves.bin", "policy.json", "prices.json",
        "root.json", "scenarios.json", "schema.json", "sealed.bin",
    }  # fmt: skip
    for path in files:
        assert leaks(decoded(path.read_bytes()), done.secrets) == [], path.name


def test_what_was_shown_and_logged(done: Run) -> None:
    assert "QUALIFIED" in done.shown
    assert leaks(done.shown.encode(), done.secrets) == []


def test_modes_of_the_private_side(done: Run) -> None:
    for path in (done.root / "private").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path.name


def test_the_custodians_blindings_are_not_copied_one_by_one(done: Run) -> None:
    """What a holding opens to is kept; with one line each it is that line's opening, and nothing else stores it."""
    known = {name: secret for name, secret in done.secrets.items() if name.startswith("blinding")}
    for path in (done.root / "private").rglob("*"):
        if path.is_file() and path.name != "claims.json":
            assert leaks(path.read_bytes(), known) == [], path.name


def test_representations(done: Run, tmp_path: Path) -> None:
    home = home_in(tmp_path)
    plan = home.plan()
    prepared = prepare(plan, home.inputs(), None, SIGNER)
    ledger = MemoryLedger(plan.schema, home.accounts)
    book = book_of(plan, ledger)
    proposal = propose(prepared, book)
    publication = Publication.draw(home.inputs(), proposal, Masks(b"p" * 32), bytes(32))
    opening = AuxOpening(HELD["BTC"], HELD["ETH"])
    false = home_in(tmp_path / "false", held={"BTC": 1, "ETH": 1, "USDT": 1})
    findings = examine(propose(prepare(false.plan(), false.inputs(), None, SIGNER), book))
    case = settle(plan, prepared, ledger)
    objects = [plan, home.inputs(), prepared, prepared.held, book, proposal, publication, opening, case, *findings]
    known = done.secrets | {"value": HELD["BTC"]}
    for item in objects:
        assert leaks(f"{item!r}".encode(), known) == [], type(item).__name__


def test_errors(done: Run, tmp_path: Path) -> None:
    """Every refusal but the one that is meant for the operator alone."""
    home = home_in(tmp_path)
    changes: list[dict[str, Any]] = [
        {"first": False}, {"valid_for": 10**6}, {"rows": 1}, {"exchange": "other.example"}, {"issued_at": 1},
    ]  # fmt: skip
    for change in changes:
        with pytest.raises(SolventError) as caught:
            home.attest(**change)
        shown = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
        assert leaks(shown.encode(), done.secrets) == [], change


def test_the_operator_alone_reads_what_is_missing(done: Run, tmp_path: Path) -> None:
    """In the text of the error, and not in what a log would keep of it."""
    home = home_in(tmp_path, held={**HELD, "BTC": 1_000_003})
    with pytest.raises(FalseClaims) as caught:
        home.attest()
    assert "owed 1.64634494" in str(caught.value)
    assert leaks(repr(caught.value.findings).encode(), done.secrets) == []
    assert leaks(caught.value.message.encode(), done.secrets) == []
