"""What `solvent policy` does."""

from __future__ import annotations

import time
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attest.cli import show
from attest.cli.homes import read_policy_envelope, require_exchange, root_of, tell_signed
from attest.cli.words import pair
from attest.config import Config
from attest.documents import files, tier_import
from attest.documents.kinds import POLICY
from attest.documents.policy_toml import load_policy, read_policy
from attest.documents.price_sets import computed
from attest.documents.sign import sign_versioned
from attest.key_ring import KeyRing
from verifier.amounts import parse_amount
from verifier.errors import SolventError, Unavailable
from verifier.markets.lint import WARNS, Finding, lint_policy
from verifier.markets.policy import Policy
from verifier.trust import names


def draft_path(config: Config) -> Path:
    """policy.toml, beside solvent.toml."""
    return config.base / "policy.toml"


def sign(config: Config, file: Path | None, as_json: bool) -> None:
    """Sign the draft as role risk. Raises SolventError."""
    policy = load_policy(file or draft_path(config))
    require_exchange(policy.exchange, config, "policy")
    root = root_of(config)
    path = config.document_path("policy")
    signer = KeyRing.of(config.keys).signer(config.keys.risk)
    signed = sign_versioned(path, policy.to_bytes(), POLICY, names.RISK, signer, root)
    warnings = [finding for finding in _findings(config, policy, {}) if finding.level == WARNS]
    extra = {"version": policy.version, "warnings": [_as_json(finding) for finding in warnings]}
    tell_signed(signed, path, f"Version {policy.version} of the policy", as_json, extra)
    if not as_json:
        _tell_warnings(warnings)
        _remind(config)


def lint(config: Config, file: Path | None, prices: Sequence[str], as_json: bool) -> None:
    """Explain a draft or a signed policy. Raises SolventError."""
    policy = _read(file or draft_path(config))
    given = dict(_price(text, policy) for text in prices)
    found = _findings(config, policy, given)
    if as_json:
        show.as_json({"done": True, "digest": policy.digest, "findings": [_as_json(finding) for finding in found]})
        return
    show.say(f"Version {policy.version} of the policy of {policy.exchange}, from epoch {policy.effective_epoch} on:")
    show.say(*(f"  {finding.message}" for finding in found if finding.level != WARNS))
    warnings = [finding for finding in found if finding.level == WARNS]
    _tell_warnings(warnings)
    if not warnings:
        show.say("Nothing to warn about.")
    if not {**_quoted(config, policy), **given}:
        show.say("Without prices nobody can say whether value_scale is fine enough: sign quotes, or give --price.")


@dataclass(frozen=True)
class TierRequest:
    """What was typed after import-tiers. ``chosen`` names the assets; empty is all of them."""

    product: str
    pool: str
    chosen: tuple[str, ...]
    listed: bool
    merge: bool
    file: Path | None
    as_json: bool


def import_tiers(config: Config, csv_file: Path, request: TierRequest) -> None:
    """Print TOML, or merge it into policy.toml. Raises SolventError; policy.toml is whole and valid afterwards."""
    text = files.read_text(csv_file, "the table of tiers")
    if not request.listed and not request.merge:
        tables = tier_import.import_tables(text, request.product, csv_file.name, request.chosen or None)
        _require_found(request.chosen, tables, csv_file.name)
        show.answer(tier_import.fragment(tables, request.product, request.pool).splitlines())
        return
    path = request.file or draft_path(config)
    draft = files.read_text(path, "the policy", "solvent init drafts one; or name yours with --file")
    listed = read_policy(draft, path.name).assets
    _require_found(request.chosen, listed, path.name)
    wanted = request.chosen or tuple(listed)
    tables = tier_import.import_tables(text, request.product, csv_file.name, wanted)
    _require_found(request.chosen, tables, csv_file.name)
    if not request.merge:
        show.answer(tier_import.fragment(tables, request.product, request.pool).splitlines())
        return
    merged = tier_import.merge(draft, tables, request.product, request.pool)
    read_policy(merged, f"{path.name} with these tiers")
    files.replace(path, merged.encode())
    missing = sorted(set(wanted) - set(tables))
    if request.as_json:
        show.as_json({"done": True, "file": str(path), "assets": sorted(tables), "not_in_table": missing})
        return
    show.say(f"{len(tables)} of {len(listed)} assets of {path} now have the {request.product} tiers in {request.pool}.")
    if missing:
        show.say(f"Not in {csv_file.name}, and left as they were: {', '.join(missing)}")


def _require_found(chosen: Sequence[str], known: Container[str], where: str) -> None:
    """Raises Unavailable (E_USAGE) for an asset that was named and is not there."""
    unknown = [sym for sym in chosen if sym not in known]
    if unknown:
        hint = "name assets that are in the table of tiers and, for --merge, in [assets]"
        raise Unavailable(f"there is no asset {unknown[0][:40]!r}", where=where, code="E_USAGE", hint=hint)


def _read(path: Path) -> Policy:
    return read_policy_envelope(path) if path.suffix == ".json" else load_policy(path)


def _findings(config: Config, policy: Policy, given: Mapping[str, int]) -> tuple[Finding, ...]:
    return lint_policy(policy, {**_quoted(config, policy), **given})


def _quoted(config: Config, policy: Policy) -> dict[str, int]:
    """What the quotes come to now, where they come to something: only to test the scale with."""
    try:
        found = computed(config, policy, int(time.time()))
    except SolventError:
        return {}
    return {sym: price.price for sym, price in found.prices.items()}


def _price(text: str, policy: Policy) -> tuple[str, int]:
    sym, value = pair(text, "--price", "SYM=PRICE")
    return sym, parse_amount(value, policy.price.scale, f"--price {sym}")


def _tell_warnings(warnings: Sequence[Finding]) -> None:
    for finding in warnings:
        show.say(f"warning: {finding.where}: {finding.message}")


def _remind(config: Config) -> None:
    """A policy that solvent.toml does not name goes nowhere."""
    if config.documents.policy is None:
        show.say(f'To attest with it, write policy = "documents/policy.json" under [documents] in {config.where}.')


def _as_json(finding: Finding) -> dict[str, str]:
    return {"level": finding.level, "code": finding.code, "where": finding.where, "message": finding.message}
