"""``python -m attest.cli``."""

from attest.cli import main

main()
