"""Bundles: one file, one form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.support.books import Epoch
from tests.support.refusals import refused
from verifier import canonical
from verifier.bundle import Bundle
from verifier.errors import Malformed, Rejected, SolventError
from verifier.hashing import N

Change = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def bundle(sample: Epoch) -> Bundle:
    return sample.bundle("alice")


def changed(bundle: Bundle, change: Change) -> bytes:
    document = canonical.decode(bundle.to_bytes(), where="")
    change(document)
    return canonical.encode(document)


def put(name: str, value: Any) -> Change:
    return lambda d: d.update({name: value})


def cell(name: str, value: Any) -> Change:
    return lambda d: d["cells"].update({name: value})


def step(name: str, value: Any) -> Change:
    return lambda d: d["path"][0].update({name: value})


def test_round_trip(bundle: Bundle) -> None:
    assert Bundle.from_bytes(bundle.to_bytes()) == bundle
    lean = replace(bundle, attestation=None, schema=None)
    assert Bundle.from_bytes(lean.to_bytes()) == lean
    assert len(lean.to_bytes()) < 3000


def test_zero_cells_are_not_written(bundle: Bundle) -> None:
    assert replace(bundle, cells={**bundle.cells, "extra": 0}).to_bytes() == bundle.to_bytes()


REFUSED: dict[str, tuple[Change, type[SolventError], str]] = {
    "unknown member": (put("account_key", "slv_k_" + "00" * 32), Malformed, "E_FIELD"),
    "path missing": (lambda d: d.pop("path"), Malformed, "E_FIELD"),
    "another type": (put("type", "solvent:bundle/v2"), Malformed, "E_TYPE"),
    "payload short": (put("payload", "00"), Malformed, "E_TYPE"),
    "index text": (put("index", "0"), Malformed, "E_TYPE"),
    "account_id of 257 bytes": (put("account_id", "a" * 257), Malformed, "E_LIMIT"),
    "account_id a number": (put("account_id", 7), Malformed, "E_TYPE"),
    "cells a list": (put("cells", []), Malformed, "E_TYPE"),
    "4097 cells": (put("cells", {f"c{i}": "1" for i in range(4097)}), Malformed, "E_LIMIT"),
    "a cell of zero": (cell("BTC", "0"), Malformed, "E_FIELD"),
    "a cell that is a number": (cell("BTC", 5), Malformed, "E_TYPE"),
    "a negative cell": (cell("BTC", "-5"), Malformed, "E_TYPE"),
    "a cell of 2^128": (cell("BTC", str(2**128)), Malformed, "E_LIMIT"),
    "blinding short": (put("blinding", "00"), Malformed, "E_TYPE"),
    "blinding n": (put("blinding", f"{N:064x}"), Malformed, "E_SCALAR"),
    "salt in capitals": (put("salt", "AB" * 32), Malformed, "E_TYPE"),
    "salt of half a byte": (put("salt", "abc"), Malformed, "E_TYPE"),
    "salt a number": (put("salt", 5), Malformed, "E_TYPE"),
    "salt too long": (put("salt", "ab" * 600), Malformed, "E_LIMIT"),
    "a path of 41 steps": (lambda d: d["path"].extend([d["path"][0]] * 38), Malformed, "E_LIMIT"),
    "path an object": (put("path", {}), Malformed, "E_TYPE"),
    "a step with an unknown member": (step("side", "left"), Malformed, "E_FIELD"),
    "a step off the curve": (step("C", "02" + "ff" * 32), Malformed, "E_POINT"),
    "a step at the identity": (step("C", "00" * 33), Malformed, "E_POINT"),
    "a short hash": (step("h", "00"), Malformed, "E_TYPE"),
    "attestation null": (put("attestation", None), Malformed, "E_TYPE"),
    "attestation text": (put("attestation", ""), Malformed, "E_TYPE"),
    "schema null": (put("schema", None), Malformed, "E_TYPE"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(bundle: Bundle, name: str) -> None:
    change, kind, code = REFUSED[name]
    with refused(kind, code):
        Bundle.from_bytes(changed(bundle, change))


def test_a_salt_of_another_length_is_left_to_section_5(bundle: Bundle) -> None:
    assert len(Bundle.from_bytes(changed(bundle, put("salt", "ab" * 34))).salt) == 34


def test_forty_steps_are_read(bundle: Bundle) -> None:
    assert len(Bundle.from_bytes(changed(bundle, lambda d: d["path"].extend([d["path"][0]] * 37))).path) == 40


def test_a_cell_without_a_column(sample: Epoch, bundle: Bundle) -> None:
    assert bundle.opening(sample.schema).cells == {0: 700, 1: 9, 2: 200, 3: 500}
    with refused(Rejected, "E_INCLUSION", step="5.3", where="cells"):
        replace(bundle, cells={"XRP": 1}).opening(sample.schema)


def test_a_bundle_does_not_show_what_it_opens(bundle: Bundle) -> None:
    shown = repr(bundle)
    for secret in (str(bundle.blinding), f"{bundle.blinding:064x}", bundle.salt.hex(), "700"):
        assert secret not in shown.replace(repr(bundle.path), "").replace(repr(bundle.attestation), "")
