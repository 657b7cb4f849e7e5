"""``solvent collateral``: what is held, line by line. ``commands`` says what can be typed, the rest does the work."""
