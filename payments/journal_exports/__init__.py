"""The books as the city's general ledger takes them: each journal once."""
