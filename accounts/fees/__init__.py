"""Fees from the city's catalog, posted by a person with a reason."""
