"""What an attestation says beyond the book: policy, prices, collateral and claims (docs/statement.md).

``read_inputs`` parses the exchange's documents, ``prepare`` checks them as an auditor would and fixes prices and
holdings, ``propose`` derives the claims and refuses one that does not hold, and ``publish`` writes the files and proves
what is hidden. Everything that can fail cheaply fails before a row is committed.
"""
