"""The exchange's documents, as they lie on the disk: parsed, nothing verified yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attest.collateral import CollateralFiles, load_collateral
from attest.config_documents import DocumentsConfig
from verifier.collateral import snapshot as snapshots
from verifier.dsse import Envelope
from verifier.errors import Malformed, Unavailable
from verifier.markets import quotes
from verifier.trust import names, root

POLICY: Final = names.payload_type("policy")
SCENARIOS: Final = names.payload_type("scenarios")
PREPARED: Final = "prepared.json"
"""In the collateral directory: a snapshot made by ``solvent attest --prepare``, waiting for or with more signatures."""


@dataclass(frozen=True)
class Inputs:
    """``quotes`` goes by file name; ``scenarios`` is None where the exchange has none.

    ``prepared`` is a snapshot that was made before, and perhaps signed by others since; it then stands instead of what
    the working files in ``collateral`` would come to.
    """

    root: Envelope
    policy: Envelope
    quotes: Mapping[str, Envelope]
    scenarios: Envelope | None
    collateral: CollateralFiles
    prepared: Envelope | None = None


def read_root(path: Path) -> Envelope:
    """The root document. Raises Malformed or Unavailable, as the functions below do."""
    return _envelope(path, root.PAYLOAD_TYPE, "make it with solvent init, or name it in [documents] root")


def read_policy(path: Path) -> Envelope:
    """The signed policy."""
    return _envelope(path, POLICY, "run solvent policy sign")


def read_scenarios(path: Path) -> Envelope:
    """The signed scenarios."""
    return _envelope(path, SCENARIOS, "sign them again, or take scenarios out of [documents]")


def read_quotes(directory: Path) -> dict[str, Envelope]:
    """Every ``*.json`` of a directory; anything else in it is passed over."""
    hint = "fetch this source's quote again, or remove the file"
    files = sorted(path for path in directory.glob("*.json") if not path.name.startswith("."))
    return {path.name: _envelope(path, quotes.PAYLOAD_TYPE, hint) for path in files}


def read_prepared(directory: Path) -> Envelope | None:
    """The snapshot that ``solvent attest --prepare`` left, with the signatures that it has by now."""
    path = directory / PREPARED
    if not path.exists():
        return None
    again = "run solvent attest --prepare again"
    return _envelope(path, snapshots.PAYLOAD_TYPE, again, snapshots.MAX_ENVELOPE)


def _envelope(path: Path, payload_type: str, hint: str, limit: int | None = None) -> Envelope:
    try:
        return Envelope.from_bytes(_read(path, hint), payload_type, path.name, limit)
    except Malformed as error:
        raise Malformed(error.message, where=error.where, code=error.code, hint=hint) from error


def _read(path: Path, hint: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise Unavailable(f"cannot be read: {reason}", where=str(path), code="E_FILE", hint=hint) from None


def read_inputs(paths: DocumentsConfig) -> Inputs | None:
    """The documents that [documents] of solvent.toml names; None where it names no policy: liabilities alone."""
    if paths.policy is None or paths.root is None or paths.quotes is None or paths.collateral is None:
        return None
    return Inputs(
        root=read_root(paths.root),
        policy=read_policy(paths.policy),
        quotes=read_quotes(paths.quotes),
        scenarios=None if paths.scenarios is None else read_scenarios(paths.scenarios),
        collateral=load_collateral(paths.collateral),
        prepared=read_prepared(paths.collateral),
    )
