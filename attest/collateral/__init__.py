"""Collateral on the exchange's side: the working files, the challenge, the snapshot of an epoch (docs/collateral.md).

``load_collateral`` reads the directory, ``CollateralFiles.snapshot`` makes what the exchange signs, ``judge`` says of
it what a verifier will say. No private key of any wallet enters here; owners sign elsewhere and hand in signatures.
"""

from attest.collateral.challenge import Challenge
from attest.collateral.files import CollateralFiles, load_collateral
from attest.collateral.openings import Opening, Openings
from attest.collateral.snapshot import Judged, holding_openings, judge, make_snapshot

__all__ = [
    "Challenge",
    "CollateralFiles",
    "Judged",
    "Opening",
    "Openings",
    "holding_openings",
    "judge",
    "load_collateral",
    "make_snapshot",
]
