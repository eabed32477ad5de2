"""The resident's own place: sign in, and what is theirs. Whose it is is asked once, for the whole blueprint."""

from __future__ import annotations

from portal.resident import account_links, accounts, home, mailed_links, payments, shares, sign_ins, surroundings
from portal.resident.blueprint import resident

__all__ = [
    "account_links",
    "accounts",
    "home",
    "mailed_links",
    "payments",
    "resident",
    "shares",
    "sign_ins",
    "surroundings",
]
