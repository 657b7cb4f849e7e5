"""The published rows through the commands: imported, checked, VALID; each mutation of each row is refused.

A mutated row is written into ``lines.json`` as an attacker with the exchange's disk would, then checked.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from attest.collateral.lines_file import write_lines
from tests.support.answers import DATA, OKX, okx_desk
from tests.support.exchange import answer
from tests.unit.verifier.collateral.test_okx_rows import FEWEST, IDS, LINES, mutations
from verifier.collateral import NOT_PROVEN, AddressBacking, LegacyLine, Line
from verifier.errors import SolventError


def listed(row: LegacyLine, name: str) -> Line:
    backing = AddressBacking(row.account, row.scheme, row.signatures, row.script, row.public_key, row.message)
    return Line(name, "address", row.asset, row.unit, "cold", row.amount, 0, backing)


def mutated(row: LegacyLine) -> tuple[list[Line], int]:
    """The mutations that a strict list can hold, and how many it refuses to hold at all."""
    lines, unreadable = [], 0
    for number, claim in enumerate(mutations(row).values()):
        changed = replace(
            row,
            **{name: getattr(claim, name) for name in ("scheme", "message", "account", "script", "public_key")},
            signatures=tuple(claim.signatures),
        )
        line = listed(changed, f"m{number}")
        try:
            lines.append(Line.from_json(line.to_json()))
        except SolventError:
            unreadable += 1
    return lines, unreadable


@pytest.mark.parametrize("row", LINES, ids=IDS)
def test_every_mutation_is_refused_by_the_command(tmp_path: Path, row: LegacyLine) -> None:
    """One list for each mutation would be slow: mutations of one account are duplicates, so they are judged in turn."""
    lines, unreadable = mutated(row)
    assert len(lines) + unreadable >= FEWEST
    desk = okx_desk(tmp_path)
    honest = listed(row, "honest")
    write_lines(desk.lines, [honest], [])
    assert answer(desk.check("--json"))["verdicts"] == {"VALID": 1}
    for line in lines:
        write_lines(desk.lines, [line], [])
        (verdict,) = json.loads(desk.check("--json").stdout)["lines"]
        assert verdict["verdict"] != "VALID", line
        assert not verdict["counted"]


@pytest.mark.parametrize("name", OKX)
def test_the_amount_is_not_covered_and_the_report_says_so(tmp_path: Path, name: str) -> None:
    desk = okx_desk(tmp_path)
    desk.run("import", DATA / name, "--pool", "cold")
    document = json.loads(desk.lines.read_bytes())
    document["lines"][0]["amount"] = "1"
    desk.lines.write_text(json.dumps(document))
    done = desk.check()
    assert done.exit_code == 0
    assert "no signature of an owner covers an amount" in done.stdout
    assert "not what is in it" in NOT_PROVEN
