"""Drawers that were opened without a sale: when, by whom, and why."""
