"""A directory of collateral working files, and the policy that its lines are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import Result

from attest.cli.collateral.home import POLICY_TYPE
from attest.collateral import Challenge, CollateralFiles, Openings, load_collateral
from attest.collateral import challenge as challenge_file
from attest.collateral import openings as openings_file
from attest.collateral.files import CHAINS, STATEMENTS, write_chains
from attest.collateral.lines_file import NAME, write_lines
from attest.store import write_private
from tests.support import markets, snapshots, trust
from tests.support.exchange import solvent
from verifier.collateral import Beacon, Custody, Snapshot
from verifier.dsse import Envelope, key_id
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
    return ["--beacon", beacon.source, str(beacon.round), str(beacon.time), beacon.value]


@dataclass(frozen=True)
class Desk:
    """An exchange's collateral desk: its documents, and the command that works on them."""

    root: Path

    @property
    def directory(self) -> Path:
        return self.root / "collateral"

    @property
    def lines(self) -> Path:
        return self.directory / NAME

    def run(self, command: str, *words: str | Path) -> Result:
        """A command with this desk's files."""
        places: list[str | Path] = [
            "--dir",
            self.directory,
            "--exchange",
            snapshots.EXCHANGE,
            "--policy",
            self.root / "policy.json",
        ]
        return solvent("collateral", command, *places, "--root-document", self.root / "root.json", *words)

    def ask(self, *words: str | Path) -> Result:
        """The challenge of the tests' epoch."""
        return self.run("challenge", "--epoch", str(snapshots.EPOCH), *beacon_flags(snapshots.BEACON), *words)

    def read_chains(self) -> None:
        write_chains(self.directory / CHAINS, snapshots.CHAINS)

    def check(self, *words: str | Path) -> Result:
        return self.run("check", "--taken-at", str(snapshots.TAKEN_AT), *words)

    def statement(self, name: str, document: Custody) -> Path:
        """A statement signed by its role, as it arrives."""
        path = self.root / name
        path.write_bytes(snapshots.sign(document).envelope.to_bytes())
        return path


def new_desk(root: Path, **changes: Any) -> Desk:
    """A desk with a policy (``changes`` are members of its document), a root document and a challenge."""
    made = policy(**changes)
    risk = [(key_id(snapshots.signer("risk").public_key), bytes(64))]
    (root / "policy.json").write_bytes(Envelope(POLICY_TYPE, made.to_bytes(), tuple(risk)).to_bytes())
    keys = {role: snapshots.signer(role).public_key.hex() for role in ("root", *snapshots.ROLES)}
    roles = {role: {"keys": [key], "threshold": 1} for role, key in keys.items()}
    (root / "root.json").write_bytes(trust.root_envelope(roles=roles).to_bytes())
    desk = Desk(root)
    done = desk.ask()
    assert done.exit_code == 0, done.stderr
    desk.read_chains()
    return desk
