"""Parts of the frozen epoch with a policy, each judged by itself: policy, prices, lines of collateral, roles of keys.

What is wrong with a line or a price does not refuse an epoch: the line counts nothing, the price is missing.
"""

from __future__ import annotations

from typing import Any, Final

from vectors.make import roles
from vectors.make.build import TAKEN_AT
from vectors.make.edits import pointer
from verifier.dsse import key_id

AT: Final = TAKEN_AT + 86_400
"""The second epoch's snapshot."""
VAULT: Final = "/statements/0"
QUOTES: Final = ("/quotes/0", "/quotes/1", "/quotes/2")
UNIT: Final = next(iter(roles.UNITS["BTC"]))
CONVEX: Final = {"kind": "convex", "tiers": [{"from": "0", "bps": 9000}, {"from": "1", "bps": 9500}]}
Change = tuple[str, str, Any]
"""The envelope within the document ("" for none), a pointer, the new value."""


def change(at: str, value: Any, inside: str = "") -> Change:
    """One change."""
    return inside, at, value


POLICIES: Final[tuple[tuple[str, str, Change], ...]] = (
    ("a haircut of more than everything", "E_HAIRCUT", change("/haircuts/cold/ETH", 10_001)),
    ("a haircut by a table that is not there", "E_HAIRCUT", change("/haircuts/cold/BTC", "nothing")),
    ("the own token counts", "E_OWN_TOKEN", change("/assets/ETH/class", "own")),
    ("the own token left out and debts netted", "E_OWN_TOKEN",
     change("/claims/1/parameters", {"pools": ["cold"], "k": 10000, "net_debt": 1, "own": "exclude"})),
    ("a claim on a pool that is no reserve", "E_POOL", change("/pools/cold", "backstop")),
    ("a claim on a pool that is not there", "E_POOL", change("/claims/1/parameters/pools", ["nowhere"])),
    ("tiers that do not rise", "E_TIER_ORDER", change("/tables/steps/tiers/1/from", "0")),
    ("rates of a concave table that rise", "E_TIER_ORDER", change("/tables/steps/tiers/2/bps", 9900)),
    ("collateral by a convex table", "E_TIER_SIGN", change("/tables/steps", CONVEX)),
    ("one unit of two assets", "E_LINE_UNIT", change(pointer(("assets", "USDT", "units", UNIT)), 8)),
    ("two columns of one name", "E_SCHEMA", change("/columns/2/name", "BTC")),
    ("two claims of one name", "E_CLAIM", change("/claims/1/name", "loans")),
    ("a policy that is not yet in effect", "E_POLICY_VERSION", change("/effective_epoch", 3)),
    ("account rules", "E_UNSUPPORTED", change("/rules", [{"name": "net", "weights": {}}])),
)  # fmt: skip
TRUST: Final[tuple[tuple[str, str, str, Change], ...]] = (
    ("root.json", "one key in two roles", "E_TRUST_ROLE",
     change("/roles/log/keys", [roles.signer("statement").public_key.hex()])),
    ("reader.json", "one key pinned in two roles", "E_TRUST_ROLE",
     change("/pins/observer", [key_id(roles.signer("bank/first").public_key)])),
)  # fmt: skip
PRICES: Final[tuple[tuple[str, str, str, tuple[Change, ...]], ...]] = (
    ("a quote far from the others", "BTC", "E_PRICE_DEVIATION", (change("/index/BTC", "12200000", QUOTES[0]),)),
    ("index and mark far apart", "ETH", "E_PRICE_BASIS", (change("/index/ETH", "380000", QUOTES[0]),)),
    ("two quotes too old", "BTC", "E_PRICE_SOURCES",
     (change("/at", AT - 61, QUOTES[0]), change("/at", AT + 61, QUOTES[1]))),
    ("one source twice", "BTC", "E_PRICE_SOURCES",
     (change("/quotes/1", roles.quotes(AT)["alpha.json"].to_json()),)),
    ("a price of zero", "USD", "E_PRICE_ZERO", tuple(change("/index/USD", "0", quote) for quote in QUOTES)),
)  # fmt: skip
LINES: Final[tuple[tuple[str, int, str, str, tuple[Change, ...]], ...]] = (
    ("an account that cannot be read", 0, "INVALID", "E_LINE_ACCOUNT", (change("/lines/0/account", "bip122:x"),)),
    ("a chain read long before the snapshot", 1, "INVALID", "E_LINE_CHAIN",
     (change(pointer(("chains", "eip155:1", "time")), AT - 301),)),
    ("a beacon too old", 0, "INVALID", "E_LINE_CHAIN", (change("/beacon/time", AT - 3_601),)),
    ("an entry used twice", 4, "INVALID", "E_LINE_DUPLICATE", (change("/lines/4/entry", 0),)),
    ("more pledged than held", 1, "INVALID", "E_LINE_ENCUMBERED", (change("/lines/1/encumbered", "9" * 30),)),
    ("another amount than the custodian's", 4, "INVALID", "E_LINE_ENTRY", (change("/lines/4/amount", "189999999999"),)),
    ("a statement for another exchange", 4, "INVALID", "E_LINE_ENTRY", (change("/exchange", "elsewhere", VAULT),)),
    ("a key that is not the address", 2, "INVALID", "E_LINE_KEY", (change("/lines/2/public_key", "11" * 32),)),
    ("a message that the policy does not list", 6, "INVALID", "E_LINE_REPLAY",
     (change("/lines/6/message", "I am another address"),)),
    ("a statement of another epoch", 4, "INVALID", "E_LINE_REPLAY", (change("/epoch", 1, VAULT),)),
    ("a script behind another address", 7, "INVALID", "E_LINE_SCRIPT", (change("/lines/7/account",
     "bip122:000000000019d6689c085ae165831e93:3P14159f73E4gFr7JterCCQh9QjiTjiZrG"),)),
    ("the signature of another key", 1, "INVALID", "E_LINE_SIGNATURE",
     (change("/lines/1/account", "eip155:1:0x" + "11" * 20),)),
    ("a pool that is not there", 0, "INVALID", "E_LINE_UNIT", (change("/lines/0/pool", "nowhere"),)),
    ("no signature", 0, "INVALID", "E_LINE_UNSIGNED", (change("/lines/0/signatures", []),)),
    ("a scheme that is not known", 0, "UNSUPPORTED", "E_LINE_UNSUPPORTED", (change("/lines/0/scheme", "eip1271"),)),
    ("a statement that has expired", 3, "EXPIRED", "E_EXPIRED", (change("/expires_at", AT - 1, VAULT),)),
    ("a statement of the future", 3, "INVALID", "E_FUTURE", (change("/as_of", AT + 301, VAULT),)),
)  # fmt: skip


def cases() -> list[dict[str, Any]]:
    """Every case, by what is judged."""
    found = [case("policy", "policy.json", name, code, (what,)) for name, code, what in POLICIES]
    found += [case("trust", document, name, code, (what,)) for document, name, code, what in TRUST]
    found += [{**case("price", "prices.json", name, code, what), "sym": sym} for name, sym, code, what in PRICES]
    for name, line, verdict, code, what in LINES:
        found.append({**case("line", "collateral.json", name, code, what), "line": line, "verdict": verdict})
    unseen = case("line", "collateral.json", "an amount that no observer saw", "E_LINE_UNVOUCHED", ())
    return [*found, {**unseen, "line": 0, "verdict": "INVALID", "observer": False}]


def case(target: str, document: str, name: str, code: str, changes: tuple[Change, ...]) -> dict[str, Any]:
    """One vector; each envelope is signed anew."""
    told = [{"inside": inside, "pointer": at, "value": value} for inside, at, value in changes]
    return {"target": target, "document": document, "name": name, "code": code, "changes": told}


def document() -> dict[str, Any]:
    """The file."""
    return {"about": (__doc__ or "").strip(), "cases": cases()}
