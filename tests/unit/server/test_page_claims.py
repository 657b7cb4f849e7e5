"""Claims on pages: in English the verifier's own sentences, on German pages not one English sentence."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.documents import Documents
from server.pages import claims, showing, words
from tests.support.markets import HAIRCUTS, asset, claim, coverage, policy
from tests.support.site import CLAIMING
from verifier.markets.descriptors import KINDS, Claim, Later
from verifier.markets.sentences import sentence

POLICY = policy(
    haircuts={"cold": {**HAIRCUTS, "USDT": 10000}},
    assets={"BTC": asset(8), "ETH": asset(9), "USDT": asset(6, **{"class": "own"})},
)
DAYS = ("Black Thursday", "Dull Friday", "Long Saturday", "Short Sunday")
FORMS: list[dict[str, Any]] = [
    claim("held", "in-kind", assets="*", pools=["cold"], k=10000),
    claim("held", "in-kind", assets=["BTC"], pools=["cold"], k=10500),
    claim("held", "in-kind", assets=["BTC", "ETH", "USDT"], pools=["cold"], k=1),
    coverage(),
    coverage(own="exclude"),
    claim("loans", "ltv", collateral=["BTC"], debt=["ETH"], l=6650),
    claim("cap", "share-cap", syms=["BTC"], classes=[], pools=[], cap=6000),
    claim("cap", "share-cap", syms=["BTC"], classes=["fiat", "own"], pools=["cold", "fund"], cap=6000),
    claim("cap", "share-cap", syms=[], classes=[], pools=["cold"], cap=6000),
    *(claim("week", "ladder", horizon=s, liquid={}, outflow={}) for s in (86400, 604800, 3600, 7200, 60, 300, 1, 59)),
    claim("matched", "mismatch", assets=["ETH"], theta=2000),
    claim("matched", "mismatch", assets="*", theta=2000),
    *(claim("days", "scenario", base=base, set="stress") for base in ("coverage", "gone")),
]
PAGES = [
    "",
    "/epochs/1",
    "/epochs/2",
    "/epochs/1/collateral",
    "/check",
    "/audit",
    "/about",
    "/docs",
    "/status",
    "/problems",
]


@pytest.mark.parametrize("document", FORMS, ids=lambda document: document["kind"])
@pytest.mark.parametrize("days", range(5))
def test_english_is_what_the_verifier_says(document: dict[str, Any], days: int) -> None:
    one, made = Claim.from_json(document, "claim"), [Claim.from_json(coverage(), "claim")]
    assert claims.sentence("en", one, POLICY, made, DAYS[:days]) == sentence(one, POLICY, made, DAYS[:days])


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {document["kind"] for document in FORMS}))
def test_kinds_that_are_not_checked_yet(kind: str) -> None:
    one = Claim("later", Later(kind, {}))
    assert claims.sentence("en", one, POLICY, []) == sentence(one, POLICY, [])
    assert claims.sentence("de", one, POLICY, []) != sentence(one, POLICY, [])


@pytest.mark.parametrize("document", FORMS, ids=lambda document: document["kind"])
def test_german_is_german(document: dict[str, Any]) -> None:
    one, made = Claim.from_json(document, "claim"), [Claim.from_json(coverage(), "claim")]
    for days in range(5):
        said = claims.sentence("de", one, POLICY, made, DAYS[:days])
        assert said != sentence(one, POLICY, made, DAYS[:days])
        assert "{" not in said
        assert re.search(r"\b(?:is|are|of|in kind|at|also|within|each|and|class|all that)\b", said) is None, said


def test_german_sentences() -> None:
    documents = Documents.read(CLAIMING / "2")
    said = {told.name: told.sentence for told in claims.claims("de", documents)}
    assert said["held:BTC"] == "Die Bestände in BTC betragen mindestens 100 % dessen, was in BTC geschuldet wird."
    assert said["bitcoin"] == "Auf BTC entfallen höchstens 60 % der Bestände."
    assert said["week"] == "Was sich in 7 Tagen verkaufen lässt, deckt die Abflüsse von 7 Tagen."
    assert said["days"].endswith("“ gilt auch in 2020-03-12 und 2022-05-11.")


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("address", ["/", "/epochs/1", "/epochs/2"])
def test_pages_say_claims_in_their_language(claiming: FlaskClient, lang: str, address: str) -> None:
    page = unescape(claiming.get(words.place(lang, address)).text)
    for told in claims.claims(lang, Documents.read(CLAIMING / "2")):
        assert f'<th scope="row">{told.sentence}</th>' in page


def english() -> list[str]:
    """What an English page is recognised by: for each text its longest part of three words or more."""
    found, german = [], words.catalogue("de")
    for key, text in words.catalogue("en").items():
        part = max(re.split(r"{\w+}", text), key=len).strip(' "')
        if len(part.split()) >= 3 and part not in german[key]:
            found.append(part)
    return found


def test_no_english_sentence_on_a_german_page(claiming: FlaskClient) -> None:
    parts = english()
    assert len(parts) > 150
    assert "at most" not in words.catalogue("de")["claim.share-cap"]
    told = [one.sentence for one in Documents.read(CLAIMING / "2").claims()]
    for address in PAGES:
        page = claiming.get(f"/de{address}").text
        own = unescape(re.sub(r'<(\w+) lang="en">.*?</\1>', "", page, flags=re.DOTALL))
        assert [part for part in (*parts, *told) if part in own] == [], address
    assert ">Zeilen<" in claiming.get("/de/").text
    assert ">rows<" not in claiming.get("/de/").text
    assert any(part in claiming.get("/").text for part in parts), "so it would be found"
    assert escape(told[0]) in claiming.get("/").text


def test_evidence_in_words() -> None:
    def line(evidence: str) -> Any:
        return type("Line", (), {"evidence": evidence})()

    assert showing.evidence("de", line("signed statement")) == "unterschriebene Erklärung"
    assert showing.evidence("de", line("bip137, old message")) == "bip137, alte Nachricht"
    assert showing.evidence("de", line("bip322")) == "bip322"
    for told, shown in ((line("signed statement"),) * 2, (line("bip137, old message"),) * 2):
        assert showing.evidence("en", told) == shown.evidence
