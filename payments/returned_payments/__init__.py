"""Payments that the bank sent back."""
