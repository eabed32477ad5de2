"""Two records of one customer become one, and nothing of either is lost."""
