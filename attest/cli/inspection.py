"""``solvent inspect``: what is there, read and not verified."""

from __future__ import annotations

from pathlib import Path

from attest.cli import show
from attest.store import Store
from verifier.amounts import format_amount
from verifier.attestation import PAYLOAD_TYPE, Attestation
from verifier.cli.text import utc
from verifier.dsse import Envelope
from verifier.epoch import ATTESTATION, read_document
from verifier.errors import Unavailable
from verifier.schema import Schema


def show_chain(store: Store, as_json: bool) -> None:
    """Every published epoch, oldest first."""
    numbers = sorted(int(path.name) for path in (store.public / "epochs").glob("[0-9]*") if path.name.isdigit())
    found = [(number, *_read(store.epoch(number))) for number in numbers]
    if as_json:
        show.as_json({"epochs": [_summary(envelope, attestation) for _, envelope, attestation in found]})
        return
    if not found:
        raise Unavailable("this store holds no epoch yet", where=str(store.public), hint="run solvent attest --first")
    rows = [
        (str(number), utc(a.identity.taken_at), f"{a.accounts:,}", _megabytes(store.epoch(number)), envelope.digest)
        for number, envelope, a in found
    ]
    show.table(["epoch", "snapshot", "rows", "MB", "payload SHA-256"], rows, right=(0, 2, 3))


def show_epoch(directory: Path, as_json: bool) -> None:
    """One epoch directory."""
    envelope, a = _read(directory)
    schema = Schema.from_bytes(read_document(directory / "schema.json"))
    if as_json:
        show.as_json(_summary(envelope, a))
        return
    print("Read, not verified: use solvent-verify audit for that.")
    show.facts(
        [
            ("exchange", a.identity.exchange),
            ("epoch", str(a.identity.epoch)),
            ("snapshot", utc(a.identity.taken_at)),
            ("signed", utc(a.issued_at)),
            ("expires", utc(a.expires_at)),
            ("rows", f"{a.accounts:,}, in chunks of {1 << a.chunk_bits:,}"),
            ("previous", a.identity.previous or "none: the first of its chain"),
            ("payload SHA-256", envelope.digest),
            ("signed by", ", ".join(keyid for keyid, _ in envelope.signatures)),
        ]
    )
    print()
    show.table(["column", "asset", "kind", "decimals", "bits", "total"], _columns(schema, a), right=(3, 4))
    print()
    sizes = [(name, _size(directory / name), digest) for name, digest in a.files.items()]
    show.table(["file", "bytes", "SHA-256"], sizes, right=(1,))


def _columns(schema: Schema, a: Attestation) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for column in schema.columns:
        total = a.totals.get(column.name)
        value = total.value if total is not None else None
        told = format_amount(value, column.decimals) if isinstance(value, int) else total.mode if total else "missing"
        rows.append((column.name, column.asset, column.kind, str(column.decimals), str(column.bits), told))
    return rows


def _read(directory: Path) -> tuple[Envelope, Attestation]:
    envelope = Envelope.from_bytes(read_document(directory / ATTESTATION), PAYLOAD_TYPE, ATTESTATION)
    return envelope, Attestation.from_payload(envelope.payload)


def _summary(envelope: Envelope, a: Attestation) -> dict[str, object]:
    return {
        "verified": False,
        "payload": envelope.digest,
        "exchange": a.identity.exchange,
        "epoch": a.identity.epoch,
        "previous": a.identity.previous,
        "taken_at": a.identity.taken_at,
        "issued_at": a.issued_at,
        "expires_at": a.expires_at,
        "accounts": a.accounts,
        "totals": {name: total.to_json() for name, total in a.totals.items()},
        "files": dict(a.files),
    }


def _size(path: Path) -> str:
    return f"{path.stat().st_size:,}" if path.exists() else "missing"


def _megabytes(directory: Path) -> str:
    return f"{sum(path.stat().st_size for path in directory.iterdir()) / 1e6:,.1f}"
