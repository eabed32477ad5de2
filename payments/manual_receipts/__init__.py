"""Books of numbered paper receipts, written while there was no system, and entered afterwards."""
