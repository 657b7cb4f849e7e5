"""What a page shows of an epoch: labelled figures, how fresh it is, what changed since the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from server.backing import OLD_MESSAGE, SIGNED_STATEMENT, WITHHELD
from server.catalogue import Catalogue
from server.database import tables
from server.library import Opened
from server.pages.charts import Moment
from server.pages.words import age, catalogue, text
from verifier.dsse import key_id
from verifier.trust.revocation import Revocation
from verifier.trust.root import Root


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure with its label."""

    label: str
    value: str
    unit: str
    status: str


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old an epoch is, in words, and whether a newer one should be there by now."""

    age: str
    late: bool
    expired: bool
    due_at: int

    @property
    def mark(self) -> str:
        """The name of its mark."""
        return "late" if self.late else "fresh"


def freshness(lang: str, epoch: tables.Epoch, now: int) -> Freshness:
    """At ``now``, POSIX seconds: by the cadence that the exchange signed, and by the end of the epoch itself."""
    expired = now >= epoch.expires_at
    late = expired or now >= late_from(epoch)
    return Freshness(age(lang, max(now - epoch.taken_at, 0)), late, expired, epoch.due_at or epoch.expires_at)


def late_from(epoch: tables.Epoch) -> int:
    """From when on the epoch after this one is late."""
    return epoch.late_from or epoch.expires_at


def headline(lang: str, epoch: tables.Epoch, claims: int, fresh: Freshness) -> str:
    """The one sentence on top."""
    overdue = "expired" if fresh.expired else "late"
    form = overdue if fresh.late else "book" if not claims else "claim" if claims == 1 else "claims"
    return text(lang, f"home.status.{form}", epoch=epoch.number, age=fresh.age, count=claims)


def figures(lang: str, opened: Opened, found: Sequence[tables.Figure]) -> list[Shown]:
    """Totals and holdings that mean something to people: derived columns are left to the statement itself."""
    kinds = {column.name: column.kind for column in opened.documents.schema.columns}
    shown = []
    for figure in found:
        label = _label(lang, figure.id, kinds)
        if label:
            unit = text(lang, "figure.rows.unit") if figure.id == "accounts" else figure.unit
            shown.append(Shown(label, figure.value, unit, figure.status))
    return shown


def _label(lang: str, figure: str, kinds: dict[str, str]) -> str:
    if figure == "accounts":
        return text(lang, "figure.rows")
    if figure.startswith("holding:"):
        return text(lang, "figure.holding", pool=figure.split(":")[1])
    name = figure.removeprefix("total:")
    key = f"kind.{kinds.get(name, '')}"
    return text(lang, key) if key in catalogue(lang) else text(lang, "kind.other", name=name)


def evidence(lang: str, line: tables.Line) -> str:
    """What a line of the snapshot shows for itself."""
    if line.evidence == SIGNED_STATEMENT:
        return text(lang, "evidence.statement")
    if line.evidence.endswith(OLD_MESSAGE):
        return text(lang, "evidence.old", scheme=line.evidence.removesuffix(OLD_MESSAGE))
    return line.evidence


@dataclass(frozen=True, slots=True)
class Role:
    """Who may sign what: so many of these keys, told by their fingerprints."""

    name: str
    threshold: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """The root document of an epoch, for people."""

    version: int
    digest: str
    roles: tuple[Role, ...]
    revoked: tuple[Revocation, ...]


def root_keys(opened: Opened) -> Keys | None:
    """The roles by name; None where the epoch brings no root document."""
    if opened.documents.root is None:
        return None
    root = Root.from_envelope(opened.documents.root)
    roles = tuple(
        Role(name, role.threshold, tuple(key_id(key) for key in role.keys)) for name, role in sorted(root.roles.items())
    )
    return Keys(root.version, root.digest, roles, root.revoked)


def moments(epochs: Sequence[tables.Epoch]) -> list[Moment]:
    """For the chart, oldest first; ``epochs`` is newest first."""
    found, limit = [], 0
    for epoch in reversed(epochs):
        late = bool(limit) and epoch.issued_at > limit
        found.append(Moment(epoch.number, epoch.taken_at, epoch.accounts, late))
        limit = late_from(epoch)
    return found


def changes(lang: str, opened: Opened, before: Opened, listed: Catalogue) -> list[str]:
    """What is new and what is gone since the epoch before."""
    columns = _columns(opened), _columns(before)
    claims = _claims(opened, listed), _claims(before, listed)
    sentences = []
    for what, (now, then) in (("column", columns), ("claim", claims)):
        sentences += [text(lang, f"change.{what}.removed", name=name) for name in then if name not in now]
        sentences += [text(lang, f"change.{what}.added", name=name) for name in now if name not in then]
    if opened.documents.attestation.digests["policy"] != before.documents.attestation.digests["policy"]:
        sentences.append(text(lang, "change.policy"))
    return [*sentences, *_told(lang, listed.figures(opened.number), listed.figures(before.number))]


def _told(lang: str, now: Sequence[Any], then: Sequence[Any]) -> Iterator[str]:
    """Figures that are withheld now and were not, and the other way round."""
    before = {figure.id: figure.status for figure in then}
    for figure in now:
        was = before.get(figure.id)
        if was is not None and (was == WITHHELD) != (figure.status == WITHHELD):
            form = "less" if figure.status == WITHHELD else "more"
            yield text(lang, f"change.{form}", name=figure.id.removeprefix("total:"))


def _columns(opened: Opened) -> list[str]:
    return [column.name for column in opened.documents.schema.columns]


def _claims(opened: Opened, listed: Catalogue) -> list[str]:
    return [claim.name for claim in listed.claims(opened.number)]
