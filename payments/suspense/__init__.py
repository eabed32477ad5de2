"""Money whose owner is not known yet, and whose it may be."""
