"""``python -m verifier.cli``: the command where its script is not on the path."""

from verifier.cli import main

main(prog_name="solvent-verify")
