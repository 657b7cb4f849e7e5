"""`solvent scenarios`: fill the gaps of historic days, and sign."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from attest.cli import guide_documents as guide
from attest.cli.groups import AS_JSON, PATH, explain_alone, group
from attest.cli.options import document_options, read_config


@group("scenarios", guide.SCENARIOS, "Days on which prices are other ones.")
def scenarios() -> None:
    """The group."""
    explain_alone()


@scenarios.command("fill", help=guide.SCENARIOS_FILL, short_help="Historic days, every gap filled explicitly.")
@click.option(
    "--missing",
    type=click.IntRange(-10_000, 1_000_000),
    required=True,
    metavar="BPS",
    help="The shock of what a day does not know, in basis points: -5000 is half.",
)
@click.option(
    "--set", "sets", multiple=True, default=["historic"], show_default=True, metavar="NAME", help="A set to fill."
)
@click.option("--sign", "signs", is_flag=True, help="Sign at once.")
@click.option("--file", type=PATH, metavar="FILE", help="The draft; default: scenarios.json beside solvent.toml.")
@document_options
@AS_JSON
def fill(config_path: Path | None, **typed: Any) -> None:
    """A draft, or the signed document."""
    from attest.cli import scenario_sets

    chosen = {name: typed.pop(name) for name in ("missing", "sets", "signs", "file", "as_json")}
    scenario_sets.fill(read_config(config_path, typed), **chosen)


@scenarios.command("sign", help=guide.SCENARIOS_SIGN, short_help="Sign scenarios.json.")
@click.argument("file", metavar="[FILE]", type=PATH, required=False)
@document_options
@AS_JSON
def sign(file: Path | None, config_path: Path | None, as_json: bool, **flags: Any) -> None:
    """The draft becomes documents/scenarios.json."""
    from attest.cli import scenario_sets

    scenario_sets.sign(read_config(config_path, flags), file, as_json)
