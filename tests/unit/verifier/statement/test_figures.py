"""Every figure leads back: a pointer to the very value, or a formula over other figures that gives it."""

from __future__ import annotations

import ast
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.support.epochs import COVERAGE_Z, NOW, QUOTES, REFERENCE, Epoch, audited, policy_document
from tests.support.markets import asset, column
from verifier import audit, canonical
from verifier.statement.figures import percent_text, token

RESULTS = {
    "Z:held:BTC/BTC": "150000000000",
    "Z:held:ETH/ETH": "24999999990000",
    "Z:held:USDT/USDT": "99999999990000",
    "Z:coverage": "52688499953016",
    "Z:crash/2020-03-12": "76924594969399",
    "Z:bitcoin": "1420598000000000",
}
"""The statement's worked example."""


def resolve(document: Any, pointer: str) -> Any:
    """RFC 6901."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document


def documents(directory: Path) -> dict[str, Any]:
    """Every published document by the digest of its payload."""
    import hashlib

    from verifier.dsse import decode_base64

    found = {}
    for path in directory.glob("*.json"):
        data = path.read_bytes()
        document = canonical.decode(data, where=path.name)
        if "payload" in document:
            data = decode_base64(document["payload"], path.name)
            document = canonical.decode(data, where=path.name)
        found[hashlib.sha256(data).hexdigest()] = document
    return found


def computed(formula: str, values: dict[str, Fraction]) -> Fraction:
    """A formula of this page over whole numbers: + * / ^ and floor, with figures by their ids."""
    names = {f"x{i}": name for i, name in enumerate(sorted(values, key=len, reverse=True))}
    where = ""
    if ", v = " in formula:
        formula, _, where = formula.partition(", v = ")
    for short, name in names.items():
        formula, where = formula.replace(name, short), where.replace(name, short)
    known = {short: values[name] for short, name in names.items()}
    if where:
        known["v"] = _evaluate(where, known)
    return _evaluate(formula, known)


def _evaluate(text: str, known: dict[str, Fraction]) -> Fraction:
    return _value(ast.parse(text.replace("^", "**"), mode="eval").body, known)


def _value(node: ast.expr, known: dict[str, Fraction]) -> Fraction:
    if isinstance(node, ast.Constant):
        return Fraction(int(str(node.value)))
    if isinstance(node, ast.Name):
        return known[node.id]
    if isinstance(node, ast.UnaryOp):
        return -_value(node.operand, known)
    if isinstance(node, ast.Call):
        value = _value(node.args[0], known)
        return Fraction(value.numerator // value.denominator)
    assert isinstance(node, ast.BinOp)
    left, right = _value(node.left, known), _value(node.right, known)
    if isinstance(node.op, ast.Pow):
        return Fraction(10) ** int(right)
    if isinstance(node.op, ast.Div):
        return left / right
    return {ast.Add: left + right, ast.Sub: left - right, ast.Mult: left * right}[type(node.op)]


@pytest.mark.parametrize("which", ["public", "hidden"])
def test_every_pointer_leads_to_the_value(which: str, request: pytest.FixtureRequest) -> None:
    directory: Path = request.getfixturevalue(which)
    found = documents(directory)
    pointed = [figure for figure in audited(Epoch(), directory).figures() if "pointer" in figure]
    assert len(pointed) >= 10
    for figure in pointed:
        value = resolve(found[figure["doc"]], figure["pointer"])
        if figure["value"]:
            assert str(value) == figure["value"], figure["id"]
        else:
            assert figure["status"] == "proven, hidden"
            assert re.fullmatch(r"0[23][0-9a-f]{64}", value)


@pytest.mark.parametrize("which", ["public", "hidden"])
def test_every_formula_gives_the_value(which: str, request: pytest.FixtureRequest) -> None:
    figures = {figure["id"]: figure for figure in audited(Epoch(), request.getfixturevalue(which)).figures()}
    derived = [figure for figure in figures.values() if "formula" in figure]
    assert len(derived) >= 8
    for figure in derived:
        assert "pointer" not in figure
        values = {name: Fraction(figures[name]["value"]) for name in figure["inputs"]}
        assert computed(figure["formula"], values) == Fraction(figure["value"]), figure["id"]


def test_the_worked_example_is_what_the_report_computes(public: Path) -> None:
    figures = {figure["id"]: figure["value"] for figure in audited(Epoch(), public).figures()}
    assert {name: figures[name] for name in RESULTS} == RESULTS
    assert figures["Z:coverage"] == str(COVERAGE_Z)
    assert (figures["price:BTC"], figures["total:BTC"], figures["holding:cold:ETH"]) == ("115770", "1.75", "55")


def test_what_is_hidden_has_no_figure_of_its_own(hidden: Path) -> None:
    figures = {figure["id"]: figure for figure in audited(Epoch(), hidden).figures()}
    assert (figures["total:BTC"]["value"], figures["total:BTC"]["status"]) == ("", "proven, hidden")
    assert "holding:cold:USDT" not in figures
    assert figures["units:holding:cold:USDT"]["status"] == "recomputed, a part is hidden"
    assert [name for name in figures if name.startswith("Z:")] == ["Z:held:ETH/ETH"]


def test_figures_have_ids_of_their_own_and_closed_members(public: Path) -> None:
    figures = audited(Epoch(), public).figures()
    assert len({figure["id"] for figure in figures}) == len(figures)
    members = {"id", "value", "unit", "status", "doc", "inputs"}
    assert all(set(figure) in (members | {"pointer"}, members | {"formula"}) for figure in figures)


class TestRounding:
    """Each asset's rounding error, and a warning above 0.1 %."""

    def test_a_coarse_one_is_warned_of(self, tmp_path: Path) -> None:
        """A coin of 18 decimals at 15 cents: at this scale a base unit is worth one and a half money units."""
        base = policy_document()
        policy = policy_document(
            claims=base["claims"][:1],
            assets={**base["assets"], "DUST": asset(18)},
            columns=[*base["columns"], column("DUST", decimals=18, bits=64)],
            value_scale=19,
        )
        quotes = {source: {**index, "DUST": "15"} for source, index in QUOTES.items()}
        epoch = Epoch(policy=policy, quotes=quotes, scenarios=None, modes=("public",) * 4)
        figures = {figure["id"]: figure for figure in audited(epoch, tmp_path / "1").figures()}
        assert (figures["rounding:DUST"]["value"], figures["rounding:DUST"]["status"]) == ("33.333334", "warning")

    @pytest.mark.parametrize(("lost", "status"), [(Fraction(1, 1000), "recomputed"), (Fraction(2, 1000), "warning")])
    def test_the_threshold(self, lost: Fraction, status: str, public: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        report = audited(Epoch(), public)
        monkeypatch.setattr(
            "verifier.statement.figures.rounding_errors", lambda market: dict.fromkeys(QUOTES["beta"], lost)
        )
        figures = {figure["id"]: figure for figure in report.figures()}
        assert figures["rounding:BTC"]["status"] == status


@pytest.mark.parametrize(
    ("share", "text"),
    [(Fraction(0), "0"), (Fraction(1, 1000), "0.1"), (Fraction(1, 3), "33.333334"), (Fraction(1, 10**12), "0.000001")],
)
def test_a_share_never_looks_smaller_than_it_is(share: Fraction, text: str) -> None:
    assert percent_text(share) == text


def test_names_in_pointers_are_escaped() -> None:
    assert token("a/b~c") == "a~1b~0c"


def test_the_same_files_give_the_same_report(public: Path, hidden: Path) -> None:
    for directory in (public, hidden):
        first, second = (audit(directory, now=NOW, engine=REFERENCE).to_json() for _ in range(2))
        assert canonical.encode(first) == canonical.encode(second)
