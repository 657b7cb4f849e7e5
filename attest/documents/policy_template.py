"""The policy.toml that `solvent init` drafts: complete, for the two columns of the solvent.toml beside it."""

from __future__ import annotations

from typing import Final

_TEMPLATE: Final = """\
# How holdings and debts are valued, and what is claimed. You sign it with the key of role risk:
#   solvent policy lint    says in plain words what it means, and what to look at
#   solvent policy sign    turns it into documents/policy.json
# Rates are whole basis points: 500 is 5 %, 10000 is 100 %. Nothing here is a fraction.

exchange = "{exchange}"
# Raise it with every change: readers refuse a policy older than the last one.
version = 1
# The first epoch that uses it.
effective_epoch = 1
# The money in which everything is valued.
quote = "iso4217:USD"
# Values count 10^-value_scale of the quoted money, 2 to 24. The more decimals an asset has and the cheaper it is, the
# more are needed; solvent policy lint says when they are too few.
value_scale = 20
# An attestation is good for at most so many seconds after its snapshot: 7 days.
max_age_s = 604800

# One table per asset that you owe or hold.
#   decimals  of the base unit in which it is counted
#   class     crypto, stablecoin, fiat, lst (staked), rwa, own (your own token: counts nothing), derivative
#   use       which price is read: index or mark
#   units     where it lives, as CAIP-19, each with the decimals it has there
[assets.BTC]
decimals = 8
class = "crypto"
use = "index"
units = {{ "bip122:000000000019d6689c085ae165831e93/slip44:0" = 8 }}

[assets.ETH]
decimals = 18
class = "crypto"
use = "index"
units = {{ "eip155:1/slip44:60" = 18 }}

# Where holdings are kept, and what for: reserve (backs customers), insurance, backstop.
[pools]
reserve = "reserve"

# What is taken off the value of a holding before it counts against debts, per pool: basis points, or the name of a
# table below. An exchange that holds exactly what it owes cannot claim coverage after discounts: hold more, or
# discount less.
[haircuts.reserve]
BTC = 500
ETH = 1000

# Discounts that grow with size. From so much value on (whole units of the quoted money), the rest counts bps of its
# value; kind is concave. To use it write BTC = "BTC-tiers" above. `solvent policy import-tiers` makes such tables.
# [tables.BTC-tiers]
# kind = "concave"
# tiers = [{{ from = 0, bps = 10000 }}, {{ from = 50000000, bps = 9500 }}, {{ from = 200000000, bps = 9000 }}]

# A price is the median of signed quotes (solvent prices quote).
#   scale          decimals of a price
#   min_sources    so many sources at least; each has its own key, as role price/<source> of the root document
#   window_s       how far from the snapshot a quote may be, in seconds
#   deviation_bps  how far from the median any quote may be
#   basis_bps      how far apart a source's index and mark may be
[price]
scale = 8
min_sources = 2
window_s = 300
deviation_bps = 100
basis_bps = 200

# What evidence of holdings counts.
#   legacy           signatures of an old, static message: count, report (shown, counts nothing) or reject
#   legacy_messages  those messages
#   amounts          who vouches for amounts: exchange (you alone), or observer (who co-signs the snapshot)
#   beacon_age_s     how old the random value may be that owners sign: 2 days
#   skew_s           how far a chain's block may be from the snapshot
#   valuation_age_s  how old a statement of a bank or an appraiser may be: 31 days
[collateral]
legacy = "report"
legacy_messages = []
amounts = "exchange"
beacon_age_s = 172800
skew_s = 3600
valuation_age_s = 2678400

# How many blocks must lie on top of the one that is read.
[collateral.finality]
"bip122:000000000019d6689c085ae165831e93" = 6
"eip155:1" = 64

# The columns of the book. While solvent.toml names this policy, it needs no [[columns]]; those it has are the same.
[[columns]]
name = "BTC"
asset = "BTC"
decimals = 8
bits = 64
kind = "balance"

[[columns]]
name = "ETH"
asset = "ETH"
decimals = 18
bits = 96
kind = "balance"

# What is claimed, in this order. A claim that does not hold stops the attestation before anything is published.
# assets = "*" makes one claim per asset with a balance column. k = 10000: at least 100 % of what is owed.
[[claims]]
name = "in-kind"
kind = "in-kind"
assets = "*"
pools = ["reserve"]
k = 10000

# net_debt = 0: customers' debts count as nothing. own = "zero": your own token counts nothing on the side of assets.
[[claims]]
name = "coverage"
kind = "coverage"
pools = ["reserve"]
k = 10000
net_debt = 0
own = "zero"

# The same on the historic days of `solvent scenarios fill --missing -5000`, which says what happens to other assets.
# [[claims]]
# name = "coverage-stress"
# kind = "scenario"
# base = "coverage"
# set = "historic-days"
"""


def policy_template(exchange_name: str) -> str:
    """A commented policy.toml for ``exchange_name``, which must be a name as ``verifier.fields.name`` has it."""
    return _TEMPLATE.format(exchange=exchange_name)
