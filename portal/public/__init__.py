"""Pages without sign-in: home, look-up, basket, payment, receipt, help."""

from __future__ import annotations

from portal.public import accounts, baskets, bills, home, lookups, mail_links, pay_links, payments, receipts, requests
from portal.public import help as help_pages
from portal.public.blueprint import public

__all__ = [
    "accounts",
    "baskets",
    "bills",
    "help_pages",
    "home",
    "lookups",
    "mail_links",
    "pay_links",
    "payments",
    "public",
    "receipts",
    "requests",
]
