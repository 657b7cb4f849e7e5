"""``solvent publish``, ``serve``, ``prune`` and ``rebuild``: what can be typed.

Each imports its work when asked for.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Final

import click

from server import guide
from verifier.errors import Malformed, Unavailable

_PATH = click.Path(path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
_SITE = click.option(
    "--site", type=_PATH, default=Path("site"), envvar="SOLVENT_SITE", show_default=True, metavar="DIR",
    help="The directory of the site.",
)  # fmt: skip
_ENGINE = click.option(
    "--engine", type=click.Choice(["auto", "reference", "core"]), default="auto", show_default=True,
    help="Which arithmetic to use.",
)  # fmt: skip
_LISTEN: Final = re.compile(r"(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:]+\]):([0-9]{1,5})", re.ASCII)


@click.command(help=guide.PUBLISH, short_help="Make an epoch part of the site.")
@click.argument("directory", metavar="DIR", type=_PATH)
@_SITE
@click.option("--key", metavar="HEX|FILE", help="The exchange's public key: once, and when it changes.")
@_ENGINE
@_JSON
def publish(directory: Path, site: Path, key: str | None, engine: str, as_json: bool) -> None:
    """Publish one epoch directory."""
    from server.publishing import publish as work
    from server.settings import Settings
    from verifier.engine import get_engine
    from verifier.progress import shown_progress

    public_key = None if key is None else _key(key)
    with shown_progress() as progress:
        done = work(directory, Settings.load(site), get_engine(engine), public_key, progress)
    if as_json:
        _say(json.dumps({"done": True, "epoch": done.epoch, "digest": done.digest, "new": done.new}))
        return
    stands = "published" if done.new else "was published already, and nothing changed"
    _say(f"Epoch {done.epoch} {stands}: {done.digest} ({done.seconds:.1f} s)")


@click.command(help=guide.SERVE, short_help="Serve the site.")
@_SITE
@click.option("--listen", default="127.0.0.1:8000", show_default=True, metavar="HOST:PORT", help="For everybody.")
@click.option(
    "--operator", default="127.0.0.1:8001", show_default=True, metavar="HOST:PORT",
    help="/healthz, /readyz and /metrics: for you alone.",
)  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
def serve(site: Path, listen: str, operator: str, workers: int) -> None:
    """Serve until stopped."""
    from server.counting import shared_counters
    from server.settings import Settings

    settings = Settings.load(site)
    _check_places(settings.root, listen, operator)
    shown = settings.public_url or f"http://{listen}"
    for what, link in (("Pages", "/"), ("Check a balance", "/check"), ("Interface", "/docs")):
        _say(f"{what:<16} {shown.rstrip('/')}{link}")
    _say(f"{'For you alone':<16} http://{operator}/readyz  http://{operator}/metrics")
    sys.stdout.flush()
    with shared_counters():
        from server.serving import Listening
        from server.serving import serve as work

        work(settings, Listening(listen, operator, workers))


@click.command(help=guide.PRUNE, short_help="Remove large files after their time.")
@_SITE
@click.option("--older-than", type=int, required=True, metavar="DAYS", help="At least 400.")
@click.option("--really", is_flag=True, help="Remove them; without it they are only listed.")
@_JSON
def prune(site: Path, older_than: int, really: bool, as_json: bool) -> None:
    """List or remove what may go."""
    from server.retention import prune as work
    from server.settings import Settings

    found = work(Settings.load(site), older_than, really=really)
    if as_json:
        files = [{"epoch": item.epoch, "name": item.name, "bytes": item.bytes} for item in found]
        _say(json.dumps({"done": True, "removed": really, "files": files}))
        return
    for item in found:
        _say(f"epoch {item.epoch}: {item.name}, {item.bytes:,} bytes")
    size = sum(item.bytes for item in found)
    verb = "Removed" if really else "Would remove"
    _say(f"{verb} {len(found)} files, {size:,} bytes; every attestation stays.")


@click.command(help=guide.REBUILD, short_help="Check all files and derive the caches anew.")
@_SITE
@_ENGINE
@_JSON
def rebuild(site: Path, engine: str, as_json: bool) -> None:
    """Rebuild the caches."""
    from server.retention import rebuild as work
    from server.settings import Settings
    from verifier.engine import get_engine
    from verifier.progress import shown_progress

    with shown_progress() as progress:
        numbers = work(Settings.load(site), get_engine(engine), progress)
    if as_json:
        _say(json.dumps({"done": True, "epochs": numbers}))
        return
    _say(f"{len(numbers)} epochs are whole and their caches new.")


COMMANDS: Final = (publish, serve, prune, rebuild)


def _key(text: str) -> bytes:
    """A public key, typed or in a file. Raises Malformed (E_KEY), Unavailable (E_FILE)."""
    from verifier.epoch import read_exchange_key

    path = Path(text)
    if not re.fullmatch("[0-9a-fA-F]{64}", text) and path.is_file():
        text = path.read_text("utf-8", errors="replace")
    try:
        return read_exchange_key(text)
    except Malformed as error:
        message = "neither a file nor 64 hex digits" if not path.is_file() else "the file holds no public key"
        raise Malformed(
            message, where="--key", code=error.code, hint="give exchange-key.txt, or what is in it"
        ) from None


def _check_places(root: Path, *addresses: str) -> None:
    ports = []
    for address in addresses:
        match = _LISTEN.fullmatch(address)
        if match is None or not 0 < int(match[1]) < 65536:
            raise Unavailable(f"{address[:60]} is not HOST:PORT", code="E_USAGE", hint="for example 127.0.0.1:8000")
        ports.append(match[1])
    if len(set(ports)) != len(ports):
        raise Unavailable("the two ports must differ", code="E_USAGE", hint="choose another one for --operator")
    if not root.is_dir():
        raise Unavailable(
            "there is no such directory", where=str(root), code="E_FILE", hint="publish an epoch first: solvent publish"
        )


def _say(line: str) -> None:
    click.echo(line)
