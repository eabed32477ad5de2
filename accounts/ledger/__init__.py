"""The books: double entry, balanced per fund, append-only."""
