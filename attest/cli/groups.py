"""Groups of commands such as `solvent policy`: without a word after it, a group explains itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

PATH = click.Path(path_type=Path)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
NOT_DONE = 2


def group(name: str, text: str, short: str) -> Callable[[Callable[..., Any]], click.Group]:
    """A decorator that makes a group; ``text`` is its help."""
    settings: dict[str, Any] = {"help": text, "short_help": short, "invoke_without_command": True}
    return click.group(name, **settings)


def explain_alone() -> None:
    """The body of a group: its help, and an exit code that says that nothing was done."""
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
        context.exit(NOT_DONE)
