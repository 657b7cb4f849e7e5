"""Prices, policy and claims of book totals: the pure part that prover and verifier share (docs/statement.md, 3 to 5).

Nothing here reads a file or checks a proof: documents are parsed, prices are recomputed, and every claim becomes
integer inequalities between totals, holdings and auxiliary quantities. Both sides derive those weights here, once.
"""
