"""The frozen vectors: epochs and their bundles, written once and then verified for ever.

Each version is a directory of its own: v1 a book alone, v2 a book with policy, prices, collateral and claims.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from attest.book import RunKeys
from attest.epoch import attest
from attest.ordered import MemoryLedger
from attest.plan import Plan, Secrets
from attest.store import Store
from vectors.make import describe, statement_epochs, text
from vectors.make.books import MARGIN, MODES, account, customers, margin
from vectors.make.build import EXCHANGE, ISSUED_AT, MASTER, SIGNER, TAKEN_AT, VALID_FOR, Made, Spec, engine, entropy_of
from verifier.ahead import Caller
from verifier.attestation import PAYLOAD_TYPE, Attestation
from verifier.dsse import Envelope
from verifier.epoch import ATTESTATION, no_progress

DAY: Final = 86_400
Describe = Callable[[Path, Made], dict[str, Any]]


class KeptLedger(MemoryLedger):
    """A ledger whose private snapshot is not part of the vectors."""

    def save_snapshot(self, path: Path, caller: Caller) -> None:
        """Nothing is kept."""


@dataclass(frozen=True)
class FrozenEpoch:
    """What one epoch attests."""

    plan: Plan
    accounts: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Frozen:
    """One version. ``files`` lie beside the epochs; ``more`` are members of expected.json; ``report`` tells what an
    auditor must find in an epoch's directory.
    """

    epochs: Sequence[FrozenEpoch]
    report: Describe = lambda directory, made: describe.report(made)
    more: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


def liabilities() -> Frozen:
    """Two days of one exchange: five customers, then one more."""
    first, second = margin(customers(5), "frozen one"), margin(customers(6), "frozen two")
    ledgers = [{**first, account("Zo\u00eb"): {"BTC": 5, "slack": 5}}, second]
    return Frozen([FrozenEpoch(_book_plan(i), accounts) for i, accounts in enumerate(ledgers)])


def _book_plan(i: int) -> Plan:
    return Plan(
        EXCHANGE,
        MARGIN,
        MODES,
        TAKEN_AT + DAY * i,
        VALID_FOR,
        rows="next power of two",
        chunk_bits=2,
        first=i == 0,
        issued_at=ISSUED_AT + DAY * i,
    )


def statements() -> Frozen:
    """Two days of an exchange with a policy: most totals and one holding hidden."""
    days = [statement_epochs.Day(i + 1, TAKEN_AT + DAY * i) for i in range(2)]
    return Frozen(
        [FrozenEpoch(day.plan(), day.accounts) for day in days],
        statement_epochs.report,
        statement_epochs.secrets_told(),
        statement_epochs.reader_file(),
    )


VERSIONS: Final[Mapping[str, Callable[[], Frozen]]] = {"v1": liabilities, "v2": statements}


def write_frozen(place: Path, version: str) -> None:
    """Write one version into ``place``. Raises FileExistsError when it is there: it is never written again."""
    if place.exists():
        raise FileExistsError(f"{place.name} is frozen")
    frozen, made = VERSIONS[version](), []
    with tempfile.TemporaryDirectory() as work:
        store = Store(Path(work) / "public", Path(work) / "private")
        for i, epoch in enumerate(frozen.epochs):
            made.append(one_epoch(store, f"frozen {version}, epoch {i + 1}", f"frozen-{i + 1}", epoch))
    expected = [publish(place, str(i + 1), book, frozen.report) for i, book in enumerate(made)]
    for name, data in frozen.files.items():
        (place / name).write_bytes(data)
    text.write(
        place / "expected.json",
        {
            "exchange": EXCHANGE,
            "exchange_key": SIGNER.public_key.hex(),
            "master_key": MASTER.secret.hex(),
            **frozen.more,
            "epochs": expected,
        },
    )
    (place / "CHECKSUMS").write_text(checksums(place), encoding="ascii")


def one_epoch(store: Store, seed: str, name: str, epoch: FrozenEpoch) -> Made:
    """Attest as an exchange does, through its store."""
    plan = epoch.plan
    ledger, entropy = KeptLedger(plan.schema, epoch.accounts), entropy_of(seed)
    released = attest(plan, Secrets(MASTER, SIGNER, entropy), store, lambda work: ledger, engine(), no_progress)
    files = {path.name: path.read_bytes() for path in sorted(released.directory.iterdir())}
    envelope = Envelope.from_bytes(files[ATTESTATION], PAYLOAD_TYPE, ATTESTATION)
    attestation = Attestation.from_payload(envelope.payload)
    (block,) = ledger.blocks(attestation.accounts)
    rows = tuple((block.accounts[j], tuple(block.rows.row(j))) for j in range(len(block.rows)))
    spec = Spec(name, "", plan.schema, plan.modes, epoch.accounts)
    return Made(spec, attestation, files, RunKeys.derive(MASTER, attestation.ctx), rows)


def publish(place: Path, number: str, made: Made, report: Describe) -> dict[str, Any]:
    """Write one epoch's files and bundles; returns what is expected of it."""
    directory = place / "epochs" / number
    directory.mkdir(parents=True)
    for name, data in made.files.items():
        (directory / name).write_bytes(data)
    (place / "bundles").mkdir(exist_ok=True)
    openings = [describe.opening(made, j) for j, (name, _) in enumerate(made.rows) if name]
    for k, opening in enumerate(openings):
        kind = "alone" if k % 2 == 0 else "beside"
        opening["bundle"] = f"bundles/{number}-{k}-{kind}.json"
        data = describe.bundle_of(made, opening["index"], kind == "alone").to_bytes()
        (place / opening["bundle"]).write_bytes(data)
    return {
        "epoch": int(number),
        "directory": f"epochs/{number}",
        "now": made.now,
        "expected": describe.expected(made),
        "report": report(directory, made),
        "accounts": openings,
    }


def checksums(place: Path) -> str:
    """SHA-256 of every file but this list, as sha256sum writes it."""
    paths = sorted(path for path in place.rglob("*") if path.is_file() and path.name != "CHECKSUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(place).as_posix()}" for path in paths]
    return "\n".join(lines) + "\n"
