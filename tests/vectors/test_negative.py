"""Every negative case is refused with the error it names, while the book it was made from passes in the same run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.vectors.run import DECODERS, bases, kind_of, negative_cases, run
from verifier.engine import Engine
from verifier.errors import SolventError

_twins: set[tuple[str, str, str, str]] = set()
VALID = {
    "point": "02" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    "point-xy": "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
    "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
    "scalar": "00" * 31 + "01",
    "json": "eyJhIjpbMSwiMSJdfQ==",
    "amount": "340282366920938463463374607431768211455",
    "signed": "-12",
    "base64": "QUI=",
    "decimal": "1.50",
    "account-key": "slv_k_" + "ab" * 32,
    "account-id": "\u00e9" * 128,
    "exchange-key": "ab" * 32,
    "sealed-text": "00" * 240,
}


def require_twin(case: dict[str, Any], engine: Engine, place: Path) -> None:
    """The unchanged input passes; once per book, row and check is enough."""
    given = {name: case["given"][name] for name in ("opening", "bundle") if name in case["given"]}
    key = (case["base"], case["target"], repr(given), engine.name)
    if key in _twins:
        return
    if case["target"] in DECODERS:
        run(case["target"], None, {"given": {"value": VALID[case["target"]]}, "files": {}}, place, engine)
    elif not (case["base"] == "unsealed" and case["target"] == "me"):
        book = bases()[case["base"]]
        files = {"schema.json": book["files"]["schema.json"]} if case["target"] == "schema" else {}
        run(case["target"], book, {"given": given, "files": files}, place, engine)
    _twins.add(key)


@pytest.mark.parametrize("case", negative_cases(), ids=lambda case: ascii(case["name"])[1:-1])
def test_it_is_refused(case: dict[str, Any], engine: Engine, tmp_path: Path) -> None:
    require_twin(case, engine, tmp_path / "twin")
    book = bases()[case["base"]] if case["base"] else None
    with pytest.raises(SolventError) as caught:
        run(case["target"], book, case, tmp_path / "case", engine)
    error = caught.value
    assert (kind_of(error), error.code, error.step) == (case["error"], case["code"], case["step"])
    assert error.message
    assert error.where
