"""The seal of each closed business day: a hash over its rows, chained to the day before."""
