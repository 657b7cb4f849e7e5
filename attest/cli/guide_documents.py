"""The help texts of the commands for keys and documents."""

from __future__ import annotations

from typing import Final

_CODES: Final = "Exit codes: 0 done, 1 what was given is refused, 2 nothing could be done."

KEY: Final = f"""Make a signing key, or show the public half of one.

\b
Example: solvent key new keys/price-one.key

{_CODES}
"""

KEY_NEW: Final = f"""Make an Ed25519 key in a new file that only you can read, and print its public half.

\b
Examples:
  solvent key new keys/price-one.key
  solvent key new keys/root-4.key --encrypt

The file is PKCS#8 (with --encrypt under a passphrase: scrypt and AES-256), which openssl reads too.

{_CODES}
"""

KEY_SHOW: Final = f"""Print the public key and key id of a key: a file, 64 hex digits, or pkcs11:token=...;object=...

\b
Examples:
  solvent key show keys/signing.key
  solvent key show "pkcs11:token=solvent;object=exchange" --pkcs11-module /usr/lib/softhsm/libsofthsm2.so

{_CODES}
"""

ROOT: Final = f"""The root document: which keys sign what. Two of its three root keys change it.

\b
Example: solvent root show

{_CODES}
"""

ROOT_SHOW: Final = f"""Show a root document: its digest, roles, keys and signatures.

\b
Examples:
  solvent root show
  solvent root show documents/root-1.json

{_CODES}
"""

ROOT_NEW: Final = f"""Make the next version of the root document, signed with the root keys that are at hand.

\b
Examples:
  solvent root new-version --add price/one=keys/price-one.key --add price/two=keys/price-two.key
  solvent root new-version --add custodian/vault=FILE-WITH-THEIR-PUBLIC-KEY --add observer=64-HEX-DIGITS
  solvent root new-version --rotate log=keys/log-2.key
  solvent root new-version --revoke keys/risk.key --reason "laptop stolen" --add risk=keys/risk-2.key
  solvent root new-version --add root=keys/root-4.key --remove root=keys/root-1.key

A key is given as 64 hex digits, a file with them, a public or private key file, or pkcs11:token=...;object=...
Without --key the files keys/root-*.key beside solvent.toml sign. The next version needs the root signatures of the
version before and of its own. Where some are missing, a draft is written for the others to sign, and nothing changes:

\b
  solvent sign documents/root-2.draft.json --role root --key /media/stick/root-2.key
  solvent root install documents/root-2.draft.json

The version before is kept as documents/root-<version>.json: publish every version, auditors follow them.

{_CODES}
"""

ROOT_INSTALL: Final = f"""Put a root document in force that follows from the one there, signed by the root keys of both.

\b
Example: solvent root install documents/root-2.draft.json

{_CODES}
"""

POLICY: Final = f"""The policy: how holdings and debts are valued, and what is claimed.

\b
Examples:
  solvent policy lint
  solvent policy sign

{_CODES}
"""

POLICY_SIGN: Final = f"""Sign policy.toml with the key of role risk. Its version must be above the one signed before.

\b
Examples:
  solvent policy sign
  solvent policy sign other.toml --risk-key "pkcs11:token=solvent;object=risk"

The result is documents/policy.json, which solvent attest publishes with every epoch.

{_CODES}
"""

POLICY_LINT: Final = f"""Say in plain words what a policy means, and what to look at. Nothing is written.

\b
Examples:
  solvent policy lint
  solvent policy lint documents/policy.json --price BTC=115770 --price SHIB=0.00001797

Prices (given, or from documents/quotes) show where value_scale is too coarse for cheap base units. Exit code 0 also
with warnings.

{_CODES}
"""

POLICY_TIERS: Final = f"""Turn tiered collateral ratios (Binance's, as CSV) into haircuts and tables of policy.toml.

\b
Examples:
  solvent policy import-tiers tiers.csv --product margin > tiers.toml
  solvent policy import-tiers tiers.csv --product margin --merge
  solvent policy import-tiers tiers.csv --product margin --merge --asset BNB --asset SHIB

Columns: asset, price_usdt, product, tier, from_usdt, to_usdt, ratio_pct. Value above the last tier counts nothing, and
an asset without tiers for the product counts nothing. --merge writes into policy.toml, for the assets it lists (or
of these, those named with --asset), and keeps its comments.

{_CODES}
"""

SCENARIOS: Final = f"""Scenarios: days on which prices are other ones, for claims that must hold on them too.

\b
Example: solvent scenarios fill --missing -5000 --sign

{_CODES}
"""

SCENARIOS_FILL: Final = f"""Take two historic days, and add an explicit shock for every asset they do not know.

\b
Examples:
  solvent scenarios fill --missing -5000          writes scenarios.json to read and edit
  solvent scenarios fill --missing -5000 --sign   signs at once

-5000 basis points is half of the price. What was filled in is flagged as a model in every report. Sets of your own in
scenarios.json are kept and filled too.

{_CODES}
"""

SCENARIOS_SIGN: Final = f"""Sign scenarios.json as role risk. Its version must be above the one signed before.

\b
Example: solvent scenarios sign

{_CODES}
"""

PRICES: Final = f"""Prices: signed quotes of several sources, and what they come to.

\b
Examples:
  solvent prices quote one --price BTC=115770.00 --price ETH=3698.40
  solvent prices show

{_CODES}
"""

PRICES_QUOTE: Final = f"""Sign one source's prices of now, as role price/SOURCE.

\b
Examples:
  solvent prices quote one --price BTC=115770.00 --price ETH=3698.40
  solvent prices quote two prices.csv --key keys/price-two.key

A CSV file has a header: sym and price, or index and mark, and model for a price that no market made. price is whichever
of index and mark the policy reads. The key is keys/price-SOURCE.key unless --key names another. The quote replaces the
source's last one in documents/quotes.

{_CODES}
"""

PRICES_SHOW: Final = """Show what the quotes come to now: a price for each asset of the policy, or why it has none.

\b
Examples:
  solvent prices show
  solvent prices show --at 1767225600

Exit codes: 0 every asset has a price, 1 some have none, 2 nothing could be done.
"""

SIGN: Final = f"""Add a signature to a document: a second root key, an observer, a custodian.

\b
Examples:
  solvent sign documents/root-2.draft.json --role root --key /media/stick/root-2.key
  solvent sign statement.json --role custodian/vault --key vault.key
  solvent sign collateral.json --role observer --key "pkcs11:token=auditor;object=observer"

FILE is a signed document, or a draft without signatures in any JSON layout; it is read whole and shown before it is
signed, and replaced by the signed form. Where there is a root document, the key must be one of the role's.

{_CODES}
"""

READER: Final = f"""Reader files: what an auditor asks for before believing anything.

\b
Example: solvent reader make --output for-auditors.json

{_CODES}
"""

READER_MAKE: Final = f"""Write a reader file that pins a root document.

\b
Examples:
  solvent reader make --output reader-2.json
  solvent reader make --require coverage=10500 --require "in-kind:*=10000" --pin custodian/vault --output strict.json
  solvent reader make --cosign attestation=FILE-WITH-A-PUBLIC-KEY --log policy.txt --output witnessed.json

Give it to auditors on a way that does not lead through your own pages: they hold it against you. --require replaces the
default, coverage of 10000 (100 %).

{_CODES}
"""
