"""Leaving for the processor's page and coming back: intent, call, outcome."""
