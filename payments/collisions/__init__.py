"""A bill that is about to be paid online, and is taken at the counter: paid once, not twice."""
