"""Parking citations: what was written, when and where; the fine and its penalties are charges."""
