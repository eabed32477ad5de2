"""Receipts: gap-free within a series and year, frozen as issued, open to anyone who holds their link."""
