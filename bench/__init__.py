"""How fast, against what: every figure is a ratio within one run, on the machine that ran it."""
