"""The help texts of the site's commands."""

from __future__ import annotations

from typing import Final

_CODES: Final = "Exit codes: 0 done, 1 the epoch was refused, 2 nothing could be done."

PUBLISH: Final = f"""Make the epoch in DIR part of the site: whole or not at all, and never in place of another.

\b
Examples:
  solvent publish public/epochs/1 --key exchange-key.txt     the first one
  solvent publish public/epochs/2                            every later one

Files are linked where DIR and the site are on one disk, else copied. Every file must be the one that was signed, and
the epoch must continue the chain that is published already. Publishing an epoch twice changes nothing. The site is a
directory; --site or SOLVENT_SITE names it. No key and no balance comes into it.

{_CODES}
"""

SERVE: Final = f"""Serve the site: pages for people, an interface for programs, a second port for you.

\b
Example: solvent serve --site site --listen 127.0.0.1:8000

It reads the site and writes nothing there: give it to a user who may only read. Put a proxy with TLS, or a CDN, in
front. docs/service.md has a systemd unit, a container file and what can stand in site.toml.

{_CODES}
"""

PRUNE: Final = f"""List the large files that are older than so many days; remove them with --really.

\b
Example: solvent prune --older-than 800

Only rows, sealed records and proofs may go, never before 400 days, and never of the newest epoch. Attestations and
documents stay for ever. By default nothing is ever removed.

{_CODES}
"""

REBUILD: Final = f"""Compare every file of the site with what was signed and derive the caches anew.

\b
Example: solvent rebuild --site site

After a restore from a backup, or when the service says that a file is damaged. A file that is not the one that was
signed is named; put it back from a copy and run this again.

{_CODES}
"""
