"""The help texts of ``solvent collateral``."""

from __future__ import annotations

from typing import Final

_CODES: Final = "Exit codes: 0 done, 1 refused, 2 nothing could be done."

GROUP: Final = f"""Say what you hold, line by line, each line backed by signatures of its owner or of somebody else.

\b
Example, one epoch from its beacon to its check:
  solvent collateral challenge --beacon drand 4000000 1800000000 HEX --csv ask.csv
  solvent collateral import answers.csv
  solvent collateral check

No private key of a wallet belongs into any of these commands: owners sign elsewhere and hand in signatures.

{_CODES}
"""

CHALLENGE: Final = f"""Make the challenge of an epoch and tell every owner the one line to sign.

\b
Examples:
  solvent collateral challenge --beacon bip122:000000000019d6689c085ae165831e93 900000 1800000000 HEX
  solvent collateral challenge --csv ask.csv --qr pictures

The beacon is a value that nobody could know before: a block's hash or a round of drand. SOURCE is the chain or a name,
ROUND its height or round, TIME in POSIX seconds, VALUE 32 bytes in hex. It is not looked up: compare it yourself.
Without --beacon the messages of the challenge that is there are told again.

{_CODES}
"""

CHAIN: Final = f"""Note the block at which you read the balances of a chain.

\b
Examples:
  solvent collateral chain eip155:1 --height 25000000 --hash HEX --time 1800000000
  solvent collateral chain --csv blocks.csv

A table has the columns chain, height, hash and time.

{_CODES}
"""

ADD: Final = f"""Add a line: an address or validator with its signatures, or the entries of a statement.

\b
Examples:
  solvent collateral add --account eip155:1:0x... --signature 0x... --asset ETH --coins 12.5 --pool cold
  solvent collateral add --statement vault.json --entry 0 --pool cold --openings opened-PRIVATE.json

The scheme is that of ordinary wallets where none is named; --message is for a text that is not this epoch's (legacy).
What is added is not checked here: run solvent collateral check.

{_CODES}
"""

IMPORT: Final = f"""Import a table of lines: signed answers to a challenge, or a file as OKX publishes it.

\b
Examples:
  solvent collateral import answers.csv --replace
  solvent collateral import okx_por.csv --pool cold

The table of answers is the one that solvent collateral challenge --csv writes, filled in. OKX's rows are legacy
evidence. Lists of wallets without signatures are refused. Either every row is imported, or nothing changes; rows of
OKX's files on chains that cannot be checked are counted and left out.

{_CODES}
"""

CHECK: Final = """Check every line as a verifier will, and tell what counts. Nothing is written.

\b
Example: solvent collateral check --taken-at 1800000000

Exit codes: 0 no line is INVALID, 1 some are or a file was refused, 2 nothing could be done.
"""

LIST: Final = f"""Show the lines as they stand. Nothing is checked.

\b
Example: solvent collateral list --json

{_CODES}
"""

REMOVE: Final = f"""Remove lines by id, or a statement with all lines that rest on it.

\b
Examples:
  solvent collateral remove BTC:bip122:00000000:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa
  solvent collateral remove --statement vault.json

{_CODES}
"""

VOUCH: Final = f"""For a custodian, bank, issuer, backstop or observer: sign what you hold for an exchange.

\b
Example:
  solvent collateral vouch entries.csv --kind custody --issuer vault --challenge challenge.json --key vault.key \\
      --output vault.json --openings vault-openings-PRIVATE.json

Columns of the table: asset, unit, amount, hidden, encumbered, reference, valuation_at, covers. Amounts are base units
of the unit; where hidden is yes, of the asset, and the statement shows only a commitment. Give the file of openings to
the exchange alone, in secret.

{_CODES}
"""
