"""`solvent policy`: sign it, explain it, import discounts into it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from attest.cli import guide_documents as guide
from attest.cli.groups import AS_JSON, PATH, explain_alone, group
from attest.cli.options import document_options, read_config

_FILE = click.argument("file", metavar="[FILE]", type=PATH, required=False)


@group("policy", guide.POLICY, "How holdings are valued, and what is claimed.")
def policy() -> None:
    """The group."""
    explain_alone()


@policy.command("sign", help=guide.POLICY_SIGN, short_help="Sign policy.toml.")
@_FILE
@document_options
@AS_JSON
def sign(file: Path | None, config_path: Path | None, as_json: bool, **flags: Any) -> None:
    """policy.toml becomes documents/policy.json."""
    from attest.cli import policies

    policies.sign(read_config(config_path, flags), file, as_json)


@policy.command("lint", help=guide.POLICY_LINT, short_help="Explain a policy, with warnings.")
@_FILE
@click.option("--price", "prices", multiple=True, metavar="SYM=PRICE", help="Test the scale with it; repeat it.")
@document_options
@AS_JSON
def lint(file: Path | None, prices: tuple[str, ...], config_path: Path | None, as_json: bool, **flags: Any) -> None:
    """Sentences and warnings."""
    from attest.cli import policies

    policies.lint(read_config(config_path, flags), file, prices, as_json)


@policy.command("import-tiers", help=guide.POLICY_TIERS, short_help="Import tiered discounts from a CSV file.")
@click.argument("csv_file", metavar="CSV", type=PATH)
@click.option(
    "--product",
    type=click.Choice(["loan", "margin", "portfolio-margin"]),
    default="margin",
    show_default=True,
    help="Whose tiers.",
)
@click.option("--pool", default="reserve", show_default=True, help="The pool whose discounts these are.")
@click.option("--asset", "chosen", multiple=True, metavar="SYM", help="Only this asset; repeat it.")
@click.option("--listed", is_flag=True, help="Only the assets that policy.toml lists.")
@click.option("--merge", is_flag=True, help="Write into policy.toml, for the assets it lists.")
@click.option("--file", type=PATH, metavar="FILE", help="Another policy.toml.")
@document_options
@AS_JSON
def import_tiers(csv_file: Path, config_path: Path | None, **typed: Any) -> None:
    """Tables and haircuts."""
    from attest.cli import policies

    names = ("product", "pool", "chosen", "listed", "merge", "file", "as_json")
    request = policies.TierRequest(**{name: typed.pop(name) for name in names})
    policies.import_tiers(read_config(config_path, typed), csv_file, request)
