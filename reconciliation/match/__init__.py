"""The matching engine: what waits, what is open, ordered rules, evidence for and against (payments §7)."""
