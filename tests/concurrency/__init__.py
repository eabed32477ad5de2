"""Real threads on a real database: what must hold when two come at once."""
