"""`solvent prices`: sign a quote, and show what the quotes come to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from attest.cli import guide_documents as guide
from attest.cli.groups import AS_JSON, PATH, explain_alone, group
from attest.cli.options import document_options, read_config

_AT = click.option("--at", type=click.IntRange(min=0), metavar="SECONDS", help="POSIX time; default: now.")


@group("prices", guide.PRICES, "Signed quotes, and what they come to.")
def prices() -> None:
    """The group."""
    explain_alone()


@prices.command("quote", help=guide.PRICES_QUOTE, short_help="Sign one source's prices.")
@click.argument("source")
@click.argument("csv_file", metavar="[CSV]", type=PATH, required=False)
@click.option("--price", "price", multiple=True, metavar="SYM=PRICE", help="A price that the policy reads; repeat it.")
@click.option("--index", "index", multiple=True, metavar="SYM=PRICE", help="An index price; repeat it.")
@click.option("--mark", "mark", multiple=True, metavar="SYM=PRICE", help="A mark price; repeat it.")
@click.option("--model", "model", multiple=True, metavar="SYM=TEXT", help="The model behind a price; repeat it.")
@click.option("--key", metavar="KEY", help="The source's key; default: keys/price-SOURCE.key.")
@click.option("--scale", type=click.IntRange(0, 38), help="Decimals of a price; default: the policy's.")
@click.option("--currency", metavar="NAME", default="", help="Default: the policy's, or iso4217:USD.")
@_AT
@click.option("--output", type=PATH, metavar="FILE", help="Default: documents/quotes/SOURCE.json.")
@document_options
@AS_JSON
def quote(source: str, config_path: Path | None, **typed: Any) -> None:
    """One signed quote."""
    from attest.cli import quoting

    names = ("csv_file", "price", "index", "mark", "model", "key", "scale", "currency", "at", "output", "as_json")
    request = quoting.Request(source, **{name: typed.pop(name) for name in names})
    quoting.quote(read_config(config_path, typed), request)


@prices.command("show", help=guide.PRICES_SHOW, short_help="What the quotes come to now.")
@_AT
@document_options
@AS_JSON
def show(at: int | None, config_path: Path | None, as_json: bool, **flags: Any) -> None:
    """A table of prices."""
    from attest.cli import quoting

    click.get_current_context().exit(0 if quoting.show_prices(read_config(config_path, flags), at, as_json) else 1)
