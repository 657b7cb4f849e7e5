"""The pages: both languages complete, every figure marked, every link alive, nothing from elsewhere, no script."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import segno
from flask.testing import FlaskClient

from server.pages import showing, words
from server.pages.charts import Moment, history
from server.pages.showing import freshness, headline
from server.problems import KINDS
from server.settings import Settings
from tests.support.site import FROZEN, KEY, asking, attestation
from verifier.epoch import open_directory

PAGES = [
    "/",
    "/check",
    "/epochs/1",
    "/epochs/2",
    "/epochs/1/collateral",
    "/audit",
    "/about",
    "/docs",
    "/status",
    "/problems",
]
BOTH = [address for page in PAGES for address in (page, ("/de" + page).rstrip("/"))]
VOID = {"meta", "link", "input", "br", "img", "hr", "circle", "line", "path", "polyline", "col", "wbr", "source"}


class Read(HTMLParser):
    """What stands in a page; complains about tags that are not closed in their order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.seen if name == tag]


def read(client: FlaskClient, address: str) -> Read:
    response = client.get(address, headers={"Accept": "text/html"})
    assert response.status_code == 200, address
    return Read(response.text)


@pytest.mark.parametrize("address", BOTH)
def test_well_formed(client: FlaskClient, address: str) -> None:
    page = read(client, address)
    lang = "de" if address.startswith("/de") else "en"
    assert page.all("html") == [{"lang": lang}]
    assert len(page.all("h1")) == len(page.all("main")) == 1
    for table in page.all("th"):
        assert table.get("scope") in ("col", "row")
    assert len(page.all("caption")) == len(page.all("table"))
    for attributes in (attributes for _, attributes in page.seen):
        assert not any(name.startswith("on") or name == "style" for name in attributes), "the policy forbids it"


@pytest.mark.parametrize("address", BOTH)
def test_nothing_from_elsewhere_and_one_script(client: FlaskClient, address: str) -> None:
    page = read(client, address)
    addresses = [a.get("src") or a.get("href") or "" for tag, a in page.seen if tag in ("script", "link", "img")]
    assert all(one.startswith("/") and not one.startswith("//") for one in addresses)
    plain = ("/about", "/collateral", "/problems")
    assert len(page.all("script")) == (0 if address.endswith(plain) else 1)
    assert page.all("style") == page.all("iframe") == []


def test_every_link_of_ours_leads_somewhere(client: FlaskClient) -> None:
    found = {
        (attributes.get("href") or "").partition("#")[0]
        for address in BOTH
        for tag, attributes in read(client, address).seen
        if tag in ("a", "link", "script") and not (attributes.get("href") or "").startswith(("?", "https:"))
    } - {""}
    assert len(found) > 30
    for address in sorted(found):
        assert client.get(address, headers={"Accept": "text/html"}).status_code == 200, address
    assert client.get("/de/", headers={"Accept": "text/html"}).status_code == 200


def test_both_catalogues_have_the_same_texts() -> None:
    english, german = (words.catalogue(lang) for lang in words.LANGUAGES)
    assert set(english) == set(german)
    for key, text in english.items():
        assert text
        assert german[key]
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", german[key])), key


def test_every_problem_is_explained() -> None:
    for lang in words.LANGUAGES:
        assert {f"p.{name}" for name in KINDS} | {f"p.{name}.text" for name in KINDS} <= set(words.catalogue(lang))


def test_figures_and_how_sure_they_are(client: FlaskClient) -> None:
    page = client.get("/epochs/1").text
    assert '<data value="0.00000363">' in page
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", page.partition("</table>")[0])
    assert len(rows) == 1 + len(attestation(1).totals)
    assert all(re.search('class="mark (proved|stated|withheld)"', row) for row in rows)
    assert "this service has not checked it" in page


def test_everything_that_was_signed_stands_there(client: FlaskClient) -> None:
    page, a = client.get("/epochs/2").text, attestation(2)
    for shown in (
        a.root_commitment.to_bytes().hex(), a.root_hash.hex(), a.schema_digest, a.identity.previous, *a.files.values(),
    ):  # fmt: skip
        assert shown in page
    assert "/epochs/1" in page


def test_the_key_is_shown_with_a_place_to_compare(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "a95f1acf06fe76ecf8c30d71292448976bf98965a4d5b7977c7afecad5898f88" in page
    assert "https://ex.example/key" in page


def test_the_clock_without_a_script() -> None:
    epoch = type(
        "Epoch", (), {"number": 7, "taken_at": 1000, "due_at": 0, "late_from": 0, "expires_at": 1000 + 7 * 86_400}
    )()
    fresh = freshness("en", epoch, 1000 + 3 * 3600)
    assert (fresh.age, fresh.late, fresh.mark) == ("3 hours", False, "fresh")
    assert headline("en", epoch, 0, fresh).startswith("Epoch 7, 3 hours old: a book")
    assert "one claim" in headline("en", epoch, 1, fresh)
    assert "12 claims" in headline("en", epoch, 12, fresh)
    late = freshness("de", epoch, epoch.expires_at)
    assert (late.age, late.late) == ("7 Tage", True)
    assert "abgelaufen" in headline("de", epoch, 3, late)
    assert freshness("en", epoch, 900).age == "less than a minute", "a clock that runs behind"
    assert fresh.due_at == epoch.expires_at, "where no timetable is signed"


def test_the_clock_by_the_signed_timetable() -> None:
    times = {"number": 7, "taken_at": 1000, "due_at": 90_000, "late_from": 93_600, "expires_at": 700_000}
    epoch = type("Epoch", (), times)()
    assert [freshness("en", epoch, now).late for now in (89_999, 93_599, 93_600)] == [False, False, True]
    late = freshness("en", epoch, 93_600)
    assert (late.due_at, late.expired, late.mark) == (90_000, False, "late")
    assert "own timetable" in headline("en", epoch, 3, late)
    assert "has expired" in headline("en", epoch, 3, freshness("en", epoch, 700_000))


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "less than a minute"), (59, "less than a minute"), (60, "1 minute"), (3599, "59 minutes"), (3600, "1 hour"),
     (86_399, "23 hours"), (86_400, "1 day"), (172_800, "2 days")],
)  # fmt: skip
def test_ages(seconds: int, told: str) -> None:
    assert words.age("en", seconds) == told


@pytest.mark.parametrize(
    ("plain", "shown"),
    [("0", "0"), ("999", "999"), ("1000", "1 000"), ("1234567.00000001", "1 234 567.00000001"), ("", ""), ("x", "x")],
)
def test_numbers_are_grouped_and_never_rounded(plain: str, shown: str) -> None:
    assert words.grouped(plain).replace(words.NARROW, " ") == shown


@pytest.mark.parametrize("count", [1, 2, 60])
def test_the_chart_stays_in_its_frame(count: int) -> None:
    moments = [Moment(i + 1, 1000 + i * 86_400, 10**6 + i, i == 3) for i in range(count)]
    drawn = history(moments)
    assert len(drawn.points) == count
    assert all(drawn.left <= p.x <= drawn.right and 0 < p.y <= drawn.base for p in drawn.points)
    assert [p.late for p in drawn.points] == [m.late for m in moments]
    assert drawn.late == sum(m.late for m in moments)


def test_a_late_epoch_is_marked_as_late() -> None:
    def epoch(number: int, issued: int, expires: int, late: int = 0) -> object:
        members = {"number": number, "taken_at": issued, "issued_at": issued, "accounts": 8}
        return type("Epoch", (), {**members, "expires_at": expires, "late_from": late})()

    found = showing.moments([epoch(3, 301, 400), epoch(2, 150, 300), epoch(1, 100, 200)])  # type: ignore[list-item]
    assert [(m.epoch, m.late) for m in found] == [(1, False), (2, False), (3, True)]
    found = showing.moments([epoch(2, 150, 300), epoch(1, 100, 200, 149)])  # type: ignore[list-item]
    assert [m.late for m in found] == [False, True]


def test_the_code_on_paper(client: FlaskClient, own_site: Settings) -> None:
    """Address and digest and nothing else, and only where the operator has said what the address is."""
    assert '<svg class="qr"' not in client.get("/epochs/1").text
    page = asking(replace(own_site, public_url="https://proof.example/")).get("/de/epochs/1").text
    link = f"https://proof.example/de/epochs/1#sha256-{attestation_digest(1)}"
    assert page.count(link) == 2
    (drawn,) = re.findall(r'<path d="([^"]+)"', page)
    code = segno.make(link, error="m", micro=False)
    dark = {(x + 4, y + 4) for y, row in enumerate(code.matrix) for x, one in enumerate(row) if one}
    assert {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawn)} == dark
    assert f'viewBox="0 0 {len(code.matrix) + 8} {len(code.matrix) + 8}"' in page


def attestation_digest(number: int) -> str:
    return open_directory(FROZEN / str(number), KEY).payload


def test_the_history_is_also_a_table(client: FlaskClient) -> None:
    page = client.get("/").text
    assert all(f'<a href="/epochs/{number}">{number}</a>' in page for number in (1, 2))
    assert 'role="img"' in page


def test_the_feed_and_the_badge(client: FlaskClient) -> None:
    import xml.etree.ElementTree as ET

    feed = ET.fromstring(client.get("/feed.xml").data)  # noqa: S314 (our own)
    entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 2
    badge = ET.fromstring(client.get("/badge.svg").data)  # noqa: S314 (our own)
    assert "epoch 2" in (badge.get("aria-label") or "")


def test_the_reference_is_the_document(client: FlaskClient) -> None:
    page, document = client.get("/docs").text, client.get("/openapi.json").json
    assert document is not None
    for path in document["paths"]:
        assert f"GET {path}" in page


def test_static_files_are_named_by_content(client: FlaskClient) -> None:
    page = client.get("/").text
    (address,) = set(re.findall(r'href="(/static/style[^"]*)"', page))
    assert client.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/style.css?v=other").headers["Cache-Control"] == "public, max-age=3600"
    offline = client.get("/verifier.html")
    assert offline.headers["Content-Disposition"] == 'attachment; filename="verifier.html"'


def test_the_lines_as_a_table_for_spreadsheets(client: FlaskClient) -> None:
    from server.pages.views import _cell

    response = client.get("/epochs/1/collateral.csv")
    assert (response.mimetype, response.data) == ("text/csv", b"kind,pool,asset,holder,amount,encumbered,evidence\r\n")
    assert [_cell(text) for text in ("=1+1", "+x", "-x", "@x", "bip122:x")] == [
        "'=1+1",
        "'+x",
        "'-x",
        "'@x",
        "bip122:x",
    ]


def test_the_epochs_of_these_tests_are_there() -> None:
    assert {path.name for path in FROZEN.iterdir()} == {"1", "2"}
