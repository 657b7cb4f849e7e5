"""The help texts: each says what the command does, gives an example and names the exit codes."""

from __future__ import annotations

from typing import Final

_CODES: Final = "Exit codes: 0 done, 1 the ledger or the configuration was refused, 2 nothing could be done."

GROUP: Final = f"""Prove what an exchange owes, without showing anybody's balance.

Begin with: solvent init DIR --exchange NAME. Then describe your ledger in solvent.toml, try solvent attest --check,
and publish with solvent attest --first. Customers and auditors check the result with solvent-verify.

{_CODES}
"""

INIT: Final = f"""Make the keys, the root document, a draft policy and a commented solvent.toml in DIR.

\b
Examples:
  solvent init exchange --exchange exchange.example
  solvent init exchange --exchange exchange.example --encrypt

Nothing that exists is overwritten, and everything is made or nothing. Publish exchange-key.txt where your customers
trust it: on your own page, in your reports, in print. Liabilities can be attested at once; for coverage, follow the
comments of [documents] in solvent.toml.

{_CODES}
"""

ATTEST: Final = f"""Read ledger and documents, prove book and claims, check the result as an auditor would, release it.

\b
Examples:
  solvent attest --check     read and check everything, write nothing
  solvent attest --first     the first epoch of a chain
  solvent attest             every later one
  solvent attest --prepare   the collateral snapshot alone, for an observer to sign before the epoch is made

With a signed policy in [documents], every claim of it is derived before a row is committed. One that does not hold is
never signed: the command says by which assets it misses and how much, here and nowhere else.

An epoch appears whole or not at all: Ctrl-C leaves nothing behind, and what a killed run left is removed by the next
one. While it works, --check keeps a copy of the ledger in a private temporary directory (TMPDIR says where). Every
option of solvent.toml can be given as a flag, which wins; the name in brackets is the option.

{_CODES}
"""

CUSTOMER_KEY: Final = f"""Print the account key of one customer: with it they find and open their row in every epoch.

\b
Example: solvent customer-key alice@example.com

Give it to that customer alone, once, on your own logged-in pages. Whoever has it can read that customer's balances in
every published epoch.

{_CODES}
"""

CUSTOMER_KEYS: Final = f"""Write the account keys of all customers of an epoch as CSV (account, account_key).

\b
Example: solvent customer-keys --output account-keys.csv

The file is as secret as the master key for the accounts it lists; it is made readable by you alone.

{_CODES}
"""

BUNDLE: Final = f"""Write one customer's row as a single file that can be checked offline.

\b
Example: solvent bundle alice@example.com

The file shows that customer's balances: its name says PRIVATE. It is checked before it is written.

{_CODES}
"""

INSPECT: Final = f"""Show what the store holds, or what an epoch directory says. Nothing is verified here.

\b
Examples:
  solvent inspect                         the chain of this store
  solvent inspect exchange/public/epochs/1

To check an epoch use solvent-verify audit.

{_CODES}
"""
