"""What is signed here, by whom, and that it is read whole first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from attest.documents.kinds import CUSTODY, KINDS, POLICY, ROOT, SCENARIOS, open_document
from attest.documents.policy_template import policy_template
from attest.documents.policy_toml import read_policy
from attest.signing import sign_payload
from tests.support.home import new_home
from tests.support.refusals import refused
from verifier.errors import Malformed, Rejected, SolventError
from verifier.trust.names import SIGNED_TAGS, role

DRAFT = read_policy(policy_template("ex.example"))
CUSTODIAN: dict[str, Any] = {
    "type": "solvent:custody/v1", "issuer": "vault", "kind": "custody", "exchange": "ex.example", "epoch": 1,
    "challenge": "11" * 32, "as_of": 1, "expires_at": 2,
    "entries": [{"asset": "BTC", "unit": "bip122:000000000019d6689c085ae165831e93/slip44:0", "amount": "5",
                 "encumbered": "0", "reference": "1", "valuation_at": 1, "covers": []}],
}  # fmt: skip


def test_every_kind_has_roles_that_exist() -> None:
    for kind in KINDS:
        assert kind.tag in SIGNED_TAGS
        for name in kind.roles:
            known = name if "/" in name or name in ("root", "risk", "exchange", "observer") else f"{name}/x"
            assert kind.allows(role(known, "test"))
    assert not POLICY.allows("exchange")
    assert CUSTODY.allows("custodian/vault")
    assert not CUSTODY.allows("price/vault")


def test_a_draft_in_any_layout_becomes_canonical() -> None:
    kind, envelope = open_document(json.dumps(DRAFT.to_json(), indent=4).encode(), "draft")
    assert (kind, envelope.payload, envelope.signatures) == (POLICY, DRAFT.to_bytes(), ())
    assert open_document(json.dumps(CUSTODIAN).encode(), "draft")[0] is CUSTODY


def test_a_signed_document_keeps_its_signatures(tmp_path: Path) -> None:
    home = new_home(tmp_path / "ex")
    kind, envelope = open_document(home.read("documents/root.json"), "root.json")
    assert (kind, len(envelope.signatures)) == (ROOT, 2)
    signed = sign_payload(DRAFT.to_bytes(), home.key("risk"), POLICY.payload_type)
    assert open_document(signed.to_bytes(), "policy.json") == (POLICY, signed)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"1", b'"solvent:policy/v1"', b"{}", b'{"type":"solvent:report/v1"}', b'{"type":1}',
        b'{"payloadType":"application/vnd.solvent.report.v1+json","payload":"","signatures":[]}',
        b'{"a":1,"a":2}', b'{"type":"solvent:policy/v1","x":1.5}', b'{"type":"solvent:policy/v1","x":NaN}', b"\xff",
        b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_document(data: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        open_document(data, "file")
    assert caught.value.where.startswith("file")


def test_a_document_is_read_whole_before_anybody_signs_it() -> None:
    broken = [
        {**DRAFT.to_json(), "value_scale": 1},
        {**DRAFT.to_json(), "more": 1},
        {**CUSTODIAN, "epoch": "1"},
        {"type": "solvent:scenarios/v1", "exchange": "e", "version": 1, "sets": {"s": []}},
    ]
    for document in broken:
        with pytest.raises(SolventError):
            open_document(json.dumps(document).encode(), "file")


def test_a_signed_document_is_read_whole_too(tmp_path: Path) -> None:
    signed = sign_payload(b"{}", new_home(tmp_path / "ex").key("risk"), SCENARIOS.payload_type)
    with refused(Malformed, "E_FIELD"):
        open_document(signed.to_bytes(), "file")
    loose = json.dumps(signed.to_json(), indent=1).encode()
    with refused(Malformed, "E_JSON"):
        open_document(loose, "file")


def test_a_policy_that_contradicts_itself_is_refused() -> None:
    document = DRAFT.to_json()
    document["haircuts"]["reserve"]["XRP"] = 1
    with refused(Rejected, "E_HAIRCUT"):
        open_document(json.dumps(document).encode(), "file")
