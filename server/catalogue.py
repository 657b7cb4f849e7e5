"""What pages and lists ask the database. Everything comes back detached, so that nothing is read later by accident."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from server.database import tables
from server.database.connecting import reading
from server.problems import Problem

T = TypeVar("T", bound=tables.Table)


class Catalogue:
    """Questions about the published epochs. Each raises Unavailable (E_DATABASE) when nothing answers."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def newest(self, limit: int, below: int | None = None) -> list[tables.Epoch]:
        """Epochs, newest first, with numbers below ``below``."""
        query = select(tables.Epoch).order_by(tables.Epoch.number.desc()).limit(limit)
        return self._all(query if below is None else query.where(tables.Epoch.number < below))

    def latest(self) -> tables.Epoch:
        """The newest epoch. Raises Problem (epoch-not-found) where none is published."""
        found = self.newest(1)
        if not found:
            raise Problem("epoch-not-found", "Nothing is published here yet.")
        return found[0]

    def neighbours(self, epoch: tables.Epoch) -> tuple[tables.Epoch | None, tables.Epoch | None]:
        """The epoch that ``epoch`` continues and the one that continues it, where they are published."""
        before = self._all(select(tables.Epoch).where(tables.Epoch.digest == epoch.previous))
        after = self._all(select(tables.Epoch).where(tables.Epoch.previous == epoch.digest))
        return (before[0] if before else None), (after[0] if after else None)

    def figures(self, epoch: int) -> list[tables.Figure]:
        """The figures of an epoch, in the order of the statement."""
        return self._listed(tables.Figure, epoch)

    def claims(self, epoch: int) -> list[tables.Claim]:
        """The claims of an epoch, in the order of the statement."""
        return self._listed(tables.Claim, epoch)

    def lines(self, epoch: int, first: int, count: int) -> tuple[list[tables.Line], int]:
        """Some lines of the snapshot, and how many there are."""
        query = (
            select(tables.Line)
            .where(tables.Line.epoch == epoch, tables.Line.position >= first)
            .order_by(tables.Line.position)
            .limit(count)
        )
        with reading(self._database) as session:
            total = session.execute(select(func.count()).where(tables.Line.epoch == epoch)).scalar_one()
            return _detached(session, query), int(total)

    def signers(self) -> list[tables.Key]:
        """The exchange's keys, the latest first."""
        return self._all(select(tables.Key).order_by(tables.Key.last_epoch.desc(), tables.Key.keyid))

    def publications(self, limit: int) -> list[tables.Publication]:
        """The last attempts to publish, newest first."""
        return self._all(select(tables.Publication).order_by(tables.Publication.id.desc()).limit(limit))

    def _listed(self, table: type[T], epoch: int) -> list[T]:
        columns: Any = table
        return self._all(select(table).where(columns.epoch == epoch).order_by(columns.position))

    def _all(self, query: Select[Any]) -> list[Any]:
        with reading(self._database) as session:
            return _detached(session, query)


def _detached(session: Session, query: Select[Any]) -> list[Any]:
    found = list(session.execute(query).scalars())
    session.expunge_all()
    return found


def to_cursor(number: int) -> str:
    """The place after epoch ``number`` in the list; opaque to readers."""
    return f"e{number}"


def from_cursor(text: str) -> int:
    """The number in a cursor of the documented form."""
    return int(text[1:])
