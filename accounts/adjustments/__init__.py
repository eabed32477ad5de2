"""Waivers and adjustments of charges: within a limit at once, above it by a second person."""
