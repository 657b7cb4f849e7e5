"""``solvent inspect``: what is there, read and not verified."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from attest.cli import show
from attest.store import RUN_PREFIX, Store
from verifier.amounts import format_amount
from verifier.attestation import PAYLOAD_TYPE, Attestation
from verifier.cli.text import elapsed, utc
from verifier.dsse import Envelope
from verifier.epoch import ATTESTATION, read_document
from verifier.errors import Malformed, SolventError, Unavailable
from verifier.schema import Schema


@dataclass(frozen=True)
class Link:
    """One epoch of a store as it lies there."""

    number: int
    directory: Path
    envelope: Envelope
    attestation: Attestation


def show_chain(public: Path, private: Path, as_json: bool) -> None:
    """Every published epoch, oldest first, and what an operator should know about them."""
    store = Store(public, private)
    links, remarks = _read_chain(store)
    remarks += _remarks(store, links)
    if as_json:
        epochs = [_summary(link.envelope, link.attestation) for link in links]
        show.as_json({"public": str(public), "private": str(private), "epochs": epochs, "remarks": remarks})
        return
    if not links and not remarks:
        raise Unavailable("this store holds no epoch yet", where=str(public), hint="run solvent attest --first")
    if links:
        _show_links(store, links)
    for remark in remarks:
        show.say(f"note: {remark}")


def _show_links(store: Store, links: list[Link]) -> None:
    last = links[-1].attestation
    show.say("Read, not verified: use solvent-verify audit for that.")
    show.facts(
        [
            ("exchange", last.identity.exchange),
            ("public", str(store.public)),
            ("private", str(store.private)),
            ("last epoch", f"{last.identity.epoch}, {_freshness(last.expires_at)}"),
        ]
    )
    show.say("")
    rows = [
        (
            str(link.number),
            utc(link.attestation.identity.taken_at),
            f"{link.attestation.accounts:,}",
            _megabytes(link.directory),
            link.envelope.digest,
        )
        for link in links
    ]
    show.table(["epoch", "snapshot", "rows", "MB", "payload SHA-256"], rows, right=(0, 2, 3))


def _freshness(expires_at: int) -> str:
    left = expires_at - int(time.time())
    return f"valid for {elapsed(left)} more" if left > 0 else f"expired {elapsed(-left)} ago"


def _read_chain(store: Store) -> tuple[list[Link], list[str]]:
    """The epochs that can be read, and a remark on each that cannot."""
    names = [path.name for path in (store.public / "epochs").glob("*") if path.name.isascii()]
    links, remarks = [], []
    for number in sorted(int(name) for name in names if name.isdecimal()):
        try:
            links.append(Link(number, store.epoch(number), *_read(store.epoch(number))))
        except SolventError as error:
            remarks.append(f"epoch {number} cannot be read: {error}")
    return links, remarks


def _remarks(store: Store, links: list[Link]) -> list[str]:
    """What does not fit together, or is missing."""
    remarks = [
        f"epoch {after.number} does not continue epoch {before.number} of this directory"
        for before, after in pairwise(links)
        if after.attestation.identity.previous != before.envelope.digest
    ]
    remarks += [
        f"epoch {link.number} has no private files: keep a backup of {store.private}"
        for link in links
        if not store.private_epoch(link.number).is_dir()
    ]
    left = [path for parent in (store.public, store.private) for path in parent.glob(f"{RUN_PREFIX}*")]
    if left:
        remarks.append("a run is working, or was killed: the next solvent attest finishes or removes what it left")
    return remarks + _head_remarks(store, {link.envelope.digest for link in links})


def _head_remarks(store: Store, digests: set[str]) -> list[str]:
    """Whether the store's record of its last epoch fits what lies beside it."""
    head, remarks = store.head(), []
    try:
        store.require_last(head)
    except Malformed as error:
        remarks.append(f"{error.message} ({error.where}): {error.hint}")
    if head is not None and head.digest not in digests:
        remarks.append(f"the last epoch is {head.epoch} ({head.digest}), and it is not in {store.public}")
    return remarks


def show_epoch(directory: Path, as_json: bool) -> None:
    """One epoch directory."""
    if not (directory / ATTESTATION).is_file():
        raise Unavailable(
            f"this is not an epoch directory: there is no {ATTESTATION}",
            where=str(directory),
            code="E_FILE",
            hint="name a directory such as public/epochs/1, or none at all to see the store of solvent.toml",
        )
    envelope, a = _read(directory)
    schema = Schema.from_bytes(read_document(directory / "schema.json"))
    if as_json:
        show.as_json(_summary(envelope, a) | {"schema": schema.to_json()})
        return
    show.say("Read, not verified: use solvent-verify audit for that.")
    show.facts(
        [
            ("exchange", a.identity.exchange),
            ("epoch", str(a.identity.epoch)),
            ("snapshot", utc(a.identity.taken_at)),
            ("signed", utc(a.issued_at)),
            ("expires", f"{utc(a.expires_at)}, {_freshness(a.expires_at)}"),
            ("rows", f"{a.accounts:,}, in chunks of {1 << a.chunk_bits:,}"),
            ("rules", ", ".join(rule.name for rule in schema.rules) or "none"),
            ("previous", a.identity.previous or "none: the first of its chain"),
            ("payload SHA-256", envelope.digest),
            ("signer's key id", ", ".join(keyid for keyid, _ in envelope.signatures)),
        ]
    )
    show.say("")
    show.table(["column", "asset", "kind", "decimals", "bits", "total"], _columns(schema, a), right=(3, 4))
    show.say("")
    sizes = [(name, _size(directory / name), digest) for name, digest in a.files.items()]
    show.table(["file", "bytes", "SHA-256"], sizes, right=(1,))


def _columns(schema: Schema, a: Attestation) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for column in schema.columns:
        total = a.totals.get(column.name)
        value = total.value if total is not None else None
        told = format_amount(value, column.decimals) if isinstance(value, int) else total.mode if total else "missing"
        rows.append((column.name, column.asset or "-", column.kind, str(column.decimals), str(column.bits), told))
    return rows


def _read(directory: Path) -> tuple[Envelope, Attestation]:
    envelope = Envelope.from_bytes(read_document(directory / ATTESTATION), PAYLOAD_TYPE, ATTESTATION)
    return envelope, Attestation.from_payload(envelope.payload)


def _summary(envelope: Envelope, a: Attestation) -> dict[str, object]:
    return {
        "verified": False,
        "payload": envelope.digest,
        "signed_by": [keyid for keyid, _ in envelope.signatures],
        "exchange": a.identity.exchange,
        "epoch": a.identity.epoch,
        "previous": a.identity.previous,
        "taken_at": a.identity.taken_at,
        "issued_at": a.issued_at,
        "expires_at": a.expires_at,
        "accounts": a.accounts,
        "chunk_bits": a.chunk_bits,
        "totals": {name: total.to_json() for name, total in a.totals.items()},
        "files": dict(a.files),
    }


def _size(path: Path) -> str:
    return f"{path.stat().st_size:,}" if path.exists() else "missing"


def _megabytes(directory: Path) -> str:
    return f"{sum(path.stat().st_size for path in directory.iterdir()) / 1e6:,.2f}"
