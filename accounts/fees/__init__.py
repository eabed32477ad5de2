"""Fees that the counter posts by hand, from the city's catalog."""
