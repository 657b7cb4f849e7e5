"""The texts of ``--help``: what each command checks, where its inputs come from, an example, the exit codes."""

from __future__ import annotations

from typing import Final

_KEY: Final = """
KEY is the exchange's public key, 64 hex digits. It tells whose book this is, so take it from somewhere you trust and
that the exchange cannot change for you alone: its own page seen from two places, a print, a friend, your last check.
Never take it from the files you are checking."""

_HOLDS: Final = """
Say what you held at the time of the snapshot and the command compares, in both directions: --holds BTC=1.5 for each
asset (a debt by its column, --holds BTC:debt=0.2), or --holdings with a file that says {"BTC": "1.5"} or has lines
BTC,1.5. Columns you leave out count as zero. Without either, the balances are printed for you to compare yourself."""

_CODES: Final = """
\b
Exit codes:
  0  verified
  1  refused: something in these files does not hold
  2  could not check, or the command was not understood"""

GROUP: Final = f"""Check what an exchange says it owes, without trusting the exchange or reaching it.
{_CODES}

\b
Example:
  solvent-verify me epoch-41 --account alice --key 9f3c...e1 --holds BTC=1.5

Each command explains itself: solvent-verify me --help
"""

ME: Final = f"""Find your own row in the epoch directory DIR, open it, and check that it is in the signed book.

Your row is found on this computer with your account key, the slv_k_... secret that the exchange gave you: you are
asked for it without echo, or it is read from --account-key-file. It is never taken from the command line or the
environment, where other programs could see it, and nothing is sent anywhere.
{_KEY}
{_HOLDS}

\b
Example:
  solvent-verify me epoch-41 --account alice --key 9f3c...e1 --holds BTC=1.5 --holds USD=200
{_CODES}
"""

BUNDLE: Final = f"""Check the bundle FILE, which holds your row alone: no directory and no account key is needed.

A bundle shows your balances to whoever reads it: keep it private. Where it does not carry the attestation and the
schema, give them with --attestation and --schema.
{_KEY}
{_HOLDS}

\b
Example:
  solvent-verify bundle bundle-PRIVATE.json --account alice --key 9f3c...e1 --holdings mine.csv
{_CODES}
"""

AUDIT: Final = f"""Recompute everything public about the epoch directory DIR and give one verdict.

That is every signature and every file's digest; every row of the book, the proof that none is negative, the totals;
the evidence for each line of what is held; every price from its quotes; and every claim.

Whom you trust and what you ask for stands in your own reader file, JSON that the exchange never signs: --reader FILE
(docs/statement.md, 1). With --key alone the book is checked, and claims are not counted: they rest on other people's
signatures. With neither, the directory's own root document is taken as it comes, and the report says so.
{_KEY}

More versions of the root document are looked for in keys/ beside the epochs; --root gives one. The attestation before
this one is looked for in the directories beside DIR; --previous gives it. What has expired is STALE; --at judges at an
earlier moment, so that old attestations can be checked for ever.

\b
Example:
  solvent-verify audit epochs/41 --reader reader.json --html report.html
  solvent-verify audit epochs/41 --key 9f3c...e1 --json > report.json

\b
Exit codes:
  0  VERIFIED, or QUALIFIED: everything holds, with the reservations printed
  1  FAILED: something in these files does not hold
  2  undecided: STALE, INCOMPLETE, could not check, or the command was not understood
"""

EXPLAIN: Final = """Say what a code such as E_HOLDING means, where such things happen, and what to do.

\b
Examples:
  solvent-verify explain E_HOLDING
  solvent-verify explain --all

\b
Exit codes:
  0  explained
  2  there is no such code
"""
