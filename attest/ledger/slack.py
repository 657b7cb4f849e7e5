"""Which column takes the rest of which rule: read off the schema alone, so that solvent.toml is checked early."""

from __future__ import annotations

from verifier.errors import Malformed
from verifier.schema import Schema


def slack_columns(schema: Schema) -> dict[int, int]:
    """Rule -> its slack column, both as places in ``schema``, for the rules that have one.

    Raises Malformed (E_SCHEMA) unless each slack column stands in exactly one rule, alone of its kind, with weight -1.
    """
    found: dict[int, int] = {}
    for place, column in enumerate(schema.columns):
        if column.kind == "slack":
            uses = [
                (i, dict(rule.weights)[column.name])
                for i, rule in enumerate(schema.rules)
                if column.name in dict(rule.weights)
            ]
            if len(uses) != 1 or uses[0][1] != -1 or uses[0][0] in found:
                hint = f"give {column.name} one rule of its own, with weight -1 there"
                raise Malformed(
                    "a slack column stands in exactly one rule, with weight -1, as its only slack",
                    where=f"column {column.name}",
                    code="E_SCHEMA",
                    hint=hint,
                )
            found[uses[0][0]] = place
    return found
