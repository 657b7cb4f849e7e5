"""What grows with epochs, and never with accounts."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Table(DeclarativeBase):
    """Base of all tables."""


class Epoch(Table):
    """A published epoch: what its attestation says of itself. Times are POSIX seconds, digests hex.

    ``due_at`` and ``late_from`` are about the next epoch, 0 where an earlier version of this service wrote the row.
    """

    __tablename__ = "epochs"
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    previous: Mapped[str] = mapped_column(String(64))
    exchange: Mapped[str] = mapped_column(String(96))
    taken_at: Mapped[int] = mapped_column(BigInteger)
    issued_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    published_at: Mapped[int] = mapped_column(BigInteger)
    accounts: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    late_from: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class File(Table):
    """A published file and how it lay on the disk when it was published; ``removed_at`` is 0 while it is kept."""

    __tablename__ = "files"
    epoch: Mapped[int] = mapped_column(ForeignKey("epochs.number"), primary_key=True)
    name: Mapped[str] = mapped_column(String(96), primary_key=True)
    bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    removed_at: Mapped[int] = mapped_column(BigInteger, default=0)


class Figure(Table):
    """A number that the signed payload tells, or withholds."""

    __tablename__ = "figures"
    epoch: Mapped[int] = mapped_column(ForeignKey("epochs.number"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(256))
    value: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(String(96))
    status: Mapped[str] = mapped_column(String(16))
    pointer: Mapped[str] = mapped_column(Text)


class Claim(Table):
    """A claim that the attestation makes, in words."""

    __tablename__ = "claims"
    epoch: Mapped[int] = mapped_column(ForeignKey("epochs.number"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(256))
    kind: Mapped[str] = mapped_column(String(32))
    sentence: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16))


class Line(Table):
    """A line of the collateral snapshot, as the exchange published it."""

    __tablename__ = "lines"
    epoch: Mapped[int] = mapped_column(ForeignKey("epochs.number"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    pool: Mapped[str] = mapped_column(String(96))
    asset: Mapped[str] = mapped_column(String(32))
    holder: Mapped[str] = mapped_column(Text)
    amount: Mapped[str] = mapped_column(String(80))
    encumbered: Mapped[str] = mapped_column(String(80))
    evidence: Mapped[str] = mapped_column(String(64))


class Key(Table):
    """A public key of the exchange that signed published epochs."""

    __tablename__ = "keys"
    keyid: Mapped[str] = mapped_column(String(64), primary_key=True)
    public_key: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(64))
    first_epoch: Mapped[int] = mapped_column(BigInteger)
    last_epoch: Mapped[int] = mapped_column(BigInteger)


class Publication(Table):
    """One attempt to publish: ``state`` is started, published or failed; ``code`` says why (an ``E_...`` name)."""

    __tablename__ = "publications"
    id: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[int] = mapped_column(BigInteger)
    finished_at: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(32), default="")

    __table_args__ = (Index("publications_by_epoch", "epoch"),)
