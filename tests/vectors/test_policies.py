"""Every member of a policy, changed, and the whole epoch made anew under it: refused, or told otherwise.

Nothing is hidden in this epoch, so that no proof can notice a change: whatever is found is found by its meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support import epochs, markets
from tests.support.epochs import ACCOUNTS, BITS, CLAIMS, Epoch, audited, policy_document, sign
from tests.support.markets import DECIMALS, POOL, claim
from tests.support.snapshots import BTC
from tests.support.wallets import Wallet
from tests.vectors.test_edits import told
from vectors.make.alternatives import another
from vectors.make.edits import REMOVED, Place, edited, pointer, walk
from verifier.collateral import AddressBacking, Line
from verifier.collateral.bitcoin import Lock
from verifier.dsse import Envelope
from verifier.engine import get_engine
from verifier.errors import SolventError

STATIC: Final = "an older message"
STEPS: Final = {
    "kind": "concave",
    "tiers": [{"from": "0", "bps": 10000}, {"from": "100000", "bps": 9800}, {"from": "180000", "bps": 9000}],
}
SOLD: Final = dict.fromkeys(DECIMALS, 6000)
ASKED: Final = dict.fromkeys(DECIMALS, 4000)
MORE_CLAIMS: Final = (
    claim("loans", "ltv", collateral=["BTC:pledged"], debt=["USDT:debt"], l=9000),
    claim(
        "week", "ladder", horizon=604800, liquid=dict.fromkeys(DECIMALS, 6000), outflow=dict.fromkeys(DECIMALS, 4000)
    ),
    claim("matched", "mismatch", assets=["ETH"], theta=2000),
    claim("stable", "share-cap", syms=[], classes=["stablecoin"], pools=[], cap=6000),
    claim("place", "share-cap", syms=[], classes=[], pools=[POOL], cap=10000),
)
COLUMNS: Final = (
    *(markets.column(sym, bits=bits) for sym, bits in BITS.items()),
    markets.column("BTC:pledged", kind="collateral", bits=32),
    markets.column("USDT:debt", kind="debt", bits=40),
)
OWING: Final = {**ACCOUNTS, "alice": {**ACCOUNTS["alice"], "BTC:pledged": 100000000, "USDT:debt": 40000000000}}
BINDING: Final[Mapping[str, Any]] = {
    "/price/window_s": 0, "/price/deviation_bps": 0, "/price/basis_bps": 0, "/max_age_s": 1,
    "/collateral/beacon_age_s": 0, "/collateral/skew_s": 0, "/collateral/legacy": "reject",
    "/collateral/amounts": "observer", "/quote": "iso4217:EUR",
    **{f"/assets/{sym}/class": "own" for sym in DECIMALS},
    **{f"/claims/5/parameters/liquid/{sym}": 7000 for sym in DECIMALS},
    **{f"/columns/{i}/bits": 64 for i in range(len(COLUMNS))},
}  # fmt: skip
"""Values that decide something in this epoch, where the next best one would not."""
TIPS = "depth is compared where the verifier knows the tip of a chain: tests/unit/verifier/collateral/test_verdicts.py"
NOT_USED = "the depth of a chain that no line is on"
UNSEEN: Final = {
    "/assets/USDT/use": "index and mark are both one dollar",
    "/version": "compared with the last epoch's: tests/unit/verifier/statement/test_market.py",
    "/collateral/valuation_age_s": "no bank here: tests/unit/verifier/collateral/test_entries.py",
    "/claims/1/parameters/own": "about the own token, of which there is none here: tests/unit/verifier/markets/",
    **{f"/columns/{i}/bits": "a wider range of every cell; the totals stay what they are" for i in range(len(COLUMNS))},
    "/collateral/finality/bip122:000000000019d6689c085ae165831e93": TIPS,
    "/collateral/finality/eip155:1": TIPS,
    "/collateral/finality/eip155:10": NOT_USED,
    "/collateral/finality/tron:728126428": NOT_USED,
    "/collateral/finality/solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp": NOT_USED,
}


class Timed(Epoch):
    """An epoch whose quotes are half a minute old and mark every asset a little off its index."""

    def _quote(self, source: str, index: Mapping[str, Any]) -> Envelope:
        mark = {sym: str(int(price) * 10_001 // 10_000) for sym, price in index.items()}
        document = {
            "type": "solvent:quote/v1", "source": source, "quote": "iso4217:USD", "at": self.taken_at - 30, "scale": 2,
            "index": dict(index), "mark": mark, "models": {},
        }  # fmt: skip
        return sign("quote", document, f"price/{source}")


def with_older_line(_: Epoch, lines: list[Line]) -> list[Line]:
    """One more address, with the signature of a static message."""
    wallet = Wallet(77)
    account = wallet.address(Lock.P2WPKH)
    backing = AddressBacking(account, "bip137", (wallet.bitcoin(STATIC, 39),), message=STATIC)
    return [*lines, Line("older", "address", "BTC", BTC, POOL, 1000, 0, backing)]


def document() -> dict[str, Any]:
    """A policy with a claim of every kind."""
    assets = {sym: markets.asset(DECIMALS[sym], units=epochs.UNITS[sym]) for sym in DECIMALS}
    assets["USDT"]["class"] = "stablecoin"
    found = policy_document(
        claims=(*CLAIMS, *MORE_CLAIMS),
        columns=list(COLUMNS),
        assets=assets,
        tables={"steps": STEPS},
        haircuts={POOL: {"BTC": "steps", "ETH": 1000, "USDT": 50}, "loans": {"BTC": "steps"}},
    )
    rules = {**found["collateral"], "legacy": "count", "legacy_messages": [STATIC]}
    return {**found, "collateral": rules}


def made_under(policy: Mapping[str, Any]) -> Epoch:
    """The epoch under this policy, whatever follows from it signed by everybody."""
    modes = ("public",) * len(policy.get("columns", COLUMNS))
    return Timed(policy=policy, accounts=OWING, modes=modes, lines=with_older_line, engine=get_engine())


def changes() -> Iterator[tuple[str, Any, str]]:
    """(pointer, other value, name) for every member."""
    for path, value in walk(document(), ()):
        yield pointer(path), REMOVED, f"{pointer(path)}: removed"
        if not isinstance(value, dict | list):
            place = Place("policy.json", (), path)
            yield pointer(path), BINDING.get(pointer(path), another(place, value)), f"{pointer(path)}: changed"


CHANGES: Final = list(changes())
PATHS: Final = {pointer(path): path for path, _ in walk(document(), ())}


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is told of the epoch as it is."""
    place = tmp_path_factory.mktemp("policy") / "1"
    return told(audited(made_under(document()), place, engine=get_engine()))


@pytest.mark.parametrize(("place", "value"), [change[:2] for change in CHANGES], ids=[name for *_, name in CHANGES])
def test_a_changed_policy_is_never_the_same(place: str, value: Any, unchanged: dict[str, Any], tmp_path: Path) -> None:
    assert unchanged["overall"] == "QUALIFIED"
    changed = edited(document(), PATHS[place], value)
    try:
        found = told(audited(made_under(changed), tmp_path / "1", engine=get_engine()))
    except SolventError as error:
        found = {"code": error.code}
    if value != REMOVED or found == unchanged:
        assert (found == unchanged) == (place in UNSEEN), UNSEEN.get(place, "the report does not show it")
    assert found.get("code", "E_").startswith("E_")


def test_exempt_places_are_still_there() -> None:
    assert set(UNSEEN) | set(BINDING) <= set(PATHS)
