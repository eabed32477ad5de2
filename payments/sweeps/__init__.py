"""Asking the processor, on a schedule, about everything that is not settled, and about everything it knows of us."""
