"""Measure the house on an embedded PostgreSQL of its own: ``make bench SIZE=10k``. Never a timed test."""
