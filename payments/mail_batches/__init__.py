"""The mail: what came, who opened it, and what was entered of it."""
