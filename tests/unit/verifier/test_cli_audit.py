"""``solvent-verify audit``: the printed page, the page for browsers, JSON, exit codes; hostile names harm neither."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.support.epochs import HIDDEN_EPOCH, LASTS, NOW, TAKEN_AT, Epoch, reader, without
from tests.support.markets import HOLDINGS
from tests.support.snapshots import signer
from verifier.cli import main
from verifier.cli.page import Facts, Listing, Outcome, Outcomes, Page, Table
from verifier.cli.page_html import html_page
from verifier.cli.page_text import text_lines

HOSTILE = '<script>alert("x")</script>\x1b[31m\u202e&'
AT = ("--at", str(NOW))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """public/1, hidden/1, failing/1, unclaimed/1 and a reader file."""
    root = tmp_path_factory.mktemp("site")
    Epoch().write(root / "public" / "1")
    HIDDEN_EPOCH.write(root / "hidden" / "1")
    Epoch(amounts={**HOLDINGS, "ETH": 1}).write(root / "failing" / "1")
    Epoch(claims=without("crash")).write(root / "unclaimed" / "1")
    (root / "reader.json").write_text(json.dumps(reader().to_json(), indent=2))
    return root


def run(site: Path, name: str, *extra: str, at: Sequence[str] = AT, trust: Sequence[str] | None = None) -> Result:
    trust = ("--reader", str(site / "reader.json")) if trust is None else trust
    return CliRunner().invoke(main, ["audit", str(site / name / "1"), *trust, *at, *extra])


def section(text: str, caption: str) -> list[str]:
    """The lines under a caption."""
    lines = text.splitlines()
    start = lines.index(f"{caption}:") + 1
    end = next((i for i in range(start, len(lines)) if not lines[i]), len(lines))
    return lines[start:end]


class TestText:
    """One page: the verdict first, then claims, figures, reservations, and what is not proven."""

    def test_the_verdict_and_when(self, site: Path) -> None:
        done = run(site, "public")
        assert (done.exit_code, done.stderr) == (0, "")
        first = done.stdout.splitlines()[0]
        assert first == "QUALIFIED: at 2023-11-14 22:13:20 UTC every proof held, with the reservations below."
        assert "solvent" not in first

    def test_a_row_for_each_claim(self, site: Path) -> None:
        claims = section(run(site, "hidden").stdout, "Claims")
        assert claims[0] == "  proven  Holdings of BTC are at least 100 % of what is owed in BTC. [held:BTC]"
        assert claims[1].startswith("  public  Holdings of ETH are at least 100 %")
        assert claims[-2].strip().startswith("proven: shown to hold without telling the figures; public: ")
        assert "[coverage, by 5,268.8499953016 USD]" in " ".join(" ".join(run(site, "public").stdout.split()).split())

    def test_the_tables(self, site: Path) -> None:
        text = run(site, "hidden").stdout
        assert [line.split() for line in section(text, "Held")[1:]] == [
            ["cold", "reserve", "BTC", "1.9", "none"],
            ["cold", "reserve", "ETH", "55", "none"],
            ["cold", "reserve", "USDT", "-", "yes"],
        ]
        assert section(text, "Owed")[1].split() == ["BTC", "BTC", "balance", "-", "proven,", "hidden"]
        assert section(text, "Prices used")[1].split() == ["BTC", "115770", "115700", "115840", "2", "0", "%"]
        assert section(text, "Lines of the collateral snapshot")[1].split() == ["fresh", "VALID", "-", "2", "2"]
        assert len(section(text, "What this does not prove")) > 10
        assert any("unlogged" in line for line in section(text, "Reservations"))

    def test_it_fits_a_page(self, site: Path) -> None:
        assert max(map(len, run(site, "hidden").stdout.splitlines())) <= 100

    def test_a_failed_audit_prints_the_whole_page(self, site: Path) -> None:
        done = run(site, "failing")
        assert done.exit_code == 1
        lines = done.stdout.splitlines()
        assert lines[0] == "FAILED: what was claimed for 2023-11-14 22:13:20 UTC does not hold:"
        assert lines[1].startswith("  - the claim held:ETH does not hold: ")
        claims = section(done.stdout, "Claims")
        assert "  failed  Holdings of ETH are at least 100 % of what is owed in ETH. [held:ETH]" in claims
        assert any(line.strip().startswith("because: the public figures say otherwise") for line in claims)
        assert section(done.stdout, "What this does not prove")

    @pytest.mark.parametrize(
        ("name", "at", "word"),
        [("unclaimed", NOW, "INCOMPLETE"), ("public", TAKEN_AT + LASTS, "STALE"), ("public", NOW - 600, "INCOMPLETE")],
    )
    def test_what_is_undecided_ends_with_two(self, site: Path, name: str, at: int, word: str) -> None:
        done = run(site, name, at=("--at", str(at)))
        assert (done.exit_code, done.stdout.partition(":")[0]) == (2, word)

    def test_a_key_alone(self, site: Path) -> None:
        done = run(site, "public", trust=("--key", signer("exchange").public_key.hex()))
        assert (done.exit_code, done.stdout.partition(":")[0]) == (2, "INCOMPLETE")
        assert "use a reader file (--reader)" in " ".join(done.stdout.split())

    def test_first_contact(self, site: Path) -> None:
        done = run(site, "public", trust=())
        assert (done.exit_code, "first contact" in done.stdout) == (0, True)
        assert re.search(r"root document  version 1, digest [0-9a-f]{64}", done.stdout)


class TestUsage:
    """What was typed wrongly says nothing about the exchange: exit code 2."""

    @pytest.mark.parametrize("text", ["{}", "junk", '{"type": "solvent:reader/v1",}'])
    def test_a_reader_file_that_is_none(self, site: Path, tmp_path: Path, text: str) -> None:
        (tmp_path / "mine.json").write_text(text)
        done = run(site, "public", trust=("--reader", str(tmp_path / "mine.json")))
        assert done.exit_code == 2
        assert done.stderr.startswith("could not check: mine.json: ")

    def test_a_reader_file_with_one_key_in_two_roles(self, site: Path, tmp_path: Path) -> None:
        document = reader().to_json()
        document["pins"]["bank/first"] = document["pins"]["observer"]
        (tmp_path / "mine.json").write_text(json.dumps(document))
        done = run(site, "public", trust=("--reader", str(tmp_path / "mine.json")))
        assert (done.exit_code, "pinned in two roles" in done.stderr) == (2, True)

    @pytest.mark.parametrize("option", ["--reader", "--root", "--previous"])
    def test_a_file_that_is_not_there(self, site: Path, option: str) -> None:
        done = run(site, "public", option, "nowhere.json", trust=())
        assert done.exit_code == 2
        assert done.stderr.startswith("could not check: nowhere.json: ")

    def test_a_key_and_a_reader_file(self, site: Path) -> None:
        done = run(site, "public", "--key", signer("exchange").public_key.hex())
        assert (done.exit_code, "say twice whom to trust" in done.stderr) == (2, True)

    def test_one_more_version_of_the_root_document(self, site: Path, tmp_path: Path) -> None:
        (tmp_path / "one.json").write_bytes((site / "public" / "1" / "root.json").read_bytes())
        assert run(site, "public", "--root", str(tmp_path / "one.json")).exit_code == 0

    @pytest.mark.parametrize("place", ["nowhere/page.html", "."])
    def test_a_page_that_cannot_be_written(self, site: Path, tmp_path: Path, place: str) -> None:
        done = run(site, "public", "--html", str(tmp_path / place))
        assert done.exit_code == 2
        assert "cannot be written" in done.stderr
        assert list(tmp_path.iterdir()) == []


def test_for_machines(site: Path) -> None:
    document = json.loads(run(site, "hidden", "--json").stdout)
    assert (document["overall"], document["codes"], document["reader"]) == ("QUALIFIED", [], reader().digest)
    assert document["claims"]["held:BTC"] == {
        "status": "proven", "sentence": "Holdings of BTC are at least 100 % of what is owed in BTC.",
    }  # fmt: skip
    failing = run(site, "failing", "--json")
    assert (failing.exit_code, json.loads(failing.stdout)["overall"]) == (1, "FAILED")
    assert json.loads(failing.stdout)["codes"] == ["E_CLAIM"]


class Outline(HTMLParser):
    """Tags with their attributes, and whether they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


class TestHtml:
    """One file that loads nothing and runs nothing, for browsers, printers and screen readers."""

    @pytest.fixture
    def page(self, site: Path, tmp_path: Path) -> str:
        done = run(site, "hidden", "--html", str(tmp_path / "page.html"))
        assert done.exit_code == 0
        assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
        return (tmp_path / "page.html").read_text("utf-8")

    def test_it_says_what_the_text_says(self, site: Path, page: str) -> None:
        words = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
        words = " ".join(re.sub(r"<[^>]+>", " ", words).replace("&quot;", '"').replace("&#x27;", "'").split())
        for line in section(run(site, "hidden").stdout, "Reservations"):
            assert line.strip("- ") in words
        assert "QUALIFIED at 2023-11-14 22:13:20 UTC every proof held" in words

    def test_it_is_closed_and_structured(self, page: str) -> None:
        outline = Outline(page)
        assert outline.open == []
        tables = outline.count("table")
        assert tables == outline.count("caption") == outline.count("tbody") >= 6
        assert outline.count("h1") == outline.count("main") == 1
        assert all(attributes.get("scope") in ("row", "col") for tag, attributes in outline.tags if tag == "th")
        assert ("html", {"lang": "en"}) in outline.tags

    def test_nothing_is_loaded_and_nothing_runs(self, page: str) -> None:
        outline = Outline(page)
        assert not {"script", "link", "img", "iframe", "object", "form"} & {tag for tag, _ in outline.tags}
        assert not [name for _, attributes in outline.tags for name in attributes if name.startswith("on")]
        assert not [name for _, attributes in outline.tags for name in attributes if name in ("src", "href", "style")]
        assert "url(" not in page
        assert "default-src 'none'" in page

    def test_light_dark_and_print(self, page: str) -> None:
        assert "prefers-color-scheme: dark" in page
        assert "@media print" in page

    def test_a_failed_audit_writes_it_too(self, site: Path, tmp_path: Path) -> None:
        done = run(site, "failing", "--html", str(tmp_path / "page.html"))
        assert done.exit_code == 1
        assert '<strong class="bad">FAILED</strong>' in (tmp_path / "page.html").read_text("utf-8")

    def test_the_same_files_give_the_same_page(self, site: Path, tmp_path: Path) -> None:
        for name in ("a.html", "b.html"):
            run(site, "public", "--html", str(tmp_path / name))
        assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


PARTS: tuple[Any, ...] = (
    Table(HOSTILE, (HOSTILE, "b"), ((HOSTILE, "1"),), frozenset({1}), HOSTILE),
    Facts(HOSTILE, ((HOSTILE, HOSTILE),)),
    Listing(HOSTILE, (HOSTILE,)),
    Outcomes(HOSTILE, (Outcome(HOSTILE, HOSTILE, HOSTILE, HOSTILE, False, HOSTILE),), HOSTILE),
)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: type(part).__name__)
def test_hostile_text_stays_text(part: Any) -> None:
    page = Page(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,), (part,))
    written = html_page(page, HOSTILE)
    outline = Outline(written)
    assert (outline.open, outline.count("script")) == ([], 0)
    assert "\x1b" not in written
    assert "\u202e" not in written
    assert "&lt;script&gt;" in written
    told = "\n".join(text_lines(replace(page, word="FAILED", lead="x", parts=(replace(part, caption="caption"),))))
    assert "\x1b" not in told
    assert "\u202e" not in told


def test_names_that_a_hostile_exchange_may_choose(tmp_path: Path) -> None:
    """An id of a line is a name, a model's text is free: both reach the page as text."""
    epoch = Epoch(models={"ETH": HOSTILE.replace("\x1b", "")})
    epoch.write(tmp_path / "1")
    (tmp_path / "reader.json").write_bytes(reader().to_bytes())
    trust = ("--reader", str(tmp_path / "reader.json"))
    done = CliRunner().invoke(main, ["audit", str(tmp_path / "1"), *trust, *AT, "--html", str(tmp_path / "page.html")])
    assert done.exit_code == 0
    written = (tmp_path / "page.html").read_text("utf-8")
    assert "<script>" not in written
    assert "&lt;script&gt;alert" in written
    assert "\u202e" not in done.stdout + written
