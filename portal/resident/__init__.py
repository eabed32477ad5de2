"""The resident's own place: sign in, and what is theirs. Whose it is is asked once, for the whole blueprint."""

from __future__ import annotations

from portal.resident import (
    account_links,
    account_lists,
    accounts,
    bills,
    email_changes,
    home,
    identities,
    mailed_links,
    messages,
    own_passwords,
    passkeys,
    payments,
    requests,
    second_steps,
    shares,
    sign_ins,
    surroundings,
    your_sign_in,
)
from portal.resident.blueprint import resident

__all__ = [
    "account_links",
    "account_lists",
    "accounts",
    "bills",
    "email_changes",
    "home",
    "identities",
    "mailed_links",
    "messages",
    "own_passwords",
    "passkeys",
    "payments",
    "requests",
    "resident",
    "second_steps",
    "shares",
    "sign_ins",
    "surroundings",
    "your_sign_in",
]
