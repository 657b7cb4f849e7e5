"""What `solvent scenarios` does."""

from __future__ import annotations

import json
from pathlib import Path

from attest.cli import show
from attest.cli.homes import policy_of, require_exchange, root_of, tell_signed
from attest.config import Config
from attest.documents import files
from attest.documents.kinds import SCENARIOS, open_document
from attest.documents.policy_toml import load_policy
from attest.documents.scenario_drafts import fill_missing, made_up
from attest.documents.sign import sign_versioned
from attest.key_ring import KeyRing
from verifier.dsse import Envelope
from verifier.errors import Malformed
from verifier.markets.scenarios import Scenarios
from verifier.trust import names


def fill(config: Config, missing: int, sets: tuple[str, ...], signs: bool, file: Path | None, as_json: bool) -> None:
    """Write the draft, or sign it. Raises SolventError."""
    path = file or _draft_path(config)
    signed = _signed(config)
    draft = _read(path) if path.exists() else None
    filled = fill_missing(config.exchange, _syms(config), missing, sets, draft, signed)
    if signs:
        if not as_json:
            _tell_filled(filled, missing)
        _sign(config, filled, as_json)
        return
    files.replace(path, (json.dumps(filled.to_json(), indent=2) + "\n").encode())
    if as_json:
        show.as_json({"done": True, "file": str(path), "version": filled.version, "filled": made_up(filled)})
        return
    _tell_filled(filled, missing)
    show.say(f"The draft is {path}: read it, then run solvent scenarios sign.")


def sign(config: Config, file: Path | None, as_json: bool) -> None:
    """Sign the draft as role risk. Raises SolventError."""
    _sign(config, _read(file or _draft_path(config)), as_json)


def _sign(config: Config, scenarios: Scenarios, as_json: bool) -> None:
    require_exchange(scenarios.exchange, config, "scenarios")
    path = config.document_path("scenarios")
    signer = KeyRing.of(config.keys).signer(config.keys.risk)
    signed = sign_versioned(path, scenarios.to_bytes(), SCENARIOS, names.RISK, signer, root_of(config))
    extra = {"version": scenarios.version, "filled": made_up(scenarios)}
    tell_signed(signed, path, f"Version {scenarios.version} of the scenarios", as_json, extra)
    if not as_json and config.documents.scenarios is None:
        show.say(f'To use them, write scenarios = "documents/scenarios.json" under [documents] in {config.where}.')


def _draft_path(config: Config) -> Path:
    return config.base / "scenarios.json"


def _signed(config: Config) -> Scenarios | None:
    path = config.document_path("scenarios")
    if not path.exists():
        return None
    envelope = Envelope.from_bytes(files.read_bytes(path, "the scenarios"), SCENARIOS.payload_type, path.name)
    return Scenarios.from_bytes(envelope.payload, path.name)


def _read(path: Path) -> Scenarios:
    """A draft, in any layout. Raises SolventError."""
    data = files.read_bytes(path, "the draft", "run solvent scenarios fill --missing -5000, or name your file")
    kind, envelope = open_document(data, path.name)
    if kind is not SCENARIOS:
        hint = "name the file that solvent scenarios fill wrote"
        raise Malformed(f"holds a {kind.tag}, not scenarios", where=path.name, code="E_TYPE", hint=hint)
    return Scenarios.from_bytes(envelope.payload, path.name)


def _syms(config: Config) -> tuple[str, ...]:
    """Every asset of the policy, signed or drafted; without one, of the book's columns."""
    draft = config.base / "policy.toml"
    policy = policy_of(config) or (load_policy(draft) if draft.exists() else None)
    if policy is not None:
        return tuple(policy.assets)
    return tuple(column.asset for column in config.schema().columns if column.asset)


def _tell_filled(scenarios: Scenarios, missing: int) -> None:
    for name, count in made_up(scenarios).items():
        days = ", ".join(day.name for day in scenarios.sets[name])
        show.say(f"{name}: {days}; {count} shocks of {missing} basis points filled in and flagged as models.")
