"""What is said after an act, and where a person goes then."""

from __future__ import annotations

from flask import flash, url_for

from accounts.customer_accounts.rules import number_key


def account_url(reference: str) -> str:
    """The page of an account."""
    return url_for("staff.accounts_show", reference=number_key(reference))


def say(words: str, kind: str = "success") -> None:
    """A sentence on the next page: ``success``, ``info``, ``warning`` or ``error``."""
    flash(words, kind)
