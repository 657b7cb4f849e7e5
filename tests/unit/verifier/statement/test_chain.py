"""The attestation before this one: found, signed by the exchange of its time, earlier, with no newer policy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.epochs import (
    LASTS,
    TAKEN_AT,
    Epoch,
    audited,
    policy_document,
    reader,
    root_document,
    sign,
    signed_root,
)  # fmt: skip
from tests.support.refusals import refused
from tests.support.snapshots import signer
from verifier.epoch import open_directory
from verifier.errors import Malformed, Rejected, Unavailable
from verifier.statement.chain import less_disclosed

LATER = TAKEN_AT + LASTS // 2


def payload(directory: Path, role: str = "exchange") -> str:
    return open_directory(directory, signer(role).public_key).payload


def second(directory: Path, **changes: Any) -> Epoch:
    """The epoch that follows the one in ``directory``."""
    return Epoch(**{"number": 2, "previous": payload(directory), "taken_at": LATER, **changes})


def test_it_is_found_beside(tmp_path: Path) -> None:
    first = Epoch().write(tmp_path / "1")
    assert audited(second(first), tmp_path / "2").overall == "QUALIFIED"


def test_it_is_given(tmp_path: Path) -> None:
    first = Epoch().write(tmp_path / "old" / "1")
    epoch = second(first)
    assert audited(epoch, tmp_path / "new" / "2").overall == "INCOMPLETE"
    given = first / "attestation.json"
    assert audited(epoch, tmp_path / "new" / "2", previous=given).overall == "QUALIFIED"


def test_another_one_is_given(tmp_path: Path, public: Path) -> None:
    first = Epoch().write(tmp_path / "old" / "1")
    other = Epoch(sealed=False).write(tmp_path / "other" / "1") / "attestation.json"
    with refused(Unavailable, "E_FILE", where=str(other)):
        audited(second(first), tmp_path / "new" / "2", previous=other)
    with pytest.raises(Unavailable, match="first of its chain"):
        audited(Epoch(), public, previous=other)


def test_one_that_is_no_attestation(tmp_path: Path, public: Path) -> None:
    (tmp_path / "junk.json").write_bytes(b"junk")
    with refused(Malformed, "E_JSON", where="junk.json"):
        audited(Epoch(), public, previous=tmp_path / "junk.json")


def test_one_that_another_role_signed(tmp_path: Path) -> None:
    first = Epoch(signed_by={"attestation": ("risk",)}).write(tmp_path / "1")
    epoch = Epoch(number=2, previous=payload(first, "risk"), taken_at=LATER)
    assert audited(epoch, tmp_path / "2").overall == "INCOMPLETE"
    with refused(Rejected, "E_SIG_THRESHOLD", where="attestation.json"):
        audited(epoch, tmp_path / "2", previous=first / "attestation.json")


@pytest.mark.parametrize("change", [{"number": 2}, {"number": 3}, {"taken_at": LATER}])
def test_one_that_is_not_earlier(tmp_path: Path, change: dict[str, Any]) -> None:
    first = Epoch(**change).write(tmp_path / "1")
    with refused(Rejected, "E_BINDING", where="attestation: previous"):
        audited(second(first), tmp_path / "2")


def test_one_that_an_earlier_key_signed(tmp_path: Path) -> None:
    """The exchange's key changed with the root document; what the old key signed is still the previous one."""
    first = Epoch().write(tmp_path / "1")
    roles = {**root_document()["roles"], "exchange": {"keys": [signer("new").public_key.hex()], "threshold": 1}}
    root = sign("root", root_document(version=2, roles=roles), "root-1", "root-2")
    signed_by = {"attestation": ("new",), "collateral": ("new",)}
    (tmp_path / "one.json").write_bytes(signed_root().to_bytes())
    report = audited(second(first, root=root, signed_by=signed_by), tmp_path / "2", roots=[tmp_path / "one.json"])
    assert (report.overall, report.reasons) == ("QUALIFIED", ())


def test_the_reader_s_own_keys_sign_every_attestation(tmp_path: Path) -> None:
    first = Epoch().write(tmp_path / "1")
    asked = reader(cosign={"attestation": {"keys": [signer("supervisor").public_key.hex()], "threshold": 1}})
    epoch = second(first, signed_by={"attestation": ("exchange", "supervisor")})
    assert audited(epoch, tmp_path / "2", reader=asked).overall == "INCOMPLETE"


def test_the_version_of_the_policy_never_falls(tmp_path: Path) -> None:
    first = Epoch(policy=policy_document(version=2)).write(tmp_path / "1")
    with refused(Rejected, "E_POLICY_VERSION", where="policy: version"):
        audited(second(first), tmp_path / "2")


def test_the_version_of_the_scenarios_never_falls(tmp_path: Path) -> None:
    first = Epoch(scenarios={**(Epoch().scenarios or {}), "version": 2}).write(tmp_path / "1")
    with refused(Rejected, "E_SCENARIO", where="scenarios: version"):
        audited(second(first), tmp_path / "2")


def test_what_is_less_than_before(public: Path) -> None:
    now = open_directory(public, signer("exchange").public_key).attestation
    bare = replace(now, digests={**now.digests, "policy": ""}, totals={})
    assert less_disclosed(now, now) == ()
    assert less_disclosed(bare, now) == ("the total of BTC", "the total of ETH", "the total of USDT", "its policy")
