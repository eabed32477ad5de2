"""Training mode: its own database, which says so itself; nothing in it can be taken for the real thing."""
