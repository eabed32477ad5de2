"""The demo: an embedded PostgreSQL, a generated city, and one supervisor for everything. Never deployed."""
