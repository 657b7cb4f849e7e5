"""`solvent attest` with policy, prices, collateral: what the operator sees, and that a false claim leaves nothing."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from attest.statement.inputs import PREPARED
from attest.store import write_private
from tests.support.exchange import answer, refusal, solvent
from tests.support.markets import coverage
from tests.support.signed_home import CLAIMS, Home, make_home, signer_of
from verifier import audit
from verifier.report import QUALIFIED


def recent() -> int:
    """A snapshot a minute ago."""
    return int(time.time()) - 60


def attest(home: Home, *words: str) -> Any:
    first = ["--first"] if home.epoch == 1 else []
    return home.run("attest", *first, "--taken-at", str(home.taken_at), *words)


def check(home: Home, *words: str) -> Any:
    return home.run("attest", "--check", "--taken-at", str(home.taken_at), *words)


def untouched(home: Home) -> bool:
    """Neither an epoch nor the rest of one."""
    return not [
        *home.store.public.glob("epochs/*"),
        *home.store.public.glob(".run-*"),
        *home.store.private.glob(".run-*"),
    ]


def test_an_epoch_with_claims(tmp_path: Path) -> None:
    home = make_home(tmp_path, taken_at=recent(), hidden=frozenset({"BTC"}))
    done = attest(home)
    assert done.exit_code == 0, done.stderr
    for words in ("held:BTC", "coverage", "holds", "proven", "After discounts, holdings are worth at least 100 %"):
        assert words in done.stdout
    for stage in ("check documents, prices and collateral", "prove the claims", "check everything as an auditor would"):
        assert stage in done.stdout
    report = audit(home.store.epoch(1), reader=tmp_path / "reader.json")
    assert report.overall == QUALIFIED
    assert {result.status for result in report.claims} == {"proven"}
    head = home.store.head()
    assert head is not None
    assert (head.root_version, head.policy_version, head.scenarios_version) == (1, 1, 1)
    later = home.next(taken_at=home.taken_at + 1, total_mode="public")
    released = answer(attest(later, "--json"))
    assert released["claims"]["coverage"] == {
        "how": "proven",
        "sentence": "After discounts, holdings are worth at least 100 % of all that is owed.",
    }
    assert audit(home.store.epoch(2), reader=tmp_path / "reader.json").overall == QUALIFIED


def test_check_writes_nothing_and_needs_no_keys(tmp_path: Path) -> None:
    home = make_home(tmp_path, taken_at=recent())
    for path in (tmp_path / "keys").iterdir():
        path.unlink()
    before = sorted(tmp_path.rglob("*"))
    done = check(home)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("claim")
    assert "The ledger can be attested" in done.stdout
    assert answer(check(home, "--json"))["claims"]["btc"]["how"] == "public"
    assert sorted(tmp_path.rglob("*")) == before


def test_a_false_claim_is_refused_and_explained(tmp_path: Path) -> None:
    held = {"BTC": 174999999, "ETH": 60000000000, "USDT": 200000000000}
    home = make_home(tmp_path, taken_at=recent(), held=held, claims=(CLAIMS[0], coverage()), days=None)
    for done in (attest(home), check(home)):
        told = refusal(done, 1)
        assert "the claim held:BTC does not hold" in told
        assert "BTC: held 1.74999999, owed 1.75, short of 0.00000001 (0.0011577 USD)" in told
        assert untouched(home)
    shown = check(home)
    assert "held:BTC   does not hold" in shown.stdout
    assert "coverage   holds" in shown.stdout
    refused = json.loads(attest(home, "--json").stdout)
    assert refused["code"] == "E_CLAIM_FALSE"
    (miss,) = next(claim for claim in refused["claims"] if claim["claim"] == "held:BTC")["misses"]
    assert miss["by"] == "0.00000001 BTC"
    enough = make_home(tmp_path, taken_at=home.taken_at)
    assert attest(enough).exit_code == 0


def test_what_does_not_count_is_said(tmp_path: Path) -> None:
    home = make_home(tmp_path, taken_at=recent(), quotes={"gamma": {"at": 1}})
    done = check(home)
    assert done.exit_code == 0
    assert "note: quote gamma.json does not count" in done.stderr
    released = attest(home)
    assert "note: quote gamma.json does not count" in released.stderr


def test_no_quotes_at_all(tmp_path: Path) -> None:
    home = make_home(tmp_path, taken_at=recent(), quotes=dict.fromkeys(("alpha", "beta", "gamma")))
    told = refusal(attest(home), 1)
    assert "BTC has no price" in told
    assert untouched(home)


def test_columns_of_solvent_toml_that_are_not_the_policys(tmp_path: Path) -> None:
    home = make_home(tmp_path, taken_at=recent())
    column = '[[columns]]\nname = "BTC"\nasset = "BTC"\ndecimals = 8\nbits = 64\n'
    config = tmp_path / "solvent.toml"
    config.write_text(config.read_text() + column)
    assert "BTC is not the same here and in the signed policy" in refusal(attest(home), 1)
    rule = '[[rules]]\nname = "same"\nweights = { BTC = 1, ETH = -1 }\n'
    config.write_text(config.read_text().replace(column, rule))
    told = refusal(check(home), 1)
    assert "rule same" in told
    assert "the policy has no account rules" in told


def test_a_life_longer_than_the_policy_allows(tmp_path: Path) -> None:
    home = make_home(tmp_path, taken_at=recent())
    told = refusal(attest(home, "--valid-for", "2 days"), 1)
    assert "172800 seconds" in told
    assert "86400" in told
    assert untouched(home)


def test_another_signing_key_than_the_root_document_names(tmp_path: Path) -> None:
    home = make_home(tmp_path, taken_at=recent())
    write_key(tmp_path / "keys/signing.key", "risk")
    assert "not a key of the role exchange" in refusal(attest(home), 1)
    assert untouched(home)


def write_key(path: Path, role: str) -> None:
    private: Any = signer_of(role)
    pem = private._private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(path, pem)


def test_an_observer_signs_between_two_commands(tmp_path: Path) -> None:
    """--prepare, then the observer's own command on a machine of its own, then attest at the prepared time."""
    plain = make_home(tmp_path, taken_at=recent())
    rules = {**plain.policy_document["collateral"], "amounts": "observer"}
    home = make_home(tmp_path, taken_at=plain.taken_at, policy={"collateral": rules})
    assert "solvent attest --prepare" in refusal(attest(home), 2)
    rehearsed = check(home)
    assert rehearsed.exit_code == 0
    assert "the observer has not signed yet" in rehearsed.stderr
    prepared = home.run("attest", "--prepare", "--taken-at", str(home.taken_at))
    assert prepared.exit_code == 0, prepared.stderr
    assert "solvent sign prepared.json --role observer" in prepared.stdout
    file = home.collateral / PREPARED
    assert "signature" in refusal(home.run("attest", "--first"), 2)
    key = tmp_path / "observer.key"
    write_key(key, "observer")
    signed = solvent("sign", file, "--role", "observer", "--key", key, "--root-document", home.documents / "root.json")
    assert signed.exit_code == 0, signed.stderr
    done = home.run("attest", "--first")
    assert done.exit_code == 0, done.stderr
    report = audit(home.store.epoch(1), reader=tmp_path / "reader.json")
    assert report.overall == QUALIFIED
    assert not any("the exchange alone vouches" in reason for reason in report.qualifiers)
    again = home.run("attest")
    assert "the snapshot is not later than the last one" in refusal(again, 1)
    later = home.next(taken_at=home.taken_at + 1)
    told = refusal(attest(later), 1)
    assert "the prepared snapshot is of another epoch: 1, and this epoch has 2" in told


def test_prepare_without_a_policy(tmp_path: Path) -> None:
    home = make_home(tmp_path, taken_at=recent())
    config = tmp_path / "solvent.toml"
    column = '[[columns]]\nname = "BTC"\nasset = "BTC"\ndecimals = 8\n'
    config.write_text(config.read_text().partition("[documents]")[0] + column)
    assert "there is no collateral" in refusal(home.run("attest", "--prepare"), 2)


def test_a_scenario_that_nobody_wrote(tmp_path: Path) -> None:
    home = make_home(tmp_path, taken_at=recent(), days=None)
    told = refusal(attest(home), 1)
    assert "there are no scenarios" in told
    assert untouched(home)


def test_the_policy_goes_back_to_an_older_version(tmp_path: Path) -> None:
    home = make_home(tmp_path, taken_at=recent(), versions=(2, 1), claims=(coverage(),), days=None)
    assert attest(home).exit_code == 0
    later = home.next(taken_at=home.taken_at + 1, versions=(1, 1))
    told = refusal(attest(later), 1)
    assert "its version is 1, and the last epoch was made under version 2" in told
    assert not (home.store.public / "epochs/2").exists()
