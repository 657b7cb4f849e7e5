"""Every problem a ledger can have is named with its file, row, column, value and remedy."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attest.ledger import LedgerConfig, stage
from tests.unit.attest.ledger.books import PLEDGE, TWO, only, read, refused
from verifier.errors import Malformed, Unavailable
from verifier.schema import Column, Rule, Schema


def write(path: Path, text: str | bytes, **options: object) -> LedgerConfig:
    """A CSV ledger."""
    file = path / "ledger.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return LedgerConfig("csv", file, **options)  # type: ignore[arg-type]


AMOUNTS = {
    "-3": ("is negative", 'kind "debt"'),
    "-0": ("is negative", 'kind "debt"'),
    "1.123456789": ("has 9 decimals, BTC has 8", "decimals = 9"),
    "0.000000001": ("has 9 decimals", "decimals = 9"),
    "184467440737.09551616": ("is more than a column of 64 bits holds (184467440737.09551615)", "more bits"),
    "9" * 60: ("is more than a column of 64 bits", "more bits"),
    "NaN": ("is not a number", "digits"),
    "inf": ("is not a number", "digits"),
    "-Infinity": ("is not a number", "digits"),
    "1e5": ("scientific notation", "float"),
    "1.5E-3": ("scientific notation", "float"),
    "+1": ("plus sign", "digits"),
    " 1": ("white space", "without spaces"),
    "1 000": ("white space", "without spaces"),
    "1\u00a0000": ("white space", "without spaces"),
    "1_000": ("separator", "1234567.89"),
    "1'000": ("separator", "1234567.89"),
    ".5": ("not a plain decimal number", "0.5"),
    "5.": ("not a plain decimal number", "0.5"),
    "1.2.3": ("separator", "one decimal point"),
    "0x10": ("not a plain decimal number", "digits"),
    "\u0661": ("not a plain decimal number", "digits"),
    "--1": ("not a plain decimal number", "digits"),
    "": ("the amount is empty", 'empty = "zero"'),
}


@pytest.mark.parametrize("text", AMOUNTS)
def test_amount_is_refused(tmp_path: Path, text: str) -> None:
    problem = only(write(tmp_path, f"account,BTC,ETH\nalice,1,2\nbob,{text},3\n"))
    message, remedy = AMOUNTS[text]
    assert (problem.source, problem.row, problem.column) == ("ledger.csv", 3, "BTC")
    assert problem.value.startswith(text.strip("\u00a0")[:3].replace("\u00a0", "\\xa0"))
    assert message in problem.message
    assert remedy in problem.remedy


def test_thousands_separator_is_refused(tmp_path: Path) -> None:
    problem = only(write(tmp_path, 'account,BTC,ETH\nalice,"1,000.5",2\n'))
    assert (problem.row, problem.value) == (2, "1,000.5")
    assert "separator" in problem.message


def test_long_values_are_shortened_and_printable(tmp_path: Path) -> None:
    problem = only(write(tmp_path, f"account,BTC,ETH\nalice,\x1b[31m{'1' * 500},2\n"))
    assert len(problem.value) < 50
    assert problem.value.isprintable()


IDS = {
    "": "is empty",
    "a\tb": "control character (U+0009)",
    "a\x7f": "control character (U+007F)",
    "a\x00": "control character (U+0000)",
    unicodedata.normalize("NFD", "josé"): "normal form NFC",
    "x" * 257: "257 bytes, more than 256",
    "é" * 129: "258 bytes, more than 256",
}


@pytest.mark.parametrize("account", IDS)
def test_id_is_refused(tmp_path: Path, account: str) -> None:
    problem = only(write(tmp_path, f"account,BTC,ETH\nalice,1,2\n{account},3,4\n"))
    assert (problem.row, problem.column) == (3, "account")
    assert IDS[account] in problem.message
    assert problem.remedy


@pytest.mark.parametrize("account", ["x" * 256, "é" * 128, "josé", "a b", "客户-1", "~"])
def test_id_is_kept(tmp_path: Path, workdir: Path, account: str) -> None:
    assert account in read(write(tmp_path, f"account,BTC,ETH\n{account},1,2\n"), TWO, workdir)


@pytest.mark.parametrize("account", [" alice", "alice ", "\u00a0", "alice\u2003"])
def test_id_that_begins_or_ends_with_a_space(tmp_path: Path, account: str) -> None:
    (problem,) = refused(write(tmp_path, f"account,BTC,ETH\nbob,1,2\n{account},1,2\n")).problems
    assert (problem.row, problem.column) == (3, "account")
    assert problem.message == "the account id begins or ends with a space"


def test_line_break_in_a_quoted_id(tmp_path: Path) -> None:
    error = refused(write(tmp_path, 'account,BTC,ETH\n"a\r\nb",1,2\nbob,-1,2\n'))
    assert [(p.row, p.column) for p in error.problems] == [(2, "account"), (4, "BTC")]


def test_duplicate_names_both_rows(tmp_path: Path) -> None:
    problem = only(write(tmp_path, "account,BTC,ETH\nalice,1,2\nbob,1,2\nalice,3,4\n"))
    assert (problem.row, problem.column, problem.value) == (4, "account", "alice")
    assert "row 2" in problem.message


def test_unknown_column_has_a_close_match(tmp_path: Path) -> None:
    problem = only(write(tmp_path, "account,BTC,ETH,BTCC\nalice,1,2,3\n"))
    assert (problem.row, problem.column) == (None, "BTCC")
    assert "'BTC'" in problem.remedy
    assert "ignore" in problem.remedy


def test_ignored_column_is_not_read(tmp_path: Path, workdir: Path) -> None:
    ledger = write(tmp_path, "account,BTC,note,ETH\nalice,1,-3,2\n", ignore=("note",))
    assert read(ledger, TWO, workdir) == {"alice": [(0, 10**8), (1, 2 * 10**18)]}


def test_missing_columns_and_bad_cells_in_one_report(tmp_path: Path) -> None:
    error = refused(write(tmp_path, "account,BTC\nalice,-1\n,2\n"))
    assert [(p.row, p.column) for p in error.problems] == [(None, "ETH"), (2, "BTC"), (3, "account")]
    assert "missing" in error.problems[0].message
    assert str(error).count("hint:") == 3


def test_ignoring_a_book_column_is_refused(tmp_path: Path) -> None:
    assert "ignored" in only(write(tmp_path, "account,BTC,ETH\nalice,1,2\n", ignore=("ETH",))).message


def test_missing_account_column(tmp_path: Path) -> None:
    unknown, missing = refused(write(tmp_path, "user,BTC,ETH\nalice,1,2\n")).problems
    assert (unknown.column, missing.column) == ("user", "account")
    assert "user, BTC, ETH" in missing.remedy


@pytest.mark.parametrize(("header", "message"), [("account,BTC,BTC,ETH", "2 times"), ("account,BTC,ETH,", "no name")])
def test_header_names(tmp_path: Path, header: str, message: str) -> None:
    assert message in only(write(tmp_path, f"{header}\nalice,1,2,3\n")).message


def test_slack_column_cannot_be_imported(tmp_path: Path) -> None:
    problem = only(write(tmp_path, "account,BTC,BTC:loan,BTC:slack\nalice,1,0,1\n"), PLEDGE)
    assert (problem.column, "computed" in problem.remedy) == ("BTC:slack", True)


def test_ragged_rows(tmp_path: Path) -> None:
    error = refused(write(tmp_path, "account,BTC,ETH\nalice,1\nbob,1,2,3\ncarol,-1,2\n"))
    assert [p.row for p in error.problems] == [2, 3, 4]
    assert "2 fields, the header has 3" in error.problems[0].message


def test_blank_lines_count_as_lines(tmp_path: Path) -> None:
    assert only(write(tmp_path, "account,BTC,ETH\n\nalice,1,2\n\nbob,-1,2\n\n")).row == 5


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_is_named(tmp_path: Path, workdir: Path, separator: str) -> None:
    text = "account,BTC,ETH\nalice,1,2\n".replace(",", separator)
    with pytest.raises(Malformed, match="not by commas") as caught:
        stage(write(tmp_path, text), TWO, workdir)
    assert "a comma between" in caught.value.hint


@pytest.mark.parametrize("rows", [1, 3])
def test_a_quote_that_stays_open_is_named_where_it_opens(tmp_path: Path, rows: int) -> None:
    text = 'account,BTC,ETH\n\n"a\nb",1,2\n"bob,1,2\n' + "carol,1,2\n" * rows
    problem = next(p for p in refused(write(tmp_path, text)).problems if "quote" in p.message)
    assert problem.row == 5
    assert f"up to row {5 + rows}" in problem.message


def test_a_guess_is_not_a_column_that_is_there(tmp_path: Path) -> None:
    assert "did you mean" not in only(write(tmp_path, "account,BTC,ETH,country\nalice,1,2,DE\n")).remedy


def test_rules_are_not_judged_without_their_columns(tmp_path: Path) -> None:
    problem = only(write(tmp_path, "account,BTC:loan\nalice,1\nbob,2\n"), PLEDGE)
    assert (problem.row, problem.column) == (None, "BTC")


@pytest.mark.parametrize("line", ['"bo"b,1,2', '"bob,1,2'])
def test_broken_quotes(tmp_path: Path, line: str) -> None:
    problem = only(write(tmp_path, f"account,BTC,ETH\nalice,1,2\n{line}\ncarol,-1,2\n"))
    assert problem.row == 3
    assert "no valid CSV" in problem.message or "is not closed" in problem.message
    assert problem.row is not None
    assert problem.row >= 3


@pytest.mark.parametrize("line", [b"jos\xe9,1,2", b"\xed\xa0\x80,1,2", b"\xc0\x80,1,2"])
def test_not_utf8(tmp_path: Path, line: bytes) -> None:
    problem = only(write(tmp_path, b"account,BTC,ETH\nalice,1,2\n" + line + b"\n"))
    assert (problem.row, problem.column) == (3, "account")
    assert "UTF-8" in problem.message
    assert "encoding" in problem.remedy


def test_declared_encoding(tmp_path: Path, workdir: Path) -> None:
    ledger = write(tmp_path, "account,BTC,ETH\njosé,1,2\n".encode("latin-1"), encoding="latin-1")
    assert list(read(ledger, TWO, workdir)) == ["josé"]


def test_wrong_declared_encoding(tmp_path: Path) -> None:
    rows = "".join(f"user{i},1,2\n" for i in range(5000))
    problem = only(write(tmp_path, f"account,BTC,ETH\n{rows}josé,1,2\n", encoding="ascii"))
    assert "not in the encoding" in problem.message
    assert problem.row is not None
    assert 1 < problem.row <= 5001


def test_byte_order_mark_is_no_part_of_the_name(tmp_path: Path, workdir: Path) -> None:
    assert read(write(tmp_path, b"\xef\xbb\xbfaccount,BTC,ETH\nalice,1,0\n"), TWO, workdir) == {"alice": [(0, 10**8)]}


def test_utf16_is_named(tmp_path: Path, workdir: Path) -> None:
    ledger = write(tmp_path, "account,BTC,ETH\nalice,1,2\n".encode("utf-16"))
    with pytest.raises(Malformed, match="UTF-16"):
        stage(ledger, TWO, workdir)


@pytest.mark.parametrize("text", ["", "\n"])
def test_no_header(tmp_path: Path, workdir: Path, text: str) -> None:
    with pytest.raises(Malformed, match="header"):
        stage(write(tmp_path, text), TWO, workdir)


def test_no_rows(tmp_path: Path) -> None:
    assert "no rows" in only(write(tmp_path, "account,BTC,ETH\n")).message


def test_missing_file(tmp_path: Path, workdir: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be read") as caught:
        stage(LedgerConfig("csv", tmp_path / "none.csv"), TWO, workdir)
    assert "path" in caught.value.hint


def test_report_stops_at_the_limit(tmp_path: Path) -> None:
    rows = "".join(f"user{i},-1,2\n" for i in range(200))
    error = refused(write(tmp_path, "account,BTC,ETH\n" + rows), limit=7)
    assert [p.row for p in error.problems] == list(range(2, 9))
    assert error.more
    assert "more than 7 problems" in str(error)


def test_report_of_exactly_the_limit_has_no_more(tmp_path: Path) -> None:
    rows = "".join(f"user{i},-1,2\n" for i in range(7))
    assert not refused(write(tmp_path, "account,BTC,ETH\n" + rows), limit=7).more


def test_empty_is_zero_when_the_configuration_says_so(tmp_path: Path, workdir: Path) -> None:
    ledger = write(tmp_path, "account,BTC,ETH\nalice,,2\nbob,,\n", empty="zero")
    assert read(ledger, TWO, workdir) == {"alice": [(1, 2 * 10**18)], "bob": []}


LONG = {
    "alice,DOGE,balance,1": ("DOGE", "no column of the book has this asset"),
    "alice,BTC,debt,1": ("BTC", "the kind 'debt'"),
    "alice,ETH,balance,-1": ("-1", "is negative"),
    "alice,BTC,balance,2": ("alice", "already in row 2"),
    "alice,,balance,2": ("", "is empty"),
    ",BTC,balance,2": ("", "the account id is empty"),
    "bob,BTC,,2": ("", "is empty"),
}


@pytest.mark.parametrize("line", LONG)
def test_long_ledger(tmp_path: Path, line: str) -> None:
    ledger = write(tmp_path, f"account,asset,kind,amount\nalice,BTC,balance,1\n{line}\n", shape="long")
    problem = only(ledger)
    value, message = LONG[line]
    assert (problem.row, problem.value) == (3, value)
    assert message in problem.message
    assert problem.remedy


def test_long_duplicate_of_a_zero(tmp_path: Path) -> None:
    text = "account,asset,amount\nalice,BTC,0\nalice,BTC,0\n"
    assert "already in row 2" in only(write(tmp_path, text, shape="long")).message


def test_long_header(tmp_path: Path) -> None:
    error = refused(write(tmp_path, "account,coin,kind\nalice,BTC,balance\n", shape="long"))
    assert [p.column for p in error.problems] == ["coin", "asset", "amount"]


def parquet(path: Path, **columns: object) -> LedgerConfig:
    """A Parquet ledger."""
    file = path / "ledger.parquet"
    pq.write_table(pa.table({"account": ["alice", "bob"], **columns}), file)
    return LedgerConfig("parquet", file)


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        (pa.float64(), "floats are never exact"),
        (pa.float32(), "floats are never exact"),
        (pa.bool_(), "decimal, integer or text"),
        (pa.decimal256(60, 8), "38 digits"),
        (pa.timestamp("s"), "decimal, integer or text"),
    ],
)
def test_parquet_types(tmp_path: Path, kind: object, remedy: str) -> None:
    column = pa.nulls(2, kind)
    problem = only(parquet(tmp_path, BTC=column, ETH=["1", "2"]))
    assert (problem.row, problem.column) == (None, "BTC")
    assert remedy in problem.remedy


def test_parquet_id_type(tmp_path: Path) -> None:
    file = tmp_path / "ledger.parquet"
    pq.write_table(pa.table({"account": [1.5], "BTC": ["1"], "ETH": ["1"]}), file)
    assert only(LedgerConfig("parquet", file)).column == "account"


def test_parquet_null_and_negative(tmp_path: Path) -> None:
    error = refused(parquet(tmp_path, BTC=pa.array([None, 1], pa.int64()), ETH=pa.array([1, -1], pa.int64())))
    assert [(p.row, p.column) for p in error.problems] == [(1, "BTC"), (2, "ETH")]


def test_parquet_text_that_is_not_utf8(tmp_path: Path) -> None:
    bad = pa.StringArray.from_buffers(
        2, pa.array([0, 3, 4], pa.int32()).buffers()[1], pa.py_buffer(b"a\xffbc"))  # fmt: skip
    file = tmp_path / "ledger.parquet"
    pq.write_table(pa.table({"account": bad, "BTC": ["1", "2"], "ETH": ["1", "2"]}), file)
    problem = only(LedgerConfig("parquet", file))
    assert (problem.row, problem.column) == (1, "account")


def test_broken_parquet(tmp_path: Path, workdir: Path) -> None:
    file = tmp_path / "ledger.parquet"
    file.write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(Malformed, match="Parquet"):
        stage(LedgerConfig("parquet", file), TWO, workdir)


def test_rule_broken(tmp_path: Path) -> None:
    problem = only(write(tmp_path, "account,BTC,BTC:loan\nalice,2,1\nbob,1,1.5\n"), PLEDGE)
    assert problem.row == 3
    for part in ("'bob'", "pledge:BTC", "BTC 1", "BTC:loan 1.5", "= -0.5", "below zero"):
        assert part in problem.message


def test_rule_is_not_judged_on_a_faulty_row(tmp_path: Path) -> None:
    error = refused(write(tmp_path, "account,BTC,BTC:loan\nalice,x,1\nbob,1,1.5\n"), PLEDGE)
    assert [(p.row, p.value) for p in error.problems] == [(2, "x"), (3, "")]


def test_slack_too_big(tmp_path: Path) -> None:
    small = Schema((*PLEDGE.columns[:2], Column("BTC:slack", "BTC", 8, 8, "slack")), PLEDGE.rules)
    problem = only(write(tmp_path, "account,BTC,BTC:loan\nalice,1,0\n"), small)
    assert "more than BTC:slack holds" in problem.message
    assert "more bits" in problem.remedy


def test_rule_without_slack(tmp_path: Path, workdir: Path) -> None:
    equal = Schema(PLEDGE.columns[:2], (Rule("same", (("BTC", 1), ("BTC:loan", -1))),))
    assert read(write(tmp_path, "account,BTC,BTC:loan\nalice,2,2\n"), equal, workdir)
    assert "is not zero" in only(write(tmp_path, "account,BTC,BTC:loan\nalice,2,1\n"), equal).message


@pytest.mark.parametrize(
    "rules",
    [
        (),
        (Rule("r", (("BTC", 1), ("BTC:slack", 1))),),
        (Rule("r", (("BTC", 1), ("BTC:slack", -1))), Rule("s", (("BTC", 1), ("BTC:slack", -1)))),
    ],
)
def test_slack_needs_its_rule(tmp_path: Path, workdir: Path, rules: tuple[Rule, ...]) -> None:
    with pytest.raises(Malformed, match="exactly one rule"):
        stage(write(tmp_path, "account,BTC,BTC:loan\na,1,1\n"), Schema(PLEDGE.columns, rules), workdir)


def test_a_remedy_is_told_once_for_neighbours_that_share_it(tmp_path: Path) -> None:
    error = refused(write(tmp_path, "account,BTC,ETH\nalice,-1,2\nbob,-2,2\ncarol,x,2\n"))
    lines = str(error).splitlines()
    assert [line.startswith("  hint: ") for line in lines] == [False, False, False, True, False, True]
    assert [problem.remedy for problem in error.problems[:2]] == [lines[3].removeprefix("  hint: ")] * 2
