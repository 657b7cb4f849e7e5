"""Decimal text to base units, against exact fractions; whatever the ledger holds, amounts are exact or refused."""

from __future__ import annotations

import re
import tempfile
from fractions import Fraction
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attest.ledger import LedgerConfig, stage
from attest.ledger.amounts import PATTERN, explain, format_units, units_sql
from attest.ledger.database import append, create
from tests.unit.attest.ledger.books import hashed, rows_of
from verifier.schema import Column, Schema

CONNECTION = duckdb.connect()
PLAIN = st.from_regex(re.compile(rf"\A(?:{PATTERN})\Z", re.ASCII))
ANY = st.text(alphabet="0123456789.,-+eE _'NaNinfx\n\t\u0661", max_size=30) | st.text(max_size=20)


def units(text: str, decimals: int, bits: int) -> int | None:
    """What DuckDB makes of ``text``: 0 where it gives no row, None where it refuses."""
    CONNECTION.register("one", pa.table({"t": [text]}))
    query = units_sql("1 AS k", "t::VARCHAR", str(decimals), str(2**bits - 1), "one")
    found = CONNECTION.execute(f"SELECT value::VARCHAR FROM ({query})").fetchall()  # noqa: S608
    CONNECTION.unregister("one")
    return 0 if not found else None if found[0][0] is None else int(found[0][0])


def expected(text: str, decimals: int, bits: int) -> int | None:
    """The same by exact fractions."""
    if not re.fullmatch(PATTERN, text, re.ASCII):
        return None
    value = Fraction(text) * 10**decimals
    return int(value) if value.denominator == 1 and value < 2**bits else None


@given(PLAIN | ANY, st.integers(0, 38), st.sampled_from([8, 64, 96, 128]))
@example("1.50000000000", 8, 64)
@example("340282366920938463463374607431768211455", 0, 128)
@example("340282366920938463463374607431768211456", 0, 128)
@example("3.40282366920938463463374607431768211455", 38, 128)
@example("0000000000000000000000000000000000000000000000000000001", 0, 8)
@example("100", 0, 8)
@example("0.0", 0, 8)
@example("10.", 2, 64)
@example(".5", 2, 64)
def test_units_against_fractions(text: str, decimals: int, bits: int) -> None:
    assert units(text, decimals, bits) == expected(text, decimals, bits)


@given(st.integers(0, 2**128 - 1), st.integers(0, 38), st.integers(0, 5))
def test_every_amount_comes_back(value: int, decimals: int, zeros: int) -> None:
    text = format_units(value, decimals)
    padded = text + "0" * zeros if "." in text else text
    assert units(padded, decimals, 128) == value
    assert Fraction(text) == Fraction(value, 10**decimals)


@given(ANY | PLAIN, st.integers(0, 38), st.sampled_from([8, 64, 128]))
def test_every_refusal_is_explained(text: str, decimals: int, bits: int) -> None:
    if expected(text, decimals, bits) is None:
        message, remedy = explain(text, Column("X", "X", decimals, bits, "balance"))
        assert message
        assert remedy


@pytest.mark.parametrize("value", [-1, -150000000, 1, 0, 10**40])
def test_format_of_signed_units(value: int) -> None:
    assert Fraction(format_units(value, 8)) == Fraction(value, 10**8)


IDS = st.lists(st.text(alphabet="abcXYZ019-_@.#~", min_size=1, max_size=12), min_size=1, max_size=8, unique=True)


@settings(max_examples=20)
@given(st.data(), IDS)
def test_a_whole_ledger(data: st.DataObject, ids: list[str]) -> None:
    amounts = st.integers(0, 2**64 - 1) | st.just(0)
    book = {account: [data.draw(amounts), data.draw(amounts)] for account in ids}
    schema = Schema((Column("A", "A", 8, 64, "balance"), Column("B", "B", 0, 64, "debt")))
    lines = [f"{account},{format_units(a, 8)},{b}" for account, (a, b) in book.items()]
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        (home / "l.csv").write_text("account,A,B\n" + "\n".join(lines) + "\n", "utf-8")
        (home / "work").mkdir()
        with stage(LedgerConfig("csv", home / "l.csv"), schema, home / "work") as staged:
            staged.order(hashed, b"")
            rows = dict(rows_of(staged))
    assert rows == {account: [(i, v) for i, v in enumerate(cells) if v] for account, cells in book.items()}


def test_lost_rows_are_noticed(tmp_path: Path) -> None:
    from attest.ledger.database import check_copy
    from verifier.errors import Unavailable

    connection = create(tmp_path)
    append(connection, "t", pa.table({"n": pa.array([0, 1, 2], pa.uint64())}))
    check_copy(connection, "t", "n", 3, 3)
    for rows, total in ((4, 3), (3, 4)):
        with pytest.raises(Unavailable, match="lost rows"):
            check_copy(connection, "t", "n", rows, total)
    connection.close()
