"""The statement about one epoch, read and recomputed part by part (docs/statement.md).

``verifier.audit`` has the numbered list of steps; each module here is one idea of it. Only ``published`` and ``chain``
read files. Nothing here looks at a clock.
"""
