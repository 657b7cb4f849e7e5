"""The working files of collateral, in one directory (docs/collateral.md).

::

    challenge.json    exchange, epoch, beacon, challenge: what the owners of this epoch sign
    lines.json        what is held, line by line
    statements/*.json what custodians, banks, issuers and backstops signed, as they signed it
    chains.json       the block at which each chain was read
    openings.json     private: the amounts behind the statements' commitments
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from attest.collateral import challenge, lines_file, openings
from attest.collateral.challenge import Challenge
from attest.collateral.distinct import require_distinct
from attest.collateral.openings import Openings
from attest.collateral.snapshot import make_snapshot, require_recent_beacon
from attest.store import write_private
from verifier import canonical, fields
from verifier.collateral import ChainHead, Line, Snapshot, Statement
from verifier.collateral.quantities import MAX_CHAINS, MAX_STATEMENTS, chain
from verifier.errors import Malformed, Unavailable
from verifier.markets.policy import Policy

CHAINS: Final = "chains.json"
STATEMENTS: Final = "statements"
MAX_STATEMENT_BYTES: Final = 2**28
_CHAIN_HINT: Final = "write it again with solvent collateral chain"


@dataclass(frozen=True)
class CollateralFiles:
    """What ``load_collateral`` found. A vouched line's statement is a place in ``names`` and ``statements``."""

    directory: Path
    challenge: Challenge | None
    chains: Mapping[str, ChainHead]
    names: tuple[str, ...]
    statements: tuple[Statement, ...]
    lines: tuple[Line, ...]
    openings: Openings = field(repr=False)

    def snapshot(self, exchange: str, epoch: int, taken_at: int, policy_digest: str, policy: Policy) -> bytes:
        """The payload of ``collateral.json`` for this epoch, for the exchange to sign.

        Raises Unavailable (E_COLLATERAL) where there is no challenge of this epoch, no line at all, or a beacon so old
        that no signature of the challenge would count.
        """
        made = self.document(exchange, epoch, taken_at, policy_digest)
        require_recent_beacon(made, policy)
        return made.to_payload()

    def document(self, exchange: str, epoch: int, taken_at: int, policy_digest: str) -> Snapshot:
        """The same, not yet encoded."""
        return make_snapshot(self, exchange, epoch, taken_at, policy_digest)


def load_collateral(directory: Path, *, distinct: bool = True) -> CollateralFiles:
    """Read the working files. Raises Malformed or Unavailable, naming the file and the member.

    A list with one line twice is refused (E_LINE_DUPLICATE), unless ``distinct`` is False: for mending it.
    """
    if not directory.is_dir():
        raise Unavailable(
            "there is no such directory of collateral",
            where=str(directory),
            code="E_FILE",
            hint="begin with solvent collateral challenge, which makes it",
        )
    names, statements = _statements(directory / STATEMENTS)
    found = CollateralFiles(
        directory=directory,
        challenge=challenge.read_challenge(directory),
        chains=read_chains(directory / CHAINS),
        names=names,
        statements=statements,
        lines=lines_file.read_lines(directory / lines_file.NAME, names),
        openings=openings.read_openings(directory / openings.NAME),
    )
    for name, statement in zip(names, statements, strict=True):
        found.openings.require_fits(statement, name)
    if distinct:
        require_distinct(found.lines, statements, lines_file.NAME)
    return found


def read_statement(path: Path) -> Statement:
    """One signed statement. Raises Malformed, or Unavailable (E_FILE)."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unavailable(
            f"the statement cannot be read: {(error.strerror or 'unknown reason').lower()}",
            where=str(path),
            code="E_FILE",
            hint="name the file that the custodian sent",
        ) from None
    return Statement.from_json(canonical.decode(data, where=path.name, limit=MAX_STATEMENT_BYTES), path.name)


def read_chains(path: Path) -> dict[str, ChainHead]:
    """The block at which each chain was read. Raises Malformed."""
    if not path.exists():
        return {}
    document = canonical.read(path.read_bytes(), where=path.name, hint=_CHAIN_HINT)
    named = fields.mapping(document, path.name, MAX_CHAINS)
    where = f"{path.name}: "
    return {chain(name, path.name): ChainHead.from_json(head, where + name) for name, head in named.items()}


def write_chains(path: Path, chains: Mapping[str, ChainHead]) -> None:
    """Write the file, whole or not at all."""
    write_private(path, canonical.encode({name: head.to_json() for name, head in chains.items()}) + b"\n")


def _statements(directory: Path) -> tuple[tuple[str, ...], tuple[Statement, ...]]:
    paths: Sequence[Path] = sorted(directory.glob("*.json")) if directory.is_dir() else ()
    if len(paths) > MAX_STATEMENTS:
        raise Malformed(f"holds more than {MAX_STATEMENTS} statements", where=str(directory), code="E_LIMIT")
    return tuple(path.name for path in paths), tuple(read_statement(path) for path in paths)
