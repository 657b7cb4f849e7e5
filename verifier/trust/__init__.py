"""Who may sign what: the exchange's root document, the reader's own file, and the trust that follows from both.

Nothing here reads a file or a clock. Trust begins with the reader: what an exchange publishes is accepted only as far
as the reader's file leads to it.
"""
