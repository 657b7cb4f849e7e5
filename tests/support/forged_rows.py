"""The small books that the attacks on the row argument share, honest and forged."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from tests.support.cheat import Cells, Cheat, Forgery, RowProver
from tests.support.refusals import refused
from verifier.errors import Rejected
from verifier.schema import Column, Rule, Schema
from verifier.wire import HIDDEN

PLAIN = Schema((Column("BTC", "BTC", 8, 8, "balance"),))
NET = Schema(
    (
        Column("BTC", "BTC", 8, 8, "balance"),
        Column("BTC:debt", "BTC", 8, 8, "debt"),
        Column("slack", "", 0, 8, "slack"),
    ),
    (Rule("net", (("BTC", 1), ("BTC:debt", -1), ("slack", -1))),),
)
HONEST: list[Cells] = [{"BTC": 5}, {"BTC": 7}, {"BTC": 255}]
NEGATIVE: list[Cells] = [*HONEST, {"BTC": -100}]
CHUNK = "book.proof, chunk 0"


def plain(cells: Sequence[Cells], prover: RowProver | None = None, mode: str = HIDDEN) -> Forgery:
    return Cheat(PLAIN, (mode,), cells, prover=prover or RowProver()).publish()


def net(*cells: Cells) -> Forgery:
    return Cheat(NET, (HIDDEN, HIDDEN, "none"), cells).publish()


def refused_at(step: str) -> AbstractContextManager[object]:
    return refused(Rejected, "E_PROOF", step=step)
