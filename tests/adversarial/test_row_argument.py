"""Forged row proofs: each fools a verifier that lacks one check, and the real one refuses it (docs/protocol.md, 3, 7).

Verifier: verifier/rows.py.  The provers that cheat: tests/support/cheat.py and below.  Transcript and shapes:
test_row_transcript.py.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from attest.rows import Round, linear_coefficients
from tests.support.cheat import (
    Cells,
    Cheat,
    Digits,
    DirtyRows,
    Forgery,
    RowProver,
)
from tests.support.forged_rows import CHUNK, HONEST, NEGATIVE, NET, net, plain, refused_at
from tests.support.refusals import refused
from tests.support.weak import batch_weights, mutated, only_summed, without_step
from verifier import equations, schema
from verifier.equations import Batch
from verifier.errors import Rejected
from verifier.group import G, Point, U, bit_generator
from verifier.hashing import N
from verifier.rows import rule_terms
from verifier.schema import Rule, Schema
from verifier.transcript import Transcript
from verifier.wire import HIDDEN, PUBLIC


def test_the_honest_twins_are_accepted() -> None:
    plain(HONEST).verify()
    plain(HONEST, mode=PUBLIC).verify()
    net({"BTC": 10, "BTC:debt": 4, "slack": 6}, {"BTC": 200, "slack": 200}, {}).verify()


# Cells that are no numbers of their bits: 3.5c.


@pytest.mark.parametrize(
    "cell",
    [[2], [-1 % N], [N - 5], [0] * 7 + [N - 1], [1, 1, (N + 1) // 2], -1, -100, 256, 2**200],
    ids=["digit 2", "digit -1", "digit n-5", "top digit -1", "digit 1/2", "-1", "-100", "256", "2^200"],
)
@pytest.mark.parametrize("row", [0, 3])
def test_cells_that_are_not_made_of_bits(cell: int | list[int], row: int) -> None:
    cells = [*HONEST, {"BTC": 9}]
    cells[row] = {"BTC": cell}
    forgery = plain(cells)
    with without_step("3.5c"):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5c", where=CHUNK):
        forgery.verify()


def test_a_negative_balance_with_a_plausible_total() -> None:
    forgery = plain([{"BTC": 200}, {"BTC": 250}, {"BTC": -400}], mode=PUBLIC)
    assert forgery.statement.totals[0].value == 50
    with without_step("3.5c"):
        forgery.verify()
    with refused_at("3.5c"):
        forgery.verify()


def test_balances_that_wrap_around_to_a_small_total() -> None:
    half: Cells = {"BTC": (N + 1) // 2}
    forgery = plain([half, half, {"BTC": 6}], mode=PUBLIC)
    assert forgery.statement.totals[0].value == 7, "two rows of (n+1)/2 count as 1"
    with without_step("3.5c"):
        forgery.verify()
    with refused_at("3.5c"):
        forgery.verify()


def test_a_bad_cell_in_a_book_of_one_row() -> None:
    forgery = plain([{"BTC": -1}])
    with without_step("3.5c"):
        forgery.verify()
    with refused_at("3.5c"):
        forgery.verify()


# Broken rules.


def test_a_debt_larger_than_the_equity_whose_slack_wraps() -> None:
    forgery = net({"BTC": 10, "slack": 10}, {"BTC": 5, "BTC:debt": 10, "slack": -5})
    with without_step("3.5c"):
        forgery.verify()
    with refused_at("3.5c"):
        forgery.verify()


def test_honest_bits_that_break_a_rule() -> None:
    def forge() -> Forgery:
        return net({"BTC": 10, "slack": 10}, {"BTC": 5, "BTC:debt": 10})

    no_rules = mutated(rule_terms, "return total % N", "return 0")
    with no_rules, mutated(linear_coefficients, "return coefficients", "return {}"):
        forge().verify()
    with refused_at("3.5c"):
        forge().verify()


def test_a_rule_weight_that_wraps_is_no_rule() -> None:
    """With weight -(n-1), which is 1 mod n, the rule reads BTC + slack = debt: any debt can be "covered"."""

    def wrapping() -> Schema:
        return Schema(NET.columns, (Rule("net", (("BTC", 1), ("BTC:debt", -1), ("slack", 1 - N))),))

    with mutated(schema._check_rule, ">= _MAGNITUDE", ">= _MAGNITUDE**2"):
        Cheat(wrapping(), (HIDDEN,) * 3, [{"BTC": 5, "BTC:debt": 10, "slack": 5}, {}]).publish().verify()
    with refused(Rejected, "E_BOUND", step="2", where="rule net"):
        wrapping()


# Forgeries across rounds: every round has its own equation, weighed by what no prover knows.


@dataclass
class CrossRound(RowProver):
    """Commit to honest round polynomials; once r is known, move the gap between two of them."""

    first: int = 1
    second: int = 1

    def answer_rounds(self, rounds: list[Round], weights: list[tuple[int, int]], gap: int) -> list[Round]:
        (lam1, _), (lam2, _) = weights[0], weights[1]
        shift = gap * pow(lam1 * self.second - lam2 * self.first, -1, N)
        one = replace(rounds[0], b=(rounds[0].b + shift * self.second) % N)
        two = replace(rounds[1], b=(rounds[1].b - shift * self.first) % N)
        return [one, two, *rounds[2:]]


def test_the_cross_round_forgery() -> None:
    forgery = plain(NEGATIVE, CrossRound())
    with only_summed("3.5b"):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5b", where=f"{CHUNK}, round 1"):
        forgery.verify()


def test_the_cross_round_forgery_through_weights_drawn_before_the_responses() -> None:
    known = {f"{CHUNK}, round {t}": 1 + secrets.randbelow(2**128 - 1) for t in (1, 2)}
    forgery = plain(NEGATIVE, CrossRound(*known.values()))
    with batch_weights(lambda step, where: known.get(where)):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5b", where=f"{CHUNK}, round 1"):
        forgery.verify()


def test_batch_weights_are_never_zero() -> None:
    """A random source that says 0 is the worst case: the weights are then 1, and one failing equation still shows."""
    forgery = plain(NEGATIVE)
    zero = patch.object(equations, "secrets", SimpleNamespace(randbelow=lambda limit: 0))
    with zero, mutated(Batch.require, "1 + secrets.randbelow", "secrets.randbelow"):
        forgery.verify()
    with zero, refused_at("3.5c"):
        forgery.verify()


def test_batch_weights_are_drawn_for_each_equation() -> None:
    drawn: list[int] = []

    def randbelow(limit: int) -> int:
        drawn.append(limit)
        return secrets.randbelow(limit)

    with patch.object(equations, "secrets", SimpleNamespace(randbelow=randbelow)):
        plain(NEGATIVE[:3]).verify()
    assert drawn == [2**128 - 1] * 6, "3.5a, two of 3.5b, 3.5c, 4a, 4c"


# Commitments with a component where they should have none: 3.5b.


@dataclass
class Stray(RowProver):
    """Every committed row is shifted at ``bit``; alpha_1 takes the shift back, and the answers are for honest rows."""

    bit: int
    shift: int

    def run_rounds(self, rows: DirtyRows, transcript: Transcript) -> tuple[list[Round], list[int], Digits]:
        honest = [[d - self.shift * (k == self.bit) for k, d in enumerate(row)] for row in rows.digits]
        return super().run_rounds(DirtyRows(honest, rows.blindings), transcript)

    def commit_round(self, t: int, b: int, c: int) -> Round:
        honest = super().commit_round(t, b, c)
        return honest if t else replace(honest, alpha=honest.alpha - self.shift * bit_generator(self.bit))


def test_an_alpha_that_hides_a_shift_of_every_row() -> None:
    shifted: list[Cells] = [{"BTC": [1, 0, 0, 0, 0, 0, 0, N - 1]}] * 4
    forgery = plain(shifted, Stray(bit=7, shift=-1))
    with only_summed("3.5a", "3.5b"):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5a", where=CHUNK):
        forgery.verify()


@pytest.mark.parametrize("stray", [G, U, bit_generator(0)], ids=["G", "U", "bit/0"])
def test_an_alpha_with_a_component_outside_its_generators(stray: Point) -> None:
    class Outside(RowProver):
        def commit_round(self, t: int, b: int, c: int) -> Round:
            honest = super().commit_round(t, b, c)
            return replace(honest, alpha=honest.alpha + 5 * stray) if t == 1 else honest

    forgery = plain([*HONEST, {"BTC": 1}], Outside())
    with without_step("3.5b"):
        forgery.verify()
    with refused(Rejected, "E_PROOF", step="3.5b", where=f"{CHUNK}, round 2"):
        forgery.verify()
