"""How sources fare, and their answers in quarantine."""
