"""The back office: sign-in for the whole blueprint, and a permission that each view names."""

from __future__ import annotations

from portal.staff import contacts, invitations, kept_forms, notes, provider_sign_ins, sign_ins, surroundings, today
from portal.staff.blueprint import staff

__all__ = [
    "contacts",
    "invitations",
    "kept_forms",
    "notes",
    "provider_sign_ins",
    "sign_ins",
    "staff",
    "surroundings",
    "today",
]
