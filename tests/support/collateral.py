"""A directory of collateral working files, and the policy that its lines are judged by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attest.collateral import Challenge, CollateralFiles, Openings, load_collateral
from attest.collateral import challenge as challenge_file
from attest.collateral import openings as openings_file
from attest.collateral.files import CHAINS, STATEMENTS, write_chains
from attest.collateral.lines_file import NAME, write_lines
from attest.store import write_private
from tests.support import markets, snapshots
from verifier.collateral import Beacon, Snapshot
from verifier.markets.policy import Policy

CHALLENGE = Challenge(snapshots.EXCHANGE, snapshots.EPOCH, snapshots.BEACON)


def policy(**changes: Any) -> Policy:
    """The policy that says what ``snapshots.RULES`` says."""
    rules = snapshots.RULES
    assets = {sym: markets.asset(asset.decimals, units=dict(asset.units)) for sym, asset in rules.assets.items()}
    document = markets.policy_json(
        exchange=snapshots.EXCHANGE,
        assets=assets,
        pools=dict.fromkeys(sorted(rules.pools), "reserve"),
        haircuts={pool: dict.fromkeys(assets, 0) for pool in rules.pools},
        columns=[markets.column(sym, decimals=asset.decimals) for sym, asset in rules.assets.items()],
        collateral={
            "legacy": rules.legacy,
            "legacy_messages": list(rules.legacy_messages),
            "amounts": rules.amounts,
            "beacon_age_s": rules.beacon_age_s,
            "skew_s": rules.skew_s,
            "finality": dict(rules.finality),
            "valuation_age_s": rules.valuation_age_s,
        },
    )
    return Policy.from_json({**document, **changes})


def write_directory(directory: Path, shot: Snapshot, openings: Openings | None = None) -> Path:
    """The working files that ``shot`` is made from."""
    (directory / STATEMENTS).mkdir(parents=True)
    names = [f"s{i}.json" for i in range(len(shot.statements))]
    for name, statement in zip(names, shot.statements, strict=True):
        (directory / STATEMENTS / name).write_bytes(statement.envelope.to_bytes())
    write_lines(directory / NAME, shot.lines, names)
    write_chains(directory / CHAINS, shot.chains)
    made = Challenge(shot.exchange, shot.epoch, shot.beacon)
    (directory / challenge_file.NAME).write_bytes(made.to_bytes())
    if openings is not None:
        write_private(directory / openings_file.NAME, openings.to_bytes())
    return directory


def written(directory: Path, shot: Snapshot, openings: Openings | None = None) -> CollateralFiles:
    """Those files, read back."""
    return load_collateral(write_directory(directory, shot, openings))


def beacon_flags(beacon: Beacon) -> list[str]:
    """The beacon as the command takes it."""
    pairs = {"source": beacon.source, "round": beacon.round, "time": beacon.time, "value": beacon.value}
    return [word for name, value in pairs.items() for word in (f"--beacon-{name}", str(value))]
