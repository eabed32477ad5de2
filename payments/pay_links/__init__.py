"""A link by which somebody pays on a telephone of their own while the clerk waits."""
