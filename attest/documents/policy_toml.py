"""policy.toml, read strictly: every error names the key, and a misspelt one is told the right spelling.

The keys are the members of the policy document (docs/statement.md, section 4). A claim's parameters stand beside its
name and kind, a tier's ``from`` may be a plain number, and empty ``haircuts``, ``tables``, ``rules``, ``columns`` and
``claims`` may be left out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from attest.config_table import ConfigError, near
from attest.documents.files import read_text
from verifier.errors import Malformed, Rejected, SolventError, Unavailable
from verifier.markets import descriptors
from verifier.markets.policy import TYPE, Policy

_TOP: Final = (
    "exchange", "version", "effective_epoch", "quote", "value_scale", "assets", "pools", "haircuts", "tables", "price",
    "collateral", "max_age_s", "columns", "rules", "claims",
)  # fmt: skip
_EMPTY: Final[dict[str, Any]] = {"haircuts": {}, "tables": {}, "rules": [], "columns": [], "claims": []}
_CLOSED: Final = {
    "price": ("scale", "min_sources", "window_s", "deviation_bps", "basis_bps"),
    "collateral": (
        "legacy", "legacy_messages", "amounts", "beacon_age_s", "skew_s", "finality", "valuation_age_s",
    ),
    "assets": ("decimals", "class", "units", "use"),
    "columns": ("name", "asset", "decimals", "bits", "kind"),
    "tables": ("kind", "tiers"),
}  # fmt: skip
_COMMENTS: Final = "the comments that solvent init writes into policy.toml say what each key means"
_HINTS: Final = {
    "E_LINE_UNIT": "list each unit under one asset alone",
    "E_SCHEMA": "give columns names of their own, and the decimals of their asset in [assets]",
    "E_HAIRCUT": "haircuts name listed assets, 0 to 10000 basis points or one of [tables]",
    "E_OWN_TOKEN": 'an own token has the haircut 10000; with own = "exclude" it needs a claim in kind of 10000',
    "E_POOL": "name pools of [pools] that have the purpose the claim reads",
    "E_CLAIM": "correct the claim: it names assets, columns and claims that this policy has",
    "E_TIER_ORDER": "tiers begin at 0 and rise; in a concave table bps never rise",
    "E_TIER_SIGN": 'write kind = "concave"',
}


def load_policy(path: Path) -> Policy:
    """The policy in a TOML file. Raises ConfigError, Rejected or Unavailable."""
    hint = "solvent init drafts one; or name your file"
    return read_policy(read_text(path, "the policy", hint), path.name)


def read_policy(text: str, where: str = "policy.toml") -> Policy:
    """The policy in ``text``. Raises ConfigError, Rejected or Unavailable; ``where`` begins the place of an error."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        hint = "strings stand in quotes, lists in brackets; see toml.io"
        raise ConfigError(f"is not valid TOML: {error}", where=where, code="E_CONFIG", hint=hint) from error
    _check_keys(table, where)
    try:
        return Policy.from_json(_document(table), where)
    except SolventError as error:
        raise _located(error, where) from error


def _document(table: dict[str, Any]) -> dict[str, Any]:
    """The document's form of what the file says."""
    document = {"type": TYPE, **_EMPTY, **table}
    document["tables"] = _each(document["tables"], _tiers)
    if isinstance(document["claims"], list):
        document["claims"] = [_claim(claim) for claim in document["claims"]]
    return document


def _claim(claim: Any) -> Any:
    if not isinstance(claim, dict):
        return claim
    outer = {key: claim[key] for key in ("name", "kind") if key in claim}
    return {**outer, "parameters": {key: value for key, value in claim.items() if key not in outer}}


def _tiers(table: Any) -> Any:
    if not isinstance(table, dict) or not isinstance(table.get("tiers"), list):
        return table
    return {**table, "tiers": [_tier(tier) for tier in table["tiers"]]}


def _tier(tier: Any) -> Any:
    plain = isinstance(tier, dict) and type(tier.get("from")) is int
    return {**tier, "from": str(tier["from"])} if plain else tier


def _each(value: Any, change: Any) -> Any:
    return {key: change(item) for key, item in value.items()} if isinstance(value, dict) else value


def _check_keys(table: dict[str, Any], where: str) -> None:
    """Unknown and missing keys, wherever the names of keys are fixed."""
    _closed(table, f"{where}:", _TOP, optional=_EMPTY)
    for section in ("price", "collateral"):
        _closed(table[section], f"{where}: [{section}]", _CLOSED[section])
    for section in ("assets", "tables"):
        for name, item in _items(table.get(section)):
            _closed(item, f"{where}: [{section}.{name}]", _CLOSED[section])
    for i, column in _items(table.get("columns")):
        _closed(column, f"{where}: columns[{i}]", _CLOSED["columns"])
    for i, claim in _items(table.get("claims")):
        if isinstance(claim, dict):
            _check_claim(claim, f"{where}: claims[{i}]")


def _check_claim(claim: dict[str, Any], where: str) -> None:
    kind = claim.get("kind")
    if kind not in descriptors.KINDS:
        what = "is missing" if kind is None else f"{str(kind)[:40]!r} is no kind of claim"
        raise _wrong(
            f"{where} kind", what, f"kinds are {', '.join(descriptors.KINDS)}{near(str(kind), descriptors.KINDS)}"
        )
    forms = descriptors.parameter_names(kind)
    form = next((form for form in forms if set(form) == {*claim} - {"name", "kind"}), forms[0])
    _closed(claim, where, ("name", "kind", *form))


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, list):
        return enumerate(value)
    return value.items() if isinstance(value, dict) else ()


def _closed(value: Any, where: str, known: tuple[str, ...], optional: Iterable[str] = ()) -> None:
    if not isinstance(value, dict):
        raise _wrong(where, "should be a table", _COMMENTS)
    for key in value:
        if key not in known:
            hint = f"the keys here are {', '.join(known)}{near(key, known)}"
            raise _wrong(f"{where} {key[:96]}", "is not a known key", hint)
    for key in known:
        if key not in value and key not in optional:
            raise _wrong(f"{where} {key}", "is missing", f"add {key} = ...; {_COMMENTS}")


def _located(error: SolventError, where: str) -> SolventError:
    """The same with the place as the file writes it, and a remedy."""
    place = error.where.replace(".parameters", "")
    if place.startswith("policy:"):
        place = f"{where}{place.removeprefix('policy')}"
    elif not place.startswith(where):
        place = f"{where}: {place}" if place else where
    hint = error.hint or _HINTS.get(error.code, _COMMENTS)
    kind = ConfigError if isinstance(error, Malformed) else Unavailable if isinstance(error, Unavailable) else Rejected
    return kind(error.message, where=place, code=error.code, hint=hint)


def _wrong(where: str, message: str, hint: str) -> ConfigError:
    return ConfigError(message, where=where, code="E_FIELD", hint=hint)
