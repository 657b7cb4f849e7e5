"""The exchange's side of signed documents: drafting, signing and adding signatures (docs/documents.md).

Everything is parsed by the verifier before it is signed, and a file is replaced whole or not at all.
"""
