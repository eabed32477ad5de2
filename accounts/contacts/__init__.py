"""What was said to whom and by which channel, notes, and what must be followed up."""
