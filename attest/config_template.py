"""The solvent.toml that `solvent init` writes."""

from __future__ import annotations

from typing import Final

_TEMPLATE: Final = """\
# What solvent attests, and where it finds it. Every option here can also be given as a flag.
# Relative paths start at the directory of this file.

[exchange]
# Names you in every attestation. It never changes.
name = "{exchange}"

[book]
# How many rows the published book has. "exact" tells the world how many accounts you have; "next power of two" or a
# number (at least the accounts you have) hides it among dummy rows.
accounts = "exact"
# Rows per proof chunk, as a power of two. A bigger chunk makes a smaller proof and needs more memory.
chunk_bits = 16
# Whether the total of each column is published ("public") or committed to ("hidden"). The difference of two public
# totals is what flowed in or out between them. A column can set its own: total = "public".
totals = "hidden"
# Publish a sealed record per row, so that customers find and open their own row with their account_key.
sealed = true
# How long an attestation stays valid: seconds, or a text such as "7 days" or "24 hours".
valid_for = "7 days"

[ledger]
# csv, parquet, sqlite, postgresql, or binance (the account sample format of Binance's proof of solvency).
format = "csv"
path = "ledger.csv"
# For sqlite (path and query) and postgresql (url and query; amounts as NUMERIC or text, never as floats):
# url = "postgresql://reader@db.internal/accounts"
# query = 'SELECT account, btc AS "BTC", eth AS "ETH" FROM balances'
# wide: one row per account, one column per column of the book. long: columns account, asset, kind (optional), amount.
shape = "wide"
# The column with the account id: 1 to 256 bytes that no OTHER customer would take for theirs, such as an e-mail.
account = "account"
# Columns of the source that are deliberately not imported.
ignore = []
encoding = "utf-8"
# An empty amount is an error; write "zero" when it means zero.
empty = "error"
# The binance format alone: import the three collateral columns too, and prove that nobody pledges more than they have.
# collateral = true

# One table per column of the book.
#   decimals  how many decimals amounts have at most; the book counts units of 10^-decimals
#   bits      a multiple of 8 up to 128: one cell holds less than 2^bits units
#   kind      balance (what you owe the customer), debt (what the customer owes you), collateral (the pledged part of a
#             balance), long, short, cost_long, cost_short, or slack (computed: the rest of a rule)
#   total     hidden, public or none (none only for collateral and slack); the default is [book] totals
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

# A rule holds in every row: the weighted sum of its columns is zero. With a slack column of weight -1 it says that the
# rest is zero or more. Here: nobody's debt exceeds their balance.

# [[columns]]
# name = "BTC:debt"
# asset = "BTC"
# decimals = 8
# kind = "debt"
#
# [[columns]]
# name = "BTC:rest"
# asset = "BTC"
# decimals = 8
# kind = "slack"
#
# [[rules]]
# name = "covered:BTC"
# weights = {{ "BTC" = "1", "BTC:debt" = "-1", "BTC:rest" = "-1" }}

[store]
# public is what you publish; private holds ledger snapshots and secrets and is never served.
public = "public"
private = "private"

[keys]
# Back up the master key: without it no customer can be given their key again, and no epoch can be opened.
master = "keys/master.key"
# A key is a file, or lives in an HSM: "pkcs11:token=solvent;object=exchange".
signing = "keys/signing.key"
risk = "keys/risk.key"
statement = "keys/statement.key"
log = "keys/log.key"
# Encrypted keys ask for their passphrase; on a server, name where it is:
# passphrase_file = "/run/credentials/solvent/passphrase"
# passphrase_env = "SOLVENT_PASSPHRASE"
# For keys in an HSM: the library of its vendor, and where the PIN is (without one you are asked).
# pkcs11_module = "/usr/lib/softhsm/libsofthsm2.so"
# pin_file = "/run/credentials/solvent/pin"
# pin_env = "SOLVENT_PIN"

# Without this section you attest what you owe. With it, also that what you hold covers it. The steps:
#   1. describe assets, pools, discounts and claims in policy.toml; solvent policy lint; solvent policy sign
#   2. give two price sources a key each:     solvent key new keys/price-one.key
#      and list their keys as roles:          solvent root new-version --add price/one=keys/price-one.key ...
#   3. before every epoch, sign prices:       solvent prices quote one --price BTC=115770.00 --price ETH=3698.40
#      and see what they come to:             solvent prices show
#   4. collect evidence of what you hold:     solvent collateral challenge, then chain, add and check
#   5. take the comments off here; [[columns]] above may go, or stay the same as the policy's
#   6. solvent attest; solvent-verify audit DIR --reader reader.json
# [documents]
# root = "documents/root.json"
# policy = "documents/policy.json"
# quotes = "documents/quotes"
# collateral = "documents/collateral"
# Only where the policy claims something about scenarios (solvent scenarios fill):
# scenarios = "documents/scenarios.json"
"""


def template(exchange_name: str) -> str:
    """A commented solvent.toml for ``exchange_name``, which must be a name as ``verifier.fields.name`` has it."""
    return _TEMPLATE.format(exchange=exchange_name)
