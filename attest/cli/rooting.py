"""What `solvent root` does."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from attest.cli import show
from attest.cli.homes import require_exchange
from attest.cli.words import number, pair, span
from attest.config import Config
from attest.documents import files, roots
from attest.documents.home import READER
from attest.documents.kinds import ROOT
from attest.documents.public_keys import public_key_of
from attest.documents.readers import pin_anew
from attest.documents.roots import CADENCE, Changes, first_root, missing_signatures, next_root, sign_root
from attest.documents.sign import read_root
from attest.key_reference import key_reference
from attest.key_ring import KeyRing
from attest.signing import Signer
from attest.store import Store
from verifier.dsse import Envelope, key_id
from verifier.errors import Unavailable
from verifier.trust import names
from verifier.trust.revocation import Revocation
from verifier.trust.root import Cadence, Root
from verifier.trust.threshold import Threshold, signers


@dataclass(frozen=True)
class Request:
    """What was typed after `root new-version`."""

    add: tuple[str, ...]
    remove: tuple[str, ...]
    rotate: tuple[str, ...]
    threshold: tuple[str, ...]
    revoke: tuple[str, ...]
    cadence: tuple[str, ...]
    key: tuple[str, ...]
    reason: str
    from_epoch: int | None
    expires_in: str
    as_json: bool


def new_version(config: Config, request: Request) -> None:
    """Make, sign and, where the signatures suffice, put the next version in force. Raises SolventError."""
    path, ring = config.document_path("root"), KeyRing.of(config.keys)
    old = read_root(path) if path.exists() else None
    if old is not None:
        require_exchange(old.exchange, config, "root document")
    changes = _changes(config, request, ring)
    expires_at = int(time.time()) + span(request.expires_in, "--expires-in")
    root = next_root(old, changes, expires_at) if old else _first(config, changes, expires_at)
    envelope = sign_root(root, _signers(config, request, ring, root, old), old)
    if any(missing_signatures(envelope, old)):
        _write_draft(path, root, envelope, old, request.as_json)
        return
    roots.install(path, envelope)
    _tell_in_force(config, path, root, old, request.as_json)


def install(config: Config, file: Path, as_json: bool) -> None:
    """Put a draft in force. Raises SolventError."""
    data = files.read_bytes(file, "the root document")
    envelope = Envelope.from_bytes(data, ROOT.payload_type, file.name)
    require_exchange(Root.from_envelope(envelope, file.name).exchange, config, "root document")
    path = config.document_path("root")
    old = read_root(path) if path.exists() else None
    root = roots.install(path, envelope)
    if file.name == _draft_path(path, root).name and file.resolve().parent == path.resolve().parent:
        file.unlink()
    _tell_in_force(config, path, root, old, as_json)


def show_root(path: Path, as_json: bool) -> None:
    """Roles, keys and signatures of a root document. Raises SolventError."""
    data = files.read_bytes(path, "the root document", "solvent init makes one; or name a file")
    envelope = Envelope.from_bytes(data, ROOT.payload_type, path.name)
    root = Root.from_envelope(envelope, path.name)
    signed = signers(envelope, root.signing.keys, path.name)
    if as_json:
        keyids = [key_id(key) for key in signed]
        show.as_json({"done": True, "digest": root.digest, "signed_by": keyids, "document": root.to_json()})
        return
    show.say(f"Version {root.version} of the root document of {root.exchange}")
    show.facts(
        [
            ("digest", f"{root.digest} (what a reader pins)"),
            ("signatures", f"{len(signed)} of its own root keys, it needs {root.signing.threshold}"),
            ("expires", _until(root)),
            ("cadence", _cadence(root.cadence)),
        ]
    )
    show_roles(root)


def show_roles(root: Root) -> None:
    """Every key of every role, and what is revoked."""
    rows = [
        (role if i == 0 else "", f"{keys.threshold} of {len(keys.keys)}" if i == 0 else "", key.hex(), key_id(key)[:16])
        for role, keys in sorted(root.roles.items())
        for i, key in enumerate(keys.keys)
    ]
    show.table(["role", "must sign", "public key", "key id"], rows)
    for revocation in root.revoked:
        when = f"from epoch {revocation.from_seq} on"
        show.say(f"revoked {when}: {revocation.key.hex()} ({revocation.reason or 'no reason given'})")


def _changes(config: Config, request: Request, ring: KeyRing) -> Changes:
    revoke = tuple(
        Revocation(public_key_of(text, ring), _from_seq(config, request), int(time.time()), request.reason)
        for text in request.revoke
    )
    return Changes(
        add=_keys(request.add, "--add", ring),
        remove=_keys(request.remove, "--remove", ring),
        rotate=_keys(request.rotate, "--rotate", ring),
        thresholds={role: number(n, "--threshold") for role, n in _pairs(request.threshold, "--threshold", "ROLE=N")},
        revoke=revoke,
        cadence=_new_cadence(config, request),
    )


def _pairs(texts: Iterable[str], option: str, form: str) -> list[tuple[str, str]]:
    return [pair(text, option, form) for text in texts]


def _keys(texts: Iterable[str], option: str, ring: KeyRing) -> tuple[tuple[str, bytes], ...]:
    return tuple(
        (names.role(role, option), public_key_of(key, ring)) for role, key in _pairs(texts, option, "ROLE=KEY")
    )


def _from_seq(config: Config, request: Request) -> int:
    """From the next epoch on, unless another one is named. Raises SolventError for a store that cannot be read."""
    if request.from_epoch is not None:
        return request.from_epoch
    head = Store(config.store.public, config.store.private).head()
    return head.epoch + 1 if head else 0


def _new_cadence(config: Config, request: Request) -> Cadence | None:
    if not request.cadence:
        return None
    path = config.document_path("root")
    told = (read_root(path).cadence if path.exists() else CADENCE).to_json()
    for name, seconds in _pairs(request.cadence, "--cadence", "NAME=SECONDS"):
        if name not in told:
            raise click.BadParameter(f"{name[:40]!r} is not one of {', '.join(told)}", param_hint="--cadence")
        told[name] = number(seconds, "--cadence")
    return Cadence(**told)


def _first(config: Config, changes: Changes, expires_at: int) -> Root:
    """Version 1 of an exchange whose home is older than root documents: every key is added by name."""
    roles: dict[str, Threshold] = {}
    for role, key in changes.add:
        roles[role] = Threshold((*roles.get(role, Threshold((), 1)).keys, key), changes.thresholds.get(role, 1))
    if names.ROOT not in roles:
        hint = "add the root keys: --add root=keys/root-1.key ... --threshold root=2"
        raise Unavailable("there is no root document yet", where="root.json", code="E_FILE", hint=hint)
    return first_root(config.exchange, roles, expires_at)


def _signers(config: Config, request: Request, ring: KeyRing, root: Root, old: Root | None) -> list[Signer]:
    """The keys of --key, or those of keys/root-*.key that may sign this."""
    if request.key:
        return [ring.signer(key_reference(text)) for text in request.key]
    known = {*root.signing.keys, *(old.signing.keys if old else ())}
    found = [ring.signer(path) for path in sorted((config.base / "keys").glob("root-*.key"))]
    return [signer for signer in found if signer.public_key in known]


def _draft_path(path: Path, root: Root) -> Path:
    return path.with_name(f"{path.stem}-{root.version}.draft{path.suffix}")


def _write_draft(path: Path, root: Root, envelope: Envelope, old: Root | None, as_json: bool) -> None:
    draft = _draft_path(path, root)
    files.replace(draft, envelope.to_bytes())
    of_old, of_new = missing_signatures(envelope, old)
    if as_json:
        told = {"file": str(draft), "digest": root.digest, "missing": {"before": of_old, "this": of_new}}
        show.as_json({"done": True, "in_force": False, **told})
        return
    show.say(f"Version {root.version} of the root document is not in force yet: root signatures are missing.")
    if old is not None:
        show.say(f"  {of_old} of version {old.version}, {of_new} of version {root.version}; one key may count for both")
    show.say(
        "Let the others sign, then put it in force:",
        f"  solvent sign {draft} --role root --key KEY",
        f"  solvent root install {draft}",
    )


def _tell_in_force(config: Config, path: Path, root: Root, old: Root | None, as_json: bool) -> None:
    pinned = old is not None and pin_anew(config.base / READER, old, root)
    if as_json:
        told = {"file": str(path), "version": root.version, "digest": root.digest}
        show.as_json({"done": True, "in_force": True, **told})
        return
    show.say(f"Version {root.version} of the root document is in force: {path}")
    show.facts([("digest", root.digest), ("expires", _until(root))])
    if old is not None and old.version < root.version:
        kept = roots.archived(path, old.version)
        show.say(f"The version before is kept as {kept}: who pinned it needs it, and every version since.")
    if pinned:
        show.say(f"{READER} pins the new version now.")
    for role in sorted({*(old.roles if old else ())} - {*root.roles}):
        show.say(f"warning: nobody can sign as {role} any more: add a key with --add {role}=KEY")


def _until(root: Root) -> str:
    until = datetime.fromtimestamp(root.expires_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{until} (it has expired: make the next version)" if root.expired(int(time.time())) else until


def _cadence(cadence: Cadence) -> str:
    pulse = f", a pulse every {cadence.pulse_s:,} s" if cadence.pulse_s else ""
    return f"a book every {cadence.book_s:,} s{pulse}, {cadence.grace_s:,} s of grace, good for {cadence.ttl_s:,} s"
