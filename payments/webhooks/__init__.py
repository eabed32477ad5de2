"""Signed events from the processor: stored once, answered fast, and only ever a hint to go and ask."""
