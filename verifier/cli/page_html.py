"""A page for browsers and printers: one file, no script, nothing loaded from anywhere; everything is escaped."""

from __future__ import annotations

from html import escape
from typing import Final

from verifier.cli.page import Facts, Listing, Outcomes, Page, Part, Table
from verifier.cli.text import harmless

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --faint: #57606a; --line: #d0d7de;
  --good: #116329; --care: #7a4b00; --bad: #a40e26; --band: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --faint: #9ea7b3; --line: #3d444d;
  --good: #56d364; --care: #e3b341; --bad: #ff7b72; --band: #161b22; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
header p.of { margin: 0; color: var(--faint); }
h1 { margin: .25rem 0 .5rem; font-size: 2rem; line-height: 1.2; }
h1 span { display: block; font-size: 1.1rem; font-weight: 400; color: var(--ink); }
h2 { margin: 2.25rem 0 .5rem; font-size: 1.15rem; }
.good { color: var(--good); } .care { color: var(--care); } .bad { color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; font-size: 1.15rem; padding: 2.25rem 0 .5rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--faint); font-weight: 600; font-size: .875rem; white-space: nowrap; }
tbody th { font-weight: 600; }
th.number, td.number { text-align: right; white-space: nowrap; padding-right: 1.75rem; }
.long { overflow-wrap: anywhere; font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .875rem; }
.note, .why, .name { color: var(--faint); font-size: .875rem; }
.why { color: var(--bad); } .why, .name { display: block; }
ul { margin: .25rem 0; padding-left: 1.25rem; } li { margin: .2rem 0; overflow-wrap: anywhere; }
section.box { background: var(--band); border: 1px solid var(--line); border-radius: .4rem; margin-top: 2.25rem;
  padding: .1rem 1.25rem 1rem; } section.box h2 { margin-top: 1rem; }
footer { margin-top: 3rem; color: var(--faint); font-size: .875rem; }
@media print { :root { --ink: #000; --paper: #fff; --faint: #444; --line: #999; --good: #000; --care: #000; --bad: #000;
  --band: #fff; } body { max-width: none; padding: 0; font-size: 10pt; } .scroll { overflow: visible; }
  tr, li, section.box { break-inside: avoid; } caption, h2 { break-after: avoid; } }
"""
_TONES: Final = {"VERIFIED": "good", "QUALIFIED": "care", "FAILED": "bad"}
_BOXED: Final = ("Reservations", "What this does not prove")


def html_page(page: Page, footer: str) -> str:
    """The whole file."""
    title = f"{page.word}: {page.title}"
    reasons = f"<ul>{''.join(f'<li>{_text(reason)}</li>' for reason in page.reasons)}</ul>" if page.reasons else ""
    parts = "\n".join(_part(part) for part in page.parts)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<header>\n"
        f'<p class="of">{_text(page.title)}</p>\n'
        f'<h1><strong class="{_TONES.get(page.word, "care")}">{_text(page.word)}</strong> '
        f"<span>{_text(page.lead)}</span></h1>\n{reasons}\n</header>\n{parts}\n</main>\n"
        f"<footer>{_text(footer)}</footer>\n</body>\n</html>\n"
    )


def _part(part: Part) -> str:
    if isinstance(part, Table):
        return _table(part)
    if isinstance(part, Facts):
        rows = "".join(
            f'<tr><th scope="row">{_text(k)}</th><td class="long">{_text(v)}</td></tr>' for k, v in part.pairs
        )
        return _framed(part.caption, "", rows)
    if isinstance(part, Listing):
        items = "".join(f"<li>{_text(item)}</li>" for item in part.items)
        kind = ' class="box"' if part.caption in _BOXED else ""
        return f"<section{kind}>\n<h2>{_text(part.caption)}</h2>\n<ul>{items}</ul>\n</section>"
    return _outcomes(part)


def _table(part: Table) -> str:
    kinds = ['class="number"' if i in part.right else "" for i in range(len(part.heads))]
    heads = "".join(f'<th scope="col" {kind}>{_text(head)}</th>' for head, kind in zip(part.heads, kinds, strict=True))
    rows = ""
    for row in part.rows:
        cells = [f"<td {kind}>{_text(cell)}</td>" for cell, kind in zip(row, kinds, strict=True)]
        cells[0] = f'<th scope="row">{_text(row[0])}</th>'
        rows += f"<tr>{''.join(cells)}</tr>"
    return _framed(part.caption, f"<thead><tr>{heads}</tr></thead>", rows, part.note)


def _outcomes(part: Outcomes) -> str:
    rows = ""
    for item in part.items:
        tone = "good" if item.good else "bad" if item.status == "failed" else "care"
        why = f'<span class="why">because: {_text(item.reason)}</span>' if item.reason else ""
        named = ", ".join(filter(None, (item.name, item.margin)))
        rows += (
            f'<tr><td>{_text(item.sentence)} <span class="name">{_text(named)}</span>{why}</td>'
            f'<td><strong class="{tone}">{_text(item.status)}</strong></td></tr>'
        )
    heads = '<thead><tr><th scope="col">claim</th><th scope="col">status</th></tr></thead>'
    return _framed(part.caption, heads, rows, part.note)


def _framed(caption: str, head: str, rows: str, note: str = "") -> str:
    below = f'<p class="note">{_text(note)}</p>' if note else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{_text(caption)}">\n<table>\n'
        f"<caption>{_text(caption)}</caption>\n{head}<tbody>{rows}</tbody>\n</table>\n</div>{below}"
    )


def _text(text: str) -> str:
    """Text from anywhere, as text: no markup, no control characters, nothing that turns the line around."""
    return escape(harmless(text), quote=True).replace(" %", "&nbsp;%")
