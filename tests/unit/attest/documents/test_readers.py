"""Reader files that an exchange hands out."""

from __future__ import annotations

from pathlib import Path

import pytest

from attest.documents.readers import COVERAGE, make_reader, pin_anew
from attest.documents.roots import Changes, next_root
from tests.support.home import HomeOf, new_home
from tests.support.refusals import refused
from verifier.dsse import key_id
from verifier.errors import Malformed, Rejected
from verifier.trust.reader import Reader
from verifier.trust.requirement import Requirement
from verifier.trust.threshold import Threshold


@pytest.fixture
def home(tmp_path: Path) -> HomeOf:
    return new_home(tmp_path / "ex")


def test_pins_requirements_and_keys_of_their_own(home: HomeOf) -> None:
    root = home.root()
    own = Threshold((home.key("auditor").public_key,), 1)
    asked = (COVERAGE, Requirement("in-kind", "*", 10_000))
    reader = make_reader(root, asked, ["risk"], {"attestation": own}, "log x\n")
    assert Reader.from_bytes(reader.to_bytes()) == reader
    assert (reader.root, reader.require, reader.cosign, reader.log) == (
        root.digest,
        asked,
        {"attestation": own},
        "log x\n",
    )
    assert reader.pins == {"risk": (key_id(home.key("risk").public_key),)}


def test_what_no_reader_file_may_say(home: HomeOf) -> None:
    with pytest.raises(Malformed, match="no role price/x") as caught:
        make_reader(home.root(), pins=["price/x"])
    assert "exchange, log, risk, root, statement" in caught.value.hint
    with refused(Malformed, "E_FIELD"):
        make_reader(home.root(), (COVERAGE, COVERAGE))
    with refused(Malformed, "E_FIELD"):
        make_reader(home.root(), cosign={"prices": Threshold((bytes(31) + b"\x07",), 1)})


def test_a_reader_file_follows_the_root_document(home: HomeOf) -> None:
    path, old = home.path / "reader.json", home.root()
    new = next_root(old, Changes(), old.expires_at)
    before = Reader.from_bytes(path.read_bytes())
    assert pin_anew(path, old, new)
    after = Reader.from_bytes(path.read_bytes())
    assert (after.root, after.require) == (new.digest, before.require)
    assert not pin_anew(path, old, new), "it pins another one now"
    path.write_text("mine")
    assert not pin_anew(path, old, new)
    path.unlink()
    assert not pin_anew(path, old, new)


def test_pinning_keeps_one_key_in_one_role(home: HomeOf) -> None:
    reader = make_reader(home.root(), pins=["risk", "log"])
    document = reader.to_json()
    document["pins"]["log"] = document["pins"]["risk"]
    with refused(Rejected, "E_TRUST_ROLE"):
        Reader.from_json(document)
