"""Roles as the city calls them."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.cities.staffing import StaffPolicy
from portal.i18n import locale_code
from portal.words.names import plain


def role_name(policy: StaffPolicy, code: str) -> str:
    """In the reader's language; a role that the policy of the day knows no more by its code, as words."""
    known = policy.role(code)
    return known.name.in_(locale_code()) if known else plain(code)


def role_names(policy: StaffPolicy, codes: Iterable[str]) -> str:
    """Several, in one line."""
    return ", ".join(role_name(policy, code) for code in codes)
