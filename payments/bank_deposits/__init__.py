"""Batches of the vault, taken to the bank."""
