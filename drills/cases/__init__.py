"""The drills, in the order in which they run. A new feature adds a module with its own, and its name here."""

from drills.cases import answers, days, kills, ordinary, outages, surprises, webhooks
from drills.cases.declared import Case, declared_in

CASES = declared_in(ordinary, webhooks, answers, surprises, outages, kills, days)
"""By name. The last module moves the clock, which nobody can set back."""
__all__ = ["CASES", "Case"]
