"""Utility accounts: services at a premises, meters and reads, and the bills they make."""
