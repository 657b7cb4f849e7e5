"""What `solvent reader` does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from attest.cli import show
from attest.cli.homes import root_of
from attest.cli.outputs import require_new
from attest.cli.words import number, pair
from attest.config import Config
from attest.documents import files
from attest.documents.public_keys import public_key_of
from attest.documents.readers import COVERAGE, make_reader
from attest.key_ring import KeyRing
from verifier.errors import Malformed
from verifier.trust.requirement import KINDS, Requirement
from verifier.trust.threshold import Threshold


@dataclass(frozen=True)
class Request:
    """What was typed after `reader make`."""

    require: tuple[str, ...]
    pins: tuple[str, ...]
    cosign: tuple[str, ...]
    log: Path | None
    output: Path | None
    as_json: bool


def make(config: Config, request: Request) -> None:
    """Write a reader file. Raises SolventError."""
    root = root_of(config)
    path = request.output or config.base / "reader.json"
    require_new(path)
    reader = make_reader(
        root,
        require=tuple(_requirement(text) for text in request.require) or (COVERAGE,),
        pins=dict.fromkeys(request.pins),
        cosign=_cosign(request.cosign, KeyRing.of(config.keys)),
        log=files.read_text(request.log, "the log policy") if request.log else None,
    )
    files.replace(path, reader.to_bytes())
    if request.as_json:
        show.as_json({"done": True, "file": str(path), "digest": reader.digest, "reader": reader.to_json()})
        return
    show.say(f"The reader file is {path}: give it to auditors on a way that does not lead through your own pages.")
    show.facts(
        [
            ("pins", f"version {root.version} of the root document, {root.digest}"),
            ("requires", "; ".join(_words(one) for one in reader.require)),
            ("pinned roles", ", ".join(reader.pins) or "none"),
        ]
    )


def _requirement(text: str) -> Requirement:
    name, k = pair(text, "--require", "KIND[:ASSET]=K")
    kind, _, asset = name.partition(":")
    document = {"kind": kind, "asset": asset, "min_k": number(k, "--require")}
    try:
        return Requirement.from_json(document, "--require")
    except Malformed as error:
        hint = f"write coverage=10000 or in-kind:*=10000; kinds are {', '.join(KINDS)}"
        raise Malformed(error.message, where=f"--require {text[:60]}", code=error.code, hint=hint) from error


def _cosign(texts: Iterable[str], ring: KeyRing) -> dict[str, Threshold]:
    """All keys named for a tag must sign."""
    keys: dict[str, tuple[bytes, ...]] = {}
    for tag, key in (pair(text, "--cosign", "TAG=KEY") for text in texts):
        keys[tag] = (*keys.get(tag, ()), public_key_of(key, ring))
    return {tag: Threshold(named, len(named)) for tag, named in keys.items()}


def _words(one: Requirement) -> str:
    asset = f" of {one.asset}" if one.asset else ""
    return f"{one.kind}{asset} at {one.min_k} basis points"
